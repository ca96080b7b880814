"""A frame in characters around the boxes of each composite that is drawn open, where there is room for one."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.folded.frames import composites
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import Label, Run
from leporello.graphs.drawing.scene.scene import Note, Panel, Rectangle, Scene

ROOMS = ((2, 1), (3, 1), (1, 1), (4, 1), (2, 2), (3, 2), (6, 1), (4, 3))
"""Columns and lines from what is in a frame to its border: the first that does."""


class Cells(NamedTuple):
    """A field of cells, its borders included."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: Cells) -> bool:
        """Whether two fields share a cell."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom

    def holds(self, other: Cells) -> bool:
        """Whether another field lies within, its border on no border of this one."""
        across = self.left < other.left and other.right < self.right
        return across and self.top < other.top and other.bottom < self.bottom


def with_frames(scene: Scene, ascii_only: bool = False) -> Scene:
    """The scene with as many frames as it has room for, inner ones first."""
    room = _Room(scene)
    made: dict[str, tuple[Cells, Cells, str]] = {}
    for path, inside in reversed(composites([figure.identity for figure in scene.figures]).items()):
        found = room.framed(path, inside, made, ascii_only)
        if found:
            made[path] = found
    panels = tuple(Panel(_place(frame), cell=True) for frame, _, _ in made.values())
    names = tuple(Note(_place(name), Label((Run(text),)), 1, "muted") for _, name, text in made.values())
    least = min([0, *(frame.left for frame, _, _ in made.values())])
    wide = max([scene.width, *((frame.right + 1) * GRID for frame, _, _ in made.values())])
    high = max([scene.height, *((frame.bottom + 1) * GRID for frame, _, _ in made.values())])
    grown = replace(scene, width=wide, height=high, panels=panels, notes=(*scene.notes, *names))
    return grown if least >= 0 else _moved(grown, -least)


class _Room:
    """What stands in a scene, in cells."""

    def __init__(self, scene: Scene) -> None:
        self.boxes = {figure.identity: _cells(figure.place) for figure in scene.figures}
        self.words = [_cells(note.place) for note in scene.notes]
        self.wires = [([(round(x / GRID), round(y / GRID)) for x, y in line.points], line.ends) for line in scene.lines]

    def framed(
        self, path: str, inside: Collection[str], made: dict[str, tuple[Cells, Cells, str]], ascii_only: bool
    ) -> tuple[Cells, Cells, str] | None:
        """The frame of a composite, the place of its name on it and that name."""
        inner = [frame for name, (frame, _, _) in made.items() if name.startswith(path + "/")]
        others = [frame for name, (frame, _, _) in made.items() if not name.startswith(path + "/")]
        parts = [self.boxes[one] for one in inside] + inner
        parts += [_around(points) for points, ends in self.wires if set(ends) <= set(inside)]
        core = _hull(parts)
        text = f" {plain(path, 30, ascii_only)} "
        for more, less in ROOMS:
            frame = Cells(core.left - more, core.top - less, core.right + more, core.bottom + less)
            if self._fits(frame, inside, inner, others):
                for name in _names(frame, width(text)):
                    if not any(self._crosses(piece, name) for points, _ in self.wires for piece in pairwise(points)):
                        return frame, name, text
        return None

    def _fits(self, frame: Cells, inside: Collection[str], inner: Sequence[Cells], others: Sequence[Cells]) -> bool:
        wide = Cells(frame.left - 1, frame.top, frame.right + 1, frame.bottom)
        if any(wide.meets(box) for path, box in self.boxes.items() if path not in inside):
            return False
        if not all(frame.holds(one) for one in inner) or any(frame.meets(one) for one in others):
            return False
        borders = _borders(frame)
        if any(border.meets(word) for border in borders for word in self.words):
            return False
        return not any(self._along(piece, frame) for points, _ in self.wires for piece in pairwise(points))

    def _along(self, piece: tuple[tuple[int, int], tuple[int, int]], frame: Cells) -> bool:
        """Whether a piece of a wire lies on a border, or ends or bends there."""
        (x, y), (to_x, to_y) = piece
        field = _around(piece)
        top, bottom, left, right = _borders(frame)
        if x == to_x and (field.meets(left) or field.meets(right)):
            return True
        if y == to_y and (field.meets(top) or field.meets(bottom)):
            return True
        return any(Cells(*end, *end).meets(border) for end in piece for border in (top, bottom, left, right))

    def _crosses(self, piece: tuple[tuple[int, int], tuple[int, int]], place: Cells) -> bool:
        return _around(piece).meets(place)


def _borders(frame: Cells) -> tuple[Cells, Cells, Cells, Cells]:
    left, top, right, bottom = frame
    sides = Cells(left, top, left, bottom), Cells(right, top, right, bottom)
    return Cells(left, top, right, top), Cells(left, bottom, right, bottom), *sides


def _names(frame: Cells, wide: int) -> Iterator[Cells]:
    """Places for a name on the upper and the lower border, from the left."""
    for y, x in itertools.product((frame.top, frame.bottom), range(frame.left + 1, frame.right - wide + 1)):
        yield Cells(x, y, x + wide - 1, y)


def _cells(place: Rectangle) -> Cells:
    left, top = round((place.x - place.width / 2) / GRID), round((place.y - place.height / 2) / GRID)
    return Cells(left, top, round((place.x + place.width / 2) / GRID), round((place.y + place.height / 2) / GRID))


def _place(cells: Cells) -> Rectangle:
    wide, high = cells.right - cells.left, cells.bottom - cells.top
    named = high == 0
    middle = (cells.left + cells.right) / 2 * GRID, (cells.top + cells.bottom) / 2 * GRID
    return Rectangle(*middle, (wide + named) * GRID, high * GRID or GRID)


def _around(points: Iterable[tuple[int, int]]) -> Cells:
    xs, ys = zip(*points, strict=True)
    return Cells(min(xs), min(ys), max(xs), max(ys))


def _hull(fields: Sequence[Cells]) -> Cells:
    lefts, tops, rights, bottoms = zip(*fields, strict=True)
    return Cells(min(lefts), min(tops), max(rights), max(bottoms))


def _moved(scene: Scene, columns: int) -> Scene:
    """The scene so many columns to the right."""
    shift = columns * GRID

    def by(place: Rectangle) -> Rectangle:
        return replace(place, x=place.x + shift)

    return replace(
        scene,
        width=scene.width + shift,
        figures=tuple(replace(one, place=by(one.place)) for one in scene.figures),
        notes=tuple(replace(one, place=by(one.place)) for one in scene.notes),
        panels=tuple(replace(one, place=by(one.place)) for one in scene.panels),
        lines=tuple(replace(one, points=tuple((x + shift, y) for x, y in one.points)) for one in scene.lines),
    )
