"""Where a wire may leave an operation of a cell, and where it may enter it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.drawing.cell.levels import Levels
from leporello.graphs.drawing.cell.parts import Cell, CellValue, Operation
from leporello.graphs.drawing.cell.places import PART, Places
from leporello.graphs.drawing.column.placement import Spot
from leporello.graphs.drawing.column.requests import DOWN, LEFT, RIGHT, UP, Port, ports


def ways_out(cell: Cell, value: CellValue, places: Places, levels: Levels) -> tuple[Port, ...]:
    """The ports by which the value of an operation leaves it: each of several parts has its own."""
    path, spot = value.path, places.column.spots[value.path]
    parts = cell.operations[path].parts
    if value.port in parts and path in levels.rows:
        off = PART * parts.index(value.port) - PART * (len(parts) - 1) // 2
        side, way = (spot.bottom, DOWN) if path in levels.hanging else (spot.top, UP)
        return ((spot.x + off, side, way, 0), *_middles(spot, {LEFT: 6} if off < 0 else {RIGHT: 6}))
    if path not in levels.rows:
        return _middles(spot, {RIGHT: 0})
    away = {DOWN: 0, RIGHT: 6, LEFT: 8} if path in levels.hanging else {UP: 0, RIGHT: 6, LEFT: 8}
    return _middles(spot, away)


def ways_in(cell: Cell, path: str, value: CellValue, places: Places, levels: Levels) -> tuple[Port, ...]:
    """The ports by which one of its values enters an operation."""
    spot, operation = places.column.spots[path], cell.operations[path]
    hangs, below = path in levels.hanging, _same_column(cell, path, value, levels)
    if path not in levels.rows:
        return _middles(spot, {DOWN: 0, UP: 6})
    if operation.role == "layer" and not hangs:
        return _layer(cell, operation, value, places, levels)
    straight, other = (UP, DOWN) if hangs else (DOWN, UP)
    if operation.role == "layer":
        return ports(spot, {UP: 0, LEFT: 4, RIGHT: 4, DOWN: 8})
    from_rail = hangs and cell.own(value) and value.path not in levels.rows
    if len(operation.reads) == 1:
        return _middles(spot, {straight: 0, LEFT: 2, RIGHT: 3})
    if below or from_rail:
        return _middles(spot, {straight: 0, LEFT: 6, RIGHT: 6, other: 12})
    return _middles(spot, {LEFT: 0, RIGHT: 2, straight: 4, other: 6})


def _layer(cell: Cell, operation: Operation, value: CellValue, places: Places, levels: Levels) -> tuple[Port, ...]:
    """What comes from the lines below enters a layer from below, each value at a place of its own."""
    spot = places.column.spots[operation.path]
    if value in places.bundle:
        lows = [value, *(v for v in _lows(operation, places) if v not in places.bundle)]
    else:
        lows = [v for v in _lows(operation, places) if v not in places.bundle[1:]]
    middle = [v for v in operation.reads if _same_column(cell, operation.path, v, levels)]
    if value in middle:
        return _middles(spot, {DOWN: 0, LEFT: 6, RIGHT: 6})
    if value not in lows:
        return ports(spot, {LEFT: 0, RIGHT: 0, DOWN: 6})
    offs = _offsets(len(lows)) if not middle else [-2 - index for index in range(len(lows))]
    off = offs[lows.index(value)]
    below = [(spot.x + x, spot.bottom, DOWN, 0) for x in ((off, -off) if middle else (off,))]
    return (*below, *ports(spot, {LEFT: 30, RIGHT: 30}))


def _lows(operation: Operation, places: Places) -> list[CellValue]:
    return sorted((v for v in operation.reads if v in places.lows), key=lambda v: places.lows[v])


def _offsets(count: int) -> Sequence[int]:
    """Places on the lower side of a layer, from its middle."""
    apart = {1: 0, 2: 4, 3: 3}.get(count, 2)
    return [(2 * index - count + 1) * apart // 2 for index in range(count)]


def _same_column(cell: Cell, path: str, value: CellValue, levels: Levels) -> bool:
    return cell.own(value) and levels.columns[value.path] == levels.columns[path]


def _middles(spot: Spot, sides: Mapping[int, int]) -> tuple[Port, ...]:
    """The middle of each side."""
    at = {
        UP: (spot.x, spot.top),
        DOWN: (spot.x, spot.bottom),
        LEFT: (spot.left, spot.y),
        RIGHT: (spot.right, spot.y),
    }
    return tuple((*at[way], way, cost) for way, cost in sides.items())
