"""The folded picture in character cells: the other pictures' boxes and ways, each wire to be followed by eye."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.scene.scene import Line, Note, Scene
from leporello.graphs.drawing.terminal.folded_text import folded_text, listed_text
from leporello.graphs.drawing.terminal.folded_typed import folded_typed
from leporello.graphs.drawing.terminal.typed import first_cell, place_in_cells, typed
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.characters import ARROWS, BENDS, places, way
from tests.support.paths import EXAMPLES as FOLDER
from tests.support.strategies import Sample, samples, some

EXAMPLES = sorted(FOLDER.glob("*.yaml"))
Cells = list[tuple[int, int]]


def view_of(checked: Checked, depth: int = 0) -> View:
    """The folded picture."""
    return folded(checked.graph, checked.axes, opened(checked.graph, (), depth))


def assert_followed(view: View, scene: Scene) -> None:
    """Every box is written, and every wire can be followed in the text from its box to the arrow at its reader."""
    lines = typed(scene).render().split("\n")
    labels = {box.path: plain(box.label, 20) for box in view.boxes}
    spots = {figure.identity: place_in_cells(figure.place) for figure in scene.figures}
    nameless = {box.path for box in view.boxes if box.nameless}
    for figure in scene.figures:
        _, top, _, high = spots[figure.identity]
        label = figure.caption.split("\n")[0] if figure.identity in nameless else labels.get(figure.identity)
        assert (label or figure.label.text) in "\n".join(lines[top : top + high]), figure.identity
    if any(width(line) != len(line) for line in lines):
        return
    said = {place for note in scene.notes for place in _places_of(note)}
    trunks: dict[str, set[tuple[int, int]]] = {}
    uprights = {p for w in map(_cells, scene.lines) for a, b in pairwise(w) if a[0] == b[0] for p in (a, b)}
    for line in scene.lines:
        cells, trunk = _cells(line), trunks.setdefault(line.net, set())
        _assert_ends(line, cells, spots, trunk)
        for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
            glyph = lines[here[1]][here[0]]
            come, go = way(here, before), way(here, after)
            crossed = {come, go} == {"l", "r"} and here in uprights - trunk
            assert here in said or {come, go} <= set(BENDS[glyph]) or (crossed and glyph in "│╎"), (line.ends, here)
        if line.style != "predicts":
            assert ARROWS[lines[cells[-1][1]][cells[-1][0]]] == way(cells[-2], cells[-1])
        trunk |= set(cells)


def _cells(line: Line) -> Cells:
    return places([(round(x / GRID), round(y / GRID)) for x, y in line.points])


def _places_of(note: Note) -> Cells:
    left, top = first_cell(note)
    return [(left + x, top) for x in range(width(note.label.text))]


def _assert_ends(
    line: Line, cells: Cells, spots: dict[str, tuple[int, int, int, int]], trunk: set[tuple[int, int]]
) -> None:
    """A wire begins at its box or on one of its net, and ends at its reader; it runs through no box."""
    source, target = (spots[end] for end in line.ends)
    assert _on(source, cells[0]) or cells[0] in trunk
    assert _on(target, cells[-1])
    assert not any(_in(spot, place) for place in cells[1:-1] for spot in spots.values())


def _in(spot: tuple[int, int, int, int], place: tuple[int, int]) -> bool:
    left, top, columns, lines = spot
    return left <= place[0] < left + columns and top <= place[1] < top + lines


def _on(spot: tuple[int, int, int, int], place: tuple[int, int]) -> bool:
    left, top, columns, lines = spot
    inner = (left + 1, top + 1, columns - 2, lines - 2)
    return _in(spot, place) and not _in(inner, place)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("depth", [0, 1])
def test_wires_of_the_examples_can_be_followed(path: Path, depth: int) -> None:
    view = view_of(check(read_file(path, registry()), registry()), depth)
    scene = folded_typed(view)
    assert scene.lost == 0
    assert_followed(view, scene)


@given(samples(broken=False))
@some(25)
def test_wires_of_random_models_can_be_followed(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    view = view_of(checked)
    assert_followed(view, folded_typed(view))


def test_a_model_that_is_too_wide_for_a_text_is_listed() -> None:
    wide = View("wide", tuple(Box(f"b{i}", "function", f"name {i}" * 2, "time") for i in range(9)), (), ("time",))
    assert listed_text(wide) in folded_text(wide)
    assert len(folded_typed(wide).figures) == 9
    empty = folded_typed(View("empty", (), (), ()))
    assert (empty.figures, empty.lines) == ((), ())


def test_plain_ascii_and_wide_characters() -> None:
    boxes = (Box("a", "input", "漢字"), Box("b", "state", "h")), (Edge("a", "b"),)
    text = folded_text(View("v", *boxes, ()), ascii_only=True)
    assert text.isascii()
    assert "漢字" in folded_text(View("v", *boxes, ()))
