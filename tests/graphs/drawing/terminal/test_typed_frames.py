"""Frames in characters: around their composites alone, on no wire and no word."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.terminal.folded_typed import folded_typed
from leporello.graphs.drawing.terminal.typed_frames import Cells
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.specs import read_spec
from tests.support.strategies import Sample, samples, some

INNER = """spec: 1
name: nested
inputs: {x: {features: 3}}
blocks:
  keep:
    inputs: [s]
    nodes: {m: m(t-1) + s}
    outputs: [m]
  outer:
    inputs: [x]
    nodes:
      W: {block: linear, input: [x, h(t-1)], units: 4}
      h: tanh(W)
      k: {block: keep, s: h}
    outputs: [k]
nodes:
  c: {block: outer, x: x}
outputs: {y: c}
"""
PICTURE = """                ╭───╮
                ( y )
                ╰─▲─╯
╭ c ──────────────│───────────────╮
│ ╭ c/1/forward/k │─────────────╮ │
│ │     ╭──╮      │             │ │
│ │     │ ┏┷━━━━━━┷━━━━━━━┓     │ │
│ │     │ ┃ m  m(t-1) + h ┃     │ │
│ │     │ ┗▲━━━━━━▲━━━━━━━┛     │ │
│ │   (t-1)│      │             │ │
│ │     ╰──╯      │             │ │
│ ╰───────────────│─────────────╯ │
│          ┏━━━━━━┷━━━━━━┓        │
"""


def scene_of(checked: Checked, depth: int) -> Scene:
    """The folded picture in characters, so far open."""
    return folded_typed(folded(checked.graph, checked.axes, opened(checked.graph, (), depth)))


def test_a_composite_within_another_has_its_frame_within_its() -> None:
    checked = check(read_spec(INNER, registry()), registry())
    text = draw(checked.graph, checked.axes, Options(grouping=opened(checked.graph, (), 2)))
    assert PICTURE in text
    assert " c/1/forward/k/1/forward:\n m_t = m_{t-1} + h_t\n" in text
    ascii_text = draw(checked.graph, checked.axes, Options(grouping=opened(checked.graph, (), 2)), "txt", True)
    assert ascii_text.isascii()
    assert "+ c ---" in ascii_text


def test_what_is_closed_has_none() -> None:
    checked = check(read_spec(INNER, registry()), registry())
    assert not scene_of(checked, 0).panels


@given(samples(broken=False))
@some(25)
def test_frames_of_random_models_lie_on_nothing(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    scene = scene_of(checked, 2)
    boxes = [
        _cells(figure.place.x, figure.place.y, figure.place.width, figure.place.height) for figure in scene.figures
    ]
    for panel in scene.panels:
        place = panel.place
        frame = _cells(place.x, place.y, place.width, place.height)
        left, top, right, bottom = frame
        sides = [Cells(left, top, right, top), Cells(left, bottom, right, bottom)]
        sides += [Cells(left, top, left, bottom), Cells(right, top, right, bottom)]
        assert not [box for box in boxes if any(side.meets(box) for side in sides)]
        assert not [box for box in boxes if box.meets(frame) and not frame.holds(box)]
        for line in scene.lines:
            for (x, y), (to_x, to_y) in pairwise((round(px / GRID), round(py / GRID)) for px, py in line.points):
                piece = Cells(min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y))
                along = sides[2:] if x == to_x else sides[:2]
                assert not any(piece.meets(side) for side in along), line.ends


def _cells(x: float, y: float, wide: float, high: float) -> Cells:
    left, top = round((x - wide / 2) / GRID), round((y - high / 2) / GRID)
    return Cells(left, top, round((x + wide / 2) / GRID), round((y + high / 2) / GRID))
