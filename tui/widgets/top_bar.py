"""The line at the top: which model, which place, and what a person wants to know without asking."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from leporello.graphs.problems import visible
from leporello.tui.inks import colour

PLACES = ("model", "train", "use", "runs")
PLACES_WIDE = sum(len(place) + 2 for place in PLACES) + 4
Word = tuple[str, str]
"""What is said, and how: `good`, `bad`, `muted`."""


class TopBar(Widget):
    """Name and file on the left, the places, and words on the right, of which the second gives way first."""

    @dataclass
    class Chosen(Message):
        """A place was clicked at."""

        place: str

    def __init__(self, place: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.place = place
        self.left: tuple[str, str, bool] = ("", "", False)
        self.right: tuple[Word, ...] = ()
        self._spans: dict[str, tuple[int, int]] = {}

    def tell(self, name: str, file: str, modified: bool, right: tuple[Word, ...]) -> None:
        """Say something else."""
        if (self.left, self.right) != ((name, file, modified), right):
            self.left, self.right = (name, file, modified), right
            self.refresh()

    def render(self) -> Text:
        """The line."""
        theme, width = self.app.current_theme, self.size.width
        colours = {"good": colour(theme, "success"), "bad": colour(theme, "error"), "busy": colour(theme, "warning")}
        accent = colour(theme, "primary")
        name, file, modified = self.left
        line = Text(no_wrap=True, end="")
        same = file.partition(".")[0] == name
        room = min(max(width - PLACES_WIDE, 6), 28)
        line.append(f" {visible((file if same else name) or 'leporello', room)}", "bold")
        # The first word and the last are worth more than the file's name.
        told = [cell_len(said) + 3 for said, _ in self.right]
        needed = line.cell_len + PLACES_WIDE + cell_len(visible(file, 30)) + sum(told[:1] + told[1:][-1:])
        if width >= 70 and not same and needed <= width:
            line.append(f"   {visible(file, 30)}", "dim")
        line.append(" * " if modified else "   ", f"bold {accent}")
        for place in PLACES:
            start = line.cell_len
            line.append(place.capitalize(), f"bold {accent}" if place == self.place else "dim")
            self._spans[place] = (start, line.cell_len)
            line.append("  ")
        words = list(self.right)
        while words and line.cell_len + sum(cell_len(said) + 3 for said, _ in words) + 1 > width:
            words.pop(1 if len(words) > 1 else 0)
        if not words and self.right and line.cell_len + 3 < width:
            words = [("●", self.right[0][1])]  # its colour says it, where no word has room
        right = Text("   ").join(
            Text(visible(said), f"bold {colours[how]}" if colours.get(how) else "dim") for said, how in words
        )
        line.append(" " * max(width - line.cell_len - right.cell_len - 1, 1))
        line.append_text(right)
        return line

    def on_click(self, event: events.Click) -> None:
        """Go to the place that is clicked at."""
        for place, (start, end) in self._spans.items():
            if start <= event.x < end:
                self.post_message(self.Chosen(place))
