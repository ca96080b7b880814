"""The tutorial gone through by exactly what it says, left, taken up, with other keys and on small screens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leporello.tui.bindings import keys_of
from leporello.tui.screens.sheet import Sheet
from leporello.tui.session import keymap
from leporello.tui.teaching.lessons import LESSONS, Lesson
from leporello.tui.widgets.lesson_line import LessonLine, Taught
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, screens, session


def said(seen: Screens) -> Taught | None:
    """What the screen that is looked at says of the lesson."""
    return seen.app.screen.query_one(LessonLine).taught


async def follow(seen: Screens, lesson: Lesson) -> None:
    """Do what a lesson says, and wait until it is noticed."""
    await seen.until(lambda: (told := said(seen)) is not None and lesson.name in told.head, lesson.name)
    keys = keys_of(seen.app)
    for key in lesson.keys:
        if "." in key:
            await seen.press(keys[key])
        else:
            await seen.type(key)
    await seen.until(lambda: seen.app.tutor is None or seen.app.tutor.lesson is not lesson, f"the end of {lesson.name}")


@session
async def test_the_tutorial_is_gone_through_by_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with screens(size=(80, 24)) as seen:
        await seen.until(lambda: "begin with" in seen.text, "the choices")
        await seen.press("t")
        for number, lesson in enumerate(LESSONS):
            assert seen.app.tutor is not None and seen.app.tutor.at == number
            await follow(seen, lesson)
        await seen.until(lambda: "That is all." in seen.text, "the end")
        assert len(seen.app.screen.written) > 0  # type: ignore[attr-defined]
        await seen.press("T")
        await seen.until(lambda: "That is all." not in seen.text)
    (spec,) = tmp_path.glob("*.yaml")
    by_hand = (EXAMPLES / "char_lm.yaml").read_text().replace("units: 256", "units: 64").splitlines()
    assert [line for line in spec.read_text().splitlines() if line not in by_hand] == []


@session
async def test_it_is_left_and_taken_up_and_goes_back_where_something_is_gone() -> None:
    async with screens() as seen:
        await seen.until(lambda: "begin with" in seen.text, "the choices")
        await seen.press("t")
        for lesson in LESSONS[:3]:
            await follow(seen, lesson)
        await seen.press("T")
        assert said(seen) is None and seen.told("T takes it up")
        await seen.press("T")
        assert seen.app.tutor is not None and seen.app.tutor.at == 3
        text = seen.app.session.document.text
        await seen.press("z")
        await seen.until(lambda: (told := said(seen)) is not None and "3/" in told.head, "the lesson before")
        await seen.press("Z", "T")
        seen.app.open_text(EXAMPLES.joinpath("elman.yaml").read_text())
        await seen.until(lambda: "not saved" in seen.text, "the question")
        await seen.press("down", "enter", "T")
        await seen.until(lambda: seen.app.session.document.text == "", "an empty model: this one has no feedback")
        assert text and seen.app.tutor is not None and seen.app.tutor.at == 0


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
@session
async def test_keys_are_told_as_they_are_mapped_and_all_is_seen_on_small_screens(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    keymap.place().parent.mkdir(parents=True, exist_ok=True)
    keymap.place().write_text(json.dumps({"assemble.add": "f2"}))
    async with screens(size=size) as seen:
        await seen.until(lambda: "begin with" in seen.text, "the choices")
        await seen.press("t")
        await seen.until(lambda: "1/" in seen.text, "the lesson")
        assert "f2" in seen.text
        await follow(seen, LESSONS[0])
        await seen.until(lambda: "2/" in seen.text, "the lesson")
        assert "fee" in seen.text
        await seen.press("f2")
        await seen.until(lambda: isinstance(seen.app.screen, Sheet) and "2/" in seen.text, "the lesson in the sheet")
        assert "fee" in seen.text and "⏎" in seen.text
