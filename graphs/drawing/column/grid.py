"""The grid of a column as bits: where something stands and where wires run; it repeats with the column's width.

A row is a run of bits and some rows together one whole number, so that what is done to a thousand places is done by
one addition or shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.frozen import frozen

_SIDE = 1
"""So many columns of the copies on both sides are kept, for what lies beside a place."""
_TIP = 2
"""So many places before the end of a wire none other crosses: there is the head of its arrow."""


@lru_cache(512)
def every_row(stride: int, rows: int) -> int:
    """A bit in every row.

    >>> bin(every_row(3, 3))
    '0b1001001'
    """
    found, have = int(rows > 0), 1
    while have < rows:
        more = min(have, rows - have)
        found, have = found | found << stride * more, have + more
    return found


@lru_cache(512)
def _window(first: int, last: int, stride: int, rows: int) -> int:
    """The places between two columns in all rows but the first and the last."""
    return ((1 << last) - (1 << first)) * every_row(stride, rows - 2) << stride


@frozen
class Area:
    """A window of the grid: `stride` bits to a row, of which the first is the place (`left`, `top`).

    A wire may lie where it is `allowed`, nothing is `closed` by `boxes` or notes, and no wire runs `level`, `upright`
    or (where two meet, one bends or ends) `both`.
    """

    left: int
    top: int
    stride: int
    rows: int
    allowed: int
    boxes: int
    closed: int
    level: int
    upright: int
    both: int

    @cached_property
    def open(self) -> int:
        """Where a wire may lie, bend and begin."""
        return self.allowed ^ self.allowed & (self.closed | self.level | self.upright | self.both)

    def bit(self, x: int, y: int) -> int:
        """The number of the bit of a place."""
        return (y - self.top) * self.stride + x - self.left

    def place(self, bit: int) -> GridPoint:
        """The place of a bit."""
        y, x = divmod(bit, self.stride)
        return x + self.left, y + self.top

    def holds(self, x: int, y: int) -> bool:
        """Whether a place lies in the window."""
        return self.left <= x < self.left + self.stride and self.top <= y < self.top + self.rows

    def columns(self, first: int, last: int) -> int:
        """The places from one column to another."""
        first, last = max(first - self.left, 0), min(last - self.left, self.stride - 1)
        return ((1 << last - first + 1) - 1 << first) * every_row(self.stride, self.rows) if first <= last else 0

    def lines(self, first: int, last: int) -> int:
        """The places from one line to another."""
        first, last = max(first - self.top, 0), min(last - self.top, self.rows - 1)
        return (1 << (last - first + 1) * self.stride) - 1 << first * self.stride if first <= last else 0


@frozen
class Footprint:
    """What a wire or note takes from the line `top` on: where it runs level, upright, bends, or where it stands."""

    top: int
    rows: int
    level: int = 0
    upright: int = 0
    stands: int = 0
    bends: int = 0

    @cached_property
    def places(self) -> int:
        """All places."""
        return self.level | self.upright | self.stands


class Grid:
    """Four layers of bits, of which every footprint is there again in each copy of the column."""

    def __init__(self, period: int, height: int, copies: int) -> None:
        self.period, self.height = period, height
        self.row = (2 * _SIDE + copies * period) // 8 + 1
        self.stride = 8 * self.row
        self.closed, self.level, self.upright, self.both = (bytearray(self.row * (height + 2)) for _ in range(4))
        self.boxes = bytearray(self.closed)

    def area(
        self,
        left: int,
        top: int,
        right: int,
        bottom: int,
        low: int = 0,
        barred: Iterable[GridPoint] = (),
        noted: bool = True,
    ) -> Area:
        """The places from `left` to `right` and from `top` to `bottom` (not included), of copies from `low` on.

        Notes stand in the way where it is `noted`.
        """
        base = low // self.period * self.period - _SIDE
        first, last = left - 1 - base >> 3, min((right - base >> 3) + 1, self.row)  # what lies beside them too
        if 2 * (last - first) > self.row:
            first, last = 0, self.row
        origin, stride, rows = base + 8 * first, 8 * (last - first), bottom - top + 2
        closed = self.closed if noted else self.boxes
        kept = (self.boxes, closed, *self._layers[1:])
        layers = [self._cut(layer, top - 1, rows, first, last) for layer in kept]
        allowed = _window(left - origin, min(right - origin, stride - 1), stride, rows)
        shut = 0
        for x, y in barred:
            if origin <= x < origin + stride and top <= y < bottom:
                shut |= 1 << (y - top + 1) * stride + x - origin
        return Area(origin, top - 1, stride, rows, allowed & ~shut, *layers)

    @property
    def _layers(self) -> tuple[bytearray, bytearray, bytearray, bytearray]:
        return self.closed, self.level, self.upright, self.both

    def _cut(self, layer: bytearray, top: int, rows: int, first: int, last: int) -> int:
        row, start = self.row, (top + 1) * self.row
        if last - first == row:
            return int.from_bytes(layer[start : start + rows * row], "little")
        lines = range(start, start + rows * row, row)
        return int.from_bytes(b"".join([layer[line + first : line + last] for line in lines]), "little")

    def columns(self, left: int, right: int) -> int:
        """The bits of a row from one column to another, in all copies."""
        found, wide, limit, period = 0, right - left + 1, self.stride - 1, self.period
        for start in range((left + _SIDE) % period - period * (1 + wide // period), limit, period):
            low, high = max(start, 0), min(start + wide, limit)
            if low < high:
                found |= (1 << high - low) - 1 << low
        return found

    def note(self, left: int, top: int, right: int, bottom: int) -> Footprint:
        """The footprint of a rectangle, its border included."""
        top, bottom = max(top, -1), min(bottom, self.height)
        rows = max(bottom - top + 1, 0)
        return Footprint(top, rows, stands=self.columns(left, right) * every_row(self.stride, rows))

    def wire(self, corners: Sequence[GridPoint], tip: int = _TIP) -> Footprint:
        """The footprint of a wire along its corners; so many places before its end it counts as both ways."""
        ys = [y for _, y in corners]
        top, level, upright = min(ys), 0, 0
        for (x, y), (to_x, to_y) in pairwise(corners):
            if y == to_y:
                level |= self.columns(min(x, to_x), max(x, to_x)) << (y - top) * self.stride
            else:
                rows = abs(y - to_y) + 1
                upright |= self.columns(x, x) * every_row(self.stride, rows) << (min(y, to_y) - top) * self.stride
        bends = level & upright
        for x, y in _before_end(corners, tip):
            head = self.columns(x, x) << (y - top) * self.stride
            level, upright = level | head, upright | head
        return Footprint(top, max(ys) - top + 1, level, upright, bends=bends)

    def fix(self, mark: Footprint) -> None:
        """Puts a box on the grid, which stays there."""
        self.add(mark)
        start, end = (mark.top + 1) * self.row, (mark.top + 1 + mark.rows) * self.row
        self._write(self.boxes, start, end, self._read(self.boxes, start, end) | mark.stands)

    def add(self, mark: Footprint) -> None:
        """Puts a footprint on the grid."""
        start, end = (mark.top + 1) * self.row, (mark.top + 1 + mark.rows) * self.row
        if mark.stands:
            self._write(self.closed, start, end, self._read(self.closed, start, end) | mark.stands)
        if mark.level or mark.upright:
            level, upright, both = (self._read(layer, start, end) for layer in self._layers[1:])
            both |= mark.level & mark.upright | mark.places & (level | upright)
            self._write(self.level, start, end, (level | mark.level) & ~both)
            self._write(self.upright, start, end, (upright | mark.upright) & ~both)
            self._write(self.both, start, end, both)

    def remove(self, marks: Sequence[Footprint], others: Iterable[Footprint]) -> None:
        """Takes footprints off the grid, and puts back what the `others` have in their places."""
        if not marks:
            return
        top, bottom = min(mark.top for mark in marks), max(mark.top + mark.rows for mark in marks)
        start, end, places, stands, bends = (top + 1) * self.row, (bottom + 1) * self.row, 0, 0, 0
        for mark in marks:
            places |= self.shifted(mark.places, mark.top, top)
            stands |= self.shifted(mark.stands, mark.top, top)
            bends |= self.shifted(mark.bends, mark.top, top)
        met = self._read(self.both, start, end) & places & ~bends
        for layer, gone in zip(self._layers, (stands, places, places, places), strict=True):
            there = self._read(layer, start, end)
            if there & gone:
                self._write(layer, start, end, there & ~gone)
        for other in others if met else ():
            if other.top >= bottom or other.top + other.rows <= top or not other.level | other.upright:
                continue
            if self.shifted(other.places, other.top, top) & met:
                level, upright = (self.shifted(part, other.top, top) & places for part in (other.level, other.upright))
                self.add(Footprint(top, bottom - top, level, upright))

    def shifted(self, places: int, top: int, to: int) -> int:
        """The places of a footprint from one line on, counted from another line on."""
        by = (top - to) * self.stride
        return places << by if by >= 0 else places >> -by

    def strip(self, top: int, rows: int) -> Area:
        """Some whole rows with one above and one below; a wire may lie in the first copy."""
        layers = [self._cut(layer, top - 1, rows + 2, 0, self.row) for layer in (self.boxes, *self._layers)]
        allowed = _window(_SIDE, _SIDE + self.period, self.stride, rows + 2)
        return Area(-_SIDE, top - 1, self.stride, rows + 2, allowed, *layers)

    def has(self, layer: bytearray, x: int, y: int) -> bool:
        """Whether a layer has a place."""
        bit = x % self.period + _SIDE
        return bool(layer[(y + 1) * self.row + (bit >> 3)] >> (bit & 7) & 1)

    def has_wire(self, x: int, y: int) -> bool:
        """Whether a wire has a place."""
        bit = x % self.period + _SIDE
        at = (y + 1) * self.row + (bit >> 3)
        return bool((self.level[at] | self.upright[at] | self.both[at]) >> (bit & 7) & 1)

    @staticmethod
    def _read(layer: bytearray, start: int, end: int) -> int:
        return int.from_bytes(layer[start:end], "little")

    @staticmethod
    def _write(layer: bytearray, start: int, end: int, bits: int) -> None:
        layer[start:end] = (bits & (1 << 8 * (end - start)) - 1).to_bytes(end - start, "little")


def _before_end(corners: Sequence[GridPoint], count: int) -> Iterator[GridPoint]:
    """The last places of a wire but for its very end."""
    for (x, y), (to_x, to_y) in pairwise(corners[::-1]):
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        while (x, y) != (to_x, to_y) and count >= 0:
            if (x, y) != corners[-1]:
                yield x, y
            x, y, count = x + dx, y + dy, count - 1
