"""The theme that was chosen last is that of the next session; what is wrong with its file does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.color import ColorType

from leporello.cli.tui import command
from leporello.tui.inks import NAMES
from leporello.tui.session.chosen_theme import choose_theme, chosen_theme
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, screens, session

ELMAN = EXAMPLES / "elman.yaml"


@pytest.mark.parametrize("name", [*NAMES, "nord"])
def test_what_was_chosen_is_chosen_again(name: str) -> None:
    choose_theme(name)
    assert chosen_theme({*NAMES, "nord"}, "other") == name


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"null", b'"', b'"no such theme"', b"\xff\xfe", b'["leporello-light"]', b"1" * 9_000],
)
def test_a_file_that_is_damaged_does_no_harm(own_state: Path, data: bytes) -> None:
    choose_theme("leporello-light")
    (own_state / "leporello" / "theme.json").write_bytes(data)
    assert chosen_theme(NAMES, "leporello-dark") == "leporello-dark"


def test_where_nothing_can_be_written_nothing_is_said(own_state: Path) -> None:
    (own_state / "leporello").write_text("no folder")
    choose_theme("leporello-light")
    assert chosen_theme(NAMES, "leporello-dark") == "leporello-dark"


@session
async def test_a_theme_is_kept_from_session_to_session_and_an_option_wins_over_it() -> None:
    async with screens(ELMAN, theme="") as seen:
        assert seen.app.theme == "leporello-dark"
        seen.app.theme = "leporello-light"  # as the palette does it
        await seen.taken()
    async with screens(ELMAN, theme="") as seen:
        assert seen.app.theme == "leporello-light"
    async with screens(ELMAN, theme="leporello-dark") as seen:
        assert seen.app.theme == "leporello-dark"
    assert chosen_theme(NAMES, "") == "leporello-light", "an option is for once"


def coloured(seen: Screens) -> set[str]:
    styles = [part.style for strip in seen.strips for part in strip if part.style]
    colours = [one for style in styles for one in (style.color, style.bgcolor) if one is not None]
    return {
        one.name
        for one in colours
        if one.type not in (ColorType.DEFAULT, ColorType.TRUECOLOR) or (one.triplet and len(set(one.triplet)) > 1)
    }


@pytest.mark.parametrize("theme", NAMES)
@session
async def test_where_no_colours_are_wanted_no_theme_has_any(theme: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        choose_theme(theme)
        async with screens(ELMAN, theme="") as seen:
            await seen.drawn()
            assert (seen.app.theme, coloured(seen)) == (theme, set())
            grounds = [part.style for strip in seen.strips for part in strip if part.style and part.text.strip()]
            assert all(one.color != one.bgcolor or one.color.is_default for one in grounds if one.color)


def test_a_theme_that_does_not_exist_is_refused() -> None:
    assert CliRunner().invoke(command, ["--theme", "nord"]).exit_code == 2
