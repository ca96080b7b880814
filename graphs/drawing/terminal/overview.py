"""A picture so small that only its shape is seen: boxes and wires as dots, eight to a cell (braille)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from leporello.graphs.drawing.scene.scene import Point, Rectangle, Scene

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a cell, by its line and column."""
BLANK = "\N{BRAILLE PATTERN BLANK}"


def overview(scene: Scene, columns: int, lines: int, left: float = 0.0) -> list[str]:
    """The scene, which counts in characters, as large as it has room in a field of so many; lines of the same length.

    >>> from leporello.graphs.drawing.scene.scene import Line, Scene
    >>> overview(Scene(80, 10, "", "", lines=(Line("a", ((0, 0), (80, 0)), "now"),)), 4, 1)
    ['⠉⠉⠉⠉']
    """
    across, down = 2 * columns - 1, 4 * lines - 1
    by = min(across / max(scene.width, 1.0), down / max(2 * scene.height, 1.0))
    cells = [[0] * columns for _ in range(lines)]
    moved = round(left * by)
    for far, y in _points(scene, by):
        x = far - moved
        if 0 <= x <= across and 0 <= y <= down:
            cells[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return ["".join(chr(ord(BLANK) + bits) for bits in row) for row in cells]


def _points(scene: Scene, by: float) -> Iterator[tuple[int, int]]:
    """The dots of boxes, which are full, and of wires."""
    for place in (*(figure.place for figure in scene.figures), *(bar.place for bar in scene.bars)):
        yield from _full(place, by)
    for line in scene.lines:
        for start, end in pairwise(line.points):
            yield from _straight(start, end, by)


def _full(place: Rectangle, by: float) -> Iterator[tuple[int, int]]:
    left, top = _dot((place.x - place.width / 2, place.y - place.height / 2), by)
    right, foot = _dot((place.x + place.width / 2, place.y + place.height / 2), by)
    yield from ((x, y) for x in range(left, right + 1) for y in range(top, foot + 1))


def _straight(start: Point, end: Point, by: float) -> Iterator[tuple[int, int]]:
    (x, y), (to_x, to_y) = _dot(start, by), _dot(end, by)
    steps = max(abs(to_x - x), abs(to_y - y), 1)
    yield from ((x + (to_x - x) * step // steps, y + (to_y - y) * step // steps) for step in range(steps + 1))


def _dot(point: Point, by: float) -> tuple[int, int]:
    return round(point[0] * by), round(point[1] * 2 * by)  # a cell of a terminal is twice as high as it is wide
