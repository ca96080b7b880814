"""A question that needs an answer: the only dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leporello.graphs.problems import visible
from leporello.tui.inks import colour
from leporello.tui.widgets.choices import Choices
from leporello.tui.widgets.key_line import key_of


class Question(ModalScreen[str]):
    """Asks, and gives the answer that was chosen; nothing for esc, unless it `must` be answered.

    What it is about may be shown: two `versions` line by line, and whatever a `look` brings onto the screen.
    """

    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-middle")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="question.back"),
        Binding("c", "look", "both pictures", id="question.compare"),
    ]

    def __init__(
        self,
        question: str,
        answers: Sequence[str],
        must: bool = False,
        versions: Sequence[str] = (),
        look: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.question, self.answers, self.must, self.versions, self.looks = question, answers, must, versions, look

    def compose(self) -> ComposeResult:
        """The question and its answers."""
        with Vertical(classes="-versions" if self.versions else ""):
            yield Static(Text(visible(self.question)))
            if self.versions:
                yield Static(self.beside(), id="versions")
            if self.looks is not None:
                yield Static(Text(f"{key_of(self, 'question.compare')}: both as pictures, and what differs", "dim"))
            yield Choices(*(Option(Text(answer)) for answer in self.answers))

    def beside(self) -> Text:
        """Two versions of a text, line by line."""
        theme = self.app.current_theme
        ink = {"-": colour(theme, "error"), "+": colour(theme, "success")}
        lines = (Text(line, ink.get(line[:1], "")) for line in self.versions)
        return Text("\n").join([Text("- this text   + the file", "dim"), *lines])

    def on_mount(self) -> None:
        """The first answer is under the cursor."""
        choices = self.query_one(Choices)
        choices.highlighted = 0
        choices.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pictures are looked at where there are such."""
        return action != "look" or self.looks is not None

    def action_look(self) -> None:
        """Look closer at what is asked about, and come back."""
        if self.looks is not None:
            self.looks()

    def action_back(self) -> None:
        """No answer is one too, where it may be."""
        if not self.must:
            self.dismiss("")

    def on_click(self, event: events.Click) -> None:
        """A click beside it is no answer."""
        if not self.query_one(Vertical).region.contains(event.screen_x, event.screen_y):
            self.action_back()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give the answer."""
        event.stop()
        self.dismiss(self.answers[event.option_index])
