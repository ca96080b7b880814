"""Places in the unfolded picture: one column a step, the rows of the folded picture in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leporello.graphs.drawing.levels import rows
from leporello.graphs.drawing.unfolding import ENDS, Cell, Picture
from leporello.graphs.drawing.view import View

ROW, GUTTER, LANE = 0.85, 0.75, 0.3
_LATE = ("delay", "backward", "fed_back")


@dataclass(frozen=True)
class Place:
    """The middle of a cell, in inches, and the number of its column."""

    x: float
    y: float
    column: int


@dataclass(frozen=True)
class Places:
    """Where every cell stands, and where the arrow of each time axis begins and ends."""

    cells: Mapping[str, Place]
    arrows: Mapping[str, tuple[tuple[float, float], tuple[float, float]]]


def stretches(view: View) -> list[tuple[str, ...]]:
    """What follows what from left to right: an axis (its name), or the paths of boxes without an axis.

    An axis that is read by another stands before it, and so does what is computed once per sequence.
    """
    import networkx

    clock = {box.path: f"axis {box.axis}" if box.axis else box.path for box in view.boxes}
    place = {key: index for index, key in reversed(list(enumerate(clock.values())))}
    graph = networkx.DiGraph()
    graph.add_nodes_from(clock.values())
    graph.add_edges_from((clock[e.source], clock[e.target]) for e in view.edges if e.style not in _LATE)
    knots = networkx.condensation(graph)
    members = {knot: sorted(keys, key=place.__getitem__) for knot, keys in knots.nodes(data="members")}
    order = networkx.lexicographical_topological_sort(knots, key=lambda knot: place[members[knot][0]])
    found: list[tuple[str, ...]] = []
    for key in (key for knot in order for key in members[knot]):
        if key.startswith("axis "):
            found.append((key.removeprefix("axis "),))
        elif found and found[-1][0] not in view.axes:
            found[-1] = (*found[-1], key)
        else:
            found.append((key,))
    return found


def places(picture: Picture) -> Places:
    """The place of every cell: columns as wide as they need, rows from the bottom."""
    stretch = {key: index for index, keys in enumerate(stretches(picture.view)) for key in keys}
    height = _heights(picture.view, stretch)
    grid: dict[tuple[int, float], dict[int, list[Cell]]] = {}
    for cell in picture.cells:
        column = (stretch[cell.box.axis or cell.box.path], _within(cell))
        grid.setdefault(column, {}).setdefault(height[cell.box.path], []).append(cell)
    rank = {path: index for index, path in enumerate(path for row in rows(picture.view) for path in row)}
    found: dict[str, Place] = {}
    left = 0.0
    for number, key in enumerate(sorted(grid)):
        column = grid[key]
        width = max(_width(row) for row in column.values())
        for row, unsorted in column.items():
            cells = sorted(unsorted, key=lambda cell: rank[cell.box.path])
            x = left + (width - _width(cells)) / 2
            for cell in cells:
                found[cell.path] = Place(round(x + _size(cell) / 2, 3), round(row * ROW, 3), number)
                x += _size(cell) + LANE
        left += width + GUTTER
    return Places(found, _arrows(picture, found))


def _heights(view: View, stretch: Mapping[str, int]) -> dict[str, int]:
    """The row of each box within its stretch."""
    clock = {box.path: stretch[box.axis or box.path] for box in view.boxes}
    used: dict[int, list[int]] = {}
    level = {path: index for index, row in enumerate(rows(view)) for path in row}
    for path, index in level.items():
        used.setdefault(clock[path], []).append(index)
    rank = {key: {row: at for at, row in enumerate(sorted(set(indices)))} for key, indices in used.items()}
    return {path: rank[clock[path]][index] for path, index in level.items()}


def _within(cell: Cell) -> float:
    """The order of the columns within an axis: before, the steps, after, all."""
    if cell.kind == "gap":
        return ENDS + 0.5
    if cell.kind in ("initial", "every"):
        return {"before": 0, "after": float("inf"), "all": float("inf")}[cell.path.rpartition("@")[2]]
    return cell.step or 0


def _size(cell: Cell) -> float:
    return max(0.5, 0.095 * min(len(cell.box.label), 40) + (0.35 if cell.kind != "every" else 0.5))


def _width(cells: list[Cell]) -> float:
    return sum(_size(cell) for cell in cells) + LANE * (len(cells) - 1)


def _arrows(
    picture: Picture, found: Mapping[str, Place]
) -> dict[str, tuple[tuple[float, float], tuple[float, float]]]:
    arrows = {}
    for axis in picture.view.axes:
        xs = [found[cell.path].x for cell in picture.cells if cell.step is not None and cell.box.axis == axis]
        arrows[axis] = ((round(min(xs) - 0.3, 3), -0.7), (round(max(xs) + 0.6, 3), -0.7))
    return arrows
