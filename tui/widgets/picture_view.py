"""The cells of a picture in a window: a box or wire that is lit, a step that is looked at, the whole as an overview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from leporello.graphs.drawing.column.canvas import Ink, Owner
from leporello.tui.inks import picture_inks
from leporello.tui.widgets.small_map import SmallMap

if TYPE_CHECKING:
    from leporello.graphs.drawing.terminal.cell_picture import CellPicture, Piece


BLANK = "\N{BRAILLE PATTERN BLANK}"
"""What an overview is empty with."""
SOON = 0.06
"""Seconds without a move until what lies beside the window is drawn, a little at a time."""
Look = Literal["", "selected", "stepped", "wire", "step", "wrong", "marked"]


class PictureView(ScrollView, can_focus=False):
    """Shows a `CellPicture`, of which it draws the lines that are seen."""

    selection: var[Owner | None] = var(None)
    step: var[int | None] = var(None)
    axis: var[str] = var("")
    small: var[bool] = var(False)
    mapped: var[bool] = var(False)
    marked: var[frozenset[str]] = var(frozenset())
    hint = ""
    """What is said where there is no picture."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.picture: CellPicture | None = None
        self.inks: dict[str, Style] = {}
        self.wrong: frozenset[str] = frozenset()
        self._cached: tuple[object, list[str]] | None = None
        self.map = SmallMap()
        self.ahead: Timer | None = None
        self.base = Style()
        self._styles: dict[tuple[str, Look], Style] = {}

    def on_mount(self) -> None:
        """Follow the theme."""
        self.ahead = self.set_interval(SOON, self.look_ahead, pause=True)
        self.watch(self.app, "theme", self._themed)

    def _themed(self, theme: str = "") -> None:
        found = self.app.current_theme
        self.inks = picture_inks(found.dark, found.ansi)
        self._styles.clear()
        self.refresh()

    def clear(self) -> None:
        """Show no picture."""
        self.picture, self._cached, self.selection = None, None, None
        self.virtual_size = Size(0, 0)
        self.refresh()

    def show(self, picture: CellPicture, wrong: frozenset[str] = frozenset(), wanted: Owner | None = None) -> None:
        """Put a picture in place of the one before; what is selected stays so and keeps its place on the screen.

        What is `wanted` is selected afterwards, if it is there; where what was selected is gone, in its place.
        """
        before = self._place()
        self.picture, self.wrong, self._cached = picture, wrong, None
        self.virtual_size = Size(picture.width, picture.height)
        there = wanted is not None and picture.place(wanted) is not None
        if there and self._place() is None:
            self.selection = wanted
        after = self._place()
        if before and after:
            dx, dy = after.x - before.x, after.y - before.y
            self.scroll_to(self.scroll_x + dx, self.scroll_y + dy, animate=False, immediate=True)
        elif after:
            self.reveal(self.selection)
        elif self.selection is not None:
            self.selection = None
        if there and self.selection != wanted:
            self.reveal(wanted)
        self.refresh()

    def reveal(self, owner: Owner | None) -> None:
        """Select a box and bring it into view."""
        self.selection = owner
        place = self._place()
        if place is not None:
            around = Region(max(place.x - 2, 0), max(place.y - 1, 0), place.width + 4, place.height + 2)
            self.scroll_to_region(around, animate=False, immediate=True)

    @property
    def stands(self) -> Owner | None:
        """The box that is selected, or the one that reads the wire that is."""
        if self.selection is None or self.selection.what == "box":
            return self.selection
        return Owner("box", self.selection.reader or self.selection.path, self.selection.step)

    def _place(self) -> Region | None:
        found = self.picture.place(at) if self.picture and (at := self.stands) else None
        return Region(found.left, found.top, found.columns, found.lines) if found else None

    def watch_selection(self, before: Owner | None, owner: Owner | None) -> None:
        """Draw anew what was lit, and what is."""
        changed = [one for one in (before, owner) if one is not None]
        places = [self.picture.place(one) if self.picture and one.what == "box" else None for one in changed]
        if self.small or None in places:
            self.refresh()
            return
        across, down = self._shift() if self.picture else (0, 0)
        x, y = across - round(self.scroll_x), down - round(self.scroll_y)
        self.refresh(*(Region(p.left + x, p.top + y, p.columns, p.lines) for p in places if p))

    def watch_step(self) -> None:
        """Light another step."""
        self.refresh()

    def watch_marked(self) -> None:
        """Light what is marked."""
        self.refresh()

    def watch_axis(self) -> None:
        """Light the step of another axis."""
        self.refresh()

    def watch_mapped(self) -> None:
        """Show the small map, or not."""
        self.refresh()

    def watch_show_horizontal_scrollbar(self, shown: bool) -> None:
        """A bar that was away was told nothing."""
        if shown:
            self.horizontal_scrollbar.position = self.scroll_x

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """The same for the other."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_small(self) -> None:
        """Show the whole, or a part of it."""
        self._cached = None
        self.refresh()

    def _shift(self) -> tuple[int, int]:
        """A picture that is smaller than the window stands in its middle."""
        assert self.picture is not None
        across = max(self.size.width - self.picture.width, 0) // 2
        return across, max(self.size.height - self.picture.height, 0) // 2

    def owner_at(self, x: int, y: int) -> Owner | None:
        """To what a cell of the window belongs."""
        if self.picture is None or self.small:
            return None
        across, down = self._shift()
        return self.picture.owner_at(x - across + round(self.scroll_x), y - down + round(self.scroll_y))

    def look_ahead(self) -> None:
        """Draw a little of what a key may bring into the window."""
        left, top = round(self.scroll_x), round(self.scroll_y)
        seen = left, left + self.size.width, top, top + self.size.height
        if self.ahead is not None and (self.picture is None or self.small or not self.picture.look_ahead(*seen)):
            self.ahead.pause()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of the window; the style of the ground is found once for all of them."""
        if self.ahead is not None:
            self.ahead.reset()
            self.ahead.resume()
        if self.base != (base := self.rich_style):
            self.base = base
            self._styles.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A line of the window."""
        width, base = self.size.width, self.base
        if self.picture is None:
            said = self.hint if y == self.size.height // 2 else ""
            return Strip([Segment(said.center(width)[:width], base + self.inks.get("detail", Style()))])
        if self.small:
            return self._overview_line(y, base)
        across, down = self._shift()
        line, left = y - down + round(self.scroll_y), round(self.scroll_x)
        if not 0 <= line < self.picture.height:
            return Strip.blank(width, base)
        (row,) = self.picture.rows(line, line + 1, left, left + width - across)
        found = [Segment(" " * across, base)] if across else []
        found += [Segment(piece.text, self._style(piece)) for piece in row]
        strip = Strip(found).adjust_cell_length(width, base)
        return self._with_map(strip, y, base) if self.mapped else strip

    def _overview_line(self, y: int, base: Style) -> Strip:
        assert self.picture is not None
        key = (id(self.picture), self.size)
        if self._cached is None or self._cached[0] != key:
            middle = round(self.scroll_x) + self.size.width // 2
            lines = list(self.picture.overview(max(self.size.width, 1), max(self.size.height, 1), middle))
            while lines and not lines[-1].strip(f" {BLANK}"):
                lines.pop()
            self._cached = key, lines
        lines = self._cached[1]
        line = y - max(self.size.height - len(lines), 0) // 2  # in the middle, as a picture in full
        text = lines[line].replace(BLANK, " ") if 0 <= line < len(lines) else ""  # which fewer letters have a sign for
        return Strip([Segment(text, base + self.inks.get("detail", Style()))]).adjust_cell_length(self.size.width, base)

    def _with_map(self, strip: Strip, y: int, base: Style) -> Strip:
        """A line with its piece of the small map, in the upper right corner."""
        assert self.picture is not None
        window = Region(round(self.scroll_x), round(self.scroll_y), self.size.width, self.size.height)
        lines = self.map.lines(self.picture, window)
        if y > len(lines) or not lines:
            return strip
        wide, muted = sum(map(len, lines[0])), base + self.inks.get("detail", Style())
        lit = base + self.inks.get("frame.state", Style()) + Style(reverse=True)
        if y == len(lines):
            pieces = [Segment("╰" + "─" * wide, muted)]
        else:
            before, within, after = lines[y]
            pieces = [Segment("│" + before, muted), Segment(within, lit), Segment(after, muted)]
        width = self.size.width
        return Strip([*strip.crop(0, width - wide - 1), *pieces]).adjust_cell_length(width, base)

    def _style(self, piece: Piece) -> Style:
        key = piece.ink.role, self._look(piece.ink)
        if key not in self._styles:
            self._styles[key] = self.base + self._made(*key)
        return self._styles[key]

    def _look(self, ink: Ink) -> Look:
        """What is to be seen of a cell beside its role."""
        owner = ink.owner
        if owner is None:
            return ""
        if owner == self.selection:
            return "wire" if owner.what == "wire" else "stepped" if self.step is not None else "selected"
        if self.step is not None and owner.step == self.step and self._on_axis(owner):
            return "step"
        if owner.path in self.marked and owner.what == "box":
            return "marked"
        wrong = owner.path in self.wrong and owner.what == "box" and ink.role == "name"
        return "wrong" if wrong else ""

    def _on_axis(self, owner: Owner) -> bool:
        """Whether something is on the axis whose step is looked at, where only one is."""
        return not self.axis or self.picture is None or self.picture.axes.get(owner.reader or owner.path) == self.axis

    def _made(self, role: str, look: Look) -> Style:
        """The style of a role, lit as it is looked at."""
        style, lit = self.inks.get(role, Style()), self.inks.get("frame.state", Style())
        name = role == "name"
        match look:
            case "wire":
                return style + lit + Style(bold=True)
            case "selected" | "stepped":
                style += Style(reverse=name, bold=True)
                return style + lit if role.startswith("frame") or (name and look == "selected") else style
            case "step":
                return style + lit + Style(reverse=True) if name else style + Style(bold=True)
            case "marked":
                return style + lit + Style(bold=True, underline=name)
            case "wrong":
                return style + Style(underline=True)
        return style
