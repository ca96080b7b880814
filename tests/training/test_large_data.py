"""Runs on data that stay on the disk: the weights of memory, resumed to the bit, in less room than the file takes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.graph import Graph
from leporello.graphs.specs import read_spec
from leporello.training.models import read_kept
from leporello.training.resuming import trained_graph
from leporello.training.runs.run import Run
from leporello.training.train import train
from tests.support.faults.limited import limited, needs_a_limit
from tests.training.data.test_large import on_disk
from tests.training.test_killed import KINDS, LABELS, TEXT, written

QUICK = [("updates: 40", "updates: 12"), ("validate_every: 7", "validate_every: 5")]


def spec(folder: Path, text: str) -> Graph:
    return read_spec(text, registry(), str(folder / "spec.yaml"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_a_run_that_is_resumed_on_the_disk_has_the_weights_of_one_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    text = KINDS[kind]
    for before, after in QUICK:
        text = text.replace(before, after)
    written(tmp_path, text)
    train(spec(tmp_path, text), tmp_path / "held")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    on_disk(monkeypatch)
    train(spec(tmp_path, text.replace("updates: 12", "updates: 5")), tmp_path / "stored")
    for updates in (9, 12):  # amid an epoch
        graph = trained_graph(Run(tmp_path / "stored"), read_kept, [f"training.updates={updates}"])
        train(graph, tmp_path / "stored", resume=True, overrides=[f"training.updates={updates}"])
    one, other = Run(tmp_path / "held").read(12), Run(tmp_path / "stored").read(12)
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] in ([], ["progress.json"])  # validated more often


ROOM = 110


@pytest.mark.slow
@needs_a_limit
@pytest.mark.parametrize("kind", ["labels", "text"])
def test_a_file_is_larger_than_the_room_of_the_process(tmp_path: Path, kind: str) -> None:
    chance = random.Random(3)
    block = "".join(chance.choice("abcdefgh ") for _ in range(1 << 16))
    if kind == "labels":
        text = LABELS.replace("updates: 40", "updates: 3")
        rows = (json.dumps({"text": block[n : n + 9], "label": "ab"[n % 2], "more": block}) for n in range(1800))
        (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    else:
        text = TEXT.replace("updates: 40", "updates: 3").replace("input.txt", "input.txt, as: words")
        words = " ".join(chance.choice(["a", "dog", "sees", "nothing", "x" * 100, "y" * 900]) for _ in range(3000))
        with (tmp_path / "input.txt").open("w") as file:
            file.writelines(words + "\n" for _ in range(240))
    [large] = [path for path in tmp_path.iterdir() if path.stat().st_size > ROOM * 2**20]
    (tmp_path / "spec.yaml").write_text(text.replace("validate_every: 7", "validate_every: 1000"))
    done = limited(ROOM, tmp_path, "train", "spec.yaml", "--run", "run")
    assert done.returncode == 0, done.stderr + str(large)
    assert Run(tmp_path / "run").status().state == "finished"
