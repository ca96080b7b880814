"""A name and what is said of it: where that is longer than a line, it goes on below where it began."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

LEAST = 12
"""In fewer columns than these, beside the name, nothing is set in."""


@dataclass(frozen=True)
class Hanging:
    """A line whose first `column` characters are the name."""

    line: Text
    column: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As many lines as it takes."""
        room = options.max_width - self.column
        if room < LEAST:
            yield self.line
            return
        name, said = self.line.divide([self.column])
        for number, part in enumerate(said.wrap(console, room)):
            yield Text.assemble(name if number == 0 else " " * self.column, part)
