"""A run that is followed: real processes, begun, stopped, gone on with, killed, and ones that cannot begin."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.training.runs.listing import delete, listed
from leporello.training.runs.run import EVENTS, Run
from leporello.tui.runs.trainer import Trainer
from tests.support.command_line import CHARACTERS

TEXT = "the quick brown fox jumps over the lazy dog; " * 60
PATIENCE = 120.0


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "text.txt").write_text(TEXT)
    text = Path(CHARACTERS).read_text(encoding="utf-8")
    head, _, _ = text.partition("\ndata:")
    settings = "{batch: 4, steps: 9, validate_every: 2, checkpoint_every: 2, updates: 1000000}"
    path = tmp_path / "model.yaml"
    path.write_text(f"{head}\ndata: {{text: {{file: text.txt}}}}\ntraining: {settings}\n")
    return path


def until(trainer: Trainer, wanted: Callable[[Trainer], bool]) -> None:
    """Look at a run until it is as wanted."""
    end = time.monotonic() + PATIENCE
    while not wanted(trainer):
        assert time.monotonic() < end, (trainer.state, trainer.failure)
        trainer.poll()
        if trainer.begun is not None:
            with suppress(subprocess.TimeoutExpired):
                trainer.begun.process.wait(0.05)


def test_a_run_is_begun_followed_stopped_and_gone_on_with(spec: Path, tmp_path: Path) -> None:
    trainer = Trainer()
    trainer.start(spec, "model", tmp_path / "runs")
    assert (trainer.state, trainer.alive) == ("starting", True)
    until(trainer, lambda t: t.state == "running" and t.record.checkpoint is not None)
    with pytest.raises(SpecError, match="no run to go on with"):
        trainer.go_on()
    again = Trainer()
    again.follow(Run(tmp_path / "runs" / "model-1"))
    assert (again.state, again.pid) == ("running", trainer.pid)
    trainer.pause()
    until(trainer, lambda t: t.state == "paused")
    assert trainer.alive
    trainer.pause()
    until(trainer, lambda t: t.state == "running")
    trainer.stop()
    assert trainer.state == "stopping"
    with pytest.raises(SpecError, match="no run is going on"):
        trainer.pause()
    until(trainer, lambda t: t.state == "interrupted")
    before = trainer.record.update
    trainer.go_on()
    until(trainer, lambda t: t.state == "running" and t.record.update > before)
    assert trainer.record.samples
    os.kill(trainer.pid, signal.SIGKILL)
    until(trainer, lambda t: t.state == "died" and t.begun is None)
    assert listed(tmp_path / "runs")[0].state == "died"
    delete(Run(tmp_path / "runs" / "model-1"))
    assert listed(tmp_path / "runs") == []


def test_one_that_cannot_begin_says_why(spec: Path, tmp_path: Path) -> None:
    spec.write_text(spec.read_text().replace("batch: 4", "batch: lots"))
    trainer = Trainer()
    trainer.start(spec, "model", tmp_path / "runs")
    until(trainer, lambda t: t.state == "failed")
    assert "training.batch is 'lots'" in trainer.failure
    assert not trainer.alive


def test_events_without_end_and_half_written_ones_do_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "flood"
    folder.mkdir(parents=True)
    status = {"state": "running", "pid": os.getpid(), "host": "elsewhere"}
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "run.json").write_text("{}")
    lines = [json.dumps({"event": "update", "update": n, "bits": 3.0}) for n in range(100_000)]
    (folder / EVENTS).write_text("\n".join([*lines, '{"event": "update", "upd']))
    trainer = Trainer()
    trainer.follow(Run(folder))
    while trainer.poll():
        pass
    assert trainer.record.update == 99_999
    assert len(trainer.record.curves["bits"].points) <= 4_096
    (folder / "status.json").write_text("{")
    trainer.poll()
    assert trainer.state == "damaged"
    with pytest.raises(SpecError):
        trainer.stop()


def test_nothing_is_deleted_but_a_run_that_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "run"
    folder.mkdir(parents=True)
    with pytest.raises(SpecError):
        delete(Run(folder))
    (folder / "run.json").write_text("{}")
    (folder / "status.json").write_text(json.dumps({"state": "running", "host": "elsewhere"}))
    with pytest.raises(SpecError, match="is running"):
        delete(Run(folder))
    assert folder.is_dir()


def test_without_a_run_there_is_nothing_to_stop() -> None:
    trainer = Trainer()
    assert not trainer.poll()
    with pytest.raises(SpecError, match="no run"):
        trainer.stop()
