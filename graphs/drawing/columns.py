"""Places in the unfolded picture: one column a step, the rows of the folded picture in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leporello.graphs.drawing.levels import rows
from leporello.graphs.drawing.stretches import stretches
from leporello.graphs.drawing.unfolding import ENDS, Cell, Picture
from leporello.graphs.drawing.view import View

ROW, GUTTER, LANE = 0.85, 0.75, 0.3
Arrow = tuple[tuple[float, float], tuple[float, float]]
"""Where a line begins and ends, in inches."""


@dataclass(frozen=True)
class Place:
    """The middle and the size of a cell, in inches, the number of its column and where that begins and ends."""

    x: float
    y: float
    width: float
    height: float
    column: int
    span: tuple[float, float]

    def edge(self, way: int) -> float:
        """The edge of the cell's column on the right (1) or on the left (-1)."""
        return self.span[1] if way > 0 else self.span[0]


@dataclass(frozen=True)
class Places:
    """Where every cell stands, and where the arrow of each time axis begins and ends."""

    cells: Mapping[str, Place]
    arrows: Mapping[str, Arrow]


def places(picture: Picture) -> Places:
    """The place of every cell: columns as wide as they need, rows from the bottom."""
    stretch = {path: index for index, part in enumerate(stretches(picture.view)) for path in part.paths}
    height = _heights(picture.view, stretch)
    grid: dict[tuple[int, float], dict[int, list[Cell]]] = {}
    for cell in picture.cells:
        column = (stretch[cell.box.path], _within(cell))
        grid.setdefault(column, {}).setdefault(height[cell.box.path], []).append(cell)
    rank = {path: index for index, path in enumerate(path for row in rows(picture.view) for path in row)}
    found: dict[str, Place] = {}
    left = 0.0
    for number, key in enumerate(sorted(grid)):
        width = max(_width(row) for row in grid[key].values())
        for row, unsorted in grid[key].items():
            cells = sorted(unsorted, key=lambda cell: rank[cell.box.path])
            x = left + (width - _width(cells)) / 2
            for cell in cells:
                size = _size(cell)
                found[cell.path] = Place(x + size / 2, row * ROW, size, _height(cell), number, (left, left + width))
                x += size + LANE
        left += width + GUTTER
    return Places(found, _arrows(picture, found))


def _heights(view: View, stretch: Mapping[str, int]) -> dict[str, int]:
    """The row of each box within its stretch."""
    used: dict[int, list[int]] = {}
    level = {path: index for index, row in enumerate(rows(view)) for path in row}
    for path, index in level.items():
        used.setdefault(stretch[path], []).append(index)
    rank = {key: {row: at for at, row in enumerate(sorted(set(indices)))} for key, indices in used.items()}
    return {path: rank[stretch[path]][index] for path, index in level.items()}


def _within(cell: Cell) -> float:
    """The order of the columns within an axis: before, the steps, after, all."""
    if cell.kind == "gap":
        return ENDS + 0.5
    if cell.kind in ("initial", "every"):
        return {"before": 0, "after": float("inf"), "all": float("inf")}[cell.path.rpartition("@")[2]]
    return cell.step or 0


def _size(cell: Cell) -> float:
    if cell.kind == "gap":
        return 0.4
    below = 0.065 * len(str(cell.step or ""))
    return max(0.5, 0.1 * min(len(cell.box.label), 40) + below + (0.4 if cell.kind in ("input", "output") else 0.25))


def _height(cell: Cell) -> float:
    return {"function": 0.3, "initial": 0.3, "gap": 0.3, "input": 0.5, "output": 0.5}.get(cell.kind, 0.42)


def _width(cells: list[Cell]) -> float:
    return sum(_size(cell) for cell in cells) + LANE * (len(cells) - 1)


def _arrows(picture: Picture, found: Mapping[str, Place]) -> dict[str, Arrow]:
    arrows = {}
    for axis in picture.view.axes:
        xs = [found[cell.path].x for cell in picture.cells if cell.step is not None and cell.box.axis == axis]
        arrows[axis] = ((min(xs) - 0.3, -0.7), (max(xs) + 0.6, -0.7))
    return arrows
