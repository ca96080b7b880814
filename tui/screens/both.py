"""Two versions of a model beside each other: their pictures, with what differs lit, and the comparison in lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, ScrollableContainer
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.problems import SpecError, visible
from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import Drawn, Findings, Reply
from leporello.tui.runs.versions import compared
from leporello.tui.screens.parts import Parts
from leporello.tui.session.document import Document
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.titles import entitle
from leporello.tui.words import problem_words

NAMES = {"here": "A: this text", "there": "B: the file"}
MOST = 20_000
"""Characters of a comparison at most."""


class BothScreen(Parts, ModalScreen[None]):
    """Only looked at: whatever is asked about the two is asked before and after."""

    PARTS = ("here", "there", "differences")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-small"), (100, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "part(1)", "next part", priority=True, id="parts.next"),
        Binding("escape", "dismiss", "back to the question", id="both.back"),
    ]

    @dataclass
    class Replied(Message):
        """The process that draws one of the two has said something."""

        side: str
        reply: Reply

    def __init__(self, file: Path, here: str, there: str) -> None:
        super().__init__()
        self.file, self.texts = file, {"here": here, "there": there}
        self.sessions: dict[str, Session] = {}

    def compose(self) -> ComposeResult:
        """The pictures, and what differs."""
        with Container(id="body", classes="both"):
            for side in NAMES:
                yield Canvas(id=side)
            with ScrollableContainer(id="differences", classes="pane"):
                yield Static("the two are compared")
        yield KeyLine(last=(), id="keys")

    def on_mount(self) -> None:
        """Draw both, and compare them."""
        for side, text in self.texts.items():
            entitle(self.query_one(f"#{side}"), NAMES[side], "being drawn")
            painter = Painter(partial(self.hear, side))
            self.sessions[side] = Session(Document(), painter)
            self.sessions[side].put(Document(self.file, text))
        entitle(self.query_one("#differences"), "what differs")
        self.focus_part("here")
        self.run_worker(self.compare(), exclusive=True)

    def hear(self, side: str, reply: Reply) -> None:
        """Called in another thread: a message is safe there."""
        self.post_message(self.Replied(side, reply))

    def on_unmount(self) -> None:
        """No process is left."""
        for session in self.sessions.values():
            session.painter.close()

    @on(Replied)
    def take(self, event: Replied) -> None:
        """Show a picture, or why there is none."""
        session, view = self.sessions[event.side], self.query_one(f"#{event.side}", Canvas)
        if not session.receive(event.reply):
            return
        if isinstance(event.reply, Drawn):
            view.show(event.reply.picture)
            self.light(event.side)
        elif isinstance(event.reply, Findings):
            view.hint = "nothing in it can be drawn" if not event.reply.lines else ""
            entitle(view, subtitle=problem_words(event.reply))
            view.refresh()

    def light(self, side: str) -> None:
        """Bring the first box that differs into view, if nobody has gone to another."""
        view = self.query_one(f"#{side}", Canvas)
        paths = (Owner("box", path) for path in sorted(view.marked))
        first = next((one for one in paths if view.picture is not None and view.picture.place(one)), None)
        if first is not None and view.selection is None:
            view.reveal(first)

    async def compare(self) -> None:
        """Say what differs, and light it."""
        said = self.query_one("#differences Static", Static)
        try:
            told = await compared(self.texts["here"], self.file)
        except SpecError as error:
            said.add_class("-wrapped")
            said.update(Text(f"they cannot be compared:\n\n{visible_lines(error.problems[0].what)}"))
            return
        said.update(Text(visible_lines(told.lines)))
        for side, paths in (("here", told.here), ("there", told.there)):
            self.query_one(f"#{side}", Canvas).marked = paths
            self.light(side)
        entitle(
            self.query_one("#differences"),
            subtitle="what differs is lit in the pictures" if told.here | told.there else "",
        )


def visible_lines(said: str) -> str:
    """Lines of a command, each as it may be shown."""
    return "\n".join(visible(line, 300) for line in said[:MOST].splitlines())
