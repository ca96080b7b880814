"""The rows of one time axis: which wires stay in a step's column, which come from its neighbours or from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.levels import downward
from leporello.graphs.drawing.stretches import Stretch
from leporello.graphs.drawing.tiles import Entry, Row, straightened
from leporello.graphs.drawing.view import Box, Edge, View


@dataclass(frozen=True)
class Band:
    """The rows of an axis (or of what has none) from top to bottom."""

    axis: str | None
    rows: tuple[Row, ...]


def bands(view: View, stretches: Iterable[Stretch], ascii_only: bool) -> list[Band]:
    """A band for each of the `stretches`, in their order.

    What is read from outside of a band (all steps of another axis, its last one, a value without an axis)
    gets a row below its lowest reader.
    """
    order, boxes = downward(view), {box.path: box for box in view.boxes}
    into: dict[str, list[Edge]] = {path: [] for path in order}
    for edge in view.edges:
        if edge.style != "initial":
            into[edge.target].append(edge)
    found = []
    for stretch in stretches:
        members = set(stretch.paths)
        paths = [path for path in order if path in members]
        rows = [_row(boxes[path], into[path], paths) for path in paths]
        found.append(Band(stretch.axis, straightened(_marked(_with_foreign(rows, boxes, ascii_only)))))
    return found


def _row(box: Box, into: Iterable[Edge], members: Iterable[str]) -> Row:
    row = Row(box.path, box.kind, box.label)
    inside = set(members)
    for edge in into:
        time, loop = edge.time, edge.source == box.path
        dashed = edge.style in ("fed_back", "predicts")
        if edge.source not in inside or time.kind != "t":
            row = _entering(row, Entry(edge.source + "@" + str(time), "near", str(time)))
        elif time.offset == 0:
            row = _entering(row, Entry(edge.source, "near", "", dashed, plain=edge.style == "now" and not edge.label))
        elif loop and time.offset == -1:
            row = replace(row, forward_loop=True)
        elif loop and time.offset == 1:
            row = replace(row, backward_loop=True)
        else:
            stub = 0 if abs(time.offset) == 1 else time.offset
            row = _entering(row, Entry(edge.source, "next" if time.offset < 0 else "before", "", dashed, stub))
    return row


def _entering(row: Row, entry: Entry) -> Row:
    return row if entry in row.entries else replace(row, entries=(*row.entries, entry))


def _with_foreign(rows: list[Row], boxes: Mapping[str, Box], ascii_only: bool) -> list[Row]:
    """The rows with one more for each value from outside of the band."""
    lowest = {entry.source: index for index, row in enumerate(rows) for entry in row.entries if "@" in entry.source}
    found = []
    for index, row in enumerate(rows):
        found.append(row)
        for entry in row.entries:
            if "@" in entry.source and lowest[entry.source] == index:
                label = plain(boxes[entry.source.partition("@")[0]].label, 16, ascii_only) + entry.label
                found.append(Row(entry.source, "every", label))
    return found


def _marked(rows: list[Row]) -> list[Row]:
    """The rows that know whether another box reads them backward in time."""
    backward = {entry.source for row in rows for entry in row.entries if entry.side == "before" and not entry.stub}
    return [replace(row, read_backward=row.path in backward) for row in rows]
