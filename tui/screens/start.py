"""Start: the specs that were opened last, and the examples, each with what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.markup import escape
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leporello.examples import describe, examples
from leporello.graphs.composing.texts import read_text
from leporello.graphs.problems import SpecError, visible
from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import Drawn, Reply
from leporello.tui.screens.asking import Asking
from leporello.tui.screens.first import First
from leporello.tui.session.begun import EMPTY
from leporello.tui.session.document import Document
from leporello.tui.session.recent import recent
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.choices import Choices
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.prompt import Prompt

HEAD = "Leporello   recurrent models, folded and unfolded"
LONGEST = 32
"""So many characters of a folder's name are shown, the last ones."""


class StartScreen(Asking, First):
    """What to begin with."""

    AUTO_FOCUS = "#choices"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-small"), (100, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "app.tutorial", "tutorial", id="start.tutorial"),
        Binding("o", "open", "open a file", id="start.open"),
        Binding("n", "new", "new", id="start.new"),
        Binding("a", "questions", "from questions", id="start.questions"),
        Binding("e", "assemble", "empty model", id="start.assemble"),
        Binding("escape", "back", "back", show=False, id="start.back"),
    ]

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self.preview = Session(Document(), painter)
        self.paths: dict[str, Path] = {}
        self.texts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The head and the choices."""
        yield Static(Text(HEAD, "bold"), id="head")
        with Horizontal(id="starting"):
            yield Choices(id="choices", classes="pane")
            yield Canvas(id="preview")
        yield Prompt(id="prompt")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """List everything."""
        self.texts = examples()
        self.fill()

    def on_screen_resume(self) -> None:
        """What was saved in between is there too."""
        self.fill()

    def fill(self) -> None:
        """List what is there now."""
        view = self.query_one(OptionList)
        view.clear_options()
        self.paths.clear()
        for path in [*recent(), *sorted(Path().glob("*.yaml"))[:20]]:
            self.paths.setdefault(str(path.resolve()), path)
        for path in self.paths.values():
            view.add_option(Option(_line(path.name, describe(_text(path)), _folder(path)), id=f"path:{path.resolve()}"))
        if self.paths:
            view.add_option(None)
        for name, text in self.texts.items():
            view.add_option(Option(_line(name, describe(text)), id=f"example:{name}"))
        view.add_option(None)
        view.add_option(Option(_line("tutorial", "in five minutes from nothing to an LSTM that writes"), id="tutorial"))
        view.add_option(Option(_line("from questions", "what goes in, what comes out"), id="questions"))
        view.add_option(Option(_line("from nothing", "an empty model, assembled in its picture"), id="nothing"))
        view.add_option(Option(_line("new", "the least that is a model, written as text"), id="new"))
        view.border_title = "begin with"
        view.highlighted = 0

    @on(OptionList.OptionHighlighted)
    def look(self, event: OptionList.OptionHighlighted) -> None:
        """Show the picture of what is under the cursor."""
        kind, _, name = str(event.option.id).partition(":")
        text = self.texts.get(name, EMPTY) if kind != "path" else _text(self.paths[name])
        text = "" if kind in ("nothing", "tutorial") else text
        self.query_one(Canvas).border_title = escape(visible(name.rpartition("/")[2] or "new", 40))
        self.preview.put(Document(self.paths.get(name), text))

    def receive(self, reply: Reply) -> None:
        """Show a picture."""
        if self.preview.receive(reply) and isinstance(reply, Drawn):
            self.query_one(Canvas).show(reply.picture)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Open what is chosen; an example as a copy that has no file yet."""
        kind, _, name = str(event.option.id).partition(":")
        if kind == "path":
            self.app.open_spec(self.paths[name])
        elif kind == "example":
            self.app.open_text(self.texts[name])
        elif kind == "questions":
            self.action_questions()
        elif kind == "nothing":
            self.action_assemble()
        elif kind == "tutorial":
            self.app.action_tutorial()
        else:
            self.action_new()

    def action_questions(self) -> None:
        """Ask what is wanted."""
        self.ask_next({})

    def action_new(self) -> None:
        """Begin an empty model."""
        self.app.open_text(EMPTY)

    def action_assemble(self) -> None:
        """Begin with nothing at all."""
        self.app.open_text("")

    def action_open(self) -> None:
        """Ask for a file."""
        self.query_one(Prompt).ask("open the file", "", lambda name: self.app.open_spec(Path(name).expanduser()))

    def action_back(self) -> None:
        """To the model that is open, if there is one."""
        if self.app.opened:
            self.app.action_place("model")


def _text(path: Path) -> str:
    """The text of a spec; nothing where it cannot be read."""
    try:
        return read_text(path)
    except SpecError:
        return ""


def _folder(path: Path) -> str:
    """Where a spec lies, if not in this folder: of several `model.yaml` each is told apart."""
    folder, home = path.resolve().parent, Path.home()
    if folder == Path.cwd():
        return ""
    said = f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
    return said if len(said) <= LONGEST else f"…{said[1 - LONGEST :]}"


def _line(name: str, said: str, folder: str = "") -> Text:
    head = Text.assemble((visible(name, 60), "bold"), ("  " * bool(folder) + visible(folder, 60), "dim"))
    return Text.assemble(head, *([("\n  " + visible(said, 200), "dim")] if said else []))
