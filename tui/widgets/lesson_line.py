"""The lesson of the tutorial, above the keys at the foot: what to press, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.widgets import Static

from leporello.graphs.frozen import frozen
from leporello.tui.inks import colour


@frozen
class Taught:
    """A lesson in words: which of how many, its keys as they are shown here, and why."""

    head: str
    keys: Sequence[str] = ()
    why: str = ""


class LessonLine(Static):
    """Says a lesson; within a sheet, where there is less room, only its keys (`brief`)."""

    @dataclass
    class Wanted(Message):
        """It is there now, and has nothing to say yet."""

        line: LessonLine

    def __init__(self, brief: bool = False) -> None:
        super().__init__(classes="lesson", markup=False)
        self.brief, self.taught = brief, None  # type: tuple[bool, Taught | None]
        self.display = False

    def on_mount(self) -> None:
        """Ask what to say."""
        self.post_message(self.Wanted(self))

    def tell(self, taught: Taught | None) -> None:
        """Say another lesson, or nothing."""
        if taught == self.taught:
            return
        self.taught, self.display = taught, taught is not None
        if taught is None:
            return
        accent = colour(self.app.current_theme, "primary")
        words = Text.assemble((taught.head, "bold"), "  ")
        for key in taught.keys:
            words.append(f" {key} ", f"bold reverse {accent}").append(" ")
        if not self.brief:
            words.append(f" {taught.why}", "dim")
        self.update(words)
