"""Keys of one's own: a file that says them, what is wrong with it told with what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.tui.app import LeporelloApp
from leporello.tui.bindings import bindings
from leporello.tui.session.keymap import own_keys, place

KNOWN = ("model.unfold", "canvas.map")


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    place().parent.mkdir()
    return place()


def test_the_file_says_the_keys_and_without_one_there_are_none(file: Path) -> None:
    assert own_keys(KNOWN) == {}
    file.write_text('{"model.unfold": "f2,u"}')
    assert own_keys(KNOWN) == {"model.unfold": "f2,u"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[" * 10_000, "is no JSON"),
        (b"[]", "no mapping"),
        (b'{"model.unfold": 3}', "no mapping"),
        (b'{"model.unfold": ""}', "no mapping"),
        (b'{"model.unfolt": "x"}', "there is no action 'model.unfolt'"),
    ],
)
def test_what_is_wrong_is_told(file: Path, data: bytes, said: str) -> None:
    file.write_bytes(data)
    with pytest.raises(SpecError, match=said):
        own_keys(KNOWN)


def test_every_action_has_one_name_and_a_description() -> None:
    found = list(bindings(LeporelloApp))
    assert len({one.id for one in found}) == len(found) > 70
    assert all(one.description for one in found)
