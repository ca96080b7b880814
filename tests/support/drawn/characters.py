"""What the tests of pictures in characters share: how a wire is followed by eye."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

Cell = tuple[int, int]
BENDS = {"╭": "dr", "╮": "dl", "╰": "ur", "╯": "ul", "─": "lr", "╌": "lr", "│": "ud", "╎": "ud"}
BENDS |= {"├": "udr", "┤": "udl", "┴": "ulr", "┬": "dlr", "┼": "udlr"}
"""Where the signs of wires lead: up, down, left, right."""
ARROWS = {"▲": "u", "▼": "d", "◀": "l", "▶": "r"}
"""Where arrows point."""


def places(corners: Iterable[Cell]) -> list[Cell]:
    """All places of a wire, from corner to corner."""
    first, *rest = corners
    found = [first]
    for (x, y), (to_x, to_y) in pairwise([first, *rest]):
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        while (x, y) != (to_x, to_y):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def way(here: Cell, there: Cell) -> str:
    """The way from a place to the next one."""
    return {(0, -1): "u", (0, 1): "d", (-1, 0): "l", (1, 0): "r"}[there[0] - here[0], there[1] - here[1]]
