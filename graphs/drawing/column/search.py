"""The cheapest way for one wire on a grid that repeats with the width of a column (A*, Hart et al. 1968)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

RIGHT, DOWN, LEFT, UP = range(4)
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
_ONWARD = [[((way + turn) % 4, *STEPS[(way + turn) % 4], turn) for turn in (0, 1, 3)] for way in range(4)]
_AHEAD = [onward[:1] for onward in _ONWARD]
_UNKNOWN = -2.0

GridPoint = tuple[int, int]
Port = tuple[int, int, int, float]
"""A place on a box's border, the way out of it, and what it costs to use it."""
State = tuple[int, int, int]
"""A place and the way by which a wire comes there."""


@dataclass(frozen=True)
class Request:
    """A wire to be found: from ports to ports (or to a line of the grid), between the columns `bounds`."""

    net: str
    starts: tuple[Port, ...]
    goals: tuple[Port, ...] = ()
    line: int | None = None
    bounds: tuple[int, int] = (0, 0)
    shared: bool = True
    avoid: frozenset[GridPoint] = frozenset()


@dataclass(frozen=True)
class Care:
    """What is avoided: bends and crossings cost so many units of length.

    With `haste` above 1 a way is found sooner, and is not always the cheapest.
    """

    bend: float = 4.0
    crossing: float = 8.0
    haste: float = 1.4


@dataclass
class Search:
    """One search: `price` is what a place costs beyond its length (negative: closed), by place and axis.

    `taken` are the places of wires, where none may turn.
    """

    request: Request
    starts: Iterable[Port]
    goals: Mapping[GridPoint, tuple[int, float]]
    barred: set[GridPoint]
    taken: Mapping[GridPoint, object]
    prices: dict[State, float]
    price: Callable[[int, int, int], float]
    period: int
    height: int
    care: Care
    looked: int = 0

    def path(self, most: int) -> list[GridPoint] | None:
        """The places of the way from a start to a goal, of at most `most` that are looked at.

        One function, without calls where it can be: pictures spend more of their time here than anywhere else.
        """
        line, (low, high), haste, bend = self.request.line, self.request.bounds, self.care.haste, self.care.bend
        goals, taken, barred, prices = self.goals, self.taken, self.barred, self.prices
        period, height = self.period, self.height
        left, right, top, bottom = _around(goals) if line is None else (low, high, line, line)
        queue: list[tuple[float, int, float, State]] = []
        cost_of: dict[State, float] = {}
        came: dict[State, State] = {}
        seen: set[State] = set()
        count = 0
        for x, y, way, cost in self.starts:
            state = (x, y, way)
            if cost < cost_of.get(state, 1e9):
                cost_of[state] = cost
                heapq.heappush(queue, (cost, count, cost, state))
                count += 1
        while queue and len(seen) < most:
            _, _, cost, state = heapq.heappop(queue)
            if state in seen:
                continue
            seen.add(state)
            x, y, way = state
            first = state not in came
            if not first and (y == line or (x, y) in goals):
                self.looked = len(seen)
                return _back(state, came)
            straight = first or (x % period, y) in taken
            for onward, step_x, step_y, turn in _AHEAD[way] if straight else _ONWARD[way]:
                nx, ny = x + step_x, y + step_y
                goal = goals.get((nx, ny))
                if goal is None:
                    if not (low <= nx < high and 0 <= ny < height) or (barred and (nx, ny) in barred):
                        continue
                    place = (nx % period, ny, onward & 1)
                    price = prices.get(place, _UNKNOWN)
                    if price == _UNKNOWN:
                        price = prices[place] = self.price(*place)
                    if price < 0:
                        continue
                elif goal[0] == onward:
                    price = goal[1] + (self.care.crossing if (x % period, y) in taken else 0)
                else:
                    continue
                total = cost + 1 + price + (bend if turn else 0)
                after = (nx, ny, onward)
                if total < cost_of.get(after, 1e9):
                    cost_of[after], came[after] = total, state
                    count += 1
                    dx = left - nx if nx < left else nx - right if nx > right else 0
                    dy = top - ny if ny < top else ny - bottom if ny > bottom else 0
                    aside = dx if onward & 1 else dy
                    far = total + haste * (dx + dy) + (bend if aside else 0)
                    heapq.heappush(queue, (far, count, total, after))
        self.looked = len(seen)
        return None


def _around(goals: Iterable[GridPoint]) -> tuple[int, int, int, int]:
    xs, ys = [x for x, _ in goals], [y for _, y in goals]
    return min(xs), max(xs), min(ys), max(ys)


def _back(state: State, came: Mapping[State, State]) -> list[GridPoint]:
    path = [state[:2]]
    while state in came:
        state = came[state]
        path.append(state[:2])
    return path[::-1]
