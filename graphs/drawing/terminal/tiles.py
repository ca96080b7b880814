"""Boxes listed under one another and the tracks of the wires beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest

from leporello.graphs.drawing.column.canvas import Canvas, width
from leporello.graphs.drawing.views.view import Kind
from leporello.graphs.frozen import frozen


@frozen
class Entry:
    """A wire that enters a box at a line of its own. What is not `plain` never becomes an arrow in the frame."""

    source: str
    label: str = ""
    dashed: bool = False
    plain: bool = True


@frozen
class Row:
    """A box: its name, what stands `beside` it and on lines below, what enters it, whether it reads the next one."""

    path: str
    kind: Kind
    label: str
    beside: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    below: bool = False


@frozen
class Track:
    """A wire's upright piece: from the source's line to those of its readers, in a column beside the boxes."""

    source: str
    line: int
    entries: tuple[tuple[int, Entry], ...]
    column: int = 0


def depth(row: Row) -> int:
    """The lines that a row's boxes take, frame included."""
    return _inner(row) + 2 + len(row.entries)


def _inner(row: Row) -> int:
    """The lines that a row's name and what stands beside it take."""
    return max(len(row.beside), 1)


def lines(rows: Iterable[Row]) -> dict[str, int]:
    """The line of every row's upper edge."""
    found, y = {}, 0
    for row in rows:
        found[row.path] = y
        y += depth(row)
    return found


def draw_boxes(canvas: Canvas, rows: Iterable[Row], x: int, columns: int, labels: Mapping[str, str]) -> None:
    """One column of boxes, `columns` wide, with the arrows from each to the next."""
    top, above, middle = 0, False, x + columns // 2
    for row in rows:
        height = depth(row)
        canvas.box(x, top, (columns, height), row.kind)
        label = labels[row.path]
        for line, beside in enumerate(row.beside):
            canvas.write(x + columns - 2 - width(beside), top + 1 + line, beside)
        canvas.write(x + 2 + (0 if row.beside else (columns - 4 - width(label)) // 2), top + 1, label)
        if above:
            canvas.write(middle, top, "┴")
        if row.below:
            canvas.write(middle, top + height - 1, "▲")
        above, top = row.below, top + height


def tracks(rows: Iterable[Row]) -> tuple[Track, ...]:
    """A track for every box that is read from the side, no two of them over each other."""
    rows = tuple(rows)
    top, found = lines(rows), dict[str, list[tuple[int, Entry]]]()
    for row in rows:
        for index, entry in enumerate(row.entries):
            found.setdefault(entry.source, []).append((top[row.path] + 1 + _inner(row) + index, entry))
    return _apart([Track(source, top[source] + 1, tuple(entries)) for source, entries in found.items()])


def reach(track: Track) -> tuple[int, int]:
    """The first and last line of a track."""
    ends = [track.line, *(line for line, _ in track.entries)]
    return min(ends), max(ends)


def _apart(wires: list[Track]) -> tuple[Track, ...]:
    """Tracks in columns: short ones innermost, each in the first column where it is free."""
    taken: list[list[tuple[int, int]]] = []
    placed = []
    for wire in sorted(wires, key=lambda wire: (reach(wire)[1] - reach(wire)[0], reach(wire), wire.source)):
        low, high = reach(wire)
        column = next((c for c, used in enumerate(taken) if all(high < a or b < low for a, b in used)), len(taken))
        if column == len(taken):
            taken.append([])
        taken[column].append((low, high))
        placed.append(Track(wire.source, wire.line, wire.entries, column))
    return tuple(placed)


def straightened(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows with an arrow in the frame where a box reads the one right below it, instead of a wire beside."""
    rows = tuple(rows)
    found = []
    for row, under in zip_longest(rows, rows[1:]):
        entry = next((e for e in row.entries if under and _meets(e, under)), None)
        kept = tuple(e for e in row.entries if e is not entry)
        found.append(replace(row, entries=kept, below=entry is not None))
    return tuple(found)


def _meets(entry: Entry, under: Row) -> bool:
    return entry.source == under.path and entry.plain
