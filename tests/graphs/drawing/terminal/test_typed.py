"""Time unfolded in characters: the scene of the other pictures, whose wires can be followed by eye."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.media import characters
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.scene.scene import Line, Point, Scene
from leporello.graphs.drawing.terminal.typed import first_cell, typed
from leporello.graphs.drawing.terminal.unfolded_text import MOST_BOXES, MOST_WIRES, unfolded_text
from leporello.graphs.drawing.unfolded.unfolded_scene import unfolded_scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.modes import solid
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.characters import ARROWS, BENDS, Cell, places, way
from tests.support.drawn.pictures import faults, uneven
from tests.support.paths import EXAMPLES as FOLDER
from tests.support.paths import LARGE
from tests.support.strategies import Sample, samples, some, thinned

EXAMPLES = sorted(FOLDER.glob("*.yaml"))


def view_of(checked: Checked, depth: int = 0) -> View:
    """The folded picture, nothing pale in it."""
    return solid(folded(checked.graph, checked.axes, opened(checked.graph, (), depth)))


def in_characters(view: View, steps: int) -> Scene:
    """The view over so many steps of every axis."""
    return unfolded_scene(view, dict.fromkeys(view.axes, steps), {}, medium=characters(False))


def wrong(made: Scene) -> list[str]:
    """What is wrong with a scene in characters: a letter takes a unit there."""
    wide = [f.identity for f in made.figures if width(f.label.text) > f.place.width / GRID - 1]
    return [fault for fault in faults(made) if "too wide" not in fault] + [f"{name} is too wide" for name in wide]


def assert_drawn(view: View, steps: int) -> None:
    """The scene holds what every scene must, on whole units, and its text shows each of its boxes and wires."""
    made = in_characters(view, steps)
    assert not wrong(made)
    assert made.lost == 0 or "too large" in unfolded_text(view, dict.fromkeys(view.axes, steps))
    assert not list(uneven(made, {box.path: box.axis for box in view.boxes}))
    lines = typed(made).render().split("\n")
    for figure in made.figures:
        assert figure.label.text in lines[round(figure.place.y / GRID)], figure.identity
    if any(width(line) != len(line) for line in lines):
        return  # wide letters: places in the text are not places on the screen
    said = {(x + i, y) for note in made.notes for x, y in [first_cell(note)] for i in range(len(note.label.text))}
    framed = {(x, y) for figure in made.figures for x, y in _frame(figure.place)}
    framed |= {(x, y) for bar in made.bars for x, y in _frame(bar.place)}
    for line in made.lines:
        _assert_followed(line, lines, said | framed, _uprights(made, line.net))


def _frame(place: object) -> list[Cell]:
    left, top = (
        round((getattr(place, a) - getattr(place, b) / 2) / GRID) for a, b in (("x", "width"), ("y", "height"))
    )
    wide, high = (round(getattr(place, b) / GRID) for b in ("width", "height"))
    return [(left + x, top + y) for x in range(wide + 1) for y in range(high + 1)]


def _uprights(made: Scene, net: str) -> set[Cell]:
    """Where other wires stand upright: they are seen where wires cross."""
    return {
        cell
        for line in made.lines
        if line.net != net
        for a, b in pairwise(_cells(line))
        for cell in (a, b)
        if a[0] == b[0]
    }


def _assert_followed(line: Line, lines: list[str], hidden: set[Cell], uprights: set[Cell]) -> None:
    cells = _cells(line)
    for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
        come, go = way(here, before), way(here, after)
        glyph = lines[here[1]][here[0]]
        crossed = {come, go} == {"l", "r"} and here in uprights
        assert here in hidden or crossed or {come, go} <= set(BENDS.get(glyph, "")), (line.title, here, glyph)
    if line.arrow and line.style != "predicts":
        assert ARROWS[lines[cells[-1][1]][cells[-1][0]]] == way(cells[-2], cells[-1])


def _cells(line: Line) -> list[Cell]:
    """All cells of a wire; its places are whole units."""
    return places([_unit(point) for point in line.points])


def _unit(point: Point) -> Cell:
    x, y = point[0] / GRID, point[1] / GRID
    assert abs(x - round(x)) < 1e-6
    assert abs(y - round(y)) < 1e-6
    return round(x), round(y)


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("path", "depth", "steps"),
    thinned(
        [
            pytest.param(path, depth, steps, id=f"{path.stem}-{depth}-{steps}")
            for path in EXAMPLES
            for depth, steps in ((0, 1), (0, 3), (0, 14), (1, 3), (2, 2))
            if depth < 2 or path.stem not in LARGE
        ]
    ),
)
def test_every_example_can_be_followed(path: Path, depth: int, steps: int) -> None:
    checked = check(read_file(path, registry()), registry())
    assert_drawn(view_of(checked, depth), steps)


@given(samples(broken=False), st.integers(1, 14))
@some(12)
def test_random_graphs_can_be_followed(sample: Sample, steps: int) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems and checked is not None)
    assert checked is not None
    view = view_of(checked)
    assume(len(view.boxes) <= 40)
    assert_drawn(view, steps)


def test_memory_is_a_bar_and_its_lane_leads_to_the_first_value() -> None:
    checked = check(read_file(EXAMPLES[0].parent / "attention.yaml", registry()), registry())
    drawn = unfolded_text(view_of(checked), {"source": 3, "target": 2})
    assert "all steps of h" in drawn
    assert "▶s₀" in drawn
    assert "┌╌┐ all steps" in drawn
    assert " s₀: encoder\n" in drawn


def test_values_of_one_label_are_told_apart_at_the_end() -> None:
    checked = check(read_file(EXAMPLES[0].parent / "luong.yaml", registry()), registry())
    drawn = unfolded_text(view_of(checked, 2), {"source": 2, "target": 2})
    assert " decoder/1/forward/c₀: encoder/1/forward/c(last)\n decoder/1/forward/h₀: " in drawn


@pytest.mark.parametrize("many", [MOST_BOXES, MOST_BOXES + 1])
def test_what_is_too_large_is_listed(many: int) -> None:
    boxes = tuple(Box(f"n{i}", "layer", f"n{i}", "time") for i in range(many))
    edges = tuple(Edge(f"n{i}", f"n{i + 1}") for i in range(many - 1))
    drawn = unfolded_text(View("long", boxes, edges, ("time",)), {"time": 2})
    assert ("too large for characters, folded" in drawn) == (many > MOST_BOXES)
    assert ("n3₂" in drawn) == (many <= MOST_BOXES)
    assert "n3" in drawn
    assert len(edges) <= MOST_WIRES


def test_a_picture_that_lacks_a_wire_is_listed() -> None:
    numbers = random.Random(4)
    boxes = tuple(Box(f"n{i}", "layer", f"n{i}", "time") for i in range(40))
    edges = {Edge(f"n{a}", f"n{b}") for a, b in (sorted(numbers.sample(range(40), 2)) for _ in range(100))}
    view = View("tangled", boxes, tuple(sorted(edges, key=str)), ("time",))
    lost = in_characters(view, 2).lost
    assert ("too large" in unfolded_text(view, {"time": 2})) == (lost > 0)


@pytest.mark.parametrize("label", ["漢字", "h̃", "ßü", "a" * 40])
def test_any_label_fits_its_box(label: str) -> None:
    boxes = (Box("x", "input", label, "time"), Box("h", "state", label, "time"))
    view = View("v", boxes, (Edge("x", "h"), Edge("h", "h", style="delay")), ("time",))
    assert not wrong(in_characters(view, 3))
    lines = [line.rstrip() for line in unfolded_text(view, {"time": 1}).split("\n")]
    frame = next(index for index, line in enumerate(lines) if line.endswith("┓"))
    assert lines[frame + 1].endswith("┃")
    assert width(lines[frame]) == width(lines[frame + 1]) == width(lines[frame + 2])
    assert unfolded_text(view, {"time": 3}, True).isascii()
