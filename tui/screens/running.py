"""A run that is begun, stopped and gone on with; where the text was edited since, with the weights that still fit."""

from __future__ import annotations

from pathlib import Path

from leporello.graphs.problems import SpecError, visible
from leporello.training.first_weights.beginning import Beginning
from leporello.tui.runs.going_on import edited_since, moves_since, new_settings
from leporello.tui.screens.editing import free
from leporello.tui.screens.question import Question
from leporello.tui.screens.written import Written

SAVE, STAY = "save it and begin", "not now"
AS_IT_WAS, NEW = "go on with it as it was", "a new run of this text"
WITH_WEIGHTS, ANEW = "a new run, with its weights where they fit", "a new run, from nothing"
RESUMED = ("interrupted", "died", "failed")


class Running(Written):
    """What is done with the process of a run."""

    def action_run(self) -> None:
        """Begin, stop or go on, whichever there is to do."""
        try:
            if self.trainer.alive:
                if self.trainer.state in ("running", "paused"):
                    self.trainer.stop()
            elif self.resumable or (self.trainer.state == "finished" and self.retrains()):
                self.go_on()
            elif self.trainer.state == "finished":
                self.notify("it is finished: R begins a new run of the spec as it is now")
            else:
                self.action_new()
        except SpecError as error:
            self.tell(error)
        self.show()

    def action_pause(self) -> None:
        """Let the process of the run wait, or go on."""
        try:
            self.trainer.pause()
        except SpecError as error:
            self.tell(error)

    def action_new(self) -> None:
        """Begin a new run of the spec as it is; asked where that means to save it."""
        document = self.session.document
        if self.trainer.alive:
            self.notify("one run is going on: stop it first, or begin another from the command line")
        elif self.session.findings.errors:
            self.notify("the spec has problems: mend them first (1)", severity="error")
        elif self.session.findings.untrained is not None:
            self.tell(SpecError((self.session.findings.untrained,)))
        elif document.path is None:
            self.ask_name()
        elif not document.modified:
            self.ask_weights()
        else:
            question = f"A run reads {document.name}, which has edits that are not saved."
            self.app.push_screen(Question(question, (SAVE, STAY)), self._answered)

    def ask_name(self) -> None:
        """A run reads a file: offer one that is free."""
        name = free(f"{self.session.findings.name or 'model'}.yaml")
        save = f"save it as {name} and begin"

        def answered(answer: str | None) -> None:
            if answer == save and self.app.save(self.session, name):
                self.ask_weights()

        self.app.push_screen(Question("A run reads a file, and the spec has none yet.", (save, STAY)), answered)

    def _answered(self, answer: str | None) -> None:
        if answer == SAVE and self.app.save(self.session):
            self.ask_weights()

    @property
    def resumable(self) -> bool:
        """Whether the run has ended before its end, with a checkpoint."""
        return self.trainer.state in RESUMED and bool(self.trainer.record.checkpoint)

    def go_on(self) -> None:
        """Go on from the checkpoint; asked where the text is another one than that of the run."""
        run = self.trainer.run
        if run is None or not edited_since(run, self.session.document):
            self.trainer.go_on()
            return

        changed = self.retrains()
        told = ", ".join(one.removeprefix("training.") for one in changed)
        with_these = visible(f"go on with it, now with {told}", 60)
        choices = (*([with_these] if changed else []), AS_IT_WAS, NEW, STAY)

        def answered(answer: str | None) -> None:
            if answer in (AS_IT_WAS, with_these):
                try:
                    self.trainer.go_on(changed if answer == with_these else ())
                except SpecError as error:
                    self.tell(error)
                self.show()
            elif answer == NEW:
                self.action_new()

        than = "other settings than this spec says" if changed else "another spec than this one"
        question = f"{visible(str(run.folder))} was begun with {than}."
        self.app.push_screen(Question(question, choices), answered)

    def retrains(self) -> tuple[str, ...]:
        """The settings that the run would go on with, where the text says others and nothing else differs."""
        run = self.trainer.run
        return new_settings(run, self.session.document) if run is not None else ()

    def ask_weights(self) -> None:
        """Begin; where a run was trained of the text before its edits, asked what with."""
        run, document = self.trainer.run, self.session.document
        if run is None or not self.trainer.record.checkpoint or not edited_since(run, document):
            self.begin()
            return
        moves = moves_since(run, document)

        def answered(answer: str | None) -> None:
            if answer in (WITH_WEIGHTS, ANEW):
                self.begin(Beginning(run, moves) if answer == WITH_WEIGHTS else None)

        told = f"; {len(moves)} of its weights have another name since" if moves else ""
        question = f"{visible(str(run.folder))} was trained before the text was edited{told}."
        self.app.push_screen(Question(question, (WITH_WEIGHTS, ANEW, STAY)), answered)

    def begin(self, beginning: Beginning | None = None) -> None:
        """Begin a run of the file."""
        document = self.session.document
        assert document.path is not None
        try:
            self.trainer.start(
                Path(document.path), self.session.findings.name or document.path.stem, beginning=beginning
            )
        except SpecError as error:
            self.tell(error)
        self.show()
