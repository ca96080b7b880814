"""One cell in characters: its frame, rails, gates and equations, from the places and wires of the other pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from leporello.graphs.drawing.cell.labels import second
from leporello.graphs.drawing.cell.names import heading, value_label
from leporello.graphs.drawing.cell.parts import Cell, CellValue, Operation
from leporello.graphs.drawing.cell.places import Places, text_of
from leporello.graphs.drawing.cell.routes import Way, Wiring
from leporello.graphs.drawing.column.canvas import DOWN, LEFT, RIGHT, UP, Canvas, width
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.letters.typed import as_typed, equation_lines
from leporello.graphs.drawing.views.view import Kind

FRAME = "the frame"
"""The net of the frame: no path of a node has such a name."""
_SIGNS = {"*": "\N{MULTIPLICATION SIGN}", "-": "\N{MINUS SIGN}"}
_TAKEN = {"-": "\N{MINUS SIGN}", "/": "\N{DIVISION SIGN}"}
_ARROWS = {UP: "▲", DOWN: "▼", LEFT: "◀", RIGHT: "▶"}


class _Name(NamedTuple):
    """A word with the place of its first letter on the grid."""

    x: int
    y: int
    text: str


_KEY = "┌─┐ learned layer   ╭─╮ function, operation   ━━▶ state that is carried on, element by element"


def cell_text(cell: Cell, wiring: Wiring, equations: Sequence[Label], ascii_only: bool = False) -> str:
    """The cell at one step, values from below and from the left, with its equations under it."""
    drawn = _Drawing(cell, wiring, ascii_only).text()
    carried = "" if any(way.carried for way in wiring.ways) else "   ━"
    key = (_KEY.partition(carried)[0] if carried else _KEY).rstrip()
    lines = equation_lines(equations, ascii_only)
    told = ["", *(f" {line}" for line in lines)] if lines else []
    shown = Canvas()
    shown.write(1, 0, key)
    return "\n".join([plain(heading(cell).text, 60, ascii_only), "", drawn, *told, "", shown.render(ascii_only)]) + "\n"


class _Drawing:
    """A cell on a canvas: lines and columns in which nothing begins, bends, ends or is said are left out."""

    def __init__(self, cell: Cell, wiring: Wiring, ascii_only: bool) -> None:
        self.cell, self.wiring, self.places, self.ascii_only = cell, wiring, wiring.places, ascii_only
        self.canvas = Canvas()
        self.columns, self.lines = self._kept()

    def text(self) -> str:
        """All of it."""
        left, top, right, bottom = self.places.frame
        for y in (top, bottom):
            self.canvas.across(FRAME, self.lines[y], self.columns[left], self.columns[right])
        for x in (left, right):
            self.canvas.upright(FRAME, self.columns[x], self.lines[top], self.lines[bottom])
        for path in self.cell.operations:
            self._box(path)
        for way in self.wiring.ways:
            self._wire(way)
        self._heavy()
        for name in self._names():
            self.canvas.write(self.columns[name.x], self.lines[name.y], name.text)
        self._beside()
        return self.canvas.render(self.ascii_only).strip("\n")

    def _kept(self) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """The column and the line in characters for those of the grid on which something is."""
        west, north, east, south = self.places.frame
        xs, ys = {0, west, east, east + 1}, {0, north, south, self._foot}
        for path, spot in self.places.column.spots.items():
            first, end = self._span(path)
            ys |= {spot.top, spot.y, spot.bottom}
            left, right = min(spot.left, first - 1), max(spot.right, end)
            xs |= {*range(first, end), spot.left, spot.right, left - 1, left, right, right + 1}
        for way in self.wiring.ways:
            xs |= {x + near for x, _ in way.corners for near in (-1, 0, 1)}
            ys |= {y for _, y in way.corners}
            if self._handed(way):
                (_, fy), (_, y) = way.corners[-2:]
                ys.add(y + (fy > y) - (fy < y))
        for name in [*self._names(), *self._gates()]:
            xs |= set(range(name.x, name.x + width(name.text) + 1))
            ys.add(name.y)
        return tuple({place: index for index, place in enumerate(sorted(used))} for used in (xs, ys))  # type: ignore[return-value]

    @property
    def _foot(self) -> int:
        return self.places.column.height - 4

    def _said(self, operation: Operation) -> str:
        if operation.role != "sign":
            return as_typed(text_of(operation), self.ascii_only)
        return operation.sign if self.ascii_only else _SIGNS.get(operation.sign, operation.sign)

    def _span(self, path: str) -> tuple[int, int]:
        """The columns of the grid in which the text of an operation stands."""
        wide, x = width(self._said(self.cell.operations[path])), self.places.column.spots[path].x
        return x - (wide - 1) // 2, x - (wide - 1) // 2 + wide

    def _box(self, path: str) -> None:
        spot, (first, end) = self.places.column.spots[path], self._span(path)
        operation = self.cell.operations[path]
        kind: Kind = "layer" if operation.role == "layer" else "function"
        left, right = self.columns[min(spot.left, first - 1)], self.columns[max(spot.right, end)]
        top, middle, bottom = (self.lines[y] for y in (spot.top, spot.y, spot.bottom))
        self.canvas.box(left, top, (right - left + 1, bottom - top + 1), kind)
        self.canvas.write((left + right - (end - first) + 1) // 2, middle, self._said(operation))

    def _wire(self, way: Way) -> None:
        corners = [(self.columns[x], self.lines[y]) for x, y in way.corners]
        for (x, y), (to_x, to_y) in pairwise(corners):
            if y == to_y:
                self.canvas.across(way.net, y, x, to_x)
            else:
                self.canvas.upright(way.net, x, y, to_y)
        if way.source and way.corners[0] in _border(self.places, way.source):
            kind: Kind = "layer" if self.cell.operations[way.source].role == "layer" else "function"
            self.canvas.leave(*corners[0], _way(corners[0], corners[1]), kind)
        if way.arrow:
            self.canvas.write(*corners[-1], _ARROWS[_way(corners[-2], corners[-1])])

    def _heavy(self) -> None:
        """Rails are heavy where nothing else is."""
        glyphs = self.canvas.glyphs()
        for way in (way for way in self.wiring.ways if way.carried):
            (first, y), (last, _) = way.corners[0], way.corners[-1]
            for x in range(self.columns[first], self.columns[last] + 1):
                if glyphs.get((x, self.lines[y])) == "─":
                    self.canvas.write(x, self.lines[y], "━")

    def _names(self) -> Iterator[_Name]:
        """The values at the borders."""
        places = self.places
        entries = {rail.entry: places.rails[rail.state] for rail in self.wiring.carried}
        entries |= {v: y for v, y in places.lows.items() if v not in places.feet and v not in places.drops}
        for value, y in entries.items():
            yield _Name(1, y - 1, self._named(value))
        for value, x in places.feet.items():
            text = self._named(value)
            yield _Name(x - width(text) // 2, self._foot + 1, text)
        for state, y in places.exits.items():
            late = next(iter(self.cell.states[state]))
            yield _Name(places.frame[2] + 2, y - 1, self._named(CellValue(state, port=late.port)))
        for path, x in places.tops.items():
            yield _Name(x + 2, 0, self._named(CellValue(path)))

    def _named(self, value: CellValue) -> str:
        return as_typed(value_label(self.cell, value), self.ascii_only)

    def _gates(self) -> Iterator[_Name]:
        """What stands beside wires, without its step, which all have."""
        for note in self.wiring.gates:
            text = as_typed(note.label, self.ascii_only).removesuffix("_t").replace(",t}", "}")
            wide = note.place.width
            yield _Name(round((note.place.x - wide / 2) / GRID) + 1, round(note.place.y / GRID), text)

    def _beside(self) -> None:
        """Gates beside their wires, and the signs of second operands, where there is room."""
        for name in self._gates():
            self._write_if_free(self.columns[name.x], self.lines[name.y], name.text)
        for way in self.wiring.ways:
            if self._handed(way):
                sign = self.cell.operations[way.target].sign
                sign = sign if self.ascii_only else _TAKEN[sign]
                (fx, fy), (x, y) = ((self.columns[cx], self.lines[cy]) for cx, cy in way.corners[-2:])
                dx, dy = (fx > x) - (fx < x), (fy > y) - (fy < y)
                places = ((x + dx + side * abs(dy), y + dy + side * abs(dx)) for side in (1, -1))
                any(self._write_if_free(*place, sign) for place in places)

    def _handed(self, way: Way) -> bool:
        """Whether a wire brings what is taken away, or divides."""
        return way.target in self.cell.operations and second(self.cell.operations[way.target], way.value)

    def _write_if_free(self, x: int, y: int, text: str) -> bool:
        glyphs = self.canvas.glyphs()
        free = all(glyphs.get((x + at, y), " ") == " " for at in range(width(text)))
        if free:
            self.canvas.write(x, y, text)
        return free


def _border(places: Places, path: str) -> frozenset[tuple[int, int]]:
    spot = places.column.spots[path]
    across = {(x, y) for x in range(spot.left, spot.right + 1) for y in (spot.top, spot.bottom)}
    return frozenset(across | {(x, y) for x in (spot.left, spot.right) for y in range(spot.top, spot.bottom + 1)})


def _way(here: tuple[int, int], there: tuple[int, int]) -> int:
    if here[1] == there[1]:
        return RIGHT if there[0] > here[0] else LEFT
    return DOWN if there[1] > here[1] else UP
