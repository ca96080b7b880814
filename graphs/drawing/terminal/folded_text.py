"""The folded picture for a terminal: as the other pictures where there is room, else boxes under one another."""

from __future__ import annotations

from collections.abc import Sequence

from leporello.graphs.drawing.column.canvas import Canvas, width
from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.labels import in_lines, plain
from leporello.graphs.drawing.terminal.folded_typed import folded_typed, widest_row
from leporello.graphs.drawing.terminal.tiles import Entry, Row, draw_boxes, reach, straightened, tracks
from leporello.graphs.drawing.terminal.typed import typed
from leporello.graphs.drawing.views.levels import downward
from leporello.graphs.drawing.views.view import Box, Edge, Kind, View

LISTED = 48
"""So many letters a line of a formula has at most where boxes are listed."""
WIDEST = 80
"""Columns of a picture as text: what is wider wraps in a terminal."""
KEY: dict[Kind, str] = {
    "input": "( ) input, output",
    "layer": "┌─┐ learned layer",
    "state": "┏━┓ state: read late",
    "attention": "╔═╗ attention",
    "every": "┌╌┐ all steps",
}


def folded_text(view: View, ascii_only: bool = False, below: Sequence[str] = (), effort: Effort = BEST) -> str:
    """The folded picture, inputs at the bottom, in box-drawing characters or plain ASCII; the lines `below` follow it.

    Where wires cross, the one across has a gap; each that is late says its time in the spec's own words. Models that
    are too wide for a terminal are listed instead.
    """
    found = folded_typed(view, ascii_only, effort) if 0 < widest_row(view, ascii_only) <= WIDEST else None
    fits = found is not None and not found.lost and found.width <= WIDEST * GRID
    drawn = typed(found).render(ascii_only).lstrip("\n") if found and fits else listed_text(view, ascii_only)
    caption = f"{plain(view.name, 60, ascii_only)}, folded"
    more = "".join(f"{' ' * bool(line)}{line}\n" for line in ("", *below)) if below else ""
    return f"{caption}\n\n{drawn}\n\n{key({box.kind for box in view.boxes}, ascii_only)}\n{more}"


def listed_text(view: View, ascii_only: bool = False) -> str:
    """The boxes under one another, the wires beside them.

    An arrow in a frame reads the box right below it. Any other wire leaves its box on the right at the name and ends
    at `◀`, with its time.
    """
    order = downward(view)
    listed = _rows(view, order, ascii_only)
    labels = {row.path: row.label for row in listed}
    beside = [width(row.label) + max((3 + width(line) for line in row.beside), default=0) for row in listed]
    columns = max(12, *beside) + 4 if listed else 12
    canvas = Canvas()
    draw_boxes(canvas, listed, 1, columns, labels)
    _draw_wires(canvas, listed, columns + 1)
    return canvas.render(ascii_only)


def key(kinds: set[Kind], ascii_only: bool) -> str:
    """What the frames of these kinds of boxes say; in ASCII that of a function is as that of a layer."""
    canvas = Canvas()
    said = "   ".join(text for kind, text in KEY.items() if kind in kinds)
    alike = ascii_only and "function" in kinds
    canvas.write(1, 0, said.replace("learned layer", "learned layer, or a function") if alike else said)
    return canvas.render(ascii_only)


def _rows(view: View, order: list[str], ascii_only: bool) -> tuple[Row, ...]:
    boxes = {box.path: box for box in view.boxes}
    into: dict[str, list[Edge]] = {path: [] for path in order}
    for edge in view.edges:
        into[edge.target].append(edge)
    found = []
    for path in order:
        box = boxes[path]
        entries = tuple(_entry(edge, boxes[edge.source], ascii_only) for edge in into[path])
        lines = in_lines(box.block, LISTED, ascii_only) if box.spelled else [plain(box.block, 30, ascii_only)]
        lines += [line for more in box.more for line in in_lines(more, LISTED, ascii_only)]
        lines[-1] += f", {box.badge.text}" if box.badge else ""
        name = "" if box.nameless else plain(box.label, 20, ascii_only)
        found.append(Row(path, box.kind, name, tuple(lines), entries))
    return straightened(found)


def _entry(edge: Edge, source: Box, ascii_only: bool) -> Entry:
    prompt = edge.style == "now" and not edge.said
    dashed = edge.style in ("fed_back", "predicts")
    return Entry(edge.source, label=_label(edge, source, ascii_only), dashed=dashed, plain=prompt)


def _label(edge: Edge, source: Box, ascii_only: bool) -> str:
    word = edge.style if edge.style in ("initial", "predicts") else plain(edge.label, 20, ascii_only).strip()
    port = f".{plain(edge.port, 20, ascii_only)}" if edge.port else ""
    read = plain(source.label, 20, ascii_only) + port + str(edge.time)
    return f"{word}: {read}" if word else read


def _draw_wires(canvas: Canvas, listed: tuple[Row, ...], x: int) -> None:
    placed = tracks(listed)
    room = max((width(entry.label) for row in listed for entry in row.entries), default=0)
    for track in placed:
        column = x + 3 + room + 2 * track.column
        canvas.across(track.source, track.line, x, column)
        canvas.upright(track.source, column, *reach(track))
        for line, entry in track.entries:
            canvas.across(track.source, line, x + 1, column, entry.dashed)
            canvas.write(x, line, "◀" + entry.label)
