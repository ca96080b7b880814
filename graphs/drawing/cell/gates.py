"""The name of a gate beside the wire that leaves it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.drawing.column.routing import Router
from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.scene.scene import Note, Rectangle

SIZE = 15.0


def gate_note(text: Label, corners: Sequence[GridPoint], router: Router) -> Note | None:
    """The words beside a wire, as near to its source as may be; None where there is no room."""
    wide = math.ceil((text.width(SIZE) + 4) / GRID)
    half = text.width(SIZE) / 2
    for x, y, upright in _along(corners):
        for left, right, middle in _rooms(x, y, wide, upright):
            if left >= 0 and router.free(left, middle - 1, right, middle + 1):
                router.block(left, middle - 1, right, middle + 1)
                centre = float(x * GRID)
                if upright:
                    centre = right * GRID - half if right < x else left * GRID + half
                return Note(Rectangle(centre, middle * GRID, 2 * half, SIZE * 1.2), text, SIZE, "muted")
    return None


def _along(corners: Sequence[GridPoint]) -> Iterator[tuple[int, int, bool]]:
    """Places on a wire, from its source on."""
    for (x, y), (to_x, to_y) in pairwise(corners):
        length = abs(to_x - x) + abs(to_y - y)
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        for at in range(2, max(length, 3)):
            yield x + dx * at, y + dy * at, dy != 0


def _rooms(x: int, y: int, wide: int, upright: bool) -> list[tuple[int, int, int]]:
    """Rooms beside a place on a wire: from the left, to the right, and their middle line."""
    if upright:
        return [(x - wide - 1, x - 1, y), (x + 1, x + wide + 1, y)]
    return [(x - wide // 2, x + (wide + 1) // 2, middle) for middle in (y - 2, y + 2)]
