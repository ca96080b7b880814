"""What a sheet shows below its line: what fits there, the block that is chosen, and the rows that are filled in."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets.option_list import Option

from leporello.graphs.problems import visible
from leporello.tui.assembly.acts import Choice, Row
from leporello.tui.assembly.bench import Bench
from leporello.tui.widgets.choices import Choices

NAME, MOST = 24, 200


class Offers(Choices, can_focus=False):
    """What may stand in a row; what does not fit is dim, and says why."""

    def show(self, offered: Sequence[Choice], value: str) -> None:
        """Tell these, with the one that is taken lit."""
        offered = offered[:MOST]
        wide = min(max((len(one.value) for one in offered), default=0), NAME) + 2
        self.clear_options()
        self.add_options([Option(_offered(one, wide)) for one in offered])
        values = [one.value for one in offered]
        self.highlighted = values.index(value) if value in values else None
        self.display = bool(offered)


class RowList(Choices, can_focus=False):
    """All that is said, a line each; the one that is filled in is lit."""

    def show(self, rows: Sequence[Row], at: int) -> None:
        """Tell these rows."""
        wide = min(max((len(row.name) for row in rows), default=0), NAME) + 2
        self.clear_options()
        self.add_options([Option(_row(row, wide)) for row in rows])
        self.highlighted = at if at < len(rows) else None
        self.display = len(rows) > 1


def _offered(choice: Choice, wide: int) -> Text:
    text = Text()
    name = visible(choice.value, 40) or "nothing"
    text.append(f"{name:<{wide}}", "" if choice.fits else "dim")
    text.append(("" if choice.fits else "✗ ") + visible(choice.note, 120), "dim")
    return text


def _row(row: Row, wide: int) -> Text:
    text = Text()
    text.append(f"{visible(row.name, NAME):<{wide}}", "dim")
    text.append(visible(row.value, 60))
    if row.note:
        text.append(("   " if row.value else "") + visible(row.note, 100), "dim")
    return text


def block_words(name: str, bench: Bench) -> Text:
    """What a block is: its equations, or what it does, and its paper."""
    kind = bench.blocks.get(name) if name else None
    text = Text()
    if kind is None:
        return text
    lines = [line.removeprefix("#") for line in kind.text.splitlines() if line.startswith("#   ")]
    known = [line for line in lines if "=" in line][:8]
    for line in known:
        text.append(visible(line.strip(), 100) + "\n")
    text.append(visible(kind.help if not known else kind.paper, 300), "dim")
    return text
