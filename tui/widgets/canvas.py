"""The picture on the screen, by keys and mouse: boxes and wires are selected, the window is moved, a box is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from leporello.graphs.drawing.column.canvas import Owner
from leporello.tui.widgets.picture_view import PictureView

WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
PAN = 8


class Canvas(PictureView, can_focus=True):
    """Arrows go from box to box; at the wires of a box they go from wire to wire."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "select('left')", "left", show=False, id="canvas.left"),
        Binding("right,l", "select('right')", "right", show=False, id="canvas.right"),
        Binding("up,k", "select('up')", "up", show=False, id="canvas.up"),
        Binding("down,j", "select('down')", "down", show=False, id="canvas.down"),
        Binding("i", "wires(True)", "wires in", show=False, id="canvas.wires_in"),
        Binding("o", "wires(False)", "wires out", show=False, id="canvas.wires_out"),
        Binding("shift+left", "pan('left')", "pan left", show=False, id="canvas.pan_left"),
        Binding("shift+right", "pan('right')", "pan right", show=False, id="canvas.pan_right"),
        Binding("shift+up", "pan('up')", "pan up", show=False, id="canvas.pan_up"),
        Binding("shift+down", "pan('down')", "pan down", show=False, id="canvas.pan_down"),
        Binding("0", "overview", "whole picture", show=False, id="canvas.overview"),
        Binding("M", "map", "small map", show=False, id="canvas.map"),
    ]

    @dataclass
    class Selected(Message):
        """Another box or wire is selected."""

        owner: Owner | None

    @dataclass
    class Entered(Message):
        """A box is to be opened: by a double click."""

        owner: Owner

    @dataclass
    class Joined(Message):
        """A box was drawn onto another one: they are to be connected."""

        source: str
        reader: str

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pulled: Owner | None = None
        self.box: Owner | None = None
        self.wires: list[Owner] = []
        self._drag: tuple[int, int] | None = None

    def watch_selection(self, before: Owner | None, owner: Owner | None) -> None:
        """Tell who listens."""
        super().watch_selection(before, owner)
        self.post_message(self.Selected(owner))

    def action_overview(self) -> None:
        """The whole picture, so small that it has room, or what is seen of it in full."""
        self.small = not self.small

    def action_map(self) -> None:
        """The whole picture in a corner, or not."""
        self.mapped = not self.mapped

    def action_select(self, way: str) -> None:
        """Select the next box in a direction, or the next of the wires."""
        if self.picture is None:
            return
        if self.selection is not None and self.selection.what == "wire":
            self._next_wire(1 if way in ("right", "down") else -1)
        elif self.selection is None or self.picture.place(self.selection) is None:
            self.reveal(self._middle())
        elif (found := self.picture.neighbour(self.selection, *WAYS[way])) is not None:
            self.reveal(found)

    def action_wires(self, incoming: bool) -> None:
        """Go to the wires that come into the box, or that go out of it."""
        box = self.box if self.selection is not None and self.selection.what == "wire" else self.selection
        if self.picture is None or box is None:
            self.notify("select a box first, with the arrows")
            return
        found = self.picture.wires(box, incoming)
        if not found:
            self.notify("no wire comes in here" if incoming else "no wire goes out of here")
            return
        self.box, self.wires, self.selection = box, found, found[0]

    def _next_wire(self, by: int) -> None:
        if self.selection in self.wires:
            self.selection = self.wires[(self.wires.index(self.selection) + by) % len(self.wires)]

    def leave_wire(self) -> bool:
        """Back from a wire to its box; whether a wire was selected."""
        if self.selection is None or self.selection.what != "wire":
            return False
        self.reveal(self.box)
        return True

    def other_end(self) -> None:
        """From a wire to the box at its other end."""
        wire = self.selection
        if wire is None or wire.what != "wire" or self.picture is None:
            return
        path = wire.reader if self.box is None or wire.path == self.box.path else wire.path
        ends = (Owner("box", path, step) for step in (wire.step, self.box.step if self.box else None, None))
        there = next((owner for owner in ends if self.picture.place(owner) is not None), None)
        if there is not None:
            self.reveal(there)

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

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Select what is clicked at, or begin to move the window."""
        found = self.owner_at(event.x, event.y)
        if found is not None and found.what == "box":
            self.selection = self.pulled = found
        elif found is not None and found.what == "wire" and found.reader and self.picture is not None:
            self.box = next(
                (o for o in (Owner("box", found.reader, s) for s in (found.step, None)) if self.picture.place(o)), None
            )
            self.wires, self.selection = [found], found
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
        """Let go; what was drawn onto another box is connected to it."""
        pulled, found = self.pulled, self.owner_at(event.x, event.y)
        self._drag = self.pulled = None
        if pulled is not None and found is not None and found.what == "box" and found.path != pulled.path:
            self.post_message(self.Joined(pulled.path, found.path))
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Open what is clicked at twice."""
        found = self.owner_at(event.x, event.y)
        if event.chain == 2 and found is not None and found.what == "box":
            self.post_message(self.Entered(found))
