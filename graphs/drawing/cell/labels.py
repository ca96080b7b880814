"""What is written in a picture of a cell: values at the borders, gates beside their wires, the heading."""

from __future__ import annotations

from collections.abc import Iterator

from leporello.graphs.drawing.cell.names import BORDER, value_label
from leporello.graphs.drawing.cell.parts import Cell, CellValue, Operation
from leporello.graphs.drawing.cell.routes import Wiring
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.lettering import Label, Run
from leporello.graphs.drawing.scene.scene import Note, Point, Rectangle

GATE, MARK = 15.0, 13.0
_HANDED = frozenset("-/")
"""Operators whose second operand is marked: it is not the same as the first."""


def notes(cell: Cell, wiring: Wiring, shift: Point) -> tuple[Note, ...]:
    """All words beside lines, at their places in pixels."""
    found = [*_entries(cell, wiring), *_leaving(cell, wiring), *wiring.gates, *_marks(cell, wiring)]
    return tuple(_moved(note, shift) for note in found)


def _moved(note: Note, shift: Point) -> Note:
    place = note.place
    return Note(
        Rectangle(place.x + shift[0], place.y + shift[1], place.width, place.height),
        note.label,
        note.size,
        note.style,
        anchor=note.anchor,
    )


def _entries(cell: Cell, wiring: Wiring) -> Iterator[Note]:
    places = wiring.places
    lines = {rail.entry: places.rails[rail.state] for rail in wiring.carried}
    lines |= {v: y for v, y in places.lows.items() if v not in places.feet and v not in places.drops}
    for value, y in lines.items():
        yield _note(value_label(cell, value), places.frame[0] / 2 * GRID - 4, y * GRID - 15, BORDER)
    for value, x in places.feet.items():
        yield _note(value_label(cell, value), x * GRID, (places.column.height - 4) * GRID + 14, BORDER)


def _leaving(cell: Cell, wiring: Wiring) -> Iterator[Note]:
    places = wiring.places
    for state, y in places.exits.items():
        x = (places.frame[2] + places.column.width) / 2 * GRID - 2
        yield _note(value_label(cell, CellValue(state)), x, y * GRID - 15, BORDER)
    for path, x in places.tops.items():
        text = value_label(cell, CellValue(path))
        yield _note(text, x * GRID + 10 + text.width(BORDER) / 2, 14, BORDER)


def _note(text: Label, x: float, y: float, size: float) -> Note:
    return Note(Rectangle(x, y, text.width(size), size * 1.2), text, size, "ink")


def _marks(cell: Cell, wiring: Wiring) -> Iterator[Note]:
    """A sign at the arrow of a second operand where the order matters."""
    for way in wiring.ways:
        operation = cell.operations.get(way.target)
        if operation and second(operation, way.value):
            text = Label((Run("\N{MINUS SIGN}" if operation.sign == "-" else "\N{DIVISION SIGN}"),), True)
            (fx, fy), (x, y) = way.corners[-2:]
            ax, ay = (x, y + (2 if fy > y else -2)) if fx == x else (x + (2 if fx > x else -2), y)
            for px, py in ((ax + 1, ay), (ax - 1, ay)) if fx == x else ((ax, ay - 1), (ax, ay + 1)):
                if wiring.router.free(px, py, px, py):
                    wiring.router.block(px, py, px, py)
                    yield Note(Rectangle(px * GRID, py * GRID, text.width(MARK), MARK), text, MARK, "ink")
                    break


def second(operation: Operation, value: CellValue) -> bool:
    """Whether a value is the operand that is taken away, or divides."""
    return operation.sign in _HANDED and len(operation.reads) == 2 and operation.reads[1] == value
