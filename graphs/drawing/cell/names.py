"""The names of a cell's values, each with its step, and of the cell."""

from __future__ import annotations

from leporello.graphs.drawing.cell.parts import Cell, CellValue
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import INTO, Label, Run, label, words

BORDER = 19.0
"""The size of the names at the borders."""
_FEW = 3
_ACRONYMS = frozenset({"rnn", "lstm", "gru"})


def value_label(cell: Cell, value: CellValue) -> Label:
    """A value with its step; one of another layer carries that layer's number."""
    return label_at(cell, value.path, str(value.time).strip("()") or "t", value.port)


def label_at(cell: Cell, path: str, when: str, port: str = "") -> Label:
    """The name of the node at `path` with a step."""
    name = cell.names.get(path, "")
    if port:
        name = f"{name or path.rpartition('/')[2]}.{port}"
    if path in cell.operations and not cell.layered:
        mark = f"^{cell.marks[path]}" if path in cell.marks else ""
        return _lettered(cell, (name or path.rpartition("/")[2]) + mark, when)
    parts = path.split("/")
    if parts[0] not in {own.split("/")[0] for own in cell.operations}:
        outer = name if len(parts) == 1 and name else parts[0]
        base = _lettered(cell, outer, "" if path in cell.static else when)
        inner = {cell.names.get(own, "") or own.rpartition("/")[2] for own in cell.operations}
        return Label((base.runs[0], Run(INTO, level=1), *base.runs[1:]), base.serif) if outer in inner else base
    layer = next((part for part in parts[1:-1] if part.isdigit()), "")
    base = _lettered(cell, name or parts[-1], "" if path in cell.static else when)
    return Label((base.runs[0], Run(f"({layer})", level=1), *base.runs[1:]), base.serif) if layer else base


def _lettered(cell: Cell, name: str, when: str) -> Label:
    return label(name, when, upright=name in cell.upright)


def heading(cell: Cell) -> Label:
    """What is drawn, and when."""
    if cell.block:
        kind = f"{cell.block.upper() if cell.block in _ACRONYMS else cell.block} cell {plain(cell.name)}"
    elif len(cell.states) <= _FEW and not cell.layered:
        kind = "the cell of " + " and ".join(plain(state.rpartition("/")[2]) for state in cell.states)
    else:
        kind = f"the cell around {plain(cell.name)}"
    return words(f"{kind} at step t", 60)
