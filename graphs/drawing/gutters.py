"""The wires between a column of boxes and the next, which are the same at every step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leporello.graphs.drawing.canvas import Canvas
from leporello.graphs.drawing.tiles import Row, Track, lines, tracks


@dataclass(frozen=True)
class Gutter:
    """Room for texts that enter the left column, for the tracks, and for texts that enter the right column."""

    rows: tuple[Row, ...]
    tracks: tuple[Track, ...]
    left: int
    right: int

    @property
    def width(self) -> int:
        """The distance from a column to the next."""
        loops = any(row.forward_loop or row.backward_loop for row in self.rows)
        columns = 1 + max((track.column for track in self.tracks), default=-1)
        return self.left + self.right + (2 * columns + 3 if columns else 3 if loops else 2)

    def draw(self, canvas: Canvas, x: int, onward: bool) -> None:
        """Draws the wires right of a column that ends before `x`; `onward` says that another column follows."""
        top = lines(self.rows)
        end = x + self.width - 1
        for row in self.rows if onward else ():
            if row.forward_loop:
                canvas.across(row.path, top[row.path] + 1, x, end - 1)
                canvas.write(end, top[row.path] + 1, "▶")
            if row.backward_loop:
                canvas.across(f"{row.path}<", top[row.path] + 2, x + 1, end)
                canvas.write(x, top[row.path] + 2, "◀")
        for track in self.tracks:
            (_draw_backward if track.backward else _draw_forward)(canvas, track, x, self._column(track, x), end, onward)

    def _column(self, track: Track, x: int) -> int:
        return x + self.left + 1 + 2 * track.column + (1 if self.left == 0 else 0)


def gutter(rows: Iterable[Row], left: int, right: int) -> Gutter:
    """The gutter of these rows, with room for texts of `left` and `right` characters."""
    rows = tuple(rows)
    return Gutter(rows, tracks(rows), left, right)


def _draw_forward(canvas: Canvas, track: Track, x: int, column: int, end: int, onward: bool) -> None:
    ends = [(line, entry) for line, entry in track.entries if entry.side == "near" or onward]
    if not ends:
        return
    reached = [track.line, *(line for line, _ in ends)]
    canvas.across(track.source, track.line, x, column)
    canvas.upright(track.source, column, min(reached), max(reached))
    for line, entry in ends:
        if entry.side == "near":
            canvas.across(track.source, line, x + 1, column, entry.dashed)
            canvas.write(x, line, "◀")
        else:
            canvas.across(track.source, line, column, end - 1, entry.dashed)
            canvas.write(end, line, "▶")


def _draw_backward(canvas: Canvas, track: Track, x: int, column: int, end: int, onward: bool) -> None:
    if not onward:
        return
    reached, net = [track.line, *(line for line, _ in track.entries)], f"{track.source}<"
    canvas.across(net, track.line, column, end)
    canvas.upright(net, column, min(reached), max(reached))
    for line, entry in track.entries:
        canvas.across(net, line, x + 1, column, entry.dashed)
        canvas.write(x, line, "◀")
