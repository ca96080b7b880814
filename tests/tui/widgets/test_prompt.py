"""One line that is asked for, which may be given up."""

from __future__ import annotations

from leporello.tui.widgets.prompt import Prompt
from tests.support.paths import EXAMPLES
from tests.support.screens import screens, session


@session
async def test_who_hears_what_is_typed_hears_that_it_was_given_up() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        heard: list[str] = []
        seen.app.screen.query_one(Prompt).ask("what", "first", lambda said: None, heard.append)
        await seen.type("ab")
        await seen.press("escape")
        assert heard[-2:] == ["ab", "first"]
