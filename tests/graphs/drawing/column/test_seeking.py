"""A wire sought near its ends first is as cheap as one sought on the whole grid."""

from __future__ import annotations

from random import Random

import pytest

from leporello.graphs.drawing.column.bounds import NEVER, target
from leporello.graphs.drawing.column.grid import Grid
from leporello.graphs.drawing.column.nets import Laid
from leporello.graphs.drawing.column.requests import DOWN, UP, Care, Request
from leporello.graphs.drawing.column.search import Wave
from leporello.graphs.drawing.column.seeking import Seeker

WIDE, HIGH, CARE = 90, 260, Care()


def crowded(choose: Random) -> Grid:
    """A large grid with boxes and wires on it, all of them apart from the ends of the wire that is sought."""
    grid = Grid(WIDE, HIGH, 1)
    for _ in range(60):
        x, y = choose.randrange(2, WIDE - 24), choose.randrange(2, HIGH - 6)
        grid.fix(grid.note(x, y, x + choose.randrange(4, 20), y + 3))
    for _ in range(30):
        x, y = choose.randrange(2, WIDE - 40), choose.randrange(2, HIGH - 2)
        grid.add(grid.wire([(x, y), (x + choose.randrange(8, 36), y)], 0))
    return grid


def sought(seed: int, branched: bool) -> tuple[int, int] | None:
    """What the way costs that is found, and the cheapest of the whole grid; None where an end is taken."""
    choose = Random(seed)
    grid, trunk = crowded(choose), Laid()
    x, y, to_x = choose.randrange(20, 60), choose.randrange(120, 200), choose.randrange(20, 60)
    start, goal = (x, y, UP, 0), (to_x, y - choose.randrange(20, 60), DOWN, 0)
    if branched:
        trunk.wire([(5, y + 30), (5, 40), (choose.randrange(20, 60), 40)])
        trunk.add(grid.wire(trunk.trunk[0], 0))
        grid.add(trunk.marks[0])
    request = Request("net", (start,), (goal,), bounds=(0, WIDE))
    seeker = Seeker(grid, CARE, 1_000_000)
    found = seeker.way(request, trunk, set(), NEVER, 1_000_000)
    area = grid.area(0, 0, WIDE, HIGH)
    wave = Wave(area, CARE, target(request, CARE, [goal]), [goal], None)
    joined = 6 if trunk.trunk else 0
    wave.start([(x, y, UP, joined), *seeker._branches(trunk, area)])
    whole = wave.run(1_000_000)
    if whole is None or grid.has_wire(x, y) or grid.has_wire(*goal[:2]):
        return None
    return found.cost, whole[1] - (joined if whole[0][0] == (x, y) else 0)


@pytest.mark.parametrize("branched", [False, True])
def test_what_is_sought_near_its_ends_is_as_cheap_as_on_the_whole_grid(branched: bool) -> None:
    costs = [ends for seed in range(40) if (ends := sought(seed, branched))]
    assert [found for found, _ in costs] == [whole for _, whole in costs]
    assert len({whole for _, whole in costs}) > 20
