"""What the wires and notes of one net take of the grid, and where another wire of it may branch from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from leporello.graphs.drawing.column.grid import Area, Footprint
from leporello.graphs.drawing.column.requests import STEPS, GridPoint

Piece = tuple[GridPoint, GridPoint]
"""A straight piece of a wire, in the way in which it runs."""
_START, _END = 2, 3
"""So near to the ends of a wire none branches from it."""
_NOWHERE = 1 << 40


@dataclass
class Laid:
    """The wires and notes of a net; pieces to branch from, and bends with the ways straight on there."""

    marks: list[Footprint] = field(default_factory=list)
    trunk: list[Piece] = field(default_factory=list)
    bends: list[tuple[GridPoint, int]] = field(default_factory=list)
    top: int = _NOWHERE
    bottom: int = -_NOWHERE
    _around: tuple[int, int, int, int] | None = None

    def add(self, mark: Footprint) -> None:
        """One more wire or note."""
        self.marks.append(mark)
        self.top, self.bottom = min(self.top, mark.top), max(self.bottom, mark.top + mark.rows)

    def wire(self, corners: Sequence[GridPoint]) -> None:
        """Lets others branch from a wire."""
        self.branch(_inner(corners), _straight_on(corners))

    def branch(self, pieces: Iterable[Piece], bends: Iterable[tuple[GridPoint, int]] = ()) -> None:
        """Lets others branch from pieces of a wire, and at bends."""
        pieces, bends = list(pieces), list(bends)
        self.trunk += pieces
        self.bends += bends
        self._around = _hull(pieces, bends, self._around) if self._around else None

    @property
    def around(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of all places to branch from, of which there is one."""
        self._around = self._around or _hull(self.trunk, self.bends)
        return self._around

    def holds(self, place: GridPoint) -> bool:
        """Whether a wire may begin at a place."""
        return any(on(piece, place) for piece in self.trunk) or any(bend == place for bend, _ in self.bends)

    def forget(self, path: Sequence[GridPoint], place: GridPoint) -> None:
        """Lets no wire branch from a path before a place on it."""
        gone = list[Piece]()
        for piece in pairwise(path):
            if on(piece, place):
                gone.append((piece[0], place))
                break
            gone.append(piece)
        self.trunk = [kept for piece in self.trunk for kept in _without(piece, gone)]
        self.bends = [(bend, way) for bend, way in self.bends if not any(on(piece, bend) for piece in gone)]
        self._around = None


def _hull(
    pieces: Sequence[Piece],
    bends: Sequence[tuple[GridPoint, int]],
    before: tuple[int, int, int, int] | None = None,
) -> tuple[int, int, int, int]:
    """What lies around all places, and around what did before."""
    found = [*(end for piece in pieces for end in piece), *(bend for bend, _ in bends)]
    found += [before[:2], before[2:]] if before else []
    xs, ys = zip(*found, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def places(corners: Sequence[GridPoint]) -> Iterator[GridPoint]:
    """All places of a wire, each once.

    >>> list(places([(0, 0), (2, 0), (2, 1)]))
    [(0, 0), (1, 0), (2, 0), (2, 1)]
    """
    yield corners[0]
    for (x, y), (to_x, to_y) in pairwise(corners):
        dx, dy = _way((x, y), (to_x, to_y))
        while (x, y) != (to_x, to_y):
            x, y = x + dx, y + dy
            yield x, y


def length(corners: Sequence[GridPoint]) -> int:
    """How long a wire is."""
    return sum(abs(to_x - x) + abs(to_y - y) for (x, y), (to_x, to_y) in pairwise(corners))


def on(piece: Piece, place: GridPoint) -> bool:
    """Whether a place lies on a piece of a wire, its ends included."""
    (x, y), (to_x, to_y) = piece
    return min(x, to_x) <= place[0] <= max(x, to_x) and min(y, to_y) <= place[1] <= max(y, to_y)


def clipped(piece: Piece, area: Area) -> Piece | None:
    """What of a piece of a wire lies in an area."""
    (x, y), (to_x, to_y) = piece
    low, high = max(min(x, to_x), area.left), min(max(x, to_x), area.left + area.stride - 1)
    top, foot = max(min(y, to_y), area.top), min(max(y, to_y), area.top + area.rows - 1)
    return ((low, top), (high, foot)) if low <= high and top <= foot else None


def _way(here: GridPoint, there: GridPoint) -> tuple[int, int]:
    (x, y), (to_x, to_y) = here, there
    return (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)


def _inner(corners: Sequence[GridPoint]) -> Iterator[Piece]:
    """The pieces of a wire without its bends and what is near its ends."""
    last = len(corners) - 2
    for index, ((x, y), (to_x, to_y)) in enumerate(pairwise(corners)):
        dx, dy = _way((x, y), (to_x, to_y))
        first, end = 1 if index else _START, _END if index == last else 1
        if abs(to_x - x) + abs(to_y - y) >= first + end:
            yield (x + first * dx, y + first * dy), (to_x - end * dx, to_y - end * dy)


def _straight_on(corners: Sequence[GridPoint]) -> Iterator[tuple[GridPoint, int]]:
    """The bends of a wire, each with the two ways in which another may go straight on there."""
    for before, bend, after in zip(corners, corners[1:], corners[2:], strict=False):
        yield bend, STEPS.index(_way(before, bend))
        yield bend, STEPS.index(_way(after, bend))


def _without(piece: Piece, gone: Sequence[Piece]) -> Iterator[Piece]:
    """What is left of a piece of a wire: the places from the end of the `gone` pieces on."""
    for other in gone:
        if on(other, piece[0]):
            if on(other, piece[1]):
                return
            piece = other[1], piece[1]
    yield piece
