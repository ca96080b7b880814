"""One line at the foot for a name or a number that is asked for; esc gives it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label
from textual.widgets.input import Selection

Answer = Callable[[str], None]


ASKED = "-asked"
"""The class of a screen on which something is asked."""


class Line(Input):
    """What is typed is in place of what stands there; it says what Enter does."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        enter = self._bindings.key_to_bindings["enter"]
        self._bindings.key_to_bindings["enter"] = [replace(one, description="take it", show=True) for one in enter]


class Prompt(Horizontal):
    """Hidden until something is asked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "give up", id="prompt.give_up")]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.answer: Answer | None = None
        self.changed: Answer | None = None
        self.before: str | None = None
        self.bare = False
        self.first = ""

    def compose(self) -> ComposeResult:
        """The question and the line."""
        yield Label("", markup=False)
        yield Line()

    def on_mount(self) -> None:
        """Nothing is asked at first."""
        self.display = False

    def ask(
        self, question: str, value: str, answer: Answer, changed: Answer | None = None, hint: str | None = None
    ) -> None:
        """Ask, with an answer to begin from; `changed` hears it while it is typed.

        With a `hint`, seen as long as nothing is typed, nothing is an answer too.
        """
        focused = self.screen.focused
        self.before = focused.id if focused else None
        self.answer, self.changed, self.bare = answer, changed, hint is not None
        self.query_one(Label).update(f" {question} ")
        line = self.query_one(Input)
        value = value if value.isprintable() else ""  # a line shows what it holds as it is
        line.value, line.placeholder = value, hint or ""
        self.first = value
        line.selection = Selection(0, len(value))
        self.display = True
        self.screen.add_class(ASKED)
        self.screen.set_focus(line)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell who listens."""
        event.stop()
        if self.changed is not None and self.display:
            self.changed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer."""
        event.stop()
        answer, value = self.answer, event.value.strip()
        self.close()
        if answer is not None and (value or self.bare):
            answer(value)

    def action_give_up(self) -> None:
        """Ask no more; who heard what was typed hears that it is what it was."""
        changed = self.changed
        self.close()
        if changed is not None:
            changed(self.first)

    def close(self) -> None:
        """Ask no more, and go back to where the question was asked."""
        self.display = False
        self.screen.remove_class(ASKED)
        self.answer = self.changed = None
        if self.before:
            for widget in self.screen.query(f"#{self.before}"):
                self.screen.set_focus(widget)
