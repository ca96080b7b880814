"""Wires on a grid that repeats with the width of a column: one route serves every step."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leporello.graphs.drawing.column.placement import Column, Spot
from leporello.graphs.drawing.column.search import DOWN, LEFT, RIGHT, STEPS, UP, Care, GridPoint, Port, Request, Search

__all__ = ["DOWN", "LEFT", "RIGHT", "UP", "Care", "GridPoint", "Laid", "Port", "Request", "Router", "ports"]
_BESIDE, _NEAR, _PORT = 1.0, 3.0, 0.4


@dataclass
class Laid:
    """What a net takes of the grid: the axes of its wires by place, a trunk to branch from, its notes."""

    marks: list[tuple[GridPoint, int]] = field(default_factory=list)
    trunk: dict[GridPoint, int] = field(default_factory=dict)
    notes: list[GridPoint] = field(default_factory=list)


@dataclass
class Router:
    """The grid of a column with its boxes, notes and wires, all of which stand there again in the next column.

    At most `most` places are looked at for one wire, and `budget` for all: what is not found then is missing.
    Prices are `lasting` from search to search where that is worth its memory: where ways are long.
    """

    column: Column
    blocked: set[GridPoint] = field(default_factory=set)
    used: dict[GridPoint, list[tuple[str, int]]] = field(default_factory=dict)
    nets: dict[str, Laid] = field(default_factory=dict)
    most: int = 40_000
    budget: int = 1_000_000
    care: Care = field(default_factory=Care)
    lasting: bool = True
    looked: int = 0

    def __post_init__(self) -> None:
        self._prices: dict[tuple[int, int, int], float] = {}
        for spot in self.column.spots.values():
            self.block(spot.left, spot.top, spot.right, spot.bottom)

    def block(self, left: int, top: int, right: int, bottom: int, net: str = "") -> None:
        """Closes a rectangle of the grid, its border included, for a note of `net` where that is given."""
        period = self.column.width
        cells = [(x % period, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
        self.blocked.update(cells)
        self._changed(cells)
        if net:
            self.nets.setdefault(net, Laid()).notes += cells

    def _changed(self, cells: Iterable[GridPoint]) -> None:
        """Forgets the prices that depend on places: their own, and those of wires that would run along beside them."""
        period, prices = self.column.width, self._prices
        if prices:
            for x, y in cells:
                prices.pop((x, y, 0), None)
                prices.pop((x, y, 1), None)
                prices.pop((x, y - 1, 0), None)
                prices.pop((x, y + 1, 0), None)
                prices.pop(((x - 1) % period, y, 1), None)
                prices.pop(((x + 1) % period, y, 1), None)

    def free(self, left: int, top: int, right: int, bottom: int, net: str = "") -> bool:
        """Whether no box, note or wire (but those of `net`) meets a rectangle of the grid."""
        period, height = self.column.width, self.column.height
        if top < 0 or bottom > height:
            return False
        for x in range(left, right + 1):
            for y in range(top, bottom + 1):
                place = (x % period, y)
                if place in self.blocked or any(owner != net for owner, _ in self.used.get(place, ())):
                    return False
        return True

    def route(self, request: Request) -> tuple[GridPoint, ...] | None:
        """The corners of a wire, which is then part of the grid; None where there is no way."""
        barred = set(request.avoid)
        for _ in range(4):
            path = self._search(request, barred)
            if path is None:
                return None
            clash = self._own_clash(path)
            if clash is None:
                self._keep(request.net, path)
                return _corners(path)
            barred.add(clash)
        return None

    def trunk(self, net: str) -> Mapping[GridPoint, int]:
        """The places from which later wires of a net may branch, with the axes of the wire there."""
        return self.nets[net].trunk if net in self.nets else {}

    def occupy(self, net: str, places: Iterable[GridPoint], axes: int) -> None:
        """A piece of a wire whose way is known is part of the grid, and others of its net may branch from it."""
        laid, places = self.nets.setdefault(net, Laid()), list(places)
        for place in places:
            self.used.setdefault(place, []).append((net, axes))
            laid.marks.append((place, axes))
            laid.trunk[place] = axes
        self._changed(places)

    def forget(self, net: str, path: tuple[GridPoint, ...], place: GridPoint) -> None:
        """Lets no later wire of a net branch from its path before `place`, where the net's sign stands."""
        trunk = self.nets[net].trunk
        for (x, y), (to_x, to_y) in itertools.pairwise(path):
            dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
            while (x, y) != (to_x, to_y):
                if (x, y) == place:
                    return
                trunk.pop((x, y), None)
                x, y = x + dx, y + dy

    def lift(self, net: str) -> Laid:
        """Takes the wires and the notes of a net off the grid, and gives them."""
        laid = self.nets.pop(net, Laid())
        for place, axes in laid.marks:
            there = self.used[place]
            there.remove((net, axes))
            if not there:
                del self.used[place]
        self.blocked.difference_update(laid.notes)
        self._changed(place for place, _ in laid.marks)
        self._changed(laid.notes)
        return laid

    def lay(self, net: str, laid: Laid) -> None:
        """Puts back what `lift` has taken."""
        self.nets[net] = laid
        for place, axes in laid.marks:
            self.used.setdefault(place, []).append((net, axes))
        self.blocked.update(laid.notes)
        self._changed(place for place, _ in laid.marks)
        self._changed(laid.notes)

    def crossed(self, net: str) -> list[str]:
        """The nets that a net crosses."""
        return self.near(net, [place for place, _ in self.nets[net].marks] if net in self.nets else ())

    def near(self, net: str, places: Iterable[GridPoint]) -> list[str]:
        """The nets that take some of the places, but for one."""
        found = dict.fromkeys(owner for x, y in places for owner, _ in self.used.get((x % self.column.width, y), ()))
        return [owner for owner in found if owner != net]

    def price_of(self, corners: Iterable[GridPoint]) -> float:
        """What a way costs as the grid is: its length, its bends, and what it passes."""
        corners, total = list(corners), 0.0
        for (x, y), (to_x, to_y) in itertools.pairwise(corners):
            dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
            total += self.care.bend
            while (x, y) != (to_x, to_y):
                x, y = x + dx, y + dy
                total += 1 + max(self._price(x % self.column.width, y, 0 if dx else 1), 0.0)
        return total

    def _own_clash(self, path: list[GridPoint]) -> GridPoint | None:
        """Where a wire would lie on its own copy in the next column."""
        period, seen = self.column.width, dict[GridPoint, int]()
        for index, (x, y) in enumerate(path):
            place = (x % period, y)
            if place in seen:
                return path[min(max(index, 1), len(path) - 2)]
            seen[place] = index
        return None

    def _keep(self, net: str, path: list[GridPoint]) -> None:
        laid, period = self.nets.setdefault(net, Laid()), self.column.width
        for index, (x, y) in enumerate(path):
            axes = 0
            for other in path[max(index - 1, 0) : index] + path[index + 1 : index + 2]:
                axes |= 1 if other[1] == y else 2
            ends = len(path) - 4 < index < len(path) - 1
            mark = 3 if ends else axes
            self.used.setdefault((x % period, y), []).append((net, mark))
            laid.marks.append(((x % period, y), mark))
            if 1 < index < len(path) - 2:
                laid.trunk[x, y] = laid.trunk.get((x, y), 0) | axes
        self._changed((x % period, y) for x, y in path)

    def _starts(self, request: Request) -> list[Port]:
        trunk = self.trunk(request.net) if request.shared else {}
        period = self.column.width
        own = [port for port in request.starts if (port[0] % period, port[1]) not in self.used]
        if not trunk:
            return own
        found = [(x, y, way, cost + 6) for x, y, way, cost in own]
        for (x, y), axes in trunk.items():
            if axes in (1, 2) and len(self.used[x % period, y]) == 1:
                found += [(x, y, way, self.care.bend) for way in ((DOWN, UP) if axes == 1 else (RIGHT, LEFT))]
        return found

    def _search(self, request: Request, barred: set[GridPoint]) -> list[GridPoint] | None:
        period = self.column.width
        goals = {(x, y): ((way + 2) % 4, cost) for x, y, way, cost in request.goals if (x % period, y) not in self.used}
        if (request.line is None and not goals) or self.looked >= self.budget:
            return None
        search = Search(
            request,
            self._starts(request),
            goals,
            barred,
            self.used,
            self._prices if self.lasting else {},
            self._price,
            period,
            self.column.height,
            self.care,
        )
        path = search.path(min(self.most, self.budget - self.looked))
        self.looked += search.looked
        return path

    def _price(self, x: int, y: int, axis: int) -> float:
        """What it costs to go through a place level (0) or upright (1) beyond its length; negative: there is no way."""
        if (x, y) in self.blocked:
            return -1
        there, along = self.used.get((x, y)), 1 + axis
        if there:
            return self.care.crossing if len(there) == 1 and there[0][1] == 3 - along else -1
        dx, dy = STEPS[1 - axis]
        for side in (1, -1):
            near = ((x + side * dx) % self.column.width, y + side * dy)
            if near in self.blocked:
                return _NEAR
            if any(axes & along for _, axes in self.used.get(near, ())):
                return _BESIDE
        return 0.0


def _corners(path: list[GridPoint]) -> tuple[GridPoint, ...]:
    kept = [path[0]]
    for before, here, after in zip(path, path[1:], path[2:], strict=False):
        if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1]):
            kept.append(here)
    return (*kept, path[-1])


def ports(spot: Spot, sides: Mapping[int, float], shift: int = 0, round_: bool = False) -> tuple[Port, ...]:
    """Places on the border of a box, the middle of each side first; `sides` are the ways out and what they cost."""
    found: list[Port] = []
    for way, cost in sides.items():
        upright = way in (UP, DOWN)
        half = (spot.width if upright else spot.height) // 2
        reach = (2 if spot.height > 4 else 1) if round_ else max(half - 1, 0)
        for off in range(-reach, reach + 1):
            x, y = (spot.x + off, spot.top if way == UP else spot.bottom) if upright else (0, 0)
            if not upright:
                x, y = spot.right if way == RIGHT else spot.left, spot.y + off
            found.append((x + shift, y, way, cost + _PORT * abs(off)))
    return tuple(sorted(found, key=lambda port: port[3]))
