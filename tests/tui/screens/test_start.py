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


@session
async def test_a_model_that_was_made_by_answers_is_saved_and_left_or_kept(folder: Path) -> None:
    async with screens() as seen:
        await seen.until(lambda: "mine_00" in seen.text, "the choices")
        await seen.press("a")
        for question in ("What goes in?", "What comes out?", "How many units", "Which file", "What is it called?"):
            await seen.until(lambda question=question: question in seen.text and seen.app.focused, question)
            await seen.press("enter")
        await seen.drawn()
        assert seen.app.session.document.modified and "*" in seen.lines[0]
        await seen.press("q")
        await seen.until(lambda: "has edits that are not saved" in seen.text and seen.app.focused, "the question")
        await seen.press("enter")
        await seen.until(lambda: "save as" in seen.text, "the name")
        await seen.press("escape")
        assert seen.app.is_running, "without a name nobody leaves"
        await seen.press("q", "enter")
        await seen.until(lambda: "save as" in seen.text, "the name")
        await seen.type("mine_00\n")  # which is taken
        await seen.until(lambda: seen.told("is there already"), "the refusal")
        await seen.type("new_one\n")
        await seen.until(lambda: not seen.app.is_running, "the end")
    assert Path("new_one.yaml").read_text().startswith("# A language model")


@session
async def test_another_model_is_opened_after_this_one_was_given_a_name(folder: Path) -> None:
    async with screens() as seen:
        await seen.until(lambda: "mine_00" in seen.text, "the choices")
        await seen.press("n")
        await seen.drawn()
        await seen.press("e", "ctrl+home")
        await seen.type("# mine")
        await seen.press("escape", "ctrl+o")
        await seen.until(lambda: "begin with" in seen.text, "the choices")
        await seen.press("enter", "enter")
        await seen.until(lambda: "save as" in seen.text, "the name")
        await seen.type("first.txt\n")
        await seen.drawn()
        assert seen.app.session.document.path is not None and seen.app.session.document.path.name.startswith("mine_")
    assert Path("first.txt").read_text() == "# mine" + EMPTY
