"""Boxes between two time axes that stand beside the bar there: they do not part an attention from its memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.unfolded.buses import Bus
from leporello.graphs.drawing.unfolded.strips import Strip
from leporello.graphs.drawing.views.view import Edge

_WIDEST = 700.0
"""What is wider parts the axes: beside the bar it would push both of them too far to the right."""


def asides(strips: Sequence[Strip], edges: Sequence[Edge], part_of: Mapping[str, int]) -> frozenset[int]:
    """The strips without an axis that all steps of the strip below pass on their way to the one above."""
    passed = {part_of[e.source] + 1 for e in edges if e.style == "all" and part_of[e.target] == part_of[e.source] + 2}
    return frozenset(i for i in passed if strips[i].part.axis is None and strips[i].width <= _WIDEST)


def lefts(strips: Sequence[Strip], found: Sequence[Bus], aside: frozenset[int], medium: Medium) -> dict[int, float]:
    """Where each of these strips begins, from where the columns do: there, or so far to the left that it has room."""
    places = {}
    for bus in found:
        index = bus.home + 1
        if bus.gathers and bus.above is not None and index in aside:
            places[index] = min(
                0.0, _low(strips, bus, strips[bus.above]) - medium.end - medium.room - strips[index].width
            )
    return places


def _low(strips: Sequence[Strip], bus: Bus, reader: Strip) -> float:
    """The leftmost wire of a bar."""
    ways = [strips[bus.home].wired.out.get(bus.name, ())[-1:]]
    ways += [way[:1] for (name, _), way in reader.wired.into.items() if name == bus.name]
    return min((x * GRID for way in ways for x, _ in way), default=0.0)
