"""Where on the grid a wire is sought, and from where: near its ends first, from its box or from another of its net."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.bounds import NEVER, Target, prices, target
from leporello.graphs.drawing.column.grid import Area, Grid, every_row
from leporello.graphs.drawing.column.nets import Laid, clipped, places
from leporello.graphs.drawing.column.requests import DOWN, LEFT, RIGHT, UP, Care, GridPoint, Port, Request
from leporello.graphs.drawing.column.search import Wave
from leporello.graphs.frozen import frozen

_SMALL = 12_000
"""A grid of so many places is searched whole."""
_AROUND, _NEAR = (12, 40), (16, 32)
"""Of a larger one first what lies so near around the ends of a wire; where all is local no more than that."""
_RECENT = 64
"""From so many pieces another wire may branch where all is local: those that were laid last."""
_JOINED = 6
"""A wire that begins at its box though another of its net is there costs so much more."""


@frozen
class Found:
    """The corners of a wire and what it costs; no corners where there is no way. It has taken so much `work`."""

    corners: tuple[GridPoint, ...] = ()
    cost: int = 0
    work: int = 0


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
        aim, work = target(request, self.care, goals), 0
        for around, least in self._margins(own, trunk, aim, limit):
            area = self._area(request, goals, barred, around)
            starts = [*(port for port in own if area.holds(*port[:2])), *self._branches(trunk, area)] if area else []
            if not area or not starts:
                continue
            wave = Wave(area, self.care, aim, goals, request.line, request.home)
            wave.start(starts)
            found = wave.run(min(self.most, most - work), limit, self.tell)
            work += wave.work
            if found and (self.haste or found[1] <= least):
                joined = _JOINED if trunk.trunk and found[0][0] in {port[:2] for port in own} else 0
                return Found(tuple(found[0]), found[1] - joined, work)
            if least == NEVER and not self.local:
                break
        return Found(work=work)

    def over_others(self, request: Request) -> Found:
        """The way that a wire would take if it could run over notes, and over others as if it crossed them."""
        (low, high), height = request.bounds, self.grid.height
        area = self.grid.area(low, 0, high, height, low, request.avoid, noted=False)
        wires = area.level | area.upright | area.both
        area = replace(area, level=wires, upright=wires, both=0)
        wave = Wave(area, self.care, target(request, self.care, request.goals), request.goals, request.line)
        wave.start(request.starts)
        found = wave.run(self.most, NEVER, self.tell)
        return Found(tuple(found[0]), found[1], wave.work) if found else Found(work=wave.work)

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

    def _margins(self, own: Sequence[Port], trunk: Laid, aim: Target, limit: int) -> Iterator[tuple[int | None, int]]:
        """How far around its ends a wire is sought, one after the other; what costs so much there is surely the best.

        No way that leaves the area costs less, nor one that begins outside of it on another wire of its net.
        """
        if self.local:
            yield from ((around, NEVER) for around in _NEAR)
            return
        least = min((cost + aim.far(x, y, way & 1) for x, y, way, cost in own), default=NEVER)
        if limit < NEVER and not trunk.trunk:
            yield max(limit - least, 0) // 2 + 1, NEVER
        for around in _AROUND if limit == NEVER else ():
            beyond = least + 2 * around
            yield around, min(beyond, aim.bend + around) if trunk.trunk else beyond
        yield None, NEVER

    def _area(self, request: Request, goals: Sequence[Port], barred: set[GridPoint], around: int | None) -> Area | None:
        """So much of the grid around the ends of a wire, or all of it; None where that would be nearly all of it."""
        (low, high), height = request.bounds, self.grid.height
        whole, left, top, right, bottom = (high - low) * height, low, 0, high, height
        if around is not None:
            ends = goals if self.local else (*request.starts, *goals)
            xs, ys = [port[0] for port in ends], [port[1] for port in ends]
            ys += [] if request.line is None else [request.line]
            left, right = max(low, min(xs) - around), min(high, max(xs) + around + 1)
            top, bottom = max(0, min(ys) - around), min(height, max(ys) + around + 1)
            if whole < _SMALL or (right - left) * (bottom - top) * 2 > whole:
                return None
        return self.grid.area(left, top, right, bottom, low, barred)

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
