"""A disk that is really full, a small one in memory: the old checkpoint stays, and with room the run goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.runs.run import Run, TrainingError
from leporello.training.train import train

SIZE, PAGE = 512 * 1024, 4096
SPEC = """
spec: 1
name: full
inputs: {text: {tokens: $characters}}
nodes:
  e: {block: embedding, input: text(t-1), units: 16}
  d: {block: dropout, input: e, rate: 0.1}
  h: {block: gru, input: d, units: 16}
  logits: {block: linear, input: h, units: $characters}
outputs: {next: {from: logits, predicts: text}}
data: {text: {file: input.txt}}
training: {batch: 4, steps: 11, updates: 12, report_every: 1, validate_every: 100, checkpoint_every: 2, keep: 2}
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that holds half a MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)]
    try:
        mounted = subprocess.run(line, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, room: int) -> Path:
    """Take all of the disk but so many bytes."""
    found = os.statvfs(folder)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(max(found.f_bavail * found.f_frsize - room, 0)))
    return ballast


@pytest.mark.slow
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 5, 9, 14])
def test_what_was_saved_stays_and_the_run_goes_on_when_there_is_room(disk: Path, tmp_path: Path, pages: int) -> None:
    (tmp_path / "input.txt").write_text("the quick brown fox jumps over the lazy dog " * 30)
    graph = read_spec(SPEC, registry(), str(tmp_path / "spec.yaml"))

    def on_event(event: Mapping[str, Any]) -> None:
        if event["event"] == "update" and event["update"] == 5:
            fill(disk, pages * PAGE)

    with pytest.raises(TrainingError, match=r"(?s)the run cannot be written: No space left.*make room.*--resume"):
        train(graph, disk / "run", on_event=on_event)
    run = Run(disk / "run")
    newest = run.newest()
    assert newest is not None and newest[0] >= 4 and not newest[2]
    (disk / "ballast").unlink()
    assert train(graph, disk / "run", resume=True).state == "finished"
    train(graph, tmp_path / "whole")
    assert run.read(12) == Run(tmp_path / "whole").read(12)
    assert not list(run.checkpoints.glob(".*.partial"))


def test_a_full_disk_takes_no_new_run(disk: Path, tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("the quick brown fox jumps over the lazy dog " * 30)
    graph = read_spec(SPEC, registry(), str(tmp_path / "spec.yaml"))
    fill(disk, 0)
    with pytest.raises(SpecError, match="cannot be written: No space left"):
        train(graph, disk / "run")
