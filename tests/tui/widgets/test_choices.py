"""Lists to choose from in windows without room."""

from __future__ import annotations

import pytest

from leporello.tui.widgets.choices import Choices
from tests.support.screens import screens, session


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (20, 5), (40, 1), (120, 40)])
@session
async def test_keys_go_through_a_list_whatever_room_it_has(size: tuple[int, int]) -> None:
    async with screens(size=size) as seen:
        for key in ("pagedown", "down", "pagedown", "pageup", "end", "pageup", "home", "pagedown", "up"):
            await seen.press(key)
        await seen.pilot.resize_terminal(1, 1)
        await seen.press("pagedown", "pageup")
        await seen.pilot.resize_terminal(120, 40)
        await seen.press("home", "pagedown")
        assert (seen.app.screen.query_one(Choices).highlighted or 0) > 0
