"""A run in a row: whose it is and when it was begun is told, and no column is cut off that there is no room for."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from leporello.training.runs.listing import listed
from leporello.tui.runs.rows import COLUMNS, fitting, said_of, when, where

NOW = time.mktime((2026, 3, 2, 12, 30, 0, 0, 0, -1))
ROW = {"run": "  dates-1", "model": "dates", "file": "dates.yaml", "begun": "today 09:30", "state": "finished"}
ROW |= {"update": "1,000 of 1,000", "best": "0.002 bits", "test": "0.002"}


@pytest.mark.parametrize("room", [20, 36, 60, 76, 90, 116, 200])
def test_columns_fit_and_stand_in_one_order(room: int) -> None:
    shown = fitting([ROW], room)
    assert list(shown) == [name for name in COLUMNS if name in shown]
    assert {"run", "state", "update", "best"} <= set(shown)
    wide = sum(max(len(name), len(ROW[name])) + 2 for name in shown)
    assert wide <= room or len(shown) == 4
    assert ("file" in shown and "begun" in shown) is (room >= 76)


@pytest.mark.parametrize(
    ("ago", "said"),
    [(0, "today 12:30"), (3 * 3600, "today 09:30"), (26 * 3600, "yesterday 10:30"), (9 * 86400, "2026-02-21")],
)
def test_when_a_run_was_begun(ago: float, said: str) -> None:
    assert when(NOW - ago, NOW) == said


@pytest.mark.parametrize("created", [1e30, -1e30, 4e18, float(2**61)])
def test_a_time_that_no_calendar_has_is_not_told(created: float) -> None:
    assert when(created, NOW) == ""


@pytest.mark.parametrize("file", ["", "x.yaml", "/", "/" + "a" * 400])
def test_any_file_has_a_short_name(file: str) -> None:
    assert len(where(file, Path("/home"))) <= 30


def test_a_run_knows_its_file_and_an_old_one_does_not(tmp_path: Path) -> None:
    for name, facts in (("new", {"file": str(tmp_path / "a.yaml"), "created": NOW}), ("old", {})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps({"name": "a", **facts}))
        (tmp_path / name / "status.json").write_text(json.dumps({"state": "finished"}))
    rows = {one.run.folder.name: said_of(one, "finished", NOW, tmp_path) for one in listed(tmp_path)}
    assert (rows["new"]["file"], rows["new"]["begun"]) == ("a.yaml", "today 12:30")
    assert (rows["old"]["file"], rows["old"]["begun"]) == ("", "")
