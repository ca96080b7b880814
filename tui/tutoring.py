"""The tutorial: one line at the foot says what to do next, and sees by the model and its run when that is done."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.timer import Timer

from leporello.graphs.problems import SpecError
from leporello.tui.keeping import Keeping
from leporello.tui.session.document import Document
from leporello.tui.widgets.lesson_line import LessonLine, Taught

if TYPE_CHECKING:  # a tutorial is begun once: the first screen does not wait for it
    from leporello.tui.runs.trainer import Trainer
    from leporello.tui.teaching.lessons import Lesson, Seen
    from leporello.tui.teaching.tutor import Tutor

LOOK_EVERY = 0.25


class Tutoring(Keeping):
    """The app as far as it teaches. `tutor` is nobody where no tutorial is gone through."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("T", "tutorial", "tutorial", show=False, id="app.tutorial")]
    tutor: Tutor | None = None
    looking: Timer | None = None

    @property
    @abstractmethod
    def trainer(self) -> Trainer:
        """The run that is followed."""

    def action_tutorial(self) -> None:
        """Begin the tutorial, take it up where it was left, or leave it."""
        from leporello.tui.teaching.progress import kept
        from leporello.tui.teaching.tutor import Tutor

        if self.tutor is not None:
            self.leave_tutorial()
            return
        at, path = kept()
        tutor, seen = Tutor(at), self.seen()
        if at and seen is not None and tutor.fits(seen):
            self.teach(tutor)
        elif at and path is not None:
            self.open_spec(path, lambda: self.teach(tutor))
        else:
            self.put(Document(None, "", saved=""), lambda: self.teach(Tutor()))

    def teach(self, tutor: Tutor) -> None:
        """Go through the lessons."""
        self.tutor = tutor
        self.looking = self.looking or self.set_interval(LOOK_EVERY, self.look)
        self.tell_lesson()

    def leave_tutorial(self) -> None:
        """Say nothing more; it can be taken up."""
        ended = self.tutor is not None and self.tutor.lesson is None
        self.tutor = None
        if self.looking is not None:
            self.looking.stop()
            self.looking = None
        self.tell_lesson()
        if not ended:
            self.notify(f"the tutorial is left; {self._key('app.tutorial')} takes it up", timeout=4, markup=False)

    def look(self) -> None:
        """See whether the lesson is done."""
        from leporello.tui.teaching.progress import keep

        seen = self.seen()
        if self.tutor is not None and seen is not None and self.tutor.look(seen):
            keep(self.tutor.lesson, self.session.document.path)
            self.tell_lesson()

    def seen(self) -> Seen | None:
        """How everything stands; nothing where no model was looked at yet, or where the text is no spec."""
        from leporello.tui.screens.answering import Answering
        from leporello.tui.teaching.lessons import Seen

        session = self.session
        if not self.model.is_mounted:
            return None
        try:
            bench = self.model.work.whole
        except SpecError:
            return None
        trainer = self.trainer
        return Seen(
            bench,
            unfolded=session.shown.steps is not None,
            saved=session.document.path is not None and not session.document.modified,
            learned=trainer.record.update,
            kept=trainer.run is not None and not trainer.alive and bool(trainer.record.checkpoint),
            written=self.screen.written if isinstance(self.screen, Answering) else "",
        )

    # What is said.

    @on(LessonLine.Wanted)
    def say_to(self, event: LessonLine.Wanted) -> None:
        """A screen that is new says the lesson, too."""
        event.line.tell(self.taught)

    def tell_lesson(self) -> None:
        """Say it wherever it is looked for."""
        for screens in self._screen_stacks.values():
            for screen in screens:
                for line in screen.query(LessonLine):
                    line.tell(self.taught)

    @property
    def taught(self) -> Taught | None:
        """The lesson in words, with the keys that the user has."""
        if self.tutor is None:
            return None
        lesson, last = self.tutor.lesson, self._key("app.tutorial")
        if lesson is None:
            ways = ("app.keys", "app.open")
            said = f"{self._key(ways[0])} tells all keys, {self._key(ways[1])} opens examples; {last} ends this."
            return Taught("That is all.", (), said)
        count = f"{self.tutor.at + 1}/{len(self.tutor.lessons)}"
        return Taught(f"{count} {lesson.name}", tuple(self._caps(lesson)), f"{lesson.why} {last} leaves.")

    def _caps(self, lesson: Lesson) -> Iterator[str]:
        for key in lesson.keys:
            yield "⏎" if key == "\n" else self._key(key) if "." in key else key

    def _key(self, action: str) -> str:
        """The key of an action as it is shown."""
        from leporello.tui.bindings import keys_of  # late: it knows all screens

        return self.get_key_display(Binding(keys_of(self)[action], ""))
