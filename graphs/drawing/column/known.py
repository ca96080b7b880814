"""Ways that are known: the same search in the same surroundings is done once, wherever on the grid, in any picture.

After an edit most wires lie among the same others as before, and of a hundred cells in a row each is wired as the last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.bounds import NEVER, Target
from leporello.graphs.drawing.column.grid import Area
from leporello.graphs.drawing.column.requests import Care, GridPoint, Port
from leporello.graphs.drawing.column.search import Wave
from leporello.graphs.frozen import frozen

_MANY, _LARGE = 4_000, 16_000
"""So many ways are kept; none in areas of more places, of which hardly two are the same."""


@frozen
class Sought:
    """A wire to be found in an area, from ports to goals or to a line, for less than the limit; `home` as asked."""

    area: Area
    care: Care
    target: Target
    ports: Sequence[Port]
    goals: Sequence[Port]
    line: int | None = None
    home: tuple[int, int] | None = None
    limit: int = NEVER

    @property
    def surroundings(self) -> tuple[object, ...]:
        """All on which the way depends, counted from the corner of the area."""
        area, aim, left, top = self.area, self.target, self.area.left, self.area.top
        layers = area.allowed, area.boxes, area.closed, area.level, area.upright, area.both
        around = aim.left - left, aim.top - top, aim.right - left, aim.bottom - top, aim.bend, aim.ahead
        ends = [
            tuple([(x - left, y - top, way, cost) for x, y, way, cost in part]) for part in (self.ports, self.goals)
        ]
        line = None if self.line is None else self.line - top
        home = None if self.home is None else (self.home[0] - left, self.home[1] - left)
        return area.stride, area.rows, layers, self.care, around, *ends, line, home, self.limit


@frozen
class Found:
    """The corners of a wire and what it costs; no corners where there is no way. It has taken so much `work`."""

    corners: tuple[GridPoint, ...] = ()
    cost: int = 0
    work: int = 0

    def moved(self, by_x: int, by_y: int) -> Found:
        """The same elsewhere on the grid."""
        return replace(self, corners=tuple([(x + by_x, y + by_y) for x, y in self.corners]))


_known: OrderedDict[tuple[object, ...], Found] = OrderedDict()
"""The ways that were found, from the corner of their area, those last that were wanted last."""


def cheapest(sought: Sought, most: int, tell: Callable[[], None] | None = None) -> Found:
    """The cheapest way, with so much work at most. What it has taken is told as if it had been sought anew."""
    area = sought.area
    if area.stride * area.rows > _LARGE:
        return _searched(sought, most, tell)[0]
    key = sought.surroundings
    found = _known.get(key)
    if found is not None and found.work <= most:
        _known.move_to_end(key)
        return found.moved(area.left, area.top)
    new, whole = _searched(sought, most, tell)
    if whole:
        _known[key] = new.moved(-area.left, -area.top)
        if len(_known) > _MANY:
            _known.popitem(last=False)
    return new


def forget() -> None:
    """Every way is sought anew from now on, for whoever measures that."""
    _known.clear()


def _searched(sought: Sought, most: int, tell: Callable[[], None] | None) -> tuple[Found, bool]:
    """The way, and whether there was work enough to look everywhere."""
    wave = Wave(sought.area, sought.care, sought.target, sought.goals, sought.line, sought.home)
    wave.start(sought.ports)
    way = wave.run(most, sought.limit, tell)
    return Found(tuple(way[0]), way[1], wave.work) if way else Found(work=wave.work), not wave.cut
