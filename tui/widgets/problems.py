"""All that is wrong, live; Enter goes there."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from leporello.graphs.problems import Problem, visible
from leporello.tui.widgets.choices import Choices


class Problems(Choices):
    """One entry for each problem: where, what, and how to mend it."""

    @dataclass
    class Chosen(Message):
        """A problem is to be shown where it is."""

        problem: Problem

    @dataclass
    class LookedAt(Message):
        """The cursor is at a problem."""

        problem: Problem

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.found: tuple[Problem, ...] = ()

    def show(self, problems: tuple[Problem, ...]) -> None:
        """Tell these problems."""
        self.display = bool(problems)
        self.screen.set_class(self.display, "-wrong")  # where there is little room they take that of the inspector
        if problems == self.found:
            return
        self.found = problems
        chosen = self.highlighted
        self.clear_options()
        self.add_options([Option(_told(problem)) for problem in problems])
        kind = "warning" if all(problem.warning for problem in problems) else "problem"
        self.border_title = f"{len(problems)} {kind}{'s' * (len(problems) != 1)}"
        if chosen is not None and problems:
            self.highlighted = min(chosen, len(problems) - 1)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show where it is, while somebody goes through them."""
        event.stop()
        if self.has_focus and event.option_index < len(self.found):
            self.post_message(self.LookedAt(self.found[event.option_index]))

    def on_focus(self) -> None:
        """The one under the cursor is looked at."""
        if self.highlighted is not None and self.highlighted < len(self.found):
            self.post_message(self.LookedAt(self.found[self.highlighted]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show where it is."""
        event.stop()
        self.post_message(self.Chosen(self.found[event.option_index]))


def _told(problem: Problem) -> Text:
    text = Text()
    if problem.mark is not None:
        text.append(f"{problem.mark.line}:{problem.mark.column}  ", "dim")
    text.append(visible(problem.what), "" if problem.warning else "bold")
    if problem.hint:
        text.append(f"\n  {visible(problem.hint)}", "dim")
    return text
