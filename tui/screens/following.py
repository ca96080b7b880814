"""The places where runs are looked at: Train, Use and Runs, each shown again when something new has come."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from textual import work
from textual.screen import Screen

from leporello.graphs.problems import SpecError, visible
from leporello.training.runs.run import Run
from leporello.tui.runs.shelf import newest_of
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.home import Home
from leporello.tui.session.session import Session
from leporello.tui.widgets.top_bar import TopBar, Word

NARROW = [(0, "-narrow"), (60, "-small"), (100, "-normal")]
"""From how many columns on a screen has which class."""
LOW = [(0, "-low"), (16, "-middle")]
"""And from how many lines."""
STATES: dict[str, Word] = {
    "starting": ("▷ starting", "busy"),
    "running": ("▶ running", "good"),
    "paused": ("‖ paused", "busy"),
    "stopping": ("■ stopping, after a checkpoint", "busy"),
    "ending": ("▶ ending", "good"),
    "finished": ("● finished", "good"),
    "interrupted": ("■ stopped", "busy"),
    "failed": ("● failed", "bad"),
    "died": ("● its process is gone", "bad"),
    "damaged": ("● damaged", "bad"),
}


def state_word(state: str) -> Word:
    """How a run stands, with its sign.

    >>> state_word("interrupted")
    ('■ stopped', 'busy')
    """
    return STATES.get(state, (state, "muted"))


class Following(Screen[None]):
    """A place that shows how the run stands that is followed."""

    app: Home
    HORIZONTAL_BREAKPOINTS = NARROW
    VERTICAL_BREAKPOINTS = LOW

    def __init__(self, session: Session, trainer: Trainer) -> None:
        super().__init__()
        self.session, self.trainer = session, trainer

    @abstractmethod
    def show(self) -> None:
        """Show everything as it is now."""

    def on_screen_resume(self) -> None:
        """What was changed elsewhere is seen."""
        self.show()

    def attach(self) -> None:
        """Follow the newest run of the spec, where none is followed."""
        path = self.session.document.path
        if self.trainer.run is None and path is not None:
            self.seek(path)

    @work(thread=True, exclusive=True, group="seek", exit_on_error=False)
    def seek(self, spec: Path) -> None:
        """In a thread: there may be many runs."""
        found = newest_of(spec)
        if found is not None:
            self.app.call_from_thread(self.take_run, found)

    def take_run(self, run: Run) -> None:
        """Follow it, if none was begun or chosen in between."""
        if self.trainer.run is None:
            self.trainer.follow(run)
            self.show()

    def tell_top(self, words: tuple[Word, ...]) -> None:
        """Say in the top bar how things stand."""
        document = self.session.document
        self.query_one("#top", TopBar).tell(self.session.findings.name, document.name, document.modified, words)

    def tell(self, error: SpecError) -> None:
        """Say what is wrong, and how it is mended."""
        problem = error.problems[0]
        self.notify(visible("\n".join(filter(None, (problem.what, problem.hint)))), severity="error", markup=False)

    def action_back(self) -> None:
        """To the model."""
        self.app.action_place("model")
