"""The styles: every ink can be read on the ground on which it stands, and paper needs no colour."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.folded.arcs import with_arcs
from leporello.graphs.drawing.letters.lettering import label, power
from leporello.graphs.drawing.options import Look, Options, Weights
from leporello.graphs.drawing.scene.palette import COLOUR, DASHES, FILLS, LINES, PAPER, Palette
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Panel, Rectangle, Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, View
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.specs import read_file, read_spec
from tests.graphs.drawing.test_pictures import contrast
from tests.support.command_line import ELMAN, done, refused
from tests.support.drawn.inking import Inked, inked
from tests.support.drawn.pictures import Segment, curve, faults, segments, through, touches
from tests.support.paths import EXAMPLES
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import Sample, samples, some, thinned

SPECS = sorted([*EXAMPLES.glob("*.yaml"), *GOLDEN.glob("*.yaml")])
PALETTES = {"colour": COLOUR, "paper": PAPER}


@functools.cache
def model(path: Path) -> Checked:
    """A spec, checked."""
    return check(read_file(path, registry()), registry())


@functools.cache
def pairs(look: Look) -> frozenset[Inked]:
    """All inks on their grounds in the pictures of all specs: folded with a key, unfolded, and opened."""
    found: set[Inked] = set()
    for path in thinned(SPECS, every=4):
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
    assert "'colour', 'paper', 'textbook'" in refused("draw", ELMAN, "--style", "papre", "-o", tmp_path / "a.svg")
    assert "--style paper is for .pdf, .png and .svg only" in refused("draw", ELMAN, "--style", "paper")
    done("draw", ELMAN, "--style", "paper", "-o", tmp_path / "a.svg")
    assert 'stroke="#000000"' in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("depth", "weights", "path"),
    thinned([(0, "boxes", path) for path in SPECS] + [(2, "wires", path) for path in SPECS]),
)
def test_arcs_lie_on_nothing(depth: int, weights: Weights, path: Path) -> None:
    checked = model(path)
    grouping = opened(checked.graph, depth=depth)
    view = folded(checked.graph, checked.axes, grouping)
    found = scene(view, Options(grouping=grouping, weights=weights, style="textbook"))
    assert not faults(found)
    loops = {line.ends for line in found.lines if line.curved}
    assert all(source == target for source, target in loops)
    assert crossed(found) == []


def crossed(found: Scene) -> list[str]:
    """The titles of wires that come near an arc."""
    arcs = [line for line in found.lines if line.curved]
    others = [line for line in found.lines if not line.curved]
    return [
        line.title
        for arc in arcs
        for line in others
        if any(through(piece, near(step)) for piece in segments(line) for step in segments(arc))
    ]


def near(piece: Segment) -> Rectangle:
    """The room about a piece of an arc."""
    (x, y), (to_x, to_y) = piece
    return Rectangle((x + to_x) / 2, (y + to_y) / 2, abs(to_x - x) + 6, abs(to_y - y) + 6)


def test_a_textbook_draws_its_loops_as_arcs_with_their_signs() -> None:
    for name, count in (("elman", 1), ("luong", 2), ("tagger", 2)):
        checked = model(GOLDEN / f"{name}.yaml")
        found = scene(folded(checked.graph, checked.axes), Options(style="textbook"))
        arcs = [line for line in found.lines if line.curved]
        assert len(arcs) == count
        for arc in arcs:
            points = curve(arc.points)
            signs = [note for note in found.notes if note.boxed and any(touches(p, note.place) for p in points)]
            assert len(signs) == 1
            assert abs(points[len(points) // 2][0] - signs[0].place.x) < 1


def test_a_loop_in_which_something_stands_keeps_its_corners() -> None:
    box = Figure("h", "state", "box", Rectangle(100, 100, 60, 54), label("h"))
    sign = Note(Rectangle(40, 100, 30, 22), power(-1), 15, "delay", boxed=True)
    corners = ((80, 73), (80, 46), (40, 46), (40, 154), (80, 154), (80, 127))
    loop = Line("n", corners, "delay", ends=("h", "h"))
    alone = with_arcs(Scene(200, 200, "a", "b", (box,), (loop,), (sign,)))
    assert alone.lines[0].curved
    assert max(x for x, _ in curve(alone.lines[0].points)) <= 80
    assert min(x for x, _ in curve(alone.lines[0].points)) == pytest.approx(40, abs=0.5)
    assert min(y for _, y in curve(alone.lines[0].points)) == pytest.approx(46, abs=1)
    wire = Line("m", ((60, 10), (60, 60), (190, 60)), "now", ends=("a", "b"))
    word = Note(Rectangle(60, 60, 20, 10), label("W"), 12)
    small = Figure("x", "input", "circle", Rectangle(60, 140, 10, 10), label("x"))
    tight = [
        Scene(200, 200, "a", "b", (box,), (loop, wire), (sign,)),
        Scene(200, 200, "a", "b", (box,), (loop,), (sign, word)),
        Scene(200, 200, "a", "b", (box, small), (loop,), (sign,)),
        Scene(200, 200, "a", "b", (box,), (replace(loop, ends=("h", "g")),), (sign,)),
        Scene(200, 200, "a", "b", (box,), (loop,), ()),
    ]
    assert [with_arcs(one).lines == one.lines for one in tight] == [True] * len(tight)


def test_a_textbook_writes_no_formulas_in_its_boxes() -> None:
    checked = model(GOLDEN / "luong.yaml")
    plain, arched = (scene(folded(checked.graph, checked.axes), Options(style=look)) for look in ("colour", "textbook"))
    captions = {figure.identity: figure.caption for figure in arched.figures}
    assert captions["attentional"] == ""
    assert captions["decoder"] == "lstm"
    assert [figure.place for figure in plain.figures] == [figure.place for figure in arched.figures]
    name = "a_gate_of_a_very_long_name"
    text = f"{{spec: 1, inputs: {{{name}: {{features: 3}}}}, nodes: {{h: {name} - h(t-1) * h(t-2), m: -h}}, "
    checked = check(read_spec(text + "outputs: {y: m}}", registry()), registry())
    found = scene(folded(checked.graph, checked.axes), Options(style="textbook"))
    assert [figure.caption for figure in found.figures] == [""] * 4, "a formula is one though it is clipped or negative"


@given(samples(broken=False))
@some(20)
def test_arcs_of_random_models_lie_on_nothing(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    found = scene(folded(checked.graph, checked.axes), Options(style="textbook"))
    assert not faults(found)
    assert crossed(found) == []


def test_a_textbook_is_the_golden_one() -> None:
    checked = model(GOLDEN / "elman.yaml")
    path = GOLDEN / "elman.textbook.svg"
    drawn = draw(checked.graph, checked.axes, Options(3, both=True, style="textbook"), "svg")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"
