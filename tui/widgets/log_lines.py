"""The log of a run, line by line as it comes."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text
from textual.widgets import RichLog

from leporello.graphs.problems import visible
from leporello.training.runs.following import Record

MOST, WIDEST = 500, 400


class LogLines(RichLog, can_focus=True):
    """Adds what is new, and begins again where another run is looked at."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(max_lines=MOST, markup=False, highlight=False, id=id, classes=classes)
        self.told = 0
        self.followed: Path | None = None

    def on_mount(self) -> None:
        """What it is."""
        self.border_title = "log"

    def show(self, record: Record, folder: Path | None) -> None:
        """Tell what the record has that was not told yet."""
        if self.told > record.logged or folder != self.followed:
            self.clear()
            self.told, self.followed = 0, folder
        new = min(record.logged - self.told, len(record.log))
        for event in list(record.log)[len(record.log) - new :]:
            said = "  ".join(f"{key} {value}" for key, value in event.items() if key not in ("time", "training"))
            self.write(Text(visible(said, WIDEST)))
        self.told = record.logged
