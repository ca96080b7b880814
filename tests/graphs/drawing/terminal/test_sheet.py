"""The folded picture in character cells: the other pictures' boxes and ways, each wire to be followed by eye."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.placement import Spot
from leporello.graphs.drawing.column.wired import net_of
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.scene.scene import Note
from leporello.graphs.drawing.terminal.folded_text import folded_text, listed_text
from leporello.graphs.drawing.terminal.sheet import MOST_BOXES, WIDEST, Sheet, sheet
from leporello.graphs.drawing.terminal.typed import first_cell
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.specs import read_file, read_spec
from tests.support.characters import ARROWS, BENDS, places, way
from tests.support.paths import EXAMPLES as FOLDER
from tests.support.strategies import Sample, samples, some

EXAMPLES = sorted(FOLDER.glob("*.yaml"))
BACK = {"u": "d", "d": "u", "l": "r", "r": "l"}


def view_of(checked: Checked, depth: int = 0) -> View:
    """The folded picture."""
    return folded(checked.graph, checked.axes, opened(checked.graph, (), depth))


def assert_followed(found: Sheet) -> None:
    """Every box is written, and every wire can be followed in the text from its box to the arrow at its reader."""
    lines = found.draw().render().split("\n")
    assert max(map(width, lines)) <= found.width <= WIDEST
    wide = any(width(line) != len(line) for line in lines)
    boxes, spots, shift = {box.path: box for box in found.view.boxes}, found.wired.column.spots, found.shift
    for path, spot in spots.items():
        label = plain(boxes[path].label, 20)
        assert label in lines[spot.y], path
    if wide:
        return
    said = {place for notes in found.wired.notes.values() for note in notes for place in _places_of(note)}
    trunks: dict[str, set[tuple[int, int]]] = {}
    uprights = _uprights(found)
    for edge, path in found.wired.paths.items():
        cells, net = places(path), net_of(edge)
        _assert_ends(edge, cells, spots, trunks.setdefault(net, set()))
        for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
            glyph = lines[here[1]][here[0] + shift]
            come, go = way(here, before), way(here, after)
            crossed = {come, go} == {"l", "r"} and here in uprights - trunks[net]
            assert here in said or {come, go} <= set(BENDS[glyph]) or (crossed and glyph in "│╎"), (edge, here)
        if edge.style != "predicts":
            assert ARROWS[lines[cells[-1][1]][cells[-1][0] + shift]] == way(cells[-2], cells[-1])
        trunks[net] |= set(cells)


def _places_of(note: Note) -> list[tuple[int, int]]:
    left, top = first_cell(note)
    return [(left + x, top) for x in range(width(note.label.text))]


def _uprights(found: Sheet) -> set[tuple[int, int]]:
    """Where wires run up and down."""
    ways = map(places, found.wired.paths.values())
    return {place for cells in ways for a, b in pairwise(cells) if a[0] == b[0] for place in (a, b)}


def _assert_ends(
    edge: Edge, cells: list[tuple[int, int]], spots: Mapping[str, Spot], trunk: set[tuple[int, int]]
) -> None:
    """A wire begins at its box or on one of its net, and ends at its reader; it runs through no box."""
    source, target = spots[edge.source], spots[edge.target]
    assert _on(source, cells[0]) or cells[0] in trunk
    assert _on(target, cells[-1])
    for place in cells[1:-1]:
        assert not any(s.left <= place[0] <= s.right and s.top <= place[1] <= s.bottom for s in spots.values())


def _on(spot: Spot, place: tuple[int, int]) -> bool:
    level = spot.left <= place[0] <= spot.right and place[1] in (spot.top, spot.bottom)
    return level or (place[0] in (spot.left, spot.right) and spot.top <= place[1] <= spot.bottom)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("depth", [0, 1])
def test_wires_of_the_examples_can_be_followed(path: Path, depth: int) -> None:
    view = view_of(check(read_file(path, registry()), registry()), depth)
    found = sheet(view)
    assert found or path.stem in ("lstm_from_equations", "attention", "tagger", "own_cell", "char_lm", "luong")
    assert found or depth or path.stem == "lstm_from_equations"
    if found:
        assert_followed(found)


@given(samples(broken=False))
@some(40)
def test_wires_of_random_models_can_be_followed(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    found = sheet(view_of(checked))
    if found:
        assert_followed(found)


def test_a_model_that_is_too_wide_or_too_large_is_listed() -> None:
    wide = View("wide", tuple(Box(f"b{i}", "function", f"name {i}" * 2, "time") for i in range(9)), (), ("time",))
    assert sheet(wide) is None
    assert listed_text(wide) in folded_text(wide)
    boxes = tuple(Box(f"b{i}", "function", "b", "time") for i in range(MOST_BOXES + 1))
    assert sheet(View("high", boxes, (), ("time",))) is None
    assert sheet(View("empty", (), (), ())) is None


def test_plain_ascii_and_wide_characters() -> None:
    boxes = (Box("a", "input", "漢字"), Box("b", "state", "h")), (Edge("a", "b"),)
    text = folded_text(View("v", *boxes, ()), ascii_only=True)
    assert text.isascii()
    assert "漢字" in folded_text(View("v", *boxes, ()))
