"""A model of a run that answers lines: what it can be used for, and the process that answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from textual import work
from textual.worker import Worker

from leporello.graphs.problems import SpecError
from leporello.training.roles import Use, columns_of, use_of
from leporello.training.runs.run import Run
from leporello.tui.runs.answerer import Answerer
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.following import Following
from leporello.tui.session.session import Session
from leporello.tui.widgets.answers import Answered

WRITES: Sequence[Use] = ("generate", "forecast", "label")
"""What is done by a process for each time; to translate and to predict lines one process is kept."""
KEPT = 20
"""Lines that are kept with their answers."""


class Answering(Following):
    """What is done with the model of the run that is followed, whichever it is."""

    def __init__(self, session: Session, trainer: Trainer) -> None:
        super().__init__(session, trainer)
        self.written, self.failure = "", ""
        self.work: Worker[None] | None = None
        self.use: Use | Literal[""] = ""
        self.used: Path | None = None
        self.waiting = ""
        self.columns: tuple[str, ...] = ()
        self.given: list[Answered] = []
        self.answerer: Answerer | None = None
        self.update = self.read = 0

    def learn_use(self) -> None:
        """See what the run can be used for, where it is another than before."""
        run = self.trainer.run
        folder = run.folder if run else None
        if folder == self.used:
            return
        self.use, self.given, self.written, self.failure, self.waiting = "", [], "", "", ""
        self.used = folder
        self.leave_process()
        if run is not None:
            self.seek_use(run)

    @work(thread=True, exclusive=True, group="use", exit_on_error=False)
    def seek_use(self, run: Run) -> None:
        """In a thread: its spec is read and checked."""
        use: Use | Literal[""] = ""
        columns: tuple[str, ...] = ()
        failure = ""
        try:
            use = use_of(run)
            columns = columns_of(run) if use in ("forecast", "label") else ()
        except SpecError as error:
            failure = str(error.problems[0])
        self.app.call_from_thread(self.take_use, run, use, failure, columns)

    def take_use(self, run: Run, use: Use | Literal[""], failure: str, columns: tuple[str, ...]) -> None:
        """It is known now; of a run that begins, and has not written down yet what it trains, in a moment."""
        if run.folder != self.used:
            return
        if failure and self.trainer.alive:
            self.used = None
            return
        self.use, self.failure, self.columns = use or "generate", failure, columns
        self.query_one("#page").border_title = "what it writes" if self.use == "generate" else "what it answers"
        self.refresh_bindings()
        self.show()
        if self.waiting and not failure:
            self.take(self.waiting)

    @abstractmethod
    def begin_with(self, prompt: str) -> None:
        """Write on from there."""

    def take(self, line: str) -> None:
        """A line to be answered, or to be written on; it waits until it is known which."""
        self.waiting = "" if self.use else line
        if self.use in WRITES:
            self.begin_with(line)
        elif self.use:
            self.take_line(line)

    def leave_process(self) -> None:
        """End the process that answers."""
        if self.work is not None:
            self.work.cancel()
            self.work = None
        if self.answerer is not None:
            self.run_worker(self.answerer.close(), group="ends")
            self.answerer = None

    async def on_unmount(self) -> None:
        """No process is left."""
        if self.answerer is not None:
            await self.answerer.close()

    def ready(self) -> Run | None:
        """The run, if it can be used; else why not is told."""
        run = self.trainer.run
        if run is None:
            self.notify("there is no trained model yet: 2 trains one, 4 lists all runs")
            return None
        try:
            found = run.newest()
            if found is not None:
                self.update = found[0]
                return run
            self.notify("the run has no checkpoint yet: wait a moment")
        except SpecError as error:
            self.tell(error)
        return None

    def take_line(self, line: str) -> None:
        """Let the model answer a line."""
        run = self.ready()
        if run is not None:
            self.failure = ""
            if self.update != self.read:  # the model has learned something since its process read it
                self.leave_process()
                self.read = self.update
            self.answerer = self.answerer or Answerer(run.folder, self.use)
            self.work = self.run_worker(self.ask(self.answerer, line), exclusive=True)
            self.show()

    async def ask(self, answerer: Answerer, line: str) -> None:
        """Show what it answers."""
        try:
            self.given = [*self.given[-KEPT:], (line, await answerer.answer(line))]
        except SpecError as error:
            self.failure = str(error.problems[0])
        self.call_after_refresh(self.show)
