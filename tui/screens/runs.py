"""Runs: all of them, how far they are and how good; opened, used, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import time
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from leporello.graphs.composing.texts import read_text
from leporello.graphs.problems import SpecError, visible
from leporello.training.runs.listing import Listed, delete
from leporello.training.runs.run import RUNS
from leporello.tui.inks import curve_ink
from leporello.tui.runs.comparison import Comparison
from leporello.tui.runs.rows import fitting, said_of
from leporello.tui.runs.shelf import Shelf
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.following import Following, state_word
from leporello.tui.screens.question import Question
from leporello.tui.session.session import Session
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.top_bar import TopBar

EVERY = 1.5
DELETE, KEEP = "delete it, with its checkpoints", "keep it"


class RunsScreen(Following):
    """A table of runs, the newest first; the one that is followed is marked."""

    AUTO_FOCUS = "#runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "follow", id="runs.open"),
        Binding("space", "compare", "compare", id="runs.compare"),
        Binding("t", "app.place('train')", "curves", id="runs.curves"),
        Binding("g", "use", "try it", id="runs.use"),
        Binding("o", "spec", "open its spec", id="runs.spec"),
        Binding("d", "delete", "delete", id="runs.delete"),
        Binding("escape", "back", "model", id="runs.back"),
    ]

    def __init__(self, session: Session, trainer: Trainer, comparison: Comparison) -> None:
        super().__init__(session, trainer)
        self.comparison = comparison
        self.shelf = Shelf()
        self.reading = False
        self.found: list[Listed] = []
        self.shown: tuple[tuple[str, ...], list[list[Text]]] = (), []

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("runs", id="top")
        yield DataTable(id="runs", classes="pane", cursor_type="row", zebra_stripes=False)
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Look now and then."""
        table = self.query_one(DataTable)
        table.border_title = f"runs in {RUNS}/"
        enter = table._bindings.key_to_bindings["enter"]  # which is the table's own: the foot says what it does
        table._bindings.key_to_bindings["enter"] = [replace(one, description="follow", show=True) for one in enter]
        self.set_interval(EVERY, self.look)
        self.look()

    def on_screen_resume(self) -> None:
        """Look again."""
        self.look()
        super().on_screen_resume()

    def look(self) -> None:
        """Read the runs, off the keys' way."""
        if self.app.screen is self and not self.reading:
            self.reading = True
            self.read()

    @work(thread=True)
    def read(self) -> None:
        """In a thread: many runs take a moment."""
        found = self.shelf.look()
        self.app.call_from_thread(self.take, found)

    def take(self, found: list[Listed]) -> None:
        """Show what was read; the cursor stays at its run where the runs have changed their order."""
        self.reading = False
        chosen = self.chosen.folder if self.chosen else ""
        places = [one.folder for one in found]
        self.found = found
        self.show(places.index(chosen) if chosen in places else None)

    def show(self, row: int | None = None) -> None:
        """Show the runs; with the cursor at a row, or where it was."""
        found = self.found
        running = sum(one.state == "running" for one in found)
        words = (
            f"{len(found)} run{'s' * (len(found) != 1)}, {running} going on" if found else "no runs yet: 2, then space"
        )
        beside = len(self.comparison.marked)
        words += f", {beside} compared: t shows the curves" if beside else ""
        self.tell_top(((words, "good" if running else "muted"),))
        table = self.query_one(DataTable)
        row = table.cursor_row if row is None else row
        now, here = time(), Path.cwd()
        told = [said_of(one, _state(one), now, here) | {"run": f"  {one.run.folder.name}"} for one in found]
        columns = fitting(told, table.content_size.width or self.size.width)
        rows = [self._row(one, [said[name] for name in columns[1:]]) for one, said in zip(found, told, strict=True)]
        if (columns, rows) != self.shown:
            table.clear(columns=columns != self.shown[0])
            if columns != self.shown[0]:
                table.add_columns(*columns)
            for cells in rows:
                table.add_row(*cells)
            self.shown = columns, rows
        if found:
            table.move_cursor(row=min(row, len(found) - 1))

    def on_resize(self) -> None:
        """What has room is told."""
        self.call_after_refresh(self.show)

    def _row(self, one: Listed, told: Sequence[str]) -> list[Text]:
        followed = self.trainer.run is not None and self.trainer.run.folder == one.run.folder
        beside = one.run.folder in self.comparison.marked
        ink = curve_ink(self.app.current_theme, self.comparison.role(one.run.folder)) if beside else Style()
        name = Text(("▸" if followed else " ") + ("●" if beside else " "), ink).append(visible(one.run.folder.name, 60))
        return [name, *(Text(visible(text, 60)) for text in told)]

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

    def action_compare(self) -> None:
        """Draw its curve beside that of the run that is followed, or not any more."""
        if self.chosen is not None:
            self.comparison.toggle(self.chosen.run)
            self.show()

    def action_spec(self) -> None:
        """Open a copy of the spec that it was trained with."""
        if self.chosen is not None:
            try:
                self.app.open_text(read_text(self.chosen.run.spec))
            except SpecError as error:
                self.tell(error)

    def action_delete(self) -> None:
        """Delete it, after a question."""
        one = self.chosen
        if one is None:
            return
        if _going_on(one):
            self.notify(f"{one.folder} is {_state(one)}: follow it (⏎), stop it there, then delete it", markup=False)
            return

        def answered(answer: str | None) -> None:
            if answer != DELETE:
                return
            try:
                delete(one.run)
                self.comparison.forget(one.run.folder)
                if self.trainer.run is not None and self.trainer.run.folder == one.run.folder:
                    self.trainer.forget()
            except SpecError as error:
                self.tell(error)
            self.look()

        question = f"Delete {one.folder}, {_state(one)} at update {one.update:,}?"
        self.app.push_screen(Question(question, (KEEP, DELETE)), answered)


def _going_on(one: Listed) -> bool:
    """Whether a process works on it, at this moment."""
    try:
        return one.run.status().told in ("running", "paused")
    except SpecError:
        return False


def _state(one: Listed) -> str:
    """How it stands, in the words of Train, without the sign."""
    return state_word(one.state)[0].split(" ", 1)[-1]
