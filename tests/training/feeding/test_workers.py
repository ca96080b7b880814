"""Batches that other processes put together: the same ones in the same order, and no process that stays behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from leporello.graphs.problems import SpecError
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.streams import streams_of
from leporello.training.feeding.workers import Listed, made_ahead, worked
from leporello.training.runs.run import TrainingError
from tests.support.columns import LABELLED, assert_same_batches, loaded
from tests.training.data.test_large import KINDS, SETTINGS, on_disk

KIND = pytest.mark.parametrize("kind", KINDS)


def fed(folder: Path, kind: str = "labelled") -> Listed:
    data = loaded(folder, *KINDS[kind])
    return streams_of(data, SETTINGS) if data.long else Examples(data, SETTINGS)


@pytest.fixture(autouse=True)
def nobody_stays_behind() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


@KIND
@pytest.mark.parametrize("stored", [False, True], ids=["held", "stored"])
def test_batches_are_the_same_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, stored: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if stored:
        on_disk(monkeypatch)
    feed = fed(tmp_path, kind)
    ahead = worked(feed, 3)
    assert (ahead.carried, ahead.counts(), ahead.passing()) == (feed.carried, feed.counts(), feed.passing())
    for epoch, position in ((0, 0), (2, 1), (1, len(feed.epoch(1)))):
        assert_same_batches(ahead.rest(epoch, position), feed.epoch(epoch)[position:])
    for part in (1, 2):
        assert_same_batches(ahead.part(part), feed.part(part))
    assert worked(feed, 0) is feed


def test_random_numbers_are_left_as_they_were(tmp_path: Path) -> None:
    before = torch.get_rng_state()
    assert list(worked(fed(tmp_path), 2).rest(0, 0))
    assert torch.equal(before, torch.get_rng_state())


def test_who_stops_amid_a_pass_leaves_no_process(tmp_path: Path) -> None:
    batches = worked(fed(tmp_path), 2).rest(0, 0)
    next(batches)
    assert len(multiprocessing.active_children()) >= 2
    batches.close()  # type: ignore[attr-defined]


def test_signals_of_a_terminal_are_for_the_one_who_trains(tmp_path: Path) -> None:
    feed = fed(tmp_path)
    batches, found = worked(feed, 2).rest(0, 0), []
    for batch in batches:
        found.append(batch)
        for process in multiprocessing.active_children():
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1):
                assert process.pid
                os.kill(process.pid, number)
    assert_same_batches(found, list(feed.epoch(0)))


def test_a_worker_that_is_gone_is_told(tmp_path: Path) -> None:
    batches = worked(fed(tmp_path), 1).rest(0, 0)
    next(batches)
    [process] = multiprocessing.active_children()
    process.kill()
    with pytest.raises(TrainingError, match=r"has ended\n  perhaps memory ran out"):
        list(batches)


def test_what_goes_wrong_in_a_worker_is_told_as_it_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk(monkeypatch)
    rows = [json.dumps({"a": "xyz", "b": str(number % 2)}) for number in range(80)]
    entries = "text: {file: t.jsonl, column: a}\n  label: {file: t.jsonl, column: b}"
    data = loaded(tmp_path, LABELLED, entries, {"t.jsonl": "\n".join(rows)})
    texts = data.columns["text"].parts[0]
    (tmp_path / "t.jsonl").write_text("other")
    with pytest.raises(SpecError) as found:
        list(made_ahead(Read(texts), 0, 1))
    assert "t.jsonl has changed while it was read" in str(found.value)
    assert found.value.problems[0].mark


class Read(list[Batch]):
    """As many batches as there are texts, made by reading them."""

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return Batch({"text": torch.tensor([len(super().__getitem__(place))])})
