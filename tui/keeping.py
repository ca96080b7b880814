"""Nothing is lost: documents opened, saved, left, found again, and changed by others, with questions where needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.screen import ModalScreen

from leporello.graphs.problems import SpecError, visible
from leporello.tui.screens.home import Home
from leporello.tui.screens.model import ModelScreen
from leporello.tui.screens.question import Question
from leporello.tui.session import journal
from leporello.tui.session.differing import differing
from leporello.tui.session.document import Document, opened
from leporello.tui.session.history import Change
from leporello.tui.session.recent import remember
from leporello.tui.session.session import Session

SAVE, LEAVE, STAY = "save and leave", "leave without saving", "stay"
LOAD, OVER = "load what the file holds (undo brings this text back)", "save this text over it"
MINE, FILE = "go on with the unsaved edits", "forget them"


class Keeping(Home):
    """The app as far as it looks after a document. `declined` is the file, by its digest, that was not to be loaded."""

    session: Session
    model: ModelScreen
    asking = False
    declined = ""

    def keep(self) -> None:
        """Write the journal."""
        self.session.keep()

    def recover(self, answered: frozenset[Path] = frozenset()) -> None:
        """Offer what earlier sessions did not save, one after the other."""
        left = journal.found(self.session.document, answered)
        if left is None:
            self.session.keeps = True
            self._tell_of_others()
            return
        name = self.session.document.name if self.session.document.path else "A text without a file"
        said = "" if left.fits else ", and the file was changed since"

        def taken(answer: str | None) -> None:
            if answer == MINE and self.opened:
                self.rewrite(left.text, "unsaved edits")
            elif answer == MINE:
                self._show(Document(text=left.text))
            elif answer == FILE:
                journal.discard(left)
            self.recover(answered | {left.journal})

        self.push_screen(Question(f"{name} has edits that were never saved{said}.", (MINE, FILE), must=True), taken)

    def _tell_of_others(self) -> None:
        others = journal.others(self.session.document)
        if others:
            said = f"another session (process {others[0]}) has unsaved edits of {self.session.document.name}"
            self.notify(visible(f"{said}: each keeps its own"), severity="warning", markup=False)

    @property
    def opened(self) -> bool:
        """Whether a model is open; a text that was emptied is one still."""
        document = self.session.document
        return bool(document.path or document.text or document.history.past)

    def open_spec(self, path: Path, then: Callable[[], None] = lambda: None) -> None:
        """Open another spec, after a question where something would be lost; `then`, if it is open."""
        try:
            document = opened(path)
        except SpecError as error:
            self.tell(error)
            return
        remember(path)
        self.put(document, then)

    def open_text(self, text: str, made: bool = False) -> None:
        """Begin a model that has no file yet; one that was `made` here would be lost where it is not saved."""
        self.put(Document(None, text, saved="" if made else text))

    def put(self, document: Document, then: Callable[[], None] = lambda: None) -> None:
        """Look at another document; `then`, unless one stays with that which is open."""
        before = self.session.document
        if not before.modified:
            self._put(document)
            then()
            return

        def answered(answer: str | None) -> None:
            def go() -> None:
                self._put(document)
                then()

            if answer == LEAVE:
                go()
            elif answer == SAVE:
                self._save_then(go)

        self.push_screen(Question(f"{before.name} has edits that are not saved.", (SAVE, LEAVE, STAY)), answered)

    def _put(self, document: Document) -> None:
        self.session.end()
        self._show(document)
        self.call_after_refresh(self.recover)

    def _show(self, document: Document) -> None:
        self.session.put(document)
        self.switch_mode("model")
        if self.model.is_mounted:
            self.model.follow()

    def rewrite(self, text: str, name: str) -> None:
        """Put another text in place, as one change called `name`."""
        self.perform(self.session.document.rewrite(text, name))

    def perform(self, change: Change | None) -> None:
        """Show a change of the document."""
        if change is None:
            return
        if self.model.is_mounted:
            self.model.text.perform(change)
        else:
            self.session.refresh()

    def take_back(self, again: bool = False) -> None:
        """Take the last edit of the text back, or do it again."""
        if self.model.is_mounted:
            self.model.action_redo() if again else self.model.action_undo()

    def load(self, document: Document) -> None:
        """Put what the file holds in place."""
        try:
            self.perform(document.reload())
        except SpecError as error:
            self.tell(error)

    def tell(self, error: SpecError) -> None:
        """Say what is wrong, and how it is mended."""
        problem = error.problems[0]
        hint = f"\n{problem.hint}" if problem.hint else ""
        self.notify(visible(problem.what + hint), severity="error", markup=False)

    def watch_file(self) -> None:
        """Notice a file that something else has changed."""
        document = self.session.document
        asked = self.asking or not self.screen_stack or isinstance(self.screen, ModalScreen)
        if asked or not document.changed_on_disk():
            return
        if document.look().digest == self.declined:
            return
        self.asking = True
        lines: list[str] = []
        there = ""

        def look() -> None:
            from leporello.tui.screens.both import BothScreen  # late: the first screen does not wait for it

            if document.path is not None:
                self.push_screen(BothScreen(document.path, document.text, there))

        def answered(answer: str | None) -> None:
            self.asking = False
            if answer == LOAD:
                self.load(document)
            elif answer == OVER:
                self.save(self.session, force=True)
            else:
                self.declined = document.look().digest

        said = f"{document.name} was changed by something else."
        try:
            there = opened(document.path).text if document.path else ""
            lines = differing(document.text, there)
        except SpecError as error:
            said += f" It cannot be read now: {error.problems[0].what}."
        self.push_screen(Question(said, (STAY, LOAD, OVER), versions=lines, look=look if lines else None), answered)

    def save(self, session: Session, name: str = "", force: bool = False) -> bool:
        """Write the file; whether that was done."""
        before = session.document.path
        try:
            session.document.save(Path(name).expanduser() if name else None, force)
        except SpecError as error:
            self.tell(error)
            self.declined = ""  # what was put off is asked again
            self.watch_file()
            return False
        if before != session.document.path:
            journal.drop(before)
        session.keep()
        if session.document.path is not None:
            remember(session.document.path)
        self.notify(f"saved: {visible(str(session.document.path))}", markup=False, timeout=2)
        return True

    def _save_then(self, leave: Callable[[], None]) -> None:
        """Save, then leave the text; where it has no name yet, that is asked for first."""
        if self.session.document.path is None:
            self.switch_mode("model")
            self.call_after_refresh(self.model.action_save_as, leave)
        elif self.save(self.session):
            leave()

    async def action_quit(self) -> None:
        """The same by the palette."""
        self.action_leave()

    def action_leave(self) -> None:
        """End; asked where something would be lost."""
        if isinstance(self.screen, ModalScreen):
            return
        if not self.session.document.modified:
            self.end()
            return

        def answered(answer: str | None) -> None:
            if answer == LEAVE:
                self.end()
            elif answer == SAVE:
                self._save_then(self.end)

        name = self.session.document.name
        self.push_screen(Question(f"{name} has edits that are not saved.", (SAVE, LEAVE, STAY)), answered)

    def end(self) -> None:
        """End; runs go on."""
        self.session.end()
        self.exit()
