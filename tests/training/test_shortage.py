"""Memory that is short: refused before with an estimate; where it runs out, what would fit is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from leporello.graphs.problems import SpecError
from leporello.training.feeding.batch import Batch
from leporello.training.runs.run import Run, TrainingError
from leporello.training.runs.storage import read_json
from leporello.training.settings import Settings
from leporello.training.shortage import check_room, ran_out, told
from tests.support.faults.limited import limited, needs_a_limit

BATCHES = [Batch({"x": torch.zeros(6, 3, 2)}, {"time": 3}), Batch({"x": torch.zeros(4, 9, 2)}, {"time": 9})]


@pytest.mark.parametrize(
    ("optimizer", "average", "copies"), [("sgd", 0.0, 2), ("rmsprop", 0.0, 3), ("adam", 0.0, 4), ("adamw", 0.9, 5)]
)
def test_what_surely_does_not_fit_is_refused(optimizer: str, average: float, copies: int) -> None:
    module = nn.Linear(9, 10)
    settings = Settings(optimizer=optimizer, average=average)
    check_room(module, settings, copies * 400)
    with pytest.raises(SpecError, match=f"for weights, gradients and {optimizer} alone"):
        check_room(module, settings, copies * 400 - 1)
    module.weight.requires_grad_(False)  # frozen weights have neither gradients nor moments
    check_room(module, settings, 400 + (copies - 1) * 40)


def test_what_would_fit_is_said() -> None:
    with pytest.raises(TrainingError) as caught, told(7, BATCHES, Settings(batch=6, accumulate=2)):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ...")
    assert "update 7: memory ran out with a batch of 6 sequences and 9 steps of time" in str(caught.value)
    assert "training.batch=3 --set training.accumulate=4" in str(caught.value)
    with pytest.raises(TrainingError, match="cut sequences shorter"), told(7, BATCHES, Settings(batch=1)):
        raise MemoryError


def test_other_errors_are_left_as_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), told(7, BATCHES, Settings()):
        raise RuntimeError("shapes differ")
    assert ran_out(torch.OutOfMemoryError("CUDA out of memory"))
    assert not ran_out(ValueError("out of memory"))


SPEC = """
spec: 1
inputs: {x: {features: 8}}
nodes:
  h: {block: linear, input: x(t-1), units: 4000}
  y: tanh(h)
  o: {block: linear, input: y, units: 8}
outputs: {next: {from: o, predicts: x}}
data: {x: {file: rows.jsonl}}
training: {batch: 64, updates: 3, checkpoint_every: 1, accumulate: 2}
"""


@needs_a_limit
def test_a_run_under_a_limit_ends_with_what_would_fit(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(
        "\n".join("[" + ", ".join(["[1, 2, 3, 4, 5, 6, 7, 8]"] * 600) + "]" for _ in range(90))
    )
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = limited(400, tmp_path, "train", "spec.yaml", "--run", "run")
    assert done.returncode == 1, done.stderr
    assert "update 1: memory ran out with a batch of 64 sequences and 600 steps of time" in done.stderr
    assert "training.batch=32 --set training.accumulate=4" in done.stderr
    assert "Traceback" not in done.stderr
    status = Run(tmp_path / "run").status()
    assert (status.state, status.exit) == ("failed", 1)
    assert read_json(tmp_path / "run" / "run.json")["training"]["batch"] == 64


@needs_a_limit
def test_data_that_are_too_large_end_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("[" + ", ".join(["[1, 2, 3, 4, 5, 6, 7, 8]"] * 900_000) + "]")
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = limited(60, tmp_path, "train", "spec.yaml", "--run", "run")
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("error: memory ran out\n  a model, its data"), done.stderr
    assert not (tmp_path / "run").exists()
