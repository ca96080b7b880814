"""Curves as dots of braille, eight to a character, with axes that say how large and how far."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from leporello.graphs.frozen import frozen

Points = Sequence[tuple[int, float]]
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
LABEL = 7
FEW, WIDEST = 20, 15
"""A mean goes over a twentieth of all points, and over so many at most."""


@frozen
class Curve:
    """Points to be drawn, in the colour of a role; where there are no colours, with gaps of `gap` dots."""

    name: str
    points: Points
    role: str
    joined: bool = True
    gap: int = 0

    def has(self, x: int) -> bool:
        """Whether there is a dot at a place across.

        >>> [Curve("loss", (), "train", gap=2).has(x) for x in range(6)]
        [True, True, False, False, True, True]
        """
        return not self.gap or x // self.gap % 2 == 0

    @property
    def sign(self) -> str:
        """A piece of it, for its name."""
        return (
            "".join(chr(0x2800 + 0x04 * self.has(x) + 0x20 * self.has(x + 1)) for x in range(0, 8, 2))
            if self.gap
            else "─"
        )


@frozen
class Cell:
    """A character and the role of the curve that is seen in it."""

    glyph: str
    role: str = ""


def smoothed(points: Points, width: int | None = None) -> list[tuple[int, float]]:
    """Each value as the mean of those before it, the nearest counting most; of few points so few that it lags little.

    >>> smoothed([(0, 4.0), (1, 0.0)], 1)
    [(0, 4.0), (1, 2.0)]
    """
    if width is None:
        width = min(len(points) // FEW, WIDEST)
    share = 1 / (1 + width)
    found: list[tuple[int, float]] = []
    mean = points[0][1] if points else 0.0
    for update, value in points:
        mean += (value - mean) * max(share, 1 / (len(found) + 1))
        found.append((update, mean))
    return found


def value_at(points: Points, update: int) -> float | None:
    """The value at an update, or the last one before it; None before the first.

    >>> value_at([(10, 3.0), (20, 2.0)], 19)
    3.0
    """
    before = bisect_right(points, update, key=lambda point: point[0])
    return points[before - 1][1] if before else None


def last_update(curves: Sequence[Curve]) -> int:
    """Where the longest curve ends."""
    return max((curve.points[-1][0] for curve in curves if curve.points), default=0)


def update_at(curves: Sequence[Curve], column: int, columns: int) -> int:
    """The update that a column of a field of characters stands for.

    >>> update_at([Curve("loss", [(0, 1.0), (100, 0.5)], "train")], 7, 15)
    100
    """
    return round(last_update(curves) * min(max(column, 0) / max(columns - LABEL - 2, 1), 1.0))


def plot(
    curves: Sequence[Curve], columns: int, lines: int, log: bool = False, marked: int | None = None
) -> list[list[Cell]]:
    """The curves in a field of characters, later ones above earlier ones; an empty field where there is no room.

    The column `marked`, counted from the first of the field, has a line from top to bottom.
    """
    wide, high = columns - LABEL - 1, lines - 1
    shown = [(c, _usable(c.points, log)) for c in curves]
    values = [value for _, points in shown for _, value in points]
    if wide < 4 or high < 2 or not values:
        return [[Cell(" ")] * columns for _ in range(lines)]
    last = max(update for _, points in shown for update, _ in points)
    low, top = _range(min(values), max(values))
    bits = [[0] * wide for _ in range(high)]
    roles = [[""] * wide for _ in range(high)]
    for curve, points in shown:
        places = [
            (round(update / max(last, 1) * (2 * wide - 1)), round((top - value) / (top - low) * (4 * high - 1)))
            for update, value in points
        ]
        for x, y in joined(places) if curve.joined else places:
            if not curve.has(x):
                continue
            bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
            roles[y // 4][x // 2] = curve.role
    sizes = (top - (top - low) * (4 * y + 1) / (4 * high - 1) for y in range(high))
    labels = _labels([10 ** min(size, 308.0) if log else size for size in sizes])
    field = [
        labels[y]
        + [
            Cell(chr(0x2800 + dots), role) if dots else Cell("│", "axis") if x == marked else Cell(" ")
            for x, (dots, role) in enumerate(zip(bits[y], roles[y], strict=True))
        ]
        for y in range(high)
    ]
    return [*field, _foot(last, wide)]


def joined(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The dots of straight lines from each place to the next.

    >>> list(joined([(0, 0), (2, 1)]))
    [(0, 0), (1, 0), (2, 1)]
    """
    yield from places[:1]
    for (x, y), (to_x, to_y) in pairwise(places):
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(1, steps + 1):
            yield x + (to_x - x) * step // steps, y + (to_y - y) * step // steps


def _usable(points: Points, log: bool) -> list[tuple[int, float]]:
    finite = [(update, value) for update, value in points if math.isfinite(value)]
    return [(update, math.log10(value)) for update, value in finite if value > 0] if log else finite


def _range(low: float, top: float) -> tuple[float, float]:
    """From the least to the largest; a value that stays the same has some room around it."""
    least = max(abs(low), abs(top), 1.0) * 1e-6
    around = max(abs(low), 1.0) / 20
    return (low - around, top + around) if top - low < least else (low, top)


def _labels(values: Sequence[float]) -> list[list[Cell]]:
    """How large values are, at every fourth line and at the last; where two read alike the first says it."""
    found, before = [], ""
    for line, value in enumerate(values):
        text = number(value) if line % 4 == 0 or line == len(values) - 1 else ""
        found.append(
            [Cell(character, "axis") for character in ("" if text == before else text).rjust(LABEL)[:LABEL] + " "]
        )
        before = text or before
    return found


def _foot(last: int, wide: int) -> list[Cell]:
    """The updates below."""
    middle, end = f"{last // 2:,}", f"{last:,}"
    text = "0".ljust(wide)
    if wide > 24:
        at = wide // 2 - len(middle) // 2
        text = text[:at] + middle + text[at + len(middle) :]
    text = text[: wide - len(end)] + end
    return [Cell(character, "axis") for character in " " * (LABEL + 1) + text]


def number(value: float) -> str:
    """A value in few letters.

    >>> number(2.3456), number(0.0001)
    ('2.35', '1.0e-04')
    """
    if value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.3g}"
    return f"{value:.1e}"
