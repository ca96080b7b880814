"""Boxes under one another and the tracks of the wires beside them: what both terminal pictures are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from leporello.graphs.drawing.canvas import Canvas, width
from leporello.graphs.drawing.view import Kind

Side = Literal["near", "next", "before"]


@dataclass(frozen=True)
class Entry:
    """A wire that enters a box at a line of its own.

    `near` comes from a box of the same column (on the right), `next` from the column to the left (a delay),
    `before` from the column to the right (backward in time). One that comes from
    further (`stub` steps away) is drawn as a text. What is not `plain` never becomes an arrow in the frame.
    """

    source: str
    side: Side = "near"
    label: str = ""
    dashed: bool = False
    stub: int = 0
    plain: bool = True


@dataclass(frozen=True)
class Row:
    """A box of every column: its name, the wires that enter it, and whether it reads the box right below."""

    path: str
    kind: Kind
    label: str
    beside: str = ""
    entries: tuple[Entry, ...] = ()
    below: bool = False
    forward_loop: bool = False
    backward_loop: bool = False
    read_backward: bool = False

    @property
    def spare(self) -> int:
        """Lines between the name's and the entries': one for what goes backward in time."""
        return 1 if self.backward_loop or self.read_backward else 0


@dataclass(frozen=True)
class Track:
    """A wire's upright piece: from the source's line to those of its readers, in a column of the gutter."""

    source: str
    backward: bool
    line: int
    entries: tuple[tuple[int, Entry], ...]
    column: int = 0


def depth(row: Row) -> int:
    """The lines that a row's boxes take, frame included."""
    return 3 + row.spare + len(row.entries)


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
        space = columns - 4 - width(label) - width(row.beside)
        name = label + " " * space + row.beside if row.beside else " " * (space // 2) + label
        canvas.write(x + 2, top + 1, name)
        if above:
            canvas.write(middle, top, "┴")
        if row.below:
            canvas.write(middle, top + height - 1, "▲")
        above, top = row.below, top + height


def tracks(rows: Iterable[Row]) -> tuple[Track, ...]:
    """A track for every box that is read from the side, no two of them over each other."""
    rows = tuple(rows)
    top, found = lines(rows), dict[tuple[str, bool], list[tuple[int, Entry]]]()
    by_path = {row.path: row for row in rows}
    for row in rows:
        for index, entry in enumerate(row.entries):
            if not entry.stub:
                key = (entry.source, entry.side == "before")
                found.setdefault(key, []).append((top[row.path] + 2 + row.spare + index, entry))
    wires = [
        Track(source, backward, top[source] + 1 + (by_path[source].spare if backward else 0), tuple(entries))
        for (source, backward), entries in found.items()
    ]
    return _apart(wires)


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
        placed.append(Track(wire.source, wire.backward, wire.line, wire.entries, column))
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
    return entry.source == under.path and entry.side == "near" and entry.plain


def arrivals(rows: Iterable[Row], side: Side) -> list[tuple[int, str, int]]:
    """Where values of other columns enter from a side: the line, what is read, how many steps away it is."""
    rows, step = tuple(rows), -1 if side == "next" else 1
    top, found = lines(rows), []
    for row in rows:
        if row.forward_loop and side == "next":
            found.append((top[row.path] + 1, row.path, -1))
        if row.backward_loop and side == "before":
            found.append((top[row.path] + 2, row.path, 1))
        for index, entry in enumerate(row.entries):
            if entry.side == side:
                found.append((top[row.path] + 2 + row.spare + index, entry.source, entry.stub or step))
    return found
