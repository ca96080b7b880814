"""The unfolded picture for a terminal: a column of boxes for each step, delays as wires between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from leporello.graphs.drawing.bands import Band, bands
from leporello.graphs.drawing.canvas import Canvas, width
from leporello.graphs.drawing.gutters import gutter
from leporello.graphs.drawing.labels import at_step, plain
from leporello.graphs.drawing.stretches import stretches
from leporello.graphs.drawing.text import key
from leporello.graphs.drawing.tiles import Row, Side, arrivals, depth, draw_boxes, lines
from leporello.graphs.drawing.unfolding import shown
from leporello.graphs.drawing.view import Box, View

_DOTS = "· · ·"


def unfolded_text(view: View, last: Mapping[str, int], ascii_only: bool = False) -> str:
    """The `view` over `last[axis]` steps of each axis, one band of columns for each axis.

    Values from outside of the steps shown are written where they enter; what gives them is said at the end.
    """
    found = bands(view, reversed(stretches(view)), ascii_only)
    drawn = [_Sheet(band, last.get(band.axis or "", 0), ascii_only).draw() for band in found]
    caption = f"{plain(view.name, 60, ascii_only)}, unfolded in time"
    notes = [_note(box, ascii_only) for box in view.boxes if box.initial and box.axis]
    notes += [_ports(box, view, ascii_only) for box in view.boxes if box.kind == "feedback"]
    kinds = {row.kind for band in found for row in band.rows}
    return "\n\n".join([caption, *drawn, *notes, key(kinds, ascii_only)]) + "\n"


def _note(box: Box, ascii_only: bool) -> str:
    return f" {at_step(box.label, 0, ascii_only)}: {plain(box.initial, 60, ascii_only)}"


def _ports(box: Box, view: View, ascii_only: bool) -> str:
    """What a box reads at ports that matter: `previous: truth: text(t-1), own: choice(t-1)`."""
    names = {other.path: plain(other.label, 20, ascii_only) for other in view.boxes}
    read = [f"{plain(e.label, 20, ascii_only)}: {names[e.source]}{e.time}" for e in view.edges if e.target == box.path]
    return f" {plain(box.label, 20, ascii_only)}: {', '.join(read)}"


@dataclass(frozen=True)
class _Sheet:
    """One band on its way to text: the same column again and again, with the same wires to the next."""

    band: Band
    last: int
    ascii_only: bool

    @cached_property
    def names(self) -> dict[str, str]:
        """The labels of the rows by path."""
        return {row.path: row.label for row in self.band.rows}

    def draw(self) -> str:
        """The band as lines of text."""
        canvas, steps = Canvas(), shown(self.last) if self.band.axis else (0,)
        columns = max(width(self._label(row, step)) for row in self.band.rows for step in steps[-1:]) + 4
        room = {side: self._room(side, steps) for side in ("next", "before")}
        wires = gutter(self.band.rows, self._room("before", steps, far=True), self._room("next", steps, far=True))
        x = start = 1 + room["next"]
        for step in steps:
            onward = step + 1 in steps
            draw_boxes(canvas, self.band.rows, x, columns, {row.path: self._label(row, step) for row in self.band.rows})
            self._arrive(canvas, step, x, columns, steps)
            wires.draw(canvas, x + columns, onward)
            x += columns + wires.width
            if not onward and step != steps[-1]:
                self._dots(canvas, x + room["before"])
                x += len(_DOTS) + 2 + room["before"] + room["next"]
        if self.band.axis:
            self._time(canvas, start, x - wires.width)
        return canvas.render(self.ascii_only)

    def _label(self, row: Row, step: int) -> str:
        own = row.kind != "every" and self.band.axis
        return self._at(row.path, step) if own else plain(row.label, 24, self.ascii_only)

    def _at(self, path: str, step: int) -> str:
        return at_step(self.names[path], min(max(step, 0), self.last + 1), self.ascii_only)

    def _room(self, side: Side, steps: tuple[int, ...], far: bool = False) -> int:
        """The columns that texts at a side of a box take: those of values from far away, or all."""
        texts = [
            width(self._at(source, step + offset)) + 2
            for _, source, offset in arrivals(self.band.rows, side)
            for step in steps
            if abs(offset) > 1 or not far
        ]
        return max(texts, default=0)

    def _arrive(self, canvas: Canvas, step: int, x: int, columns: int, steps: tuple[int, ...]) -> None:
        """Writes the values that enter from far away, or from a step that is not shown."""
        for line, source, offset in arrivals(self.band.rows, "next"):
            if offset < -1 or step - 1 not in steps:
                text = self._at(source, step + offset) + "─▶"
                canvas.write(x - width(text), line, text)
        for line, source, offset in arrivals(self.band.rows, "before"):
            if offset > 1 or step + 1 not in steps:
                canvas.write(x + columns, line, "◀─" + self._at(source, step + offset))

    def _dots(self, canvas: Canvas, x: int) -> None:
        """Dots for the steps that are left out."""
        for line in lines(self.band.rows).values():
            canvas.write(x, line + 1, _DOTS)

    def _time(self, canvas: Canvas, start: int, end: int) -> None:
        below = sum(depth(row) for row in self.band.rows) + 1
        canvas.across("time", below, start, end)
        canvas.write(end, below, "▶ " + plain(self.band.axis or "", 30, self.ascii_only))
