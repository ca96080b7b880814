"""Where on the grid a wire is sought, and from where: near its ends first, from its box or from another of its net."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from leporello.graphs.drawing.column.bounds import NEVER, Target, prices, target
from leporello.graphs.drawing.column.grid import Area, Grid, every_row
from leporello.graphs.drawing.column.known import Found, Sought, cheapest
from leporello.graphs.drawing.column.nets import Laid, clipped, places
from leporello.graphs.drawing.column.requests import DOWN, LEFT, RIGHT, UP, Care, GridPoint, Port, Request
from leporello.graphs.frozen import frozen

_SMALL = 12_000
"""In a grid of so many places a wire is sought once."""
_AROUND, _NEAR = (12, 40), (16, 32)
"""In a larger one first so near around its ends; where all is local no farther than that."""
_MOST = 0.75
"""Where that is a larger part of the grid all of it is."""
_RECENT = 64
"""From so many pieces another wire may branch where all is local: those that were laid last."""
_JOINED = 6
"""A wire that begins at its box though another of its net is there costs so much more."""


Window = tuple[int, int, int, int]
"""Left, top, right and bottom of a part of the grid."""


@frozen
class _Quest:
    """A wire that is sought from its `own` ports or from the `trunk` of its net to the goals that are free.

    It does not touch what is `barred`, and may run `over` notes and others.
    """

    request: Request
    own: Sequence[Port]
    goals: Sequence[Port]
    trunk: Laid
    barred: frozenset[GridPoint]
    over: bool = False

    def ends(self, local: bool = False) -> Window:
        """The places, last ones included, around its ends; where all is `local` around its goals."""
        ends = self.goals if local else (*self.request.starts, *self.goals)
        xs, ys = [port[0] for port in ends], [port[1] for port in ends]
        ys += [] if self.request.line is None else [self.request.line]
        return min(xs), min(ys), max(xs), max(ys)

    def reach(self, aim: Target, cost: int) -> int:
        """How far from its ends a way may lead that costs no more than so much.

        Whoever goes so far has to come back, but for a way to a line, and for one that begins there on the trunk.
        """
        least = min((price + aim.far(x, y, way & 1) for x, y, way, price in self.own), default=cost)
        found = (cost - least) // (2 if self.request.line is None else 1)
        if self.trunk.trunk or self.trunk.bends:
            (left, top, right, bottom), (west, north, east, south) = self.ends(), self.trunk.around
            beyond = max(left - west, east - right, top - north, south - bottom, 0)
            found = max(found, (cost - aim.bend + min(beyond, cost - aim.bend)) // 2)
        return max(found, 0)


@frozen
class Seeker:
    """Finds ways on a grid, each with so much work at `most`, and where all is `local` none far from its ends.

    In `haste` a way that is found near its ends will do.
    """

    grid: Grid
    care: Care
    most: int
    local: bool = False
    haste: bool = False
    tell: Callable[[], None] | None = None

    def way(self, request: Request, trunk: Laid, barred: set[GridPoint], limit: int, most: int) -> Found:
        """The cheapest way that costs less than the limit, from its ports or from the `trunk` of its net."""
        goals = [goal for goal in request.goals if not self.grid.has_wire(*goal[:2])]
        if not goals and request.line is None:
            return Found()
        own = [port for port in request.starts if not self.grid.has_wire(*port[:2])]
        if not trunk.marks and (straight := self._straight(own, goals)):
            return straight
        if trunk.trunk:
            own = [(x, y, way, cost + _JOINED) for x, y, way, cost in own]
        starts = partial(self._starts, own, trunk)
        found = self._nearest(_Quest(request, own, goals, trunk, frozenset(barred)), starts, limit, most)
        joined = _JOINED if trunk.trunk and found.corners and found.corners[0] in {port[:2] for port in own} else 0
        return replace(found, cost=found.cost - joined)

    def over_others(self, request: Request) -> Found:
        """The way that a wire would take if it could run over notes, and over others as if it crossed them."""
        quest = _Quest(request, request.starts, request.goals, Laid(), request.avoid, over=True)
        return self._nearest(quest, lambda _: request.starts, NEVER, self.most)

    def _straight(self, starts: Sequence[Port], goals: Sequence[Port]) -> Found | None:
        """The way straight up from the best port to the best goal, if that is it and nothing stands beside it."""
        if not starts or not goals:
            return None
        (x, y, way, cost), (to_x, to_y, back, price) = starts[0], goals[0]
        if x != to_x or way != UP or back != DOWN or y - to_y < 2 or cost or price:
            return None
        strip = self.grid.strip(to_y + 1, y - to_y - 1)
        wanted = self.grid.columns(x, x) * every_row(self.grid.stride, strip.rows - 2) << strip.stride & strip.allowed
        if prices(strip, self.care, 1)[0][1] & wanted != wanted:
            return None
        return Found(((x, y), (to_x, to_y)), y - to_y)

    def _nearest(self, quest: _Quest, starts: Callable[[Area], Sequence[Port]], limit: int, most: int) -> Found:
        """The cheapest way, sought near its ends first, and then as far around as a cheaper one may lead.

        Where all is local, or in haste, one that is found near the ends will do.
        """
        aim, found, work = target(quest.request, self.care, quest.goals), Found(), 0
        margins = list(_NEAR) if self.local else self._margins(quest, quest.reach(aim, limit - 1), limit)
        while margins:
            around = margins.pop(0)
            window, whole = self._window(quest, around)
            area = self._area(quest, window)
            ports = starts(area)
            if not ports:
                continue
            home = None if quest.over else quest.request.home
            sought = Sought(area, self.care, aim, ports, quest.goals, quest.request.line, home, limit)
            way = cheapest(sought, min(self.most, most - work), self.tell)
            work += way.work
            if way.corners:
                found, done = way, self.haste or self.local
                needed = around if done else quest.reach(aim, way.cost)
                margins = [needed] if needed > around else []
            if whole:
                break
        return replace(found, work=work)

    def _margins(self, quest: _Quest, enough: int, limit: int) -> list[int]:
        """How far around its ends a wire is sought, one after the other, where so far is surely `enough`."""
        low, high = quest.request.bounds
        once = limit < NEVER or (high - low) * self.grid.height < _SMALL
        return [enough] if once else [*_AROUND, enough]

    def _window(self, quest: _Quest, around: int) -> tuple[Window, bool]:
        """So much of the grid around the ends of a wire, or all of it where that is hardly more; whether it is all."""
        (low, high), height = quest.request.bounds, self.grid.height
        left, top, right, bottom = quest.ends(self.local)
        left, right = max(low, left - around), min(high, right + around + 1)
        top, bottom = max(0, top - around), min(height, bottom + around + 1)
        whole = (right - left) * (bottom - top) > _MOST * (high - low) * height
        return ((low, 0, high, height) if whole else (left, top, right, bottom)), whole

    def _area(self, quest: _Quest, window: Window) -> Area:
        area = self.grid.area(*window, quest.request.bounds[0], quest.barred, noted=not quest.over)
        if quest.over:
            wires = area.level | area.upright | area.both
            area = replace(area, level=wires, upright=wires, both=0)
        return area

    def _starts(self, own: Sequence[Port], trunk: Laid, area: Area) -> Sequence[Port]:
        """Where in an area a wire may begin: at its box, or on another of its net."""
        return [*(port for port in own if area.holds(*port[:2])), *self._branches(trunk, area)]

    def _branches(self, trunk: Laid, area: Area) -> Iterator[Port]:
        """The places in an area where a wire may branch from others of its net, with the ways from there."""
        grid, bend = self.grid, self.care.bend
        left, top, right, bottom = area.left, area.top, area.left + area.stride, area.top + area.rows
        for piece in trunk.trunk[-_RECENT:] if self.local else trunk.trunk:
            (x, y), (to_x, to_y) = piece
            if (x < left > to_x) or (x >= right <= to_x) or (y < top > to_y) or (y >= bottom <= to_y):
                continue
            inside = clipped(piece, area)
            ways, alone = ((DOWN, UP), grid.level) if y == to_y else ((RIGHT, LEFT), grid.upright)
            for x, y in places(inside) if inside else ():
                if y <= grid.height and grid.has(alone, x, y):
                    yield from ((x, y, way, bend) for way in ways)
        bends = trunk.bends[-_RECENT:] if self.local else trunk.bends
        yield from ((x, y, way, bend) for (x, y), way in bends if area.holds(x, y))
