"""What a model writes while it is trained, and what it reads: samples of a run, or the first examples of its data."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text
from textual.widgets import Static

from leporello.graphs.problems import SpecError, visible
from leporello.tui.runs.reading import read_examples
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.following import Following
from leporello.tui.session.session import Session
from leporello.tui.widgets.examples import examples_of
from leporello.tui.widgets.progress import samples
from leporello.tui.widgets.titles import entitle

SAMPLES, EXAMPLES = "samples, as they improve   d: data", "what it reads   d: samples"


class Written(Following):
    """Has a part `#samples` with the text `#written`; until somebody chooses, it shows samples as soon as there are."""

    def __init__(self, session: Session, trainer: Trainer) -> None:
        super().__init__(session, trainer)
        self.wants_examples: bool | None = None
        self.examples, self.read_from = Text("the data are being read", "dim"), ""

    def show_written(self) -> None:
        """Show what the model writes; until it has written something, or where that is wanted, what it reads."""
        if self.shows_examples:
            self.learn_examples()
        shown = self.examples if self.shows_examples else Text("\n\n").join(samples(self.trainer.record))
        entitle(self.query_one("#samples"), EXAMPLES if self.shows_examples else SAMPLES)
        self.query_one("#written", Static).update(shown)

    @property
    def shows_examples(self) -> bool:
        """Whether it is what the model reads that is seen."""
        return not self.trainer.record.samples if self.wants_examples is None else self.wants_examples

    def learn_examples(self) -> None:
        """Ask for the examples of the data, where the file says something else than before."""
        document = self.session.document
        if document.path is None or document.modified:
            self.examples, self.read_from = Text("the first examples of its data, once it is saved", "dim"), ""
        elif self.read_from != document.text:
            self.read_from = document.text
            self.run_worker(self.seek_examples(document.path), exclusive=True, group="examples")

    async def seek_examples(self, spec: Path) -> None:
        """Show what a process finds in the data."""
        try:
            self.examples = examples_of(await read_examples(spec))
        except SpecError as error:
            self.examples = Text(visible(error.problems[0].what))
        self.call_after_refresh(self.show_written)

    def action_examples(self) -> None:
        """What it reads, or what it writes."""
        self.wants_examples = not self.shows_examples
        self.show_written()
