"""Where a cell's operations, rails and ways in and out stand on the grid."""

from __future__ import annotations

import math
from collections.abc import Mapping

from leporello.graphs.drawing.cell.levels import Levels
from leporello.graphs.drawing.cell.names import BORDER, value_label
from leporello.graphs.drawing.cell.parts import Cell, CellValue, Operation
from leporello.graphs.drawing.cell.rails import Rail
from leporello.graphs.drawing.column.figures import NAME, Form
from leporello.graphs.drawing.column.placement import GRID, Column, Spot
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import Label, label, numerals
from leporello.graphs.frozen import frozen

TOP, STUB, INSIDE, FOOT = 4, 9, 5, 5
"""Units above the frame, beside it at least, from the frame to what is in it, and below it."""


PART = 6
"""Units between the wires of two parts of what is split."""


@frozen
class Spread:
    """How far apart things stand, in units: columns, rows, lines that run beside each other."""

    columns: int
    rows: int
    lines: int


@frozen
class Places:
    """The grid of a cell: its boxes, its frame, and where lines come in and go out.

    `frame` are left, top, right and bottom. `rails` are the lines of carried states, `lows` those of states and
    inputs that are read; `feet` the columns of inputs from below, `tops` those of outputs; `exits` the lines on
    which states leave. `bundle` are the values that lie side by side on one line, `drops` the columns of carried
    states that are led down to such a line; `right` is where the last column ends.
    """

    column: Column
    forms: Mapping[str, Form]
    frame: tuple[int, int, int, int]
    rails: Mapping[str, int]
    lows: Mapping[CellValue, int]
    feet: Mapping[CellValue, int]
    tops: Mapping[str, int]
    exits: Mapping[str, int]
    bundle: tuple[CellValue, ...]
    drops: Mapping[CellValue, int]
    right: int


def text_of(operation: Operation) -> Label:
    """What stands in an operation: a weight's name as maths, the name of a function in serifs."""
    if operation.role == "layer" and operation.text.startswith("W_"):
        return label("W", operation.text[2:14])
    named = label(operation.text)
    return named if operation.role == "layer" and named.serif else Label(numerals(plain(operation.text)), True)


def shape_of(operation: Operation) -> Form:
    """The form of an operation on the grid."""
    if operation.role == "sign":
        return Form("sign", 4, 4, sign=operation.sign)
    wide = text_of(operation).width(NAME)
    short = text_of(operation).width(14)
    ports = 2 * len(operation.reads) + 2
    if operation.role == "layer":
        return Form("box", max(8, ports + ports % 2, 2 * math.ceil((wide + 16) / GRID / 2)), 6 if ports > 99 else 4)
    if operation.scales and short <= 26:
        return Form("circle", 4, 4)
    return Form("pill", max(6, PART * len(operation.parts), 2 * math.ceil((wide + 26) / GRID / 2)), 4)


def places(cell: Cell, carried: tuple[Rail, ...], levels: Levels, spread: Spread) -> Places:
    """The grid of a cell with its operations at their levels."""
    forms = {path: shape_of(operation) for path, operation in cell.operations.items()}
    low = _Low(cell, carried, spread)
    stub = _stub(cell)
    left = stub + INSIDE + low.width
    xs, right = _columns(cell, levels, forms, left, spread)
    tops, x = {}, right + 2
    for path in cell.outs:
        tops[path] = x
        x += max(spread.lines + 3, math.ceil((value_label(cell, CellValue(path)).width(BORDER) + 24) / GRID))
    inner = max([right, *(x + 3 for x in tops.values())])
    rails = {rail.state: TOP + INSIDE + index * (spread.rows - 1) for index, rail in enumerate(carried)}
    first = max(rails.values(), default=TOP + INSIDE - spread.rows + 2)
    bottom_row = first + spread.rows * levels.height
    ys = {path: bottom_row - row * spread.rows for path, row in levels.rows.items()}
    ys |= {path: rails[rail.state] for rail in carried for path in rail.path}
    spots = {path: Spot(xs[path], ys[path], forms[path].width, forms[path].height) for path in cell.operations}
    ground = bottom_row + 5
    lows = {value: ground + line * spread.lines for value, line in low.lines.items()}
    foot = ground + max(low.count - 1, 0) * spread.lines + 4
    exits = _exits(cell, rails, lows, foot)
    frame = (stub, TOP, inner + INSIDE - 2, max([foot, *(y + 3 for y in exits.values())]))
    column = Column(spots, frame[2] + stub + 3, frame[3] + FOOT + 3)
    feet = {value: stub + INSIDE + at for value, at in low.feet.items()}
    drops = {value: stub + INSIDE + at for value, at in low.drops.items()}
    return Places(column, forms, frame, rails, lows, feet, tops, exits, low.bundle, drops, right)


