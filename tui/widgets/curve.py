"""Curves of runs, live, and what each of them says at an update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from leporello.graphs.problems import visible
from leporello.tui.inks import curve_ink
from leporello.tui.runs.comparison import COLOURS
from leporello.tui.runs.plotting import LABEL, Cell, Curve, last_update, number, plot, update_at, value_at

LEAP = 8
GAPS = {"valid": 1, **{f"run.{number}": number + 2 for number in range(COLOURS)}}
"""How many dots wide the gaps of a curve are that has no colour; what a run was trained with has none."""


class CurveView(Widget, can_focus=True):
    """Draws what it is given, as large as it has room. `column` is the one that is looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,left_square_bracket", "look(-1)", "update before", show=False, id="curve.before"),
        Binding("right,right_square_bracket", "look(1)", "next update", show=False, id="curve.after"),
        Binding("shift+left", f"look(-{LEAP})", "further back", show=False, id="curve.leap_back"),
        Binding("shift+right", f"look({LEAP})", "further on", show=False, id="curve.leap_on"),
    ]

    column: reactive[int | None] = reactive(None)

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.curves: tuple[Curve, ...] = ()
        self.logarithmic = False
        self.empty = ""
        self._drawn: list[list[Cell]] = []
        self._key: object = None

    def show(self, curves: Sequence[Curve], log: bool, empty: str) -> None:
        """Draw other curves; `empty` is said where there is nothing to draw yet."""
        if self.app.no_color:  # then gaps tell one from the other
            curves = [replace(curve, gap=GAPS.get(curve.role, 0)) for curve in curves]
        self.curves, self.logarithmic, self.empty, self._key = tuple(curves), log, empty, None
        self.refresh()

    def action_look(self, by: int) -> None:
        """Look at another update, from the newest on."""
        self.look_at((self._last + 1 if self.column is None else self.column) + by)

    def on_click(self, event: events.Click) -> None:
        """Look at the update that is clicked at."""
        self.look_at(event.get_content_offset_capture(self).x - LABEL - 1)

    def look_at(self, column: int) -> None:
        """Look at a column of the field, or at the nearest that there is."""
        self.column = min(max(column, 0), self._last)

    @property
    def _last(self) -> int:
        return max(self.size.width - LABEL - 2, 0)

    def watch_column(self) -> None:
        """Say what the curves say there."""
        self._key = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the field, the last of which names the curves."""
        width, height = self.size
        if self._key != (width, height):
            self._key = (width, height)
            self._drawn = plot(self.curves, width, max(height - 1, 1), self.logarithmic, self.column)
        if not last_update(self.curves):
            lines = [part for line in self.empty.split("\n") for part in wrap(visible(line), max(width - 2, 1))]
            at = y - (height - len(lines)) // 2
            said = lines[at] if 0 <= at < len(lines) else ""
            return Strip([Segment(said.center(width)[:width], self.rich_style + Style(dim=True))])
        if y == height - 1:
            return self._names(width)
        cells = self._drawn[y] if y < len(self._drawn) else []
        segments = [
            Segment("".join(cell.glyph for cell in together), self.rich_style + self._ink(role))
            for role, together in groupby(cells, key=lambda cell: cell.role)
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _names(self, width: int) -> Strip:
        """The names of the curves, and their values at the update that is looked at."""
        at = None if self.column is None else update_at(self.curves, self.column, width)
        first = " " * (LABEL + 1) if at is None else f" at {at:,}   "
        segments = [Segment(first, self.rich_style + self._ink("axis"))]
        for curve in self.curves:
            if not curve.points or (at is not None and not curve.joined):
                continue
            value = None if at is None else value_at(curve.points, at)
            said = visible(curve.name, 30) + ("" if value is None else f" {number(value)}")
            segments.append(Segment(f"{curve.sign} ", self.rich_style + self._ink(curve.role)))
            segments.append(Segment(f"{said}   ", self.rich_style + self._ink("axis")))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _ink(self, role: str) -> Style:
        return curve_ink(self.app.current_theme, role)
