"""From the corners of wires to strokes: rounded bends, gaps where wires cross, dots where one branches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from leporello.graphs.drawing.scene.scene import Line, Point
from leporello.graphs.frozen import frozen

RADIUS, GAP = 8.0, 5.0
Piece = tuple[Point, Point]


@frozen
class Stroke:
    """One unbroken run of a line; `last` where it ends at the reader."""

    path: str
    last: bool


def strokes(line: Line, crossed: Sequence[Point]) -> list[Stroke]:
    """The strokes of a line, broken at the points `crossed`, which lie on its level pieces."""
    runs: list[list[Point]] = [[line.points[0]]]
    for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
        if y == to_y and x != to_x:
            way = 1 if to_x > x else -1
            low, high = min(x, to_x), max(x, to_x)
            cuts = sorted({px for px, py in crossed if py == y and low + 1 < px < high - 1}, key=lambda px: px * way)
            for cut in cuts:
                runs[-1].append((cut - way * GAP, y))
                runs.append([(cut + way * GAP, y)])
        runs[-1].append((to_x, to_y))
    drawn = [_merged(run) for run in runs]
    return [Stroke(rounded(run), index == len(drawn) - 1) for index, run in enumerate(drawn) if len(run) > 1]


def _merged(run: list[Point]) -> list[Point]:
    """The run without pieces that a gap has turned round or emptied."""
    kept = run[:1]
    for point in run[1:]:
        if point != kept[-1]:
            kept.append(point)
    return kept


def crossings(lines: Sequence[Line]) -> dict[int, list[Point]]:
    """For each line (by its number) where an upright piece of another net crosses one of its level pieces."""
    upright: list[tuple[float, float, float, str]] = []
    for line in lines:
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            if x == to_x:
                upright.append((x, min(y, to_y), max(y, to_y), line.net))
    upright.sort()
    xs = [piece[0] for piece in upright]
    found: dict[int, list[Point]] = {}
    for index, line in enumerate(lines):
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            if y != to_y:
                continue
            low, high = sorted((x, to_x))
            for at in range(bisect_left(xs, low + 0.5), bisect_left(xs, high - 0.5)):
                cross, top, foot, net = upright[at]
                if net != line.net and top + 0.5 < y < foot - 0.5:
                    found.setdefault(index, []).append((cross, y))
    return found


def branches(lines: Iterable[Line]) -> list[tuple[Point, Line]]:
    """Where a line begins on another of its net, that is where a value is copied."""
    by_net: dict[str, list[Line]] = {}
    for line in lines:
        by_net.setdefault(line.net, []).append(line)
    found: dict[Point, Line] = {}
    for together in by_net.values():
        pieces = _Pieces(together) if len(together) > 1 else None
        found |= {line.points[0]: line for line in together if pieces and pieces.holds(line.points[0])}
    return sorted(found.items())


class _Pieces:
    """The pieces of lines by the level or the upright on which they lie, so that a place is found without a search."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.corners = {point for line in lines for point in line.points[1:-1]}
        self.level: dict[float, list[tuple[float, float]]] = {}
        self.upright: dict[float, list[tuple[float, float]]] = {}
        for line in lines:
            for (x, y), (to_x, to_y) in pairwise(line.points):
                if y == to_y:
                    self.level.setdefault(y, []).append((min(x, to_x), max(x, to_x)))
                if x == to_x:
                    self.upright.setdefault(x, []).append((min(y, to_y), max(y, to_y)))

    def holds(self, point: Point) -> bool:
        """Whether a place lies on a line, its ends aside."""
        x, y = point
        across = any(low < x < high for low, high in self.level.get(y, ()))
        return across or any(low < y < high for low, high in self.upright.get(x, ())) or point in self.corners


def rounded(points: Sequence[Point]) -> str:
    """The data of an SVG path through `points` with rounded bends.

    >>> rounded([(0, 0), (20, 0), (20, 20)])
    'M0 0H12Q20 0 20 8V20'
    """
    text = f"M{number(points[0][0])} {number(points[0][1])}"
    here = points[0]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(RADIUS, span(before, corner) / 2, span(corner, after) / 2)
        start, end = toward(corner, before, radius), toward(corner, after, radius)
        text += _to(here, start) + f"Q{number(corner[0])} {number(corner[1])} {number(end[0])} {number(end[1])}"
        here = end
    return text + _to(here, points[-1])


def arc(points: Sequence[Point]) -> str:
    """The data of a smooth path: from the first point to the last, drawn towards the two between them.

    >>> arc([(0, 0), (0, 5), (9, 5), (9, 9)])
    'M0 0C0 5 9 5 9 9'
    """
    (start, *controls) = (f"{number(x)} {number(y)}" for x, y in points)
    return f"M{start}C{' '.join(controls)}"


def _to(here: Point, there: Point) -> str:
    if here[1] == there[1]:
        return f"H{number(there[0])}"
    if here[0] == there[0]:
        return f"V{number(there[1])}"
    return f"L{number(there[0])} {number(there[1])}"


def span(a: Point, b: Point) -> float:
    """How far it is along level and upright pieces."""
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def toward(start: Point, end: Point, length: float) -> Point:
    """The place so far from the start on the way, level or upright, to the end."""
    part = length / (span(start, end) or 1.0)
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def number(value: float) -> str:
    """A length with at most one decimal.

    >>> number(3.0), number(3.14)
    ('3', '3.1')
    """
    return f"{value:.1f}".removesuffix(".0")
