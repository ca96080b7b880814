"""Every wire of a large folded picture is drawn, or is a reference that is wired to its reader, and says what it is."""

from __future__ import annotations

import random

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.references import MARK
from leporello.graphs.drawing.views.view import Box, Edge, View, style_of
from leporello.graphs.nodes import Time
from leporello.graphs.specs import read_spec


def large(seed: int, boxes: int, wires: int, span: int) -> View:
    """A view of many boxes, most wires of which go not farther than `span` boxes."""
    choose = random.Random(seed)
    names = [f"n{index}" for index in range(boxes)]
    edges: dict[Edge, None] = {}
    for _ in range(wires):
        source, far = choose.randrange(boxes), choose.randint(-span, span)
        target = choose.randrange(boxes) if choose.random() < 0.2 else min(boxes - 1, max(0, source + far))
        offset = choose.choice([0, 0, 0, -1, -1, 1, -2])
        if not offset and source == target:
            continue
        low, high = (source, target) if offset else sorted((source, target))
        first = choose.random() < 0.1 and low != high
        time = Time("last") if first else Time(offset=offset)
        edges[Edge(names[low], names[high], time, "initial" if first else style_of(time))] = None
    return View("large", tuple(Box(name, "function", name, "time") for name in names), tuple(edges), ("time",))


def missing(view: View, found: Scene) -> list[Edge]:
    """The wires that are neither drawn nor referred to; an initial value has to look like one."""
    drawn = {(line.ends, line.style, line.title.partition(" to ")[0]) for line in found.lines}
    referred = {
        (ends[0].partition("/")[2], ends[1], style == "initial") for ends, style, _ in drawn if ends[0].startswith(MARK)
    }
    return [
        edge
        for edge in view.edges
        if ((edge.source, edge.target), edge.style, f"{edge.source}{edge.time}") not in drawn
        and (f"{edge.source}{edge.time}", edge.target, edge.style == "initial") not in referred
    ]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize(("boxes", "wires", "span"), [(310, 330, 4), (310, 700, 30), (120, 300, 20), (120, 500, 120)])
def test_no_wire_of_a_large_picture_is_lost(boxes: int, wires: int, span: int, first: bool) -> None:
    view = large(1, boxes, wires, span)
    assert not missing(view, scene(view, Options(), first=first))


def test_a_lost_wire_is_found() -> None:
    view = large(1, 20, 30, 4)
    found = scene(view, Options())
    assert not missing(view, found)
    more = Edge("n0", "n19", Time(offset=-2), "delay")
    assert missing(View("large", view.boxes, (*view.edges, more), view.axes), found) == [more]


FAR = """
spec: 1
name: far
inputs:
  x: {{features: 8}}
nodes:
  b: {{block: linear, input: x(first), units: 8}}
  n0: tanh(x)
{chain}
  s: {{block: tanh, input: n59 + s(t-1), initial: b}}
outputs:
  y: s
"""


@pytest.mark.parametrize("steps", [None, 3])
def test_a_reference_to_an_initial_value_is_one(steps: int | None) -> None:
    chain = "\n".join(f"  n{index}: tanh(n{index - 1})" for index in range(1, 60))
    checked = check(read_spec(FAR.format(chain=chain), registry()), registry())
    found = scene(folded(checked.graph, checked.axes), Options(steps))
    (reference,) = [figure.identity for figure in found.figures if figure.identity.startswith(MARK)]
    wires = [line for line in found.lines if reference in line.ends]
    assert wires
    assert {line.style for line in wires} == {"initial"}
