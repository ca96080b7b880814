"""The way that a wave finds is the cheapest there is: compared with a search place by place."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.drawing.column.bounds import target
from leporello.graphs.drawing.column.effort import Cancelled
from leporello.graphs.drawing.column.grid import Grid
from leporello.graphs.drawing.column.nets import places
from leporello.graphs.drawing.column.requests import STEPS, Care, GridPoint, Port, Request
from leporello.graphs.drawing.column.search import Wave

WIDE, HIGH, CARE = 14, 11, Care(bend=5, crossing=9, beside=1, along=2)


@dataclass
class Plain:
    """The places of a grid, one by one: what is closed, and by which ways wires run (1 level, 2 upright, 3 both)."""

    closed: set[GridPoint]
    wires: dict[GridPoint, int]

    def price(self, x: int, y: int, axis: int) -> int | None:
        """What it costs to go through a place beyond a step; None where there is no way."""
        if not (0 <= x < WIDE and 0 <= y < HIGH) or (x, y) in self.closed:
            return None
        own = self.wires.get((x, y), 0)
        if own:
            return CARE.crossing if own == 2 - axis else None
        sides = [(x, y - 1), (x, y + 1)] if axis == 0 else [((x - 1) % WIDE, y), ((x + 1) % WIDE, y)]  # it repeats
        if any(side in self.closed for side in sides):
            return CARE.along
        return CARE.beside if any(self.wires.get(side, 0) & 1 + axis for side in sides) else 0

    def cheapest(self, starts: list[Port], goals: list[Port]) -> int | None:
        """What the cheapest way costs (Dijkstra 1959)."""
        queue: list[tuple[int, int, int, int]] = []
        for x, y, way, cost in starts:
            dx, dy = STEPS[way]
            price = self.price(x + dx, y + dy, way & 1)
            if price is not None:
                queue.append((cost + 1 + price, x + dx, y + dy, way & 1))
        heapq.heapify(queue)
        done: dict[tuple[int, int, int], int] = {}
        best: int | None = None
        while queue:
            cost, x, y, axis = heapq.heappop(queue)
            if (x, y, axis) in done:
                continue
            done[x, y, axis] = cost
            for way in (axis, axis + 2):
                to_x, to_y = x + STEPS[way][0], y + STEPS[way][1]
                for goal_x, goal_y, out, price in goals:
                    if (goal_x, goal_y) == (to_x, to_y) and out == way ^ 2:
                        before = ((x - STEPS[way][0]) % WIDE, y - STEPS[way][1])  # the next column begins there
                        tips = ((x, y) in self.wires) + (before in self.wires)
                        total = cost + 1 + price + tips * CARE.crossing
                        best = total if best is None else min(best, total)
                more = self.price(to_x, to_y, axis)
                if more is not None:
                    heapq.heappush(queue, (cost + 1 + more, to_x, to_y, axis))
            if (x, y) not in self.wires:
                heapq.heappush(queue, (cost + CARE.bend, x, y, 1 - axis))
        return best


@st.composite
def grids(sample: st.DrawFn) -> tuple[Grid, Plain, list[Port], list[Port]]:
    """A grid with two boxes, something in the way, and wires; ports on all sides of the boxes."""
    grid, plain = Grid(WIDE, HIGH, 1), Plain(set(), {})
    ports: list[list[Port]] = []
    for left in (sample(st.integers(1, 4)), sample(st.integers(8, 11))):
        top = sample(st.integers(1, HIGH - 4))
        _close(grid, plain, left, top, left + 1, top + 1)
        sides = [(left, top, 3), (left + 1, top + 1, 1), (left, top + 1, 2), (left + 1, top, 0)]
        ports.append([(x, y, way, sample(st.integers(0, 4))) for x, y, way in sides])
    for _ in range(sample(st.integers(0, 3))):
        x, y = sample(st.integers(0, WIDE - 1)), sample(st.integers(0, HIGH - 1))
        _close(grid, plain, x, y, min(x + sample(st.integers(0, 3)), WIDE - 1), y)
    for _ in range(sample(st.integers(0, 4))):
        _run(sample, grid, plain)
    return grid, plain, ports[0], ports[1]


def _close(grid: Grid, plain: Plain, left: int, top: int, right: int, bottom: int) -> None:
    grid.fix(grid.note(left, top, right, bottom))
    plain.closed |= {(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)}


def _run(sample: st.DrawFn, grid: Grid, plain: Plain) -> None:
    """One more wire, of one or two pieces."""
    x, y = sample(st.integers(0, WIDE - 1)), sample(st.integers(0, HIGH - 1))
    to_x, to_y = sample(st.integers(0, WIDE - 1)), sample(st.integers(0, HIGH - 1))
    corners = [(x, y), (to_x, y), (to_x, to_y)]
    corners = [corner for index, corner in enumerate(corners) if index == 0 or corner != corners[index - 1]]
    if len(corners) > 1:
        grid.add(grid.wire(corners, 0))
        for (ax, ay), (bx, by) in pairwise(corners):
            axes = 1 if ay == by else 2
            for place in places([(ax, ay), (bx, by)]):
                there = plain.wires.get(place, 0)
                plain.wires[place] = 3 if there and (there | axes == 3 or there == axes) else axes


@given(grids())
def test_the_way_is_the_cheapest(sample: tuple[Grid, Plain, list[Port], list[Port]]) -> None:
    grid, plain, starts, goals = sample
    wave = _wave(grid, starts, goals)
    found, wanted = wave.run(10_000), plain.cheapest(starts, goals)
    assert (found and found[1]) == wanted
    if found:
        corners, cost = found
        assert corners[0] in {port[:2] for port in starts}
        assert corners[-1] in {port[:2] for port in goals}
        assert all(not set(_between(leg)) & plain.closed for leg in pairwise(corners))
        assert all(corner not in plain.wires for corner in corners[1:-1])
        again = _wave(grid, starts, goals)
        assert again.run(10_000, cost) is None
        assert _wave(grid, starts, goals).run(10_000, cost + 1) == found


def _wave(grid: Grid, starts: list[Port], goals: list[Port]) -> Wave:
    area = grid.area(0, 0, WIDE, HIGH)
    request = Request("n", tuple(starts), tuple(goals), bounds=(0, WIDE))
    wave = Wave(area, CARE, target(request, CARE, goals), goals, None)
    wave.start(starts)
    return wave


def _between(leg: tuple[GridPoint, GridPoint]) -> list[GridPoint]:
    return list(places(leg))[1:-1]


def test_no_way_is_no_way() -> None:
    grid = Grid(WIDE, HIGH, 1)
    grid.add(grid.note(6, -1, 6, HIGH))
    assert _wave(grid, [(2, 5, 0, 0)], [(10, 5, 2, 0)]).run(10_000) is None
    assert _wave(grid, [], [(10, 5, 2, 0)]).run(10_000) is None


def test_a_line_is_reached_where_it_is_nearest() -> None:
    grid = Grid(WIDE, HIGH, 1)
    request = Request("n", ((4, 6, 3, 0),), line=0, bounds=(0, WIDE))
    wave = Wave(grid.area(0, 0, WIDE, HIGH), CARE, target(request, CARE, ()), (), 0)
    wave.start(request.starts)
    assert wave.run(10_000) == ([(4, 6), (4, 0)], 6)


def test_what_a_watch_raises_ends_the_search() -> None:
    grid = Grid(400, 300, 1)
    for x in range(20, 380, 4):
        grid.add(grid.note(x, 0 if x % 8 else 4, x, 295 if x % 8 else 300))

    def cancel() -> None:
        raise Cancelled

    request = Request("n", ((5, 5, 0, 0),), ((395, 5, 2, 0),), bounds=(0, 400))
    wave = Wave(grid.area(0, 0, 400, 300), CARE, target(request, CARE, request.goals), request.goals, None)
    wave.start(request.starts)
    with pytest.raises(Cancelled):
        wave.run(1_000_000, tell=cancel)
