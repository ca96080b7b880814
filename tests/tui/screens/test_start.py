"""Start: what there is to begin with is found by a few letters, and something new is begun by a key that is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from leporello.tui.screens.start import ANEW, found
from leporello.tui.session.begun import EMPTY
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, screens, session


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for number in range(30):
        Path(f"mine_{number:02}.yaml").write_text((EXAMPLES / "elman.yaml").read_text())
    return tmp_path


def listed(seen: Screens) -> list[str]:
    return [str(one.id) for one in seen.app.screen.query_one(OptionList).options]


@session
async def test_what_to_begin_with_is_found_by_a_few_letters(folder: Path) -> None:
    async with screens() as seen:
        await seen.until(lambda: "mine_00" in seen.text, "the choices")
        everything = listed(seen)
        await seen.press("slash")
        await seen.type("lst")
        assert listed(seen)[0] == "example:lstm_from_equations"
        assert "find lst" in seen.text and "/lst" in seen.text
        await seen.press("escape")
        assert listed(seen) == everything
        await seen.press("slash")
        await seen.type("mine_1")
        assert all(one.rpartition("/")[2].startswith("mine_1") for one in listed(seen)[:10])
        await seen.press("down", "down", "up", "enter")
        assert seen.app.focused.id == "choices" and seen.app.session.document.path is None, "nothing is opened yet"
        await seen.press("escape")
        assert listed(seen) == everything
        await seen.press("slash")
        await seen.type("mine_1")
        await seen.press("down", "enter")
        await seen.press("enter")
        await seen.drawn()
        assert seen.app.session.document.path == Path("mine_11.yaml")


@pytest.mark.parametrize("letters", ["zzz", "[/]", "\\", "  ", "a" * 200])
@session
async def test_letters_that_nothing_has_do_no_harm(folder: Path, letters: str) -> None:
    async with screens(size=(40, 12)) as seen:
        await seen.press("slash")
        await seen.type(letters)
        assert ("nothing has these letters" in seen.text) is bool(letters.strip())
        await seen.press("enter", *(("down", "enter") if letters.strip() else ()), "escape")
        assert seen.app.is_running and len(listed(seen)) > 30


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)], ids=str)
@session
async def test_something_new_is_begun_by_keys_that_are_seen(folder: Path, size: tuple[int, int]) -> None:
    for key, said, text in (("n", "n small", EMPTY), ("e", "e empty model", "")):
        async with screens(size=size) as seen:
            await seen.until(lambda: "mine_00" in seen.text, "the choices")
            assert said in seen.lines[-1]
            await seen.press(key)
            assert seen.app.session.document.text == text


def test_the_ways_to_begin_are_told_apart() -> None:
    assert len({entry.said for entry in ANEW.values()}) == len({entry.place for entry in ANEW.values()}) == len(ANEW)
    assert [ANEW[key].text for key in found("model", ANEW)][:2] == ["", EMPTY]
