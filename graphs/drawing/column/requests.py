"""What is asked of the router: a wire from ports to ports, and what such a wire is to avoid."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.drawing.column.placement import Spot
from leporello.graphs.frozen import frozen

RIGHT, DOWN, LEFT, UP = range(4)
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))

GridPoint = tuple[int, int]
Port = tuple[int, int, int, int]
"""A place on a box's border, the way out of it, and what it costs to use it."""


@frozen
class Request:
    """A wire to be found: from ports to ports (or to a line of the grid), between the columns `bounds`.

    Where it may be `shared` it may begin on another wire of its net. It does not touch the places to `avoid`.
    It had better run up and down where it is at `home`: between these columns.
    """

    net: str
    starts: tuple[Port, ...]
    goals: tuple[Port, ...] = ()
    line: int | None = None
    bounds: tuple[int, int] = (0, 0)
    shared: bool = True
    avoid: frozenset[GridPoint] = frozenset()
    home: tuple[int, int] | None = None


@frozen
class Care:
    """What is avoided, in units of length: a bend, a crossing, and a unit beside another wire or along a box."""

    bend: int = 8
    crossing: int = 16
    beside: int = 1
    along: int = 3


def ports(spot: Spot, sides: Mapping[int, int], shift: int = 0, round_: bool = False) -> tuple[Port, ...]:
    """Places on the border of a box, the middle of each side first; `sides` are the ways out and what they cost.

    Two units aside of the middle cost as much as one of length.
    """
    found: list[Port] = []
    for way, cost in sides.items():
        upright = way in (UP, DOWN)
        half = (spot.width if upright else spot.height) // 2
        reach = (2 if spot.height > 4 else 1) if round_ else max(half - 1, 0)
        for off in range(-reach, reach + 1):
            x, y = (spot.x + off, spot.top if way == UP else spot.bottom) if upright else (0, 0)
            if not upright:
                x, y = spot.right if way == RIGHT else spot.left, spot.y + off
            found.append((x + shift, y, way, cost + (abs(off) + 1) // 2))
    return tuple(sorted(found, key=lambda port: port[3]))
