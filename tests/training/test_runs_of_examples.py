"""Runs over examples of different length: accumulation is one large batch, and every resume ends in the same bytes."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file
from leporello.training.data.columns import load_data, sizes_of
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.forward import forward
from leporello.training.runs.run import Run
from leporello.training.settings import Settings
from leporello.training.tasks.task import task_of
from leporello.training.train import Outcome, train
from tests.support.forked import forked
from tests.training.test_training import Interrupt, history

SPEC = """\
spec: 1
name: kinds
inputs:
  text: {tokens: $characters}
  tags: {tokens: $tags}
  kind: {tokens: $kinds, axis: none}
nodes:
  e: {block: embedding, input: text, units: 6}
  d: {block: dropout, input: e, rate: 0.1}
  h: {block: gru, input: d, units: 6}
  scores: {block: linear, input: h, units: $tags}
  whole: {block: linear, input: h.final, units: $kinds}
outputs:
  tag: {from: scores, predicts: tags}
  guess: {from: whole, predicts: kind}
data:
  text: {file: t.jsonl, column: text}
  tags: {file: t.jsonl, column: tags, as: labels}
  kind: {file: t.jsonl, column: kind}
training: {batch: 4, accumulate: 3, rate: 0.01, updates: 12, report_every: 1, validate_every: 4,
  checkpoint_every: 1, keep: 99}
"""
BATCHES = 14
"""Of an epoch: 55 examples in fours. An update is of three batches, so that epochs end amid the fifth and the tenth."""


def kinds(folder: Path, **more: Any) -> Graph:
    """The model above, with 61 lines of data beside it."""
    chance = random.Random(2)
    lines = []
    for _ in range(61):
        text = "".join(chance.choice("ab") for _ in range(chance.randint(1, 9)))
        tags = ["first" if place and text[place - 1] == "a" else "other" for place in range(len(text))]
        lines.append(json.dumps({"text": text, "tags": tags, "kind": text.count("a") % 2}))
    (folder / "t.jsonl").write_text("\n".join(lines))
    (folder / "kinds.yaml").write_text(SPEC)
    graph = read_file(folder / "kinds.yaml", registry())
    return replace(graph, training=freeze({**graph.training, **more}))


def final(folder: Path, update: int = 12) -> dict[str, bytes]:
    return Run(folder).read(update)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was never interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    assert train(kinds(folder), folder / "run").state == "finished"
    return folder / "run"


def test_accumulated_gradients_are_those_of_one_large_batch(tmp_path: Path) -> None:
    graph = kinds(tmp_path)
    data = load_data(graph)
    module: Any = compile(graph, **sizes_of(graph)).double().eval()
    encoded, task = Examples(data, Settings()).encoded(0), task_of(graph, data)
    order = sorted(range(len(encoded.lengths)), key=lambda row: encoded.lengths[row])
    pieces = [encoded.batch(order[:3]), encoded.batch(order[3:25]), encoded.batch(order[25:])]
    found = []
    for batches in (pieces, [encoded.batch(order)]):
        module.zero_grad()
        counts = task.counts(batches)
        for batch in batches:
            outputs, _ = forward(module, batch, None, carried=False)
            task.loss(outputs, batch, counts).backward()  # type: ignore[no-untyped-call]
        found.append([weight.grad.clone() for weight in module.parameters()])
    for here, there in zip(*found, strict=True):
        torch.testing.assert_close(here, there, rtol=1e-12, atol=1e-14)
        assert here.abs().max() > 0


@pytest.mark.parametrize("stop", [2, 4, 9])
def test_a_run_resumes_to_the_bit_amid_an_epoch_and_at_its_end(tmp_path: Path, whole: Path, stop: int) -> None:
    graph = kinds(tmp_path)
    assert train(graph, tmp_path / "run", on_event=Interrupt(stop)).update == stop
    outcome: Outcome = train(graph, tmp_path / "run", resume=True)
    assert outcome.state == "finished"
    assert history(Run(tmp_path / "run")) == history(Run(whole))
    assert final(tmp_path / "run") == final(whole)


def test_an_epoch_ends_amid_accumulation(whole: Path) -> None:
    places = [json.loads(Run(whole).read(update)["progress.json"]) for update in range(1, 13)]
    before = [3 * update - 1 for update in range(1, 13)]  # batches before the last of each update
    expected = [(batch // BATCHES, batch % BATCHES + 1) for batch in before]
    assert [(place["epoch"], place["position"]) for place in places] == expected
    assert any(position < 3 for _, position in expected)


def trained_until(folder: Path, update: int) -> None:
    """Train the model above, and be killed by force at an update."""

    def die(event: Mapping[str, Any]) -> None:
        if event["event"] == "update" and event["update"] == update:
            os.kill(os.getpid(), signal.SIGKILL)

    train(kinds(folder), folder / "run", on_event=die)


@pytest.mark.parametrize("die", [3, 8])
def test_a_run_killed_by_force_resumes_to_the_same_bytes(tmp_path: Path, whole: Path, die: int) -> None:
    kinds(tmp_path)
    killed, said = forked(trained_until, tmp_path, die, heard=tmp_path / "heard").ended()
    assert killed == -signal.SIGKILL, said
    assert Run(tmp_path / "run").steps()[0] == die - 1
    train(kinds(tmp_path), tmp_path / "run", resume=True)
    assert history(Run(tmp_path / "run")) == history(Run(whole))
    assert final(tmp_path / "run") == final(whole)


def test_it_learns_both_outputs(tmp_path: Path) -> None:
    more = {"updates": 60, "rate": 0.03, "accumulate": 1, "validate_every": 20, "checkpoint_every": 20}
    outcome = train(kinds(tmp_path, **more), tmp_path / "run")
    tests = [event for event in Run(tmp_path / "run").events() if event["event"] == "test"]
    assert [score["words"] for score in outcome.scores] == ["share of right labels"] * 2
    assert tests[0]["tag.accuracy"] == outcome.test["tag.accuracy"]
    assert set(tests[0]) >= {"tag.accuracy", "guess.accuracy", "loss"}
    assert outcome.best is not None
    assert outcome.best > 0.9


def test_a_run_does_not_go_on_with_other_parts_of_the_data(tmp_path: Path) -> None:
    graph = kinds(tmp_path)
    train(graph, tmp_path / "run", on_event=Interrupt(2))
    said: Any = {name: {**entry, "split": (0.8, 0.1, 0.1)} for name, entry in graph.data.items()}
    with pytest.raises(SpecError, match="the parts of the data have"):
        train(replace(graph, data=freeze(said)), tmp_path / "run", resume=True)
    shorter: Any = {**graph.data, "text": {**graph.data["text"], "longest": 5}}
    with pytest.raises(SpecError, match="the parts of the data have"):
        train(replace(graph, data=freeze(shorter)), tmp_path / "run", resume=True)
    lower: Any = {**graph.data, "text": {**graph.data["text"], "lower": True}}
    with pytest.raises(SpecError, match="the data are not read as"):
        train(replace(graph, data=freeze(lower)), tmp_path / "run", resume=True)
