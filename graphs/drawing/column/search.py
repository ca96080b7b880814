"""The cheapest way for one wire: all places that cost as much are looked at together, as the bits of one number.

A wave goes out from the starts (Dijkstra 1959), over states of a place and whether one travels level or upright there.
Costs are counted beyond a bound of what is left to go: a way that has to pay no more takes one step of the wave.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from leporello.graphs.drawing.column.bounds import NEVER, Dearer, Masks, Target, prices, steps, turns
from leporello.graphs.drawing.column.grid import Area
from leporello.graphs.drawing.column.requests import STEPS, Care, GridPoint, Port
from leporello.graphs.drawing.column.retracing import Trace

_SETUP, _SELDOM = 40, 200
"""The work before the first front; who watches is told after so many."""

_Axis = tuple[int, int, int, Dearer, Masks, int, int]


@dataclass
class Wave:
    """One search in an area, for the goals (or a line of the grid).

    `work` is how much was looked at: fronts of the wave, large areas counting for more. It is `cut` where that was too
    much.
    """

    area: Area
    care: Care
    target: Target
    goals: Sequence[Port]
    line: int | None
    home: tuple[int, int] | None = None
    work: int = 0
    cut: bool = False
    queue: list[int] = field(default_factory=list)
    fronts: dict[int, list[int]] = field(default_factory=dict)
    settled: dict[int, list[int]] = field(default_factory=dict)
    begun: dict[tuple[int, int], dict[int, GridPoint]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        area = self.area
        self.priced = prices(area, self.care, 0), prices(area, self.care, 1, self.home)
        self.steps = [steps(area, self.target, self.priced[axis], axis) for axis in (0, 1)]
        self.turns = turns(area, self.target)
        self.unseen = [sum(mask for _, mask in priced) for priced in self.priced]
        self.finish = 0 if self.line is None else area.lines(self.line, self.line)
        self.count, self.best, self.found = 0, NEVER, (0, 0, 0)
        self.ends = [0, 0, 0, 0]
        self.costs: dict[tuple[int, int], int] = {}
        for x, y, way, cost in self.goals:
            if area.holds(x, y):
                bit, coming = area.bit(x, y), way ^ 2
                self.ends[coming] |= 1 << bit
                self.costs[coming, bit] = min(cost, self.costs.get((coming, bit), NEVER))

    def start(self, ports: Iterable[Port]) -> None:
        """Where the wave begins: a step beyond each of the ports."""
        area, far, get, stride = self.area, self.target.far, self.fronts.get, self.area.stride
        for x, y, way, cost in ports:
            dx, dy = STEPS[way]
            column, line = x + dx - area.left, y + dy - area.top
            if not (0 <= column < stride and 0 <= line < area.rows):
                continue
            bit, axis = line * stride + column, way & 1
            for price, places in self.priced[axis]:
                if places >> bit & 1:
                    level = cost + 1 + price + far(x + dx, y + dy, axis)
                    (get(level) or self._front(level))[axis] |= 1 << bit
                    self.begun.setdefault((level, axis), {}).setdefault(bit, (x, y))
                    break

    def _front(self, level: int) -> list[int]:
        found = self.fronts.get(level)
        if found is None:
            found = self.fronts[level] = [0, 0]
            heapq.heappush(self.queue, level)
        return found

    def _axis(self, axis: int) -> _Axis:
        """What is needed of an axis."""
        (upper, lower), dearer = self.steps[axis]
        stride = self.area.stride if axis else 1
        return stride, upper, lower, dearer, self.turns[axis], self.ends[axis], self.ends[axis + 2]

    def run(
        self, most: int, limit: int = NEVER, tell: Callable[[], None] | None = None
    ) -> tuple[list[GridPoint], int] | None:
        """The corners of the cheapest way, and its cost; None where none costs less than `limit` or work fails."""
        weight = 1 + (self.area.stride * self.area.rows >> 13)
        self.best, told = limit, _SELDOM
        axes = [self._axis(axis) for axis in (0, 1)]
        while self.queue:
            level = heapq.heappop(self.queue)
            self.cut = self.count * weight > most
            if level >= self.best or self.cut:
                break
            if tell and self.count >= told:
                tell()
                told = self.count + _SELDOM
            self.settled[level] = self._settle(level, self.fronts.pop(level), axes)
        self.work += (self.count + _SETUP) * weight
        return None if self.best == limit else (self._back(*self.found), self.best)

    def _settle(self, level: int, there: list[int], axes: Sequence[_Axis]) -> list[int]:
        """All that is reached at a level, with what steps and bends without a price reach from there.

        In the ways of an axis a front grows, is looked at for an end, and gives what lies beyond it to later levels.
        Few calls, and those only where there is something: pictures spend more of their time here than anywhere else.
        """
        get, unseen, may, finish, kept = self.fronts.get, self.unseen, self.area.open, self.finish, [0, 0]
        count = 0
        while there[0] or there[1]:
            for axis in (0, 1):
                rest = unseen[axis]
                front, there[axis] = there[axis] & rest, 0
                if not front:
                    continue
                count += 1
                stride, upper, lower, dearer, turned, high, low = axes[axis]
                up, down = front << stride, front >> stride
                if up & upper & rest:
                    front |= _grown_up(front, upper & rest, stride) if axis else _carried(up, upper & rest)
                    up, down = front << stride, front >> stride
                if down & lower & rest:
                    front |= _grown_down(front, lower & rest, stride)
                    up, down = front << stride, front >> stride
                unseen[axis] = rest = rest ^ front
                kept[axis] |= front
                if up & high or down & low or front & finish:
                    self._end(level, axis, up & high, down & low, front & finish)
                up &= rest
                down &= rest
                for more, right, left in dearer:
                    if not (up or down) or level + more >= self.best:
                        break
                    above, below = up & right, down & left
                    if above or below:
                        (get(level + more) or self._front(level + more))[axis] |= above | below
                        up, down = up ^ above, down ^ below
                front &= may
                for more, mask in turned:
                    if not front or level + more >= self.best:
                        break
                    part = front & mask
                    if part:
                        after = (get(level + more) or self._front(level + more)) if more else there
                        after[1 - axis] |= part
                        front ^= part
        self.count += count
        return kept

    def _end(self, level: int, axis: int, high: int, low: int, finish: int) -> None:
        """Keep the way that ends at the goals that are hit, or at the line, if none was cheaper."""
        if high or low:
            cost, way, bit = self._arrived(level, axis, high, low)
            if cost < self.best:
                self.best, self.found = cost, (level, way, bit)
        elif level < self.best:
            self.best, self.found = level, (level, axis, finish.bit_length() - 1)

    def _arrived(self, level: int, axis: int, high: int, low: int) -> tuple[int, int, int]:
        """The cheapest of the goals that are hit: the cost of the whole way, the way it comes there, and its bit."""
        area, best = self.area, (NEVER, 0, 0)
        taken, stride = area.level | area.upright | area.both, area.stride if axis else 1
        for way, hits, by in ((axis, high, stride), (axis + 2, low, -stride)):
            while hits:
                bit = (hits & -hits).bit_length() - 1
                hits &= hits - 1
                tip = (taken >> bit - by & 1) + (taken >> max(bit - 2 * by, 0) & 1)
                left = self.target.far(*area.place(bit - by), axis)
                best = min(best, (level - left + 1 + self.costs[way, bit] + tip * self.care.crossing, way, bit))
        return best

    def _back(self, level: int, way: int, bit: int) -> list[GridPoint]:
        """The corners of the way that ends at a place, from its start on."""
        trace = Trace(self.area, self.settled, self.begun, self.steps, self.turns)
        end = self.area.place(bit)
        if self.line is not None:
            return trace.corners(level, (way, way ^ 2), bit, end)
        return trace.corners(level, (way,), bit - (1, self.area.stride, -1, -self.area.stride)[way], end)


def _grown_up(front: int, through: int, stride: int) -> int:
    """The places with all that can be reached from them by steps of so many bits up `through` others."""
    while True:
        more = front | front << stride & through
        if more == front:
            return front
        front = more
        through &= through << stride
        stride *= 2


def _carried(front: int, through: int) -> int:
    """What of a front lies in `through`, with all that steps of one bit up reach there: where an addition carries."""
    front &= through
    return through & (through ^ through + front) | front


def _grown_down(front: int, through: int, stride: int) -> int:
    while True:
        more = front | front >> stride & through
        if more == front:
            return front
        front = more
        through &= through >> stride
        stride *= 2
