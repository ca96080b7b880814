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
    def rows(self) -> Mapping[int, Mapping[float, list[Place]]]:
        """The places by column and height."""
        found: dict[int, dict[float, list[Place]]] = {}
        for place in self.places.values():
            found.setdefault(place.column, {}).setdefault(place.y, []).append(place)
        return found

    def route(self, edge: Edge) -> str:
        """The spline of a wire, with room for its arrowhead, in Graphviz's notation and points."""
        source, target = self.places[edge.source], self.places[edge.target]
        if source.column == target.column:
            points = self._upright(source, target)
        else:
            way = 1 if target.column > source.column else -1
            open_ends = self._outermost(source, way) and self._outermost(target, -way)
            if abs(source.column - target.column) == 1 and open_ends:
                points = _across(source, target, way, 0.1 if edge.style == "backward" else 0)
            else:
                points = self._along(source, target, way, _LANES.get(edge.style, 0))
        return _points(points) if edge.style == "predicts" else spline(points)

    def _outermost(self, place: Place, way: int) -> bool:
        """Whether nothing stands beside a place on the right (1) or on the left (-1) in its column."""
        return not any((other.x - place.x) * way > 0 for other in self.rows[place.column][place.y])

    def _upright(self, source: Place, target: Place) -> list[Point]:
        """Straight up, or round the boxes in between."""
        low, high = sorted((source.y, target.y))
        crossed = (places for y, places in self.rows[source.column].items() if low < y < high)
        between = [place for places in crossed for place in places if _between(place, source, target)]
        up = 1 if target.y > source.y else -1
        start, end = (source.x, source.y + up * source.height / 2), (target.x, target.y - up * target.height / 2)
        if not between:
            return straight(start, end)
        if abs(source.x - target.x) > target.width / 2 and all(abs(p.x - source.x) > p.width / 2 for p in between):
            side = target.x + math.copysign(target.width / 2, source.x - target.x)
            return [start, (source.x, target.y - up * 0.1), ((source.x + side) / 2, target.y), (side, target.y)]
        beside, end = (source.x + source.width / 2, source.y), (target.x + target.width / 2, target.y)
        widest = max(place.x + place.width / 2 for place in between)
        reach = max(beside[0], end[0]) + 0.2 + max(0.0, widest - min(beside[0], end[0])) * 4 / 3
        return [beside, (reach, beside[1]), (reach, end[1]), end]

    def _along(self, source: Place, target: Place, way: int, shift: float) -> list[Point]:
        """Between two rows, past columns and past boxes beside the ends."""
        lane = target.y + (ROW / 2 if source.y > target.y else -ROW / 2) + shift
        near = source.edge(way) + way * GUTTER * 0.75
        far = target.edge(-way) - way * GUTTER * 0.75
        if abs(source.column - target.column) == 1:
            far = near
        first = self._leave(source, way, near, lane)
        last = self._enter(target, way, far, lane)
        return [*first, *straight((near, lane), (far, lane))[1:], *last[1:]] if near != far else [*first, *last[1:]]

    def _leave(self, source: Place, way: int, near: float, lane: float) -> list[Point]:
        """From a box to its lane: out of its side, or out of its top or foot where something stands beside it."""
        bend = way * GUTTER * 0.4
        if self._outermost(source, way):
            out = _clear(source, way)
            return [*out, (out[-1][0] + bend, source.y), (near - bend, lane), (near, lane)]
        up = 1 if lane > source.y else -1
        start, over = (source.x, source.y + up * source.height / 2), source.y + up * ROW / 2
        first = [start, (source.x, over), (source.x, over), (source.x + way * 0.2, over)]
        beside = (source.edge(way) + way * 0.1, over)
        first += straight(first[-1], beside)[1:]
        return [*first, (beside[0] + bend, over), (near - bend, lane), (near, lane)]

    def _enter(self, target: Place, way: int, far: float, lane: float) -> list[Point]:
        """From a lane to its box: into its side, or into its top or foot where something stands beside it."""
        bend = way * GUTTER * 0.4
        if self._outermost(target, -way):
            into = _clear(target, -way)[::-1]
            return [(far, lane), (far + bend, lane), (into[0][0] - bend, target.y), *into]
        up = 1 if lane > target.y else -1
        end, before = (target.x, target.y + up * target.height / 2), (target.x - way * 0.2, lane)
        return [*straight((far, lane), before), (target.x - way * 0.05, lane), (target.x, lane), end]


def _between(place: Place, source: Place, target: Place) -> bool:
    left, right = sorted((source.x, target.x))
    return left - place.width < place.x < right + place.width


def straight(start: Point, end: Point) -> list[Point]:
    """A straight wire as a curve."""
    third = ((end[0] - start[0]) / 3, (end[1] - start[1]) / 3)
    return [start, (start[0] + third[0], start[1] + third[1]), (end[0] - third[0], end[1] - third[1]), end]


def _across(source: Place, target: Place, way: int, shift: float) -> list[Point]:
    """From one side to the facing side of the next column."""
    out, into = _clear(source, way, shift), _clear(target, -way, shift)[::-1]
    (x, y), (end_x, end_y) = out[-1], into[0]
    bend = way * abs(end_x - x) / 2
    return [*out, (x + bend, y), (end_x - bend, end_y), *into]


def _clear(place: Place, way: int, shift: float = 0) -> list[Point]:
    """From the side of a box straight to the edge of its column, where wires may bend without meeting a box."""
    side, edge = (place.x + way * place.width / 2, place.y + shift), (place.edge(way), place.y + shift)
    return straight(side, edge) if abs(edge[0] - side[0]) > 0.15 else [side]


def spline(points: list[Point]) -> str:
    """Curves end to end in Graphviz's notation: the arrow's tip, then the curves up to its foot."""
    (x, y), (from_x, from_y) = points[-1], points[-2]
    length = math.hypot(x - from_x, y - from_y) or 1.0
    base = (x - (x - from_x) / length * _ARROW, y - (y - from_y) / length * _ARROW)
    return f"e,{_points([points[-1]])} {_points([*points[:-1], base])}"


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{72 * x:.1f},{72 * y:.1f}" for x, y in points)
