"""A way that is known is the way that is found: anywhere on the grid, with more work or less."""

from __future__ import annotations

from random import Random

import pytest

from leporello.graphs.drawing.column.bounds import NEVER, target
from leporello.graphs.drawing.column.grid import Grid
from leporello.graphs.drawing.column.known import Found, Sought, cheapest, forget
from leporello.graphs.drawing.column.requests import DOWN, UP, Care, Request

WIDE, HIGH, CARE = 60, 400, Care()
ENOUGH = 100_000


def cell(grid: Grid, x: int, y: int, choose: Random) -> None:
    """A few boxes and wires around a place."""
    for _ in range(6):
        left, top = x + choose.randrange(-10, 6), y + choose.randrange(-18, -4)
        grid.fix(grid.note(left, top, left + choose.randrange(1, 6), top + 1))
    for _ in range(3):
        left, top = x + choose.randrange(-12, 0), y + choose.randrange(-18, -2)
        grid.add(grid.wire([(left, top), (left + choose.randrange(4, 14), top)], 0))


def sought(grid: Grid, x: int, y: int, limit: int = NEVER) -> Sought:
    """A wire from a place to one above it, among what stands there."""
    request = Request("net", ((x, y, UP, 0),), ((x + 3, y - 20, DOWN, 0), (x - 4, y - 20, DOWN, 2)), bounds=(0, WIDE))
    area, aim = grid.area(x - 16, y - 24, x + 16, y + 4), target(request, CARE, request.goals)
    return Sought(area, CARE, aim, request.starts, request.goals, limit=limit)


@pytest.mark.parametrize("seed", range(30))
def test_a_way_that_is_known_is_the_one_that_is_found(seed: int) -> None:
    grid, places = Grid(WIDE, HIGH, 1), [(24, 40), (32, 90), (24, 217), (25, 300)]
    for x, y in places:
        cell(grid, x, y, Random(seed))
    forget()
    known = [cheapest(sought(grid, x, y), ENOUGH) for x, y in places]
    anew = [found for x, y in places if not forget() for found in [cheapest(sought(grid, x, y), ENOUGH)]]
    assert known == anew
    first = known[0]
    for (x, y), found in zip(places, known, strict=True):  # the same cell has the same way
        assert found.moved(places[0][0] - x, places[0][1] - y) == first


def test_what_stands_there_since_is_seen() -> None:
    grid = Grid(WIDE, HIGH, 1)
    before = cheapest(sought(grid, 24, 40), ENOUGH)
    grid.fix(grid.note(20, 24, 30, 30))
    after = cheapest(sought(grid, 24, 40), ENOUGH)
    assert before.cost < after.cost
    assert not any(20 <= x <= 30 and 24 <= y <= 30 for x, y in after.corners)


def test_too_little_work_finds_nothing_and_is_not_kept() -> None:
    grid = Grid(WIDE, HIGH, 1)
    cell(grid, 24, 40, Random(1))
    forget()
    short = cheapest(sought(grid, 24, 40), 0)
    whole = cheapest(sought(grid, 24, 40), ENOUGH)
    assert short.corners == () != whole.corners
    assert cheapest(sought(grid, 24, 40), 0) == short, "what is known gives nobody more than there is work for"


def test_a_limit_is_a_limit_of_what_is_known_too() -> None:
    grid = Grid(WIDE, HIGH, 1)
    found = cheapest(sought(grid, 24, 40), ENOUGH)
    assert cheapest(sought(grid, 24, 40, found.cost), ENOUGH).corners == ()
    assert cheapest(sought(grid, 24, 40, found.cost + 1), ENOUGH) == found
    assert Found().moved(3, 4) == Found()
