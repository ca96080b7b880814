"""Where a file was changed by something else both versions are seen as pictures, and nothing is lost meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from leporello.graphs.problems import SpecError
from leporello.tui.runs.versions import compared
from leporello.tui.screens.both import BothScreen
from leporello.tui.screens.question import Question
from leporello.tui.widgets.canvas import Canvas
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, screens, session

ELMAN = (EXAMPLES / "elman.yaml").read_text(encoding="utf-8")
WIDER = ELMAN.replace("units: 16", "units: 20")


async def asked(seen: Screens, path: Path, theirs: str) -> None:
    """Edit the text, let something else change the file, and wait for the question."""
    await seen.drawn()
    await seen.press("e", "ctrl+home")
    await seen.type("# mine")
    path.write_text(theirs)
    seen.app.watch_file()
    await seen.until(lambda: "was changed by" in seen.text and seen.app.focused, "the question")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)], ids=str)
@session
async def test_both_versions_are_looked_at_as_pictures_and_the_question_is_still_there(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text(ELMAN)
    async with screens(path, size) as seen:
        await asked(seen, path, WIDER)
        assert "c: both as pictures" in seen.text
        await seen.press("c")
        both = seen.app.screen
        assert isinstance(both, BothScreen)
        views = {side: both.query_one(f"#{side}", Canvas) for side in ("here", "there")}
        await seen.until(lambda: all(view.picture and view.marked for view in views.values()), "the pictures")
        assert all(view.marked == {"U", "W", "h"} and view.selection for view in views.values())
        for name, said in (("here", "A: this text"), ("there", "B: the file"), ("differences", "what differs")):
            assert said in seen.text and seen.app.focused.id == name and seen.app.focused.size.height >= 3
            await seen.press("tab")
        await seen.press("1", "q", "ctrl+q", "w", "d", "shift+tab")
        await seen.until(lambda: "A and B are different models" in seen.text, "the comparison")
        assert seen.app.screen is both, "keys of other places do nothing here"
        await seen.press("escape")
        assert isinstance(seen.app.screen, Question)
        assert all(one.painter.process is None for one in both.sessions.values()), "no process is left"
        await seen.press("escape")
        assert seen.app.session.document.text == "# mine" + ELMAN and path.read_text() == WIDER


@session
async def test_a_version_that_is_no_spec_says_why_and_the_other_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text(ELMAN)
    async with screens(path) as seen:
        await asked(seen, path, "spec: 1\nnodes: [\n[/x] [@click=app.quit]x")
        await seen.press("c")
        await seen.until(lambda: "they cannot be compared" in seen.text and "problems" in seen.text, "the reason")
        await seen.until(lambda: seen.app.screen.query_one("#here", Canvas).picture, "the other picture")
        assert "no value begins" in seen.text
        await seen.press("tab", "tab", "escape", "escape")
        assert seen.app.session.document.text == "# mine" + ELMAN


@session
async def test_a_file_that_is_gone_or_no_text_is_told_and_other_questions_have_no_pictures(tmp_path: Path) -> None:
    path = tmp_path / "elman.yaml"
    path.write_text(ELMAN)
    async with screens(path) as seen:
        await seen.drawn()
        path.write_bytes(b"\xff\xfe\x00")
        seen.app.watch_file()
        await seen.until(lambda: "now: this file is in UTF-16" in seen.text, "the reason")
        await seen.press("c")
        assert isinstance(seen.app.screen, Question) and "both as pictures" not in seen.text
        await seen.press("escape", "e", "x", "ctrl+q", "c")
        assert isinstance(seen.app.screen, Question)


def test_the_same_text_differs_in_nothing_and_what_is_no_spec_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "-a.yaml"
    path.write_text(ELMAN)
    told = asyncio.run(compared(ELMAN, path))
    assert not told.here | told.there and "the same model" in told.lines and "this text" in told.lines
    with pytest.raises(SpecError, match="this text"):
        asyncio.run(compared("spec: 1\nnodes: 3\n", path))
    with pytest.raises(SpecError, match="nowhere"):
        asyncio.run(compared(ELMAN, tmp_path / "nowhere.yaml"))
