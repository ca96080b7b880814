"""Wires on a grid that repeats with the width of a column: one route serves every step (A*, Hart et al. 1968)."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leporello.graphs.drawing.placement import Column, Spot

RIGHT, DOWN, LEFT, UP = range(4)
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
_BEND, _CROSSING, _BESIDE, _NEAR, _PORT = 4.0, 8.0, 1.0, 3.0, 0.4
_HASTE, _UNKNOWN = 1.4, -2.0

Cell = tuple[int, int]
Port = tuple[int, int, int, float]
"""A place on a box's border, the way out of it, and what it costs to use it."""


@dataclass(frozen=True)
class Request:
    """A wire to be found: from ports to ports (or to a line of the grid), between the columns `bounds`."""

    net: str
    starts: tuple[Port, ...]
    goals: tuple[Port, ...] = ()
    line: int | None = None
    bounds: tuple[int, int] = (0, 0)
    shared: bool = True
    avoid: frozenset[Cell] = frozenset()


@dataclass
class Router:
    """The grid of a column with its boxes, notes and wires, all of which stand there again in the next column.

    At most `most` places are looked at for one wire, and `budget` for all: what is not found then is missing.
    """

    column: Column
    blocked: set[Cell] = field(default_factory=set)
    used: dict[Cell, list[tuple[str, int]]] = field(default_factory=dict)
    trunks: dict[str, dict[Cell, int]] = field(default_factory=dict)
    most: int = 40_000
    budget: int = 1_000_000

    def __post_init__(self) -> None:
        for spot in self.column.spots.values():
            self.block(spot.left, spot.top, spot.right, spot.bottom)

    def block(self, left: int, top: int, right: int, bottom: int) -> None:
        """Closes a rectangle of the grid, its border included."""
        period = self.column.width
        self.blocked.update((x % period, y) for x in range(left, right + 1) for y in range(top, bottom + 1))

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

    def route(self, request: Request) -> tuple[Cell, ...] | None:
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

    def forget(self, net: str, path: tuple[Cell, ...], place: Cell) -> None:
        """Lets no later wire of a net branch from its path before `place`, where the net's sign stands."""
        trunk = self.trunks[net]
        for (x, y), (to_x, to_y) in itertools.pairwise(path):
            dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
            while (x, y) != (to_x, to_y):
                if (x, y) == place:
                    return
                trunk.pop((x, y), None)
                x, y = x + dx, y + dy

    def _own_clash(self, path: list[Cell]) -> Cell | None:
        """Where a wire would lie on its own copy in the next column."""
        period, seen = self.column.width, dict[Cell, int]()
        for index, (x, y) in enumerate(path):
            place = (x % period, y)
            if place in seen:
                return path[min(max(index, 1), len(path) - 2)]
            seen[place] = index
        return None

    def _keep(self, net: str, path: list[Cell]) -> None:
        trunk, period = self.trunks.setdefault(net, {}), self.column.width
        for index, (x, y) in enumerate(path):
            axes = 0
            for other in path[max(index - 1, 0) : index] + path[index + 1 : index + 2]:
                axes |= 1 if other[1] == y else 2
            ends = len(path) - 4 < index < len(path) - 1
            self.used.setdefault((x % period, y), []).append((net, 3 if ends else axes))
            if 1 < index < len(path) - 2:
                trunk[x, y] = trunk.get((x, y), 0) | axes

    def _starts(self, request: Request) -> list[Port]:
        trunk = self.trunks.get(request.net, {}) if request.shared else {}
        period = self.column.width
        own = [port for port in request.starts if (port[0] % period, port[1]) not in self.used]
        if not trunk:
            return own
        found = [(x, y, way, cost + 6) for x, y, way, cost in own]
        for (x, y), axes in trunk.items():
            if axes in (1, 2) and len(self.used[x % period, y]) == 1:
                found += [(x, y, way, _BEND) for way in ((DOWN, UP) if axes == 1 else (RIGHT, LEFT))]
        return found

    def _search(self, request: Request, barred: set[Cell]) -> list[Cell] | None:
        period, height = self.column.width, self.column.height
        low, high = request.bounds
        used, blocked, prices = self.used, self.blocked, dict[tuple[int, int, int], float]()
        goals = {(x, y): ((way + 2) % 4, cost) for x, y, way, cost in request.goals if (x % period, y) not in used}
        if request.line is None and not goals:
            return None
        box = _around(goals)
        queue: list[tuple[float, int, float, int, int, int]] = []
        cost_of: dict[tuple[int, int, int], float] = {}
        came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        count = 0
        for x, y, way, cost in self._starts(request):
            if cost < cost_of.get((x, y, way), 1e9):
                cost_of[x, y, way] = cost
                heapq.heappush(queue, (cost + _far(x, y, way, box, request.line), count, cost, x, y, way))
                count += 1
        seen: set[tuple[int, int, int]] = set()
        while queue and self.budget > 0 and len(seen) < self.most:
            _, _, cost, x, y, way = heapq.heappop(queue)
            state = (x, y, way)
            if state in seen:
                continue
            seen.add(state)
            self.budget -= 1
            first = state not in came
            if not first and (y == request.line or (x, y) in goals):
                return _back(state, came)
            straight_only = first or (x % period, y) in used
            for turn in (0,) if straight_only else (0, 1, 3):
                onward = (way + turn) % 4
                nx, ny = x + STEPS[onward][0], y + STEPS[onward][1]
                goal = goals.get((nx, ny))
                if goal is None:
                    if not (low <= nx < high and 0 <= ny < height) or (nx, ny) in barred:
                        continue
                    place = (nx % period, ny, onward & 1)
                    price = prices.get(place, _UNKNOWN)
                    if price == _UNKNOWN:
                        price = prices[place] = self._price(place[0], ny, onward, blocked, used)
                elif goal[0] == onward:
                    price = goal[1] + (_CROSSING if (x % period, y) in used else 0)
                else:
                    continue
                if price < 0:
                    continue
                total = cost + 1 + price + (_BEND if turn else 0)
                after = (nx, ny, onward)
                if total < cost_of.get(after, 1e9):
                    cost_of[after], came[after] = total, state
                    count += 1
                    heapq.heappush(
                        queue, (total + _far(nx, ny, onward, box, request.line), count, total, nx, ny, onward)
                    )
        return None

    def _price(self, x: int, y: int, way: int, blocked: set[Cell], used: Mapping[Cell, list[tuple[str, int]]]) -> float:
        """What it costs to go through a place beyond its length; negative where there is no way."""
        if (x, y) in blocked:
            return -1
        there, along = used.get((x, y)), 1 if way in (RIGHT, LEFT) else 2
        if there:
            return _CROSSING if len(there) == 1 and there[0][1] == 3 - along else -1
        dx, dy = STEPS[(way + 1) % 4]
        for side in (1, -1):
            near = ((x + side * dx) % self.column.width, y + side * dy)
            if near in blocked:
                return _NEAR
            if any(axes & along for _, axes in used.get(near, ())):
                return _BESIDE
        return 0.0


def _around(goals: Iterable[Cell]) -> tuple[int, int, int, int]:
    cells = list(goals) or [(0, 0)]
    xs, ys = [x for x, _ in cells], [y for _, y in cells]
    return min(xs), max(xs), min(ys), max(ys)


def _far(x: int, y: int, way: int, box: tuple[int, int, int, int], line: int | None) -> float:
    """About what it still costs to reach the goals: a little too much, which finds a good way sooner."""
    if line is not None:
        return _HASTE * abs(y - line)
    left, right, top, bottom = box
    dx, dy = max(left - x, x - right, 0), max(top - y, y - bottom, 0)
    bends = (dx > 0 and way in (UP, DOWN)) + (dy > 0 and way in (LEFT, RIGHT))
    return _HASTE * (dx + dy) + _BEND * bends


def _back(state: tuple[int, int, int], came: Mapping[tuple[int, int, int], tuple[int, int, int]]) -> list[Cell]:
    path = [state[:2]]
    while state in came:
        state = came[state]
        path.append(state[:2])
    return path[::-1]


def _corners(path: list[Cell]) -> tuple[Cell, ...]:
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