def _stub(cell: Cell) -> int:
    """The length of the lines beside the frame: as long as the longest name of a state."""
    named = [value_label(cell, value) for values in cell.states.values() for value in values]
    return max([STUB, *(math.ceil((text.width(BORDER) + 26) / GRID) for text in named)])


def _exits(cell: Cell, rails: Mapping[str, int], lows: Mapping[CellValue, int], foot: int) -> dict[str, int]:
    """The line on which each state leaves: that on which it came, where it is not taken."""
    found: dict[str, int] = dict(rails)
    for state, values in cell.states.items():
        if state not in found:
            own = [lows[value] for value in values if value in lows]
            found[state] = own[0] if own else foot
    return found


def _columns(
    cell: Cell, levels: Levels, forms: Mapping[str, Form], left: int, spread: Spread
) -> tuple[dict[str, int], int]:
    """The middle of every operation, and where the last column ends."""
    wide = [4] * levels.width
    noted = [0] * levels.width
    for path, at in levels.columns.items():
        wide[at] = max(wide[at], forms[path].width)
        name = cell.operations[path].name
        half = (forms[path].width - 4) // 2
        need = math.ceil((label(name, "t").width(15) + 6) / GRID) - half if name else 0
        noted[at] = max(noted[at], need)
    middles, x = [], left
    for at in range(levels.width):
        x += noted[at]
        middles.append(x + wide[at] // 2)
        x += wide[at] + spread.columns
    return {path: middles[at] for path, at in levels.columns.items()}, x


class _Low:
    """The lines below the layers: states and inputs that are read, those that all go together on one line."""

    def __init__(self, cell: Cell, carried: tuple[Rail, ...], spread: Spread) -> None:
        entries = {rail.entry for rail in carried}
        on_rail = {path for rail in carried for path in rail.path}
        readers = {v: [p for p in cell.readers(v) if p not in on_rail] for v in _sources(cell)}
        layers = [
            path for path, one in cell.operations.items() if one.role == "layer" and _lies_low(cell, one, on_rail)
        ]
        self.bundle = _bundle(cell, readers)
        self.lines: dict[CellValue, int] = {}
        self.feet: dict[CellValue, int] = {}
        self.drops: dict[CellValue, int] = {}
        states = [v for v in _sources(cell) if v not in cell.inputs and v not in entries]
        read = [v for v in entries if v in self.bundle or 2 * len(set(readers[v]) & set(layers)) > len(layers)]
        line, x, pitch, beyond = 0, 0, spread.lines + 2, -STUB
        for value in read:
            self.drops[value] = x
            x += pitch
        alone = [v for v in (*read, *states) if v not in self.bundle]
        for value in alone:
            self.lines[value] = line
            line += 1
        for value in cell.inputs:
            half = math.ceil((value_label(cell, value).width(BORDER) + 12) / GRID / 2)
            self.feet[value] = max(x, beyond + half)
            beyond, x = self.feet[value] + half, self.feet[value] + pitch
            if value not in self.bundle:
                self.lines[value] = line
                line += 1
        for value in self.bundle:
            self.lines[value] = line
        self.count = line + bool(self.bundle)
        self.width = max(x, 2)


def _lies_low(cell: Cell, operation: Operation, on_rail: set[str]) -> bool:
    """Whether an operation reads nothing of this step but what is carried."""
    return all(not cell.own(value) or value.path in on_rail for value in operation.reads)


def _sources(cell: Cell) -> list[CellValue]:
    """States of other steps, then inputs."""
    return [*(value for values in cell.states.values() for value in values), *cell.inputs]


def _bundle(cell: Cell, readers: Mapping[CellValue, list[str]]) -> tuple[CellValue, ...]:
    """Values that the same layers read, and nothing else does: they lie side by side on one line."""
    together: dict[tuple[str, ...], list[CellValue]] = {}
    for value, paths in readers.items():
        if paths and all(cell.operations[path].role == "layer" for path in paths):
            together.setdefault(tuple(sorted(paths)), []).append(value)
    found = max(together.values(), key=len, default=[])
    late = [value for value in found if value not in cell.inputs]
    return tuple(found) if len(found) > 1 and len(late) == 1 else ()
