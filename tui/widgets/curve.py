"""Curves of a run, live."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from leporello.tui.inks import colour
from leporello.tui.runs.plotting import Cell, Curve, plot


class CurveView(Widget, can_focus=True):
    """Draws what it is given, as large as it has room."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.curves: tuple[Curve, ...] = ()
        self.logarithmic = False
        self.empty = ""
        self._drawn: list[list[Cell]] = []
        self._key: object = None

    def show(self, curves: Sequence[Curve], log: bool, empty: str) -> None:
        """Draw other curves; `empty` is said where there is nothing to draw yet."""
        self.curves, self.logarithmic, self.empty, self._key = tuple(curves), log, empty, None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the field, the last of which names the curves."""
        width, height = self.size
        if self._key != (width, height):
            self._key = (width, height)
            self._drawn = plot(self.curves, width, max(height - 1, 1), self.logarithmic)
        if not any(curve.points for curve in self.curves):
            said = self.empty if y == height // 2 else ""
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
        segments = [Segment(" " * 8, self.rich_style)]
        for curve in self.curves:
            if curve.points:
                segments.append(Segment("─ ", self.rich_style + self._ink(curve.role)))
                segments.append(Segment(f"{curve.name}   ", self.rich_style + self._ink("axis")))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _ink(self, role: str) -> Style:
        theme = self.app.current_theme
        if role == "axis" or not role:
            return Style(dim=True)
        if role == "raw":
            return Style(color="#4a525c" if theme.dark and not theme.ansi else "bright_black")
        return Style(color=colour(theme, "secondary" if role == "train" else "primary"))
