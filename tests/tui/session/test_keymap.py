"""Keys of one's own: a file that says them, what is wrong with it told with what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.tui.app import LeporelloApp
from leporello.tui.bindings import bindings
from leporello.tui.session.keymap import clashes, own_keys, place

KNOWN = ("model.unfold", "canvas.map")


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    place().parent.mkdir()
    return place()


def test_the_file_says_the_keys_and_without_one_there_are_none(file: Path) -> None:
    assert own_keys(KNOWN) == ({}, [])
    file.write_text('{"model.unfold": "f2,u"}')
    assert own_keys(KNOWN) == ({"model.unfold": "f2,u"}, [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[" * 10_000, "is no JSON"),
        (b"[]", "no mapping"),
    ],
)
def test_what_is_wrong_is_told(file: Path, data: bytes, said: str) -> None:
    file.write_bytes(data)
    with pytest.raises(SpecError, match=said):
        own_keys(KNOWN)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"model.unfolt": "x"', "there is no action 'model.unfolt'"),
        ('"model.edit": 3', "model.edit says no keys"),
        ('"model.edit": ""', "model.edit says no keys"),
        ('"model.edit": " , "', "model.edit says no keys"),
        ('"model.edit": ["x"]', "model.edit says no keys"),
    ],
)
def test_a_line_that_is_wrong_is_told_and_the_others_hold(file: Path, line: str, said: str) -> None:
    file.write_text(f'{{"model.unfold": "f2", {line}}}')
    own, (wrong,) = own_keys([*KNOWN, "model.edit"])
    assert own == {"model.unfold": "f2"} and said in wrong.what and wrong.hint


def test_a_key_of_two_actions_of_one_screen_is_told_by_the_one_that_loses_it() -> None:
    known = {"assemble.delete": ["d"], "canvas.left": ["h"], "app.train": ["2"], "use.copy": ["y"], "train.log": ["l"]}
    found = {
        name: list(clashes(known, {name: [key]}))
        for name, key in (
            ("canvas.map", "d"),
            ("model.edit", "h"),
            ("model.unfold", "2"),
            ("use.stop", "d"),
            ("curve.before", "l"),
            ("app.keys", "y"),
        )
    }
    assert found == {
        "canvas.map": [("d", "assemble.delete")],
        "model.edit": [("h", "model.edit")],
        "model.unfold": [("2", "app.train")],
        "use.stop": [],
        "curve.before": [("l", "train.log")],
        "app.keys": [("y", "app.keys")],
    }


def test_every_action_has_one_name_and_a_description() -> None:
    found = list(bindings(LeporelloApp))
    assert len({one.id for one in found}) == len(found) > 70
    assert all(one.description for one in found)
