"""Where the boxes of one column stand, on a grid: rows from bottom to top, states in rows of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from leporello.graphs.drawing.views.steady import sorted_near
from leporello.graphs.drawing.views.view import Edge, Near
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY

GRID = 9
"""The pitch of the grid in pixels: the smallest distance between two wires."""

SPACE = 4
"""Between two boxes of a row, in grid units."""


MANY = 8
"""So many wires below a row have a track each, with a free one between two."""
TURNS = 2
"""So much more room than usual is between two loops that turn round between the same two rows."""


@frozen
class Spot:
    """A box on the grid: its middle, and its size (even numbers of units)."""

    x: int
    y: int
    width: int
    height: int

    @property
    def left(self) -> int:
        """The column of its left border."""
        return self.x - self.width // 2

    @property
    def right(self) -> int:
        """The column of its right border."""
        return self.x + self.width // 2

    @property
    def top(self) -> int:
        """The line of its upper border."""
        return self.y - self.height // 2

    @property
    def bottom(self) -> int:
        """The line of its lower border."""
        return self.y + self.height // 2


@frozen
class Column:
    """The boxes of one step; `width` is also the distance to the next step's column."""

    spots: Mapping[str, Spot]
    width: int
    height: int


def column(
    rows: Sequence[Sequence[str]],
    sizes: Mapping[str, tuple[int, int]],
    edges: Iterable[Edge],
    lean: Mapping[str, int],
    gaps: tuple[int, int, int],
    loops: Collection[str] = (),
    near: Near = EMPTY,
) -> Column:
    """One column: `rows` from the bottom, of boxes with `sizes` in grid units.

    `lean` moves states to the side from which their delays come, `gaps` are the units between rows, beside the
    boxes of the column, and above and below them. Boxes with `loops` that stand above each other keep apart; in a row
    those that stood `near` in the picture before keep their order.
    """
    row_gap, gutter, margin = gaps
    edges = list(edges)
    xs = _abscissas(rows, sizes, edges, lean, near)
    more = _crowds(rows, xs, edges)
    for index, (below, above) in enumerate(pairwise(rows), 1):
        more[index] += TURNS if any(p in loops for p in below) and any(p in loops for p in above) else 0
    left = min((xs[path] - sizes[path][0] // 2 for path in xs), default=0)
    right = max((xs[path] + sizes[path][0] // 2 for path in xs), default=0)
    spots, y = {}, margin
    for index in range(len(rows) - 1, -1, -1):
        row = rows[index]
        height = max(sizes[path][1] for path in row)
        for path in row:
            spots[path] = Spot(xs[path] - left + gutter, y + height // 2, *sizes[path])
        y += height + (row_gap + more[index] if index else 0)
    return Column(spots, right - left + 2 * gutter, y + margin)


def _crowds(rows: Sequence[Sequence[str]], xs: Mapping[str, int], edges: Sequence[Edge]) -> list[int]:
    """How much more room than usual the wires below each row need: as many tracks as run over each other there.

    Many wires from one box to the same side of it share a track.
    """
    rank = {path: index for index, row in enumerate(rows) for path in row}
    spans: list[dict[tuple[str, bool], list[tuple[int, int]]]] = [{} for _ in rows]
    for edge in edges:
        if edge.source in rank and edge.target in rank and xs[edge.source] != xs[edge.target]:
            low, high = sorted((xs[edge.source], xs[edge.target]))
            side = edge.source, xs[edge.target] < xs[edge.source]
            spans[max(rank[edge.target], rank[edge.source])].setdefault(side, []).append((low, high))
    found = []
    for sides in spans:
        wires = _most([span for together in sides.values() for span in together])
        shared = _most([(min(lows), max(highs)) for lows, highs in (zip(*one, strict=True) for one in sides.values())])
        found.append(max(0, 2 * ((wires - 2) // 2) if wires < MANY else 2 * (shared - 2)))
    return found


def _most(spans: Iterable[tuple[int, int]]) -> int:
    """How many of the spans lie over each other at most."""
    most = there = 0
    for _, change in sorted(mark for low, high in spans for mark in ((low, 1), (high, -1))):
        there += change
        most = max(most, there)
    return most


def _abscissas(
    rows: Sequence[Sequence[str]],
    sizes: Mapping[str, tuple[int, int]],
    edges: Iterable[Edge],
    lean: Mapping[str, int],
    near: Near,
) -> dict[str, int]:
    """The middle of every box: near the middle of what it reads and of what reads it."""
    beside: dict[str, list[str]] = {path: [] for row in rows for path in row}
    for edge in edges:
        if edge.source in beside and edge.target in beside and edge.source != edge.target:
            beside[edge.source].append(edge.target)
            beside[edge.target].append(edge.source)
    xs: dict[str, int] = {}
    for row in rows:
        wide = sum(sizes[path][0] + SPACE for path in row) - SPACE
        x = -wide // 2
        for path in row:
            xs[path] = x + sizes[path][0] // 2
            x += sizes[path][0] + SPACE
    rank = {path: index for index, row in enumerate(rows) for path in row}
    for sweep in range(4):
        upward = sweep % 2 == 0
        for row in rows if upward else reversed(rows):
            wanted = {}
            for path in row:
                pulled = [xs[o] - lean.get(o, 0) for o in beside[path] if (rank[o] < rank[path]) == upward]
                pulled = pulled or [xs[o] - lean.get(o, 0) for o in beside[path]]
                wanted[path] = (int(median(pulled)) if pulled else xs[path] - lean.get(path, 0)) + lean.get(path, 0)
            _settle(sorted_near(sorted(row, key=wanted.__getitem__), near), sizes, wanted, xs)
    return xs


def _settle(
    row: Sequence[str], sizes: Mapping[str, tuple[int, int]], wanted: Mapping[str, int], xs: dict[str, int]
) -> None:
    """Boxes of a row, from the left, as near as may be to where they want to be, and apart."""
    edge: int | None = None
    for path in row:
        half = sizes[path][0] // 2
        xs[path] = wanted[path] if edge is None else max(wanted[path], edge + SPACE + half)
        edge = xs[path] + half
    over = sum(xs[path] - wanted[path] for path in row) // len(row)
    for path in row:
        xs[path] -= over
