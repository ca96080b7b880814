"""The picture on the screen: a window of its cells, a box that is selected, a step that is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from leporello.graphs.drawing.column.canvas import Ink, Owner
from leporello.tui.inks import picture_inks

if TYPE_CHECKING:
    from leporello.graphs.drawing.terminal.cell_picture import CellPicture, Piece

WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
PAN = 8


class Canvas(ScrollView, can_focus=True):
    """Shows a `CellPicture`, of which it draws the lines that are seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "select('left')", "left", show=False, id="canvas.left"),
        Binding("right,l", "select('right')", "right", show=False, id="canvas.right"),
        Binding("up,k", "select('up')", "up", show=False, id="canvas.up"),
        Binding("down,j", "select('down')", "down", show=False, id="canvas.down"),
        Binding("shift+left", "pan('left')", "pan left", show=False, id="canvas.pan_left"),
        Binding("shift+right", "pan('right')", "pan right", show=False, id="canvas.pan_right"),
        Binding("shift+up", "pan('up')", "pan up", show=False, id="canvas.pan_up"),
        Binding("shift+down", "pan('down')", "pan down", show=False, id="canvas.pan_down"),
        Binding("0", "overview", "whole picture", show=False, id="canvas.overview"),
    ]

    selection: reactive[Owner | None] = reactive(None)
    step: reactive[int | None] = reactive(None)
    small: reactive[bool] = reactive(False)

    @dataclass
    class Selected(Message):
        """Another box is selected."""

        owner: Owner | None

    @dataclass
    class Entered(Message):
        """A box is to be opened: by a double click."""

        owner: Owner

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.picture: CellPicture | None = None
        self.inks: dict[str, Style] = {}
        self.wrong: frozenset[str] = frozenset()
        self._cached: tuple[object, list[str]] | None = None
        self._drag: tuple[int, int] | None = None

    def on_mount(self) -> None:
        """Follow the theme."""
        self.watch(self.app, "theme", self._themed)

    def _themed(self, theme: str = "") -> None:
        found = self.app.current_theme
        self.inks = picture_inks(found.dark, found.ansi)
        self.refresh()

    def show(self, picture: CellPicture, wrong: frozenset[str] = frozenset()) -> None:
        """Put a picture in place of the one before; what is selected stays so and keeps its place on the screen."""
        before = self._place()
        self.picture, self.wrong, self._cached = picture, wrong, None
        self.virtual_size = Size(picture.width, picture.height)
        after = self._place()
        if before and after:
            dx, dy = after.x - before.x, after.y - before.y
            self.scroll_to(self.scroll_x + dx, self.scroll_y + dy, animate=False, immediate=True)
        elif after:
            self.reveal(self.selection)
        elif self.selection is not None:
            self.selection = None
        self.refresh()

    def reveal(self, owner: Owner | None) -> None:
        """Select a box and bring it into view."""
        self.selection = owner
        place = self._place()
        if place is not None:
            around = Region(max(place.x - 2, 0), max(place.y - 1, 0), place.width + 4, place.height + 2)
            self.scroll_to_region(around, animate=False, immediate=True)

    def _place(self) -> Region | None:
        found = self.picture.place(self.selection) if self.picture and self.selection else None
        return Region(found.left, found.top, found.columns, found.lines) if found else None

    def watch_selection(self, owner: Owner | None) -> None:
        """Tell who listens."""
        self.post_message(self.Selected(owner))
        self.refresh()

    def watch_step(self) -> None:
        """Light another step."""
        self.refresh()

    def watch_small(self) -> None:
        """Show the whole, or a part of it."""
        self._cached = None
        self.refresh()

    def action_overview(self) -> None:
        """The whole picture, so small that it has room, or what is seen of it in full."""
        self.small = not self.small

    def action_select(self, way: str) -> None:
        """Select the next box in a direction."""
        if self.picture is None:
            return
        if self.selection is None or self.picture.place(self.selection) is None:
            self.reveal(self._middle())
            return
        found = self.picture.neighbour(self.selection, *WAYS[way])
        if found is not None:
            self.reveal(found)

    def action_pan(self, way: str) -> None:
        """Move the window."""
        across, down = WAYS[way]
        self.scroll_relative(across * PAN, down * PAN // 2, animate=False)

    def _middle(self) -> Owner | None:
        """The box nearest to the middle of what is seen."""
        assert self.picture is not None
        x, y = self.scroll_x + self.size.width / 2, self.scroll_y + self.size.height / 2
        boxes = self.picture.boxes(round(self.scroll_x), round(self.scroll_x) + self.size.width)
        far = {owner: abs(p.middle[0] - x) + 2 * abs(p.middle[1] - y) for owner, p in boxes.items()}
        return min(far, key=far.__getitem__, default=None)

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

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Select what is clicked at, or begin to move the window."""
        found = self.owner_at(event.x, event.y)
        if found is not None and found.what == "box":
            self.selection = found
        else:
            self._drag = (event.screen_x, event.screen_y)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the window along."""
        if self._drag is not None:
            x, y = self._drag
            self._drag = (event.screen_x, event.screen_y)
            self.scroll_relative(x - event.screen_x, y - event.screen_y, animate=False)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        self._drag = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Open what is clicked at twice."""
        found = self.owner_at(event.x, event.y)
        if event.chain == 2 and found is not None and found.what == "box":
            self.post_message(self.Entered(found))

    def render_line(self, y: int) -> Strip:
        """A line of the window."""
        width = self.size.width
        base = self.rich_style
        if self.picture is None:
            return Strip.blank(width, base)
        if self.small:
            return self._overview_line(y, base)
        across, down = self._shift()
        line, left = y - down + round(self.scroll_y), round(self.scroll_x)
        if not 0 <= line < self.picture.height:
            return Strip.blank(width, base)
        (row,) = self.picture.rows(line, line + 1, left, left + width - across)
        found = [Segment(" " * across, base)] if across else []
        found += [Segment(piece.text, base + self._style(piece)) for piece in row]
        return Strip(found).adjust_cell_length(width, base)

    def _overview_line(self, y: int, base: Style) -> Strip:
        assert self.picture is not None
        key = (id(self.picture), self.size)
        if self._cached is None or self._cached[0] != key:
            middle = round(self.scroll_x) + self.size.width // 2
            self._cached = key, self.picture.overview(max(self.size.width, 1), max(self.size.height, 1), middle)
        lines = self._cached[1]
        text = lines[y] if y < len(lines) else ""
        return Strip([Segment(text, base + self.inks.get("detail", Style()))]).adjust_cell_length(self.size.width, base)

    def _style(self, piece: Piece) -> Style:
        ink: Ink = piece.ink
        style = self.inks.get(ink.role, Style())
        owner = ink.owner
        if owner is None:
            return style
        if owner == self.selection:
            lit = self.inks.get("frame.state", Style()) if self.step is None or ink.role != "name" else Style()
            style += Style(reverse=ink.role == "name", bold=True)
            return style + lit if ink.role == "name" or ink.role.startswith("frame") else style
        if self.step is not None and owner.step == self.step:
            if ink.role == "name":
                return style + self.inks.get("frame.state", Style()) + Style(reverse=True)
            return style + Style(bold=True)
        if owner.path in self.wrong and owner.what == "box" and ink.role == "name":
            return style + Style(underline=True)
        return style
