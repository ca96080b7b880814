"""The way back from where a wave has arrived: the corners of the cheapest way, where it may bending late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leporello.graphs.drawing.column.bounds import NEVER, Dearer, Masks
from leporello.graphs.drawing.column.grid import Area, every_row
from leporello.graphs.drawing.column.requests import GridPoint


@dataclass
class Trace:
    """What a wave has `settled` at its levels, level and upright, where it has `begun`, what steps and bends cost."""

    area: Area
    settled: Mapping[int, Sequence[int]]
    begun: Mapping[tuple[int, int], Mapping[int, GridPoint]]
    steps: Sequence[tuple[tuple[int, int], Dearer]]
    turns: Sequence[Masks]
    known: dict[tuple[int, int], int] = field(default_factory=dict)

    def corners(self, level: int, ways: tuple[int, ...], bit: int, end: GridPoint) -> list[GridPoint]:
        """The corners of the way that comes to a place at a level in one of the ways, and ends at `end`."""
        area, corners = self.area, [end]
        while True:
            axis = ways[0] & 1
            if len(ways) == 1:
                bit = self._straight_back(level, ways[0], bit)
            begun = self.begun.get((level, axis))
            if begun and bit in begun:
                return [begun[bit], *corners[::-1]]
            bend = self._bend(level, axis, bit)
            step = self._step(level, ways, bit) if bend is None or len(ways) > 1 else None
            if step:
                level, bit, ways = step
            else:
                assert bend is not None
                level, ways = level - bend, (1 - axis, 3 - axis)
                if area.place(bit) != corners[-1]:
                    corners.append(area.place(bit))

    def _straight_back(self, level: int, way: int, bit: int) -> int:
        """Back from a place as far as one can only have come straight on, and for nothing beyond the bound."""
        stride, column = self.area.stride, bit % self.area.stride
        line = every_row(stride, self.area.rows) << column if way & 1 else (1 << stride) - 1 << bit - column
        others = line ^ line & self._through(level, way)
        if way >> 1:
            others >>= bit
            return bit + (others & -others).bit_length() - 1
        return (others & (1 << bit + 1) - 1).bit_length() - 1

    def _through(self, level: int, way: int) -> int:
        """The places to which one can only have come straight on, and for nothing beyond the bound."""
        if (level, way) not in self.known:
            axis, there = way & 1, self.settled[level][way & 1]
            stride = self.area.stride if axis else 1
            found = there & (there >> stride if way >> 1 else there << stride) & self.steps[axis][0][way >> 1]
            for more, places in self.turns[1 - axis]:
                if level - more in self.settled:
                    found ^= found & places & self.settled[level - more][1 - axis]
            for begun in self.begun.get((level, axis), ()):
                found ^= found & 1 << begun
            self.known[level, way] = found
        return self.known[level, way]

    def _at(self, level: int, axis: int, bit: int) -> bool:
        """Whether a place was settled at a level."""
        return level in self.settled and self.settled[level][axis] >> bit & 1 == 1

    def _step(self, level: int, ways: tuple[int, ...], bit: int) -> tuple[int, int, tuple[int]] | None:
        """From where one comes to a place by a step in one of the ways: the level and the bit there, and the way."""
        for way in ways:
            stride = self.area.stride if way & 1 else 1
            more, before = self._price(way & 1, way >> 1, bit), bit + stride if way >> 1 else bit - stride
            if self._at(level - more, way & 1, before):
                return level - more, before, (way,)
        return None

    def _bend(self, level: int, axis: int, bit: int) -> int | None:
        """What it costs beyond the bound to come to a place by a bend there, if one does."""
        for more, places in self.turns[1 - axis]:
            if places >> bit & 1 and self._at(level - more, 1 - axis, bit):
                return more
        return None

    def _price(self, axis: int, which: int, bit: int) -> int:
        """What it costs beyond the bound to step on a place from the left or from above (0), or from the other side."""
        free, dearer = self.steps[axis]
        if free[which] >> bit & 1:
            return 0
        return next((one[0] for one in dearer if one[1 + which] >> bit & 1), NEVER)
