"""The way back from where a wave has arrived: the corners of the cheapest way, where it may bending late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leporello.graphs.drawing.column.bounds import NEVER, Dearer, Masks
from leporello.graphs.drawing.column.grid import Area
from leporello.graphs.drawing.column.requests import GridPoint


class Bits:
    """Places of which one after the other is asked for: as bytes, of which one is found at once, however many."""

    def __init__(self, places: int, area: Area) -> None:
        self.places, self.size, self.bytes = places, area.stride * area.rows >> 3, b""

    def has(self, bit: int) -> bool:
        """Whether it is one of them."""
        if not self.bytes:
            self.bytes = self.places.to_bytes(self.size, "little")
        at = bit >> 3
        return 0 <= at < self.size and self.bytes[at] >> (bit & 7) & 1 == 1


@dataclass
class Trace:
    """What a wave has `settled` at its levels, level and upright, where it has `begun`, what steps and bends cost."""

    area: Area
    settled: Mapping[int, Sequence[int]]
    begun: Mapping[tuple[int, int], Mapping[int, GridPoint]]
    steps: Sequence[tuple[tuple[int, int], Dearer]]
    turns: Sequence[Masks]
    known: dict[int, tuple[Bits, Bits]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        area = self.area
        self.bends = [[(more, Bits(mask, area)) for more, mask in turned] for turned in self.turns]
        self.prices = [
            [[(0, Bits(free[way], area)), *((one[0], Bits(one[1 + way], area)) for one in dearer)] for way in (0, 1)]
            for free, dearer in self.steps
        ]

    def corners(self, level: int, ways: tuple[int, ...], bit: int, end: GridPoint) -> list[GridPoint]:
        """The corners of the way that comes to a place at a level in one of the ways, and ends at `end`."""
        area, corners = self.area, [end]
        while True:
            axis = ways[0] & 1
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

    def _at(self, level: int, axis: int, bit: int) -> bool:
        """Whether a place was settled at a level."""
        if level not in self.settled:
            return False
        if level not in self.known:
            flat, upright = self.settled[level]
            self.known[level] = Bits(flat, self.area), Bits(upright, self.area)
        return self.known[level][axis].has(bit)

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
        for more, places in self.bends[1 - axis]:
            if places.has(bit) and self._at(level - more, 1 - axis, bit):
                return more
        return None

    def _price(self, axis: int, which: int, bit: int) -> int:
        """What it costs beyond the bound to step on a place from the left or from above (0), or from the other side."""
        return next((more for more, places in self.prices[axis][which] if places.has(bit)), NEVER)
