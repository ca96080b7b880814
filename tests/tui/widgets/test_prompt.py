"""One line that is asked for: what is typed is taken, with the blanks around it where they count."""

from __future__ import annotations

import pytest

from leporello.tui.widgets.prompt import Prompt
from tests.support.paths import EXAMPLES
from tests.support.screens import screens, session


@pytest.mark.parametrize(
    ("typed", "exact", "wanted"),
    [("of the ", True, ["of the "]), (" a.yaml ", False, ["a.yaml"]), ("  ", False, []), ("", True, [])],
)
@session
async def test_what_is_typed_is_taken(typed: str, exact: bool, wanted: list[str]) -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        taken: list[str] = []
        seen.app.screen.query_one(Prompt).ask("what", "", taken.append, exact=exact)
        await seen.type(typed + "\n")
        assert taken == wanted


@session
async def test_who_hears_what_is_typed_hears_that_it_was_given_up() -> None:
    async with screens(EXAMPLES / "elman.yaml") as seen:
        await seen.drawn()
        heard: list[str] = []
        seen.app.screen.query_one(Prompt).ask("what", "first", lambda said: None, heard.append)
        await seen.type("ab")
        await seen.press("escape")
        assert heard[-2:] == ["ab", "first"]
