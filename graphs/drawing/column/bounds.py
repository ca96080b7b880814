"""What is surely left to pay on the way to a goal, and so what each step and each bend costs beyond it.

A wire that bends towards its goals where it has to costs nothing beyond the bound (the potentials of A*, Hart et al.
1968). Bends are counted as in Wybrow, Marriott and Stuckey (2009), from the side on which a goal is entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from leporello.graphs.drawing.column.grid import Area
from leporello.graphs.drawing.column.requests import Care, Port, Request
from leporello.graphs.frozen import frozen

NEVER = 1 << 40
_SIDES = (-1, 0, 1)
Masks = list[tuple[int, int]]
"""Prices, each with the places that cost so much."""
Dearer = list[tuple[int, int, int]]
"""Prices, each with the places that cost so much for who comes from the left or from above, and from the other side."""


@frozen
class Target:
    """Where a wire is to arrive: the rectangle around its goals; `ahead` is what bends and ports cost at least.

    That is for one who travels level (0) or upright (1), left of the goals or above them (0), in line with them (1),
    or beyond them (2): `ahead[axis][column][line]`.
    """

    left: int
    top: int
    right: int
    bottom: int
    bend: int
    ahead: tuple[tuple[tuple[int, ...], ...], ...]

    def far(self, x: int, y: int, axis: int) -> int:
        """The least cost from a place to a goal."""
        column = line = 1
        length = 0
        if x < self.left:
            column, length = 0, self.left - x
        elif x > self.right:
            column, length = 2, x - self.right
        if y < self.top:
            line, length = 0, length + self.top - y
        elif y > self.bottom:
            line, length = 2, length + y - self.bottom
        return length + self.ahead[axis][column][line]


def target(request: Request, care: Care, goals: Sequence[Port]) -> Target:
    """The target of a request, of which the `goals` are still free."""
    if request.line is not None:
        ahead = _ahead((0, 0, 0, 0), care.bend)
        return Target(request.bounds[0], request.line, request.bounds[1], request.line, care.bend, ahead)
    xs, ys = [goal[0] for goal in goals], [goal[1] for goal in goals]
    costs = [NEVER] * 4
    for _, _, way, cost in goals:
        costs[way ^ 2] = min(costs[way ^ 2], cost)
    return Target(min(xs), min(ys), max(xs), max(ys), care.bend, _ahead(tuple(costs), care.bend))


@lru_cache(512)
def _ahead(costs: tuple[int, ...], bend: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """What is ahead where goals cost so much, by the way in which one comes there."""
    return tuple(
        tuple(tuple(_least(axis, column, line, costs, bend) for line in _SIDES) for column in _SIDES) for axis in (0, 1)
    )


def _least(axis: int, column: int, line: int, costs: Sequence[int], bend: int) -> int:
    along, athwart = (line, column) if axis else (column, line)
    least = NEVER
    for way, cost in enumerate(costs):
        behind = 1 if way < 2 else -1
        if way & 1 == axis:
            bends = 2 if athwart else 4 if along == behind else 0
        else:
            bends = 3 if athwart in (behind, 0) else 1
        least = min(least, cost + bends * bend)
    return least


def prices(area: Area, care: Care, axis: int, home: tuple[int, int] | None = None) -> Masks:
    """What it costs to go through a place level (0) or upright (1) beyond a step.

    Upright it costs something outside of the columns that are `home`, if any are.
    """
    side, free = (1 if axis else area.stride), area.open
    wires, athwart = (area.upright, area.level) if axis else (area.level, area.upright)
    wires |= area.both
    along = (area.boxes << side | area.boxes >> side) & free
    free ^= along
    beside = (wires << side | wires >> side) & free
    if axis and home:
        beside |= free & ~area.columns(*home)
    found = [(0, free ^ beside), (care.beside, beside), (care.along, along)]
    across = athwart & area.allowed
    return [*found, (care.crossing, across ^ across & area.closed)]


def steps(area: Area, target: Target, priced: Masks, axis: int) -> tuple[tuple[int, int], Dearer]:
    """Where a step costs nothing beyond the bound (to the right or down, to the left or up), and what others cost."""
    if axis:
        low, high, zone = target.top, target.bottom, area.lines
    else:
        low, high, zone = target.left, target.right, area.columns
    before, after = zone(-NEVER, low), zone(high, NEVER)
    found: dict[int, list[int]] = {0: [0, 0]}
    for which, toward, away in ((0, before, zone(high + 1, NEVER)), (1, after, zone(-NEVER, low - 1))):
        for price, mask in ((price, mask) for price, mask in priced if mask):
            nearer, farther = mask & toward, mask & away
            for more, part in ((0, nearer), (1, mask ^ nearer ^ farther), (2, farther)):
                if part:
                    found.setdefault(price + more, [0, 0])[which] |= part
    upper, lower = found.pop(0)
    return (upper, lower), [(more, *both) for more, both in sorted(found.items())]  # type: ignore[misc]


def turns(area: Area, target: Target) -> tuple[Masks, Masks]:
    """What a bend costs beyond the bound for one who travels level, and for one who travels upright."""
    found: tuple[dict[int, int], dict[int, int]] = ({}, {})
    lines = [area.lines(first, last) for first, last in _thirds(target.top, target.bottom)]
    for column, (first, last) in enumerate(_thirds(target.left, target.right)):
        strip = area.columns(first, last) & area.open
        for line, mask in enumerate(lines):
            part = strip & mask
            if part:
                more = target.ahead[1][column][line] - target.ahead[0][column][line]
                found[0][target.bend + more] = found[0].get(target.bend + more, 0) | part
                found[1][target.bend - more] = found[1].get(target.bend - more, 0) | part
    return sorted(found[0].items()), sorted(found[1].items())


def _thirds(first: int, last: int) -> tuple[tuple[int, int], ...]:
    """What lies before two places, from one to the other, and beyond."""
    return (-NEVER, first - 1), (first, last), (last + 1, NEVER)
