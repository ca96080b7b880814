"""Runs: all of them, how far they are and how good; opened, used, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable

from leporello.graphs.composing.texts import read_text
from leporello.graphs.problems import SpecError, visible
from leporello.training.listing import Listed, delete, listed
from leporello.training.runs import RUNS
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.home import Home
from leporello.tui.screens.question import Question
from leporello.tui.session.session import Session
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.top_bar import TopBar

EVERY = 1.5
COLUMNS = ("run", "model", "state", "update", "best", "test")
DELETE, KEEP = "delete it, with its checkpoints", "keep it"


class RunsScreen(Screen[None]):
    """A table of runs, the newest first; the one that is followed is marked."""

    app: Home
    AUTO_FOCUS = "#runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "follow", id="runs.open"),
        Binding("g", "use", "try it", id="runs.use"),
        Binding("o", "spec", "open its spec", id="runs.spec"),
        Binding("d", "delete", "delete", id="runs.delete"),
        Binding("escape", "back", "model", id="runs.back"),
    ]

    def __init__(self, session: Session, trainer: Trainer) -> None:
        super().__init__()
        self.session, self.trainer = session, trainer
        self.found: list[Listed] = []
        self.followed: Path | None = None

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("runs", id="top")
        yield DataTable(id="runs", classes="pane", cursor_type="row", zebra_stripes=False)
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Look now and then."""
        table = self.query_one(DataTable)
        table.border_title = f"runs in {RUNS}/"
        for name in COLUMNS:
            table.add_column(name, key=name)
        self.set_interval(EVERY, self.look)
        self.look()

    def on_screen_resume(self) -> None:
        """Look again."""
        self.look()

    def look(self) -> None:
        """Read the runs, off the keys' way."""
        if self.app.screen is self:
            self.read()

    @work(thread=True, exclusive=True)
    def read(self) -> None:
        """In a thread: many runs take a moment."""
        found = listed()
        self.app.call_from_thread(self.show, found)

    def show(self, found: list[Listed]) -> None:
        """Show the runs."""
        document = self.session.document
        running = sum(one.state == "running" for one in found)
        words = (
            f"{len(found)} run{'s' * (len(found) != 1)}, {running} going on" if found else "no runs yet: 2, then space"
        )
        self.query_one("#top", TopBar).tell(
            self.session.findings.name, document.name, document.modified, ((words, "good" if running else "muted"),)
        )
        followed = self.trainer.run.folder if self.trainer.run else None
        if (found, followed) == (self.found, self.followed):
            return
        self.followed = followed
        chosen = self.chosen.folder if self.chosen else ""
        table = self.query_one(DataTable)
        row = table.cursor_row
        self.found = found
        table.clear()
        for one in found:
            table.add_row(*self._row(one))
        places = [one.folder for one in found]
        if found:
            table.move_cursor(row=places.index(chosen) if chosen in places else min(row, len(found) - 1))

    def _row(self, one: Listed) -> list[Text]:
        followed = self.trainer.run is not None and self.trainer.run.folder == one.run.folder
        done = f"{one.update:,} of {one.updates:,}" if one.updates else ""
        best = "" if one.best is None else f"{one.best:.3f}"
        test = "" if one.test is None else f"{one.test:.3f}"
        said = ("▸ " if followed else "  ") + one.run.folder.name
        return [Text(visible(text, 60)) for text in (said, one.name, one.state, done, best, test)]

    @property
    def chosen(self) -> Listed | None:
        """The run under the cursor."""
        row = self.query_one(DataTable).cursor_row
        return self.found[row] if 0 <= row < len(self.found) else None

    @on(DataTable.RowSelected)
    def selected(self) -> None:
        """Follow it."""
        self.action_open()

    def action_open(self) -> None:
        """Follow the run on Train."""
        if self.chosen is not None:
            self.trainer.follow(self.chosen.run)
            self.app.action_place("train")

    def action_use(self) -> None:
        """Let it write."""
        if self.chosen is not None:
            self.trainer.follow(self.chosen.run)
            self.app.action_place("use")

    def action_spec(self) -> None:
        """Open a copy of the spec that it was trained with."""
        if self.chosen is not None:
            try:
                self.app.open_text(read_text(self.chosen.run.spec))
            except SpecError as error:
                self.notify(visible(error.problems[0].what), severity="error", markup=False)

    def action_delete(self) -> None:
        """Delete it, after a question."""
        one = self.chosen
        if one is None:
            return

        def answered(answer: str | None) -> None:
            if answer != DELETE:
                return
            try:
                delete(one.run)
                if self.trainer.run is not None and self.trainer.run.folder == one.run.folder:
                    self.trainer.forget()
            except SpecError as error:
                problem = error.problems[0]
                self.notify(visible(f"{problem.what}\n{problem.hint}"), severity="error", markup=False)
            self.look()

        question = f"Delete {one.folder}, {one.state} at update {one.update:,}?"
        self.app.push_screen(Question(question, (KEEP, DELETE)), answered)

    def action_back(self) -> None:
        """To the model."""
        self.app.action_place("model")
