"""Start: the specs that were opened last, and the examples, each with what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from leporello.examples import describe, examples
from leporello.graphs.problems import visible
from leporello.tui.screens.home import Home
from leporello.tui.session.recent import recent
from leporello.tui.widgets.prompt import Prompt

EMPTY = "spec: 1\nname: model\n\ninputs:\n  x: {features: 8}\n\nnodes:\n  h: tanh(x)\n\noutputs:\n  y: h\n"
HEAD = "Leporello   recurrent models, folded and unfolded"


class StartScreen(Screen[None]):
    """What to begin with."""

    app: Home
    AUTO_FOCUS = "#choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "open a file", id="start.open"),
        Binding("n", "new", "new", id="start.new"),
        Binding("escape", "back", "back", show=False, id="start.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.paths: dict[str, Path] = {}
        self.texts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The head and the choices."""
        yield Static(Text(HEAD, "bold"), id="head")
        yield OptionList(id="choices", classes="pane")
        yield Prompt(id="prompt")
        yield Footer()

    def on_mount(self) -> None:
        """List everything."""
        self.texts = examples()
        view = self.query_one(OptionList)
        for path in [*recent(), *sorted(Path().glob("*.yaml"))[:20]]:
            self.paths.setdefault(str(path.resolve()), path)
        for path in self.paths.values():
            view.add_option(Option(_line(path.name, str(path.parent)), id=f"path:{path.resolve()}"))
        if self.paths:
            view.add_option(None)
        for name, text in self.texts.items():
            view.add_option(Option(_line(name, describe(text)), id=f"example:{name}"))
        view.add_option(None)
        view.add_option(Option(_line("new", "an empty model, written as text"), id="new"))
        view.border_title = "begin with"
        view.highlighted = 0

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Open what is chosen; an example as a copy that has no file yet."""
        kind, _, name = str(event.option.id).partition(":")
        if kind == "path":
            self.app.open_spec(self.paths[name])
        elif kind == "example":
            self.app.open_text(self.texts[name])
        else:
            self.action_new()

    def action_new(self) -> None:
        """Begin an empty model."""
        self.app.open_text(EMPTY)

    def action_open(self) -> None:
        """Ask for a file."""
        self.query_one(Prompt).ask("open the file", "", lambda name: self.app.open_spec(Path(name).expanduser()))

    def action_back(self) -> None:
        """To the model that is open, if there is one."""
        self.app.action_place("model")


def _line(name: str, said: str) -> Text:
    return Text.assemble((f"{visible(name, 30):<24}", "bold"), "  ", (visible(said, 90), "dim"))
