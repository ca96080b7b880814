"""The ways of the wires in the unfolded picture: curves in the gaps between boxes, as Graphviz's splines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from leporello.graphs.drawing.columns import GUTTER, ROW, Place
from leporello.graphs.drawing.view import Edge, Style

Point = tuple[float, float]
_ARROW = 0.1
_LANES: Mapping[Style, float] = {"now": 0, "delay": 0.07, "backward": -0.07, "all": 0.13, "ends": 0.04}


@dataclass(frozen=True)
class Router:
    """Knows every place, so that a wire goes round what stands between its ends."""

    places: Mapping[str, Place]

    @cached_property
    def columns(self) -> Mapping[int, list[Place]]:
        """The places by column."""
        found: dict[int, list[Place]] = {}
        for place in self.places.values():
            found.setdefault(place.column, []).append(place)
        return found

    def route(self, edge: Edge) -> str:
        """The spline of a wire, with room for its arrowhead, in Graphviz's notation and points."""
        source, target = self.places[edge.source], self.places[edge.target]
        if source.column == target.column:
            points = self._upright(source, target)
        elif abs(source.column - target.column) == 1:
            points = _across(source, target, 0.1 if edge.style == "backward" else 0)
        else:
            points = _along(source, target, _LANES.get(edge.style, 0))
        return _points(points) if edge.style == "predicts" else spline(points)

    def _upright(self, source: Place, target: Place) -> list[Point]:
        """Straight up, or round the boxes in between on their right."""
        between = [place for place in self.columns[source.column] if _between(place, source, target)]
        if not between:
            up = 1 if target.y > source.y else -1
            start, end = (source.x, source.y + up * source.height / 2), (target.x, target.y - up * target.height / 2)
            return straight(start, end)
        start, end = (source.x + source.width / 2, source.y), (target.x + target.width / 2, target.y)
        side = max(place.x + place.width / 2 for place in between)
        reach = max(start[0], end[0]) + 0.1 + max(0.0, side - min(start[0], end[0])) * 4 / 3 + 0.1
        return [start, (reach, start[1]), (reach, end[1]), end]


def _between(place: Place, source: Place, target: Place) -> bool:
    low, high = sorted((source.y, target.y))
    left, right = sorted((source.x, target.x))
    inside = left - place.width < place.x < right + place.width
    return low < place.y < high and inside


def straight(start: Point, end: Point) -> list[Point]:
    """A straight wire as a curve."""
    third = ((end[0] - start[0]) / 3, (end[1] - start[1]) / 3)
    return [start, (start[0] + third[0], start[1] + third[1]), (end[0] - third[0], end[1] - third[1]), end]


def _sides(source: Place, target: Place) -> tuple[int, Point, Point]:
    """The direction (1 is rightwards) and the points where a wire leaves and enters."""
    way = 1 if target.column > source.column else -1
    return way, (source.x + way * source.width / 2, source.y), (target.x - way * target.width / 2, target.y)


def _across(source: Place, target: Place, shift: float) -> list[Point]:
    """From one side to the facing side of the next column."""
    way, (x, y), (end_x, end_y) = _sides(source, target)
    bend = abs(end_x - x) / 2
    return [(x, y + shift), (x + way * bend, y + shift), (end_x - way * bend, end_y + shift), (end_x, end_y + shift)]


def _along(source: Place, target: Place, shift: float) -> list[Point]:
    """Past several columns: through the first gutter, between two rows, and through the last gutter."""
    way, start, end = _sides(source, target)
    lane = target.y + (ROW / 2 if source.y > target.y else -ROW / 2) + shift
    near = source.edge(way) + way * GUTTER * 0.75
    far = target.edge(-way) - way * GUTTER * 0.75
    bend = GUTTER * 0.4
    first = [start, (start[0] + way * bend, start[1]), (near - way * bend, lane), (near, lane)]
    last = [(far + way * bend, lane), (end[0] - way * bend, end[1]), end]
    middle = straight((near, lane), (far, lane))[1:]
    return [*first, *middle, *last]


def spline(points: list[Point]) -> str:
    """Curves end to end in Graphviz's notation: the arrow's tip, then the curves up to its foot."""
    (x, y), (from_x, from_y) = points[-1], points[-2]
    length = math.hypot(x - from_x, y - from_y) or 1.0
    base = (x - (x - from_x) / length * _ARROW, y - (y - from_y) / length * _ARROW)
    return f"e,{_points([points[-1]])} {_points([*points[:-1], base])}"


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{72 * x:.1f},{72 * y:.1f}" for x, y in points)
