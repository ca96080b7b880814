"""The app: places to go to, one model that is edited, and the process that draws it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen, Screen

from leporello.graphs.problems import SpecError, visible
from leporello.tui.actions import Actions
from leporello.tui.inks import ANSI, DEFAULTS, THEMES
from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import Reply
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.home import Home
from leporello.tui.screens.keys import Keys
from leporello.tui.screens.model import ModelScreen
from leporello.tui.screens.question import Question
from leporello.tui.session import journal
from leporello.tui.session.document import Document, opened, stamp_of
from leporello.tui.session.history import Change
from leporello.tui.session.recent import remember
from leporello.tui.session.session import Session
from leporello.tui.styles import STYLES
from leporello.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from leporello.tui.screens.start import StartScreen

KEEP_EVERY = 0.7
"""Seconds until what was typed lies in the journal."""
WATCH_EVERY = 2.0
SAVE, LEAVE, STAY = "save and leave", "leave without saving", "stay"
LOAD, OVER = "load what the file holds (undo brings this text back)", "save this text over it"
MINE, FILE = "go on with the unsaved edits", "take the file as it is"


class LeporelloApp(Home):
    """Look at recurrent models, edit, train and use them."""

    CSS = STYLES
    TITLE = "Leporello"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {Actions}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "place('model')", "Model", show=False, id="app.model"),
        Binding("2", "place('train')", "Train", show=False, id="app.train"),
        Binding("3", "place('use')", "Use", show=False, id="app.use"),
        Binding("4", "place('runs')", "Runs", show=False, id="app.runs"),
        Binding("ctrl+o", "start", "another model", show=False, id="app.open"),
        Binding("question_mark", "keys", "keys", id="app.keys"),
        Binding("ctrl+q", "leave", "quit", show=False, priority=True, id="app.leave"),
        Binding("q", "leave", "quit", show=False, id="app.leave_too"),
        Binding("ctrl+c", "leave", "quit", show=False, id="app.interrupt"),
    ]

    class Replied(Message):
        """The process that draws has said something."""

        def __init__(self, reply: Reply) -> None:
            super().__init__()
            self.reply = reply

    def __init__(self, document: Document, theme: str = "leporello-dark", painter: Painter | None = None) -> None:
        super().__init__()
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme
        self.painter = painter or Painter()
        self.painter.receive = self.receive
        self.session = Session(document, self.painter)
        self.trainer = Trainer()
        self.model = ModelScreen(self.session)
        self.begin: StartScreen | None = None
        self.asking = False
        self.declined = ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our styles need of a theme that is not ours."""
        return ANSI if self.current_theme.ansi else DEFAULTS

    def receive(self, reply: Reply) -> None:
        """Called in another thread: a message is safe there."""
        self.post_message(self.Replied(reply))

    def on_mount(self) -> None:
        """Begin with the model."""
        self.painter.begin()
        if self.session.document.path is not None:
            remember(self.session.document.path)
        for place, made in (("start", self._start), ("train", self._train), ("use", self._use), ("runs", self._runs)):
            self.add_mode(place, made)
        self.add_mode("model", lambda: self.model)
        self.switch_mode("model" if self.session.document.text else "start")
        self.set_interval(KEEP_EVERY, self.keep)
        self.set_interval(WATCH_EVERY, self.watch_file)
        self.call_after_refresh(self.recover)

    # The other places are made when somebody goes there: the first one is seen sooner.

    def _start(self) -> Screen[None]:
        from leporello.tui.screens.start import StartScreen

        self.begin = StartScreen(self.painter)
        return self.begin

    def _train(self) -> Screen[None]:
        from leporello.tui.screens.train import TrainScreen

        return TrainScreen(self.session, self.trainer)

    def _use(self) -> Screen[None]:
        from leporello.tui.screens.use import UseScreen

        return UseScreen(self.session, self.trainer)

    def _runs(self) -> Screen[None]:
        from leporello.tui.screens.runs import RunsScreen

        return RunsScreen(self.session, self.trainer)

    def on_leporello_app_replied(self, message: Replied) -> None:
        """Hand it to the model's screen."""
        if self.begin is not None and self.screen is self.begin:
            self.begin.receive(message.reply)
        elif self.model.is_mounted:
            self.model.receive(message.reply)

    def on_top_bar_chosen(self, message: TopBar.Chosen) -> None:
        """Go where was clicked."""
        self.action_place(message.place)

    def action_place(self, place: str) -> None:
        """Go to Model, Train, Use or Runs; without a model only to what needs none."""
        self.switch_mode(place if self.opened or place == "runs" else "start")

    def action_start(self) -> None:
        """Choose another model."""
        self.switch_mode("start")

    def action_keys(self) -> None:
        """Tell all keys."""
        active = self.screen.active_bindings.values()
        self.push_screen(Keys(active, {one.binding.key: self.get_key_display(one.binding) for one in active}))

    # Nothing is lost.

    def keep(self) -> None:
        """Write the journal."""
        self.session.keep()

    def recover(self) -> None:
        """Offer what an earlier session did not save."""
        left = journal.found(self.session.document)
        if left is None:
            self.session.keeps = True
            return
        name = self.session.document.name
        said = "" if left.fits else ", and the file was changed since"

        def answered(answer: str | None) -> None:
            self.session.keeps = answer in (MINE, FILE)
            if answer == MINE:
                self.rewrite(left.text, "unsaved edits")
            elif answer == FILE and self.session.document.path is not None:
                journal.drop(self.session.document.path)

        self.push_screen(Question(f"{name} has edits that were never saved{said}.", (MINE, FILE)), answered)

    @property
    def opened(self) -> bool:
        """Whether a model is open."""
        return bool(self.session.document.text)

    def open_spec(self, path: Path) -> None:
        """Open another spec, after a question where something would be lost."""
        try:
            document = opened(path)
        except SpecError as error:
            self.tell(error)
            return
        remember(path)
        self.put(document)

    def open_text(self, text: str) -> None:
        """Begin a model that has no file yet."""
        self.put(Document(None, text, saved=text))

    def put(self, document: Document) -> None:
        """Look at another document."""
        before = self.session.document
        if not before.modified or not before.text:
            self._put(document)
            return

        def answered(answer: str | None) -> None:
            if answer == LEAVE or (answer == SAVE and self.save(self.session)):
                self._put(document)

        self.push_screen(Question(f"{before.name} has edits that are not saved.", (SAVE, LEAVE, STAY)), answered)

    def _put(self, document: Document) -> None:
        self.session.end(keep=False)
        self.session.put(document)
        self.switch_mode("model")
        if self.model.is_mounted:
            self.model.follow()
        self.call_after_refresh(self.recover)

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
        if self.asking or isinstance(self.screen, ModalScreen) or not document.changed_on_disk():
            return
        if document.seen(self.declined):
            return
        self.asking = True

        def answered(answer: str | None) -> None:
            self.asking = False
            if answer == LOAD:
                self.load(document)
            elif answer == OVER:
                self.save(self.session, force=True)
            else:
                self.declined = stamp_of(document.path).digest if document.path else ""

        self.push_screen(Question(f"{document.name} was changed by something else.", (STAY, LOAD, OVER)), answered)

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
        if before is not None and before != session.document.path:
            journal.drop(before)
        session.keep()
        if session.document.path is not None:
            remember(session.document.path)
        self.notify(f"saved: {visible(str(session.document.path))}", markup=False, timeout=2)
        return True

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
            if answer == SAVE and self.session.document.path is None:
                self.switch_mode("model")
                self.model.action_save_as()
            elif answer == LEAVE or (answer == SAVE and self.save(self.session)):
                self.end()

        name = self.session.document.name
        self.push_screen(Question(f"{name} has edits that are not saved.", (SAVE, LEAVE, STAY)), answered)

    def end(self) -> None:
        """End; runs go on."""
        self.session.end(keep=False)
        self.exit()

    def on_unmount(self) -> None:
        """End the process that draws."""
        self.painter.close()
