"""All runs again and again: what has not changed is not read; what goes on, ends or is put in its place is seen."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from leporello.training.runs.following import Follower
from leporello.training.runs.listing import listed
from leporello.training.runs.processes import process_born
from leporello.training.runs.run import EVENTS, FACTS, STATUS
from leporello.tui.runs.shelf import Shelf


def made(folder: Path, state: str = "finished", updates: int = 10, **status: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS).write_text(json.dumps({"name": folder.name}))
    (folder / STATUS).write_text(json.dumps({"state": state, "update": updates, **status}))
    start = {"event": "start", "name": folder.name, "weights": 3, "training": {"updates": updates}}
    (folder / EVENTS).write_text(json.dumps(start) + "\n" + update(1))


def update(number: int) -> str:
    return json.dumps({"event": "update", "update": number, "bits": 2.0}) + "\n"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose events are read, in turn."""
    found: list[str] = []
    before = Follower.read

    def read(self: Follower) -> list[dict[str, object]]:
        found.append(self.run.folder.name)
        return before(self)

    monkeypatch.setattr(Follower, "read", read)
    return found


def test_runs_that_have_not_changed_are_not_read_again(tmp_path: Path, reads: list[str]) -> None:
    made(tmp_path / "a")
    made(tmp_path / "b")
    shelf = Shelf(tmp_path)
    assert {one.name for one in shelf.look()} == {"a", "b"}
    reads.clear()
    assert shelf.look() == listed(tmp_path)
    reads.clear()
    shelf.look()
    assert reads == []
    with (tmp_path / "a" / EVENTS).open("a") as file:
        file.write(update(7))
    assert {one.name: one.update for one in shelf.look()} == {"a": 10, "b": 10}
    assert set(reads) == {"a"}


def test_a_run_that_goes_on_is_looked_at_again_and_its_death_seen(tmp_path: Path) -> None:
    own = {"pid": os.getpid(), "born": process_born(os.getpid()), "host": os.uname().nodename}
    made(tmp_path / "a", "running", 3, **own)
    shelf = Shelf(tmp_path)
    assert [one.state for one in shelf.look()] == ["running"]
    (tmp_path / "a" / STATUS).write_text(json.dumps({"state": "running", **own, "born": "before"}))
    assert [one.state for one in shelf.look()] == ["died"] == [one.state for one in listed(tmp_path)]


def test_runs_that_are_deleted_damaged_or_begun_anew_are_seen(tmp_path: Path) -> None:
    made(tmp_path / "a", updates=10)
    shelf = Shelf(tmp_path)
    shelf.look()
    shutil.rmtree(tmp_path / "a")
    assert shelf.look() == []
    made(tmp_path / "a", updates=20)
    assert [one.updates for one in shelf.look()] == [20]
    (tmp_path / "a" / FACTS).write_text("{")
    assert [one.state for one in shelf.look()] == ["damaged"]
    assert Shelf(tmp_path / "nowhere").look() == []
