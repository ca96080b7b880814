"""Start: the specs that were opened last, and the examples, each with what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leporello.examples import describe, examples
from leporello.graphs.composing.texts import read_text
from leporello.graphs.frozen import frozen
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
from leporello.tui.widgets.titles import entitle

HEAD = "Leporello   recurrent models, folded and unfolded"
ROOMY = 60
"""From so many columns on the foot says what Enter does."""
LONGEST = 32
"""So many characters of a folder's name are shown, the last ones."""


@frozen
class Entry:
    """Something to begin with: its name, what is said of it, its text, and where it lies or by which key it is had."""

    name: str
    said: str
    text: str = ""
    place: str = ""


ANEW = {
    "tutorial": Entry("tutorial", "in five minutes from nothing to an LSTM that writes", place="t"),
    "nothing": Entry("empty model", "nothing yet: blocks are added in its picture", place="e"),
    "small": Entry("small model", "a state that reads itself one step late, as text to go on from", EMPTY, "n"),
    "questions": Entry("from questions", "what goes in, what comes out: a whole model of that kind", place="a"),
}
"""How something new is begun, by key too."""
NONE = "nothing has these letters   esc: all"


class StartScreen(Asking, First):
    """What to begin with."""

    AUTO_FOCUS = "#choices"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-small"), (100, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "assemble", "empty model", id="start.assemble"),
        Binding("n", "new", "small", id="start.new"),
        Binding("slash", "find", "find", id="start.find"),
        Binding("o", "open", "open a file", id="start.open"),
        Binding("a", "questions", "from questions", id="start.questions"),
        Binding("t", "app.tutorial", "tutorial", id="start.tutorial"),
        Binding("down", "choose('down')", "next", show=False, id="start.next"),
        Binding("up", "choose('up')", "before", show=False, id="start.before"),
        Binding("escape", "back", "back", show=False, id="start.back"),
    ]

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self.preview = Session(Document(), painter)
        self.paths: dict[str, Path] = {}
        self.shipped: dict[str, Entry] = {}
        self.groups: list[dict[str, Entry]] = []
        self.letters = ""

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
        view = self.query_one(OptionList)
        enter = view._bindings.key_to_bindings[
            "enter"
        ]  # the list's own: where there is room, the foot says what it does
        roomy = self.size.width >= ROOMY
        view._bindings.key_to_bindings["enter"] = [replace(one, description="open", show=roomy) for one in enter]
        self.shipped = {f"example:{name}": _entry(name, text) for name, text in examples().items()}
        self.read()

    def on_screen_resume(self) -> None:
        """What was saved in between is there too."""
        self.read()

    def read(self) -> None:
        """See what there is now."""
        self.paths.clear()
        for path in [*recent(), *sorted(Path().glob("*.yaml"))[:20]]:
            self.paths.setdefault(f"path:{path.resolve()}", path)
        own = {key: _entry(path.name, _text(path), _folder(path)) for key, path in self.paths.items()}
        self.groups = [own, ANEW, self.shipped]
        self.fill()

    @property
    def entries(self) -> dict[str, Entry]:
        """All that there is, by its key."""
        return {key: entry for group in self.groups for key, entry in group.items()}

    def fill(self) -> None:
        """List what there is, or what has the letters that are looked for."""
        view, groups = self.query_one(OptionList), self.groups
        if self.letters:
            groups = [found(self.letters, self.entries)]
        view.clear_options()
        for group in filter(None, groups):
            if view.option_count:
                view.add_option(None)
            view.add_options(Option(_line(entry), id=key) for key, entry in group.items())
        if not view.option_count:
            view.add_option(Option(NONE, disabled=True))
            self.query_one(Canvas).clear()
        entitle(view, f"begin with   /{visible(self.letters, 20)}   esc: all" if self.letters else "begin with")
        view.highlighted = 0

    @on(OptionList.OptionHighlighted)
    def look(self, event: OptionList.OptionHighlighted) -> None:
        """Show the picture of what is under the cursor."""
        key = str(event.option.id)
        entry = self.entries.get(key)
        if entry is not None:
            entitle(self.query_one(Canvas), visible(entry.name, 40))
            self.preview.put(Document(self.paths.get(key), entry.text))

    def receive(self, reply: Reply) -> None:
        """Show a picture."""
        if self.preview.receive(reply) and isinstance(reply, Drawn):
            self.query_one(Canvas).show(reply.picture)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Open what is chosen; an example as a copy that has no file yet."""
        key = str(event.option.id)
        if key in self.paths:
            self.app.open_spec(self.paths[key])
        elif key == "questions":
            self.action_questions()
        elif key == "tutorial":
            self.app.action_tutorial()
        else:
            self.app.open_text(self.entries[key].text)

    def action_find(self) -> None:
        """Find something by its name, or by what is said of it; the arrows choose among what was found."""
        self.query_one(Prompt).ask("find", self.letters, self.look_for, self.look_for, hint="letters of its name")

    def look_for(self, letters: str) -> None:
        """List what has these letters; where it is listed, what was chosen of it stays."""
        if self.letters != letters.strip():
            self.letters = letters.strip()
            self.fill()

    def action_choose(self, way: str) -> None:
        """The next one, or the one before, while letters are typed."""
        view = self.query_one(OptionList)
        (view.action_cursor_down if way == "down" else view.action_cursor_up)()

    def action_questions(self) -> None:
        """Ask what is wanted."""
        self.ask_next({})

    def action_new(self) -> None:
        """Begin with the least that is a model."""
        self.app.open_text(EMPTY)

    def action_assemble(self) -> None:
        """Begin with nothing at all."""
        self.app.open_text("")

    def action_open(self) -> None:
        """Ask for a file."""
        self.query_one(Prompt).ask("open the file", "", lambda name: self.app.open_spec(Path(name).expanduser()))

    def action_back(self) -> None:
        """To the whole list, then to the model that is open, if there is one."""
        if self.letters:
            self.look_for("")
        elif self.app.opened:
            self.app.action_place("model")


def found(letters: str, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries that have these letters, the likeliest first.

    >>> entries = {"1": Entry("gru", "as small as an lstm"), "2": Entry("lstm", ""), "3": Entry("tagger", "")}
    >>> list(found("ls", entries))
    ['2', '1']
    """
    from leporello.tui.assembly.acts import Choice  # late: the first screen is there before all blocks are
    from leporello.tui.assembly.searching import search

    choices = [Choice(entry.name, words=f"{entry.said} {entry.place}") for entry in entries.values()]
    keys = {id(choice): key for choice, key in zip(choices, entries, strict=True)}
    return {keys[id(one)]: entries[keys[id(one)]] for one in search(letters, choices)}


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


def _entry(name: str, text: str, folder: str = "") -> Entry:
    return Entry(name, describe(text), text, folder)


def _line(entry: Entry) -> Text:
    head = Text.assemble((visible(entry.name, 60), "bold"), ("  " + visible(entry.place, 60), "dim"))
    return Text.assemble(head, *([("\n  " + visible(entry.said, 200), "dim")] if entry.said else []))
