"""The styles: every ink can be read on the ground on which it stands, and paper needs no colour."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import ELMAN, done, refused
from inking import Inked, inked
from pictures import faults
from test_drawing import contrast

from leporello.blocks.registry import registry
from leporello.graphs.checks import Checked, check
from leporello.graphs.drawing.allowed import forbidden
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.folding import folded
from leporello.graphs.drawing.opened import opened
from leporello.graphs.drawing.options import Look, Options
from leporello.graphs.drawing.palette import COLOUR, DASHES, FILLS, LINES, PAPER, Palette
from leporello.graphs.drawing.scene import Panel, Rectangle, Scene
from leporello.graphs.drawing.svg import svg_text
from leporello.graphs.drawing.view import Box, View
from leporello.graphs.reading import read_file

ROOT = Path(__file__).parent
GOLDEN = ROOT / "golden" / "drawing"
SPECS = sorted([*(ROOT.parent / "examples").glob("*.yaml"), *GOLDEN.glob("*.yaml")])
PALETTES = {"colour": COLOUR, "paper": PAPER}


@functools.cache
def model(path: Path) -> Checked:
    """A spec, checked."""
    return check(read_file(path, registry()), registry())


@functools.cache
def pairs(look: Look) -> frozenset[Inked]:
    """All inks on their grounds in the pictures of all specs: folded with a key, unfolded, and opened."""
    found: set[Inked] = set()
    for path in SPECS:
        checked = model(path)
        for options in (
            Options(style=look, key=True),
            Options(3, style=look),
            Options(style=look, grouping=opened(checked.graph, depth=2)),
        ):
            found |= inked(draw(checked.graph, checked.axes, options, "svg"))
    every = View(
        "kinds", tuple(Box(kind, kind, kind, "time") for kind in FILLS if kind != "gap"), (), ("time", "other")
    )
    return frozenset(found | inked(svg_text(scene(every), PALETTES[look])))


def least(pair: Inked, palette: Palette) -> float:
    """The contrast that an ink needs."""
    if pair.what == "border":
        return 3.0
    return 7.0 if pair.what == "text" and pair.colour == palette.ink else 4.5


@pytest.mark.parametrize("look", ["colour", "paper"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_ink_can_be_read_on_its_ground(look: Look, dark: bool) -> None:
    palette = PALETTES[look]
    for pair in pairs(look):
        assert pair.ground != "none", pair
        ink, ground = ((palette.dark.get(c, c) if dark else c) for c in (pair.colour, pair.ground))
        assert contrast(ink, ground) >= least(pair, palette), (pair, ink, ground)


def test_the_pairs_are_those_of_real_pictures() -> None:
    found = pairs("colour")
    assert Inked("text", COLOUR.ink, COLOUR.fills["state"][0]) in found
    assert Inked("text", COLOUR.muted, COLOUR.fills["layer"][0]) in found
    assert Inked("text", COLOUR.lines["delay"], COLOUR.ground) in found
    assert Inked("stroke", COLOUR.lines["all"], COLOUR.panel[0]) in found
    assert Inked("stroke", COLOUR.lines["all"], COLOUR.ground) in found
    assert {Inked("border", *COLOUR.fills[kind][::-1]) for kind in FILLS if kind not in ("gap", "initial")} <= found


@pytest.mark.parametrize("palette", [COLOUR, PAPER])
@pytest.mark.parametrize("dark", [False, True])
def test_every_ink_can_be_read_in_focus(palette: Palette, dark: bool) -> None:
    for colour in (
        palette.ink,
        palette.muted,
        *palette.lines.values(),
        *(stroke for _, stroke in palette.fills.values()),
    ):
        if colour != "none":
            ink, ground = ((palette.dark.get(c, c) if dark else c) for c in (colour, palette.focus[0]))
            assert contrast(ink, ground) >= 4.5, (ink, ground)


def test_every_colour_has_its_dark_one() -> None:
    used = {pair.colour for pair in pairs("colour")} | {pair.ground for pair in pairs("colour")}
    assert used <= set(COLOUR.dark)
    assert not PAPER.dark


def test_paper_is_black_and_grey() -> None:
    for pair in pairs("paper"):
        for colour in (pair.colour, pair.ground):
            assert re.fullmatch(r"#(\w\w)\1\1", colour), colour
    checked = model(GOLDEN / "luong.yaml")
    text = draw(checked.graph, checked.axes, Options(3, style="paper"), "svg")
    assert "<style>" not in text
    assert not list(forbidden(ElementTree.fromstring(text)))


def test_on_paper_every_sign_differs_in_more_than_colour() -> None:
    lines = [(PAPER.dashes.get(style), PAPER.weights.get(style), style == "predicts") for style in LINES]
    assert len(set(lines)) == len(LINES)
    assert len({PAPER.dashes.get("delay"), PAPER.dashes.get("backward"), PAPER.dashes.get("fed_back")}) == 3
    assert set(DASHES) <= set(PAPER.dashes)
    assert PAPER.borders["state"] > 1.5
    assert PAPER.corner != COLOUR.corner


def test_a_focused_panel_differs_from_others_in_both_styles() -> None:
    place = Rectangle(50, 50, 80, 80)
    for palette in (COLOUR, PAPER):
        drawn = [svg_text(Scene(100, 100, "a", "b", panels=(Panel(place, focus),)), palette) for focus in (True, False)]
        assert drawn[0] != drawn[1]


@pytest.mark.parametrize("look", ["colour", "paper"])
def test_the_places_are_the_same_in_every_style(look: Look) -> None:
    checked = model(GOLDEN / "mixed.yaml")
    view = folded(checked.graph, checked.axes)
    assert scene(view, Options(3, style=look)) == scene(view, Options(3))
    assert not faults(scene(view, Options(3, style=look)))


def test_paper_is_the_golden_one() -> None:
    checked = model(GOLDEN / "luong.yaml")
    path = GOLDEN / "luong.paper.svg"
    drawn = draw(checked.graph, checked.axes, Options(2, style="paper"), "svg")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


def test_a_style_is_one_that_exists_and_that_the_format_knows(tmp_path: Path) -> None:
    assert "'colour', 'paper'" in refused("draw", ELMAN, "--style", "papre", "-o", tmp_path / "a.svg")
    assert "--style paper is for .svg only" in refused("draw", ELMAN, "--style", "paper")
    done("draw", ELMAN, "--style", "paper", "-o", tmp_path / "a.svg")
    assert 'stroke="#000000"' in (tmp_path / "a.svg").read_text(encoding="utf-8")
