"""A sheet to fill in: one line to type in, what fits there, and all that was said so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.input import Selection

from leporello.graphs.problems import SpecError, visible
from leporello.tui.assembly.acts import Act, Choice, Made, Row
from leporello.tui.assembly.searching import search
from leporello.tui.assembly.stepping import stepped
from leporello.tui.pictures.wanted import BlockDrawn
from leporello.tui.widgets.block_picture import BlockPicture
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.lesson_line import LessonLine
from leporello.tui.widgets.offers import Offers, RowList, block_words
from leporello.tui.widgets.titles import entitle

PAUSE = 0.12
"""Seconds without a key until the edit is tried."""
LINE = "line"


class Line(Input):
    """The line in which is typed; it says what Enter does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.choose(1)", "choose", id="sheet.down"),
        Binding("up", "screen.choose(-1)", "choose", show=False, id="sheet.up"),
    ]

    def __init__(self, done: str) -> None:
        super().__init__(compact=True, select_on_focus=False)
        enter = self._bindings.key_to_bindings["enter"]
        self._bindings.key_to_bindings["enter"] = [replace(one, description=done, show=True) for one in enter]


class Sheet(ModalScreen[Made | None]):
    """Gives the edit that was made, or nothing for esc."""

    AUTO_FOCUS = "Input"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-small"), (100, "-normal"), (170, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-middle"), (33, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "do it", id="sheet.take"),
        Binding("tab", "row(1)", "next row", id="sheet.next"),
        Binding("shift+tab", "row(-1)", "row before", show=False, id="sheet.last"),
        Binding("escape", "back", "back", id="sheet.back"),
    ]

    def __init__(self, act: Act, draw: Callable[[str], None], row: str = "") -> None:
        super().__init__()
        self.act, self.draw, self.first = act, draw, row
        self.said: dict[str, str] = {}
        self.block = ""
        self.at = 0
        self.pause: Timer | None = None
        self.rows: tuple[Row, ...] = ()
        self.offered: list[Choice] = []
        self.typed: dict[str, str] = {}
        self.letters = ""
        self.ready: tuple[dict[str, str], Made] | None = None

    def compose(self) -> ComposeResult:
        """The line, what fits, what was said."""
        with Vertical(id="sheet") as box:
            entitle(box, visible(f"{self.act.title}{self.act.where}", 60))
            box.set_class(self.act.about(self.said) == "", "-few")
            box.set_class(self.act.pictured, "-pictured")
            yield BlockPicture(id="pictured")
            with Horizontal(id="line"):
                yield Label("", markup=False)
                yield Line(self.act.done)
            yield Offers(id="offers")
            yield Static(id="block")
            yield RowList(id="rows")
            yield Static(id="verdict")
            yield LessonLine(brief=True)
            yield KeyLine(last=(), id="sheet-keys")

    def on_mount(self) -> None:
        """Begin with the first row."""
        self.rows = self.act.rows(self.said)
        names = [row.name for row in self.rows]
        self.go_to(names.index(self.first) if self.first in names else 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where there is one row there is no next one."""
        return action != "row" or len(self.rows) > 1

    @property
    def line(self) -> Input:
        """Where is typed."""
        return self.query_one(Input)

    @property
    def row(self) -> Row | None:
        """The row that is filled in."""
        return self.rows[self.at] if self.at < len(self.rows) else None

    # The line.

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Something was typed."""
        event.stop()
        self.hear()

    def hear(self) -> None:
        """What stands in the line is meant for the row. Asked for before anything is done: keys may come fast."""
        row, value = self.row, self.line.value
        if row is None or value == self.typed.get(row.name, row.value if row.free else ""):
            return
        self.typed[row.name] = value
        letters, more = self.act.heard(row.name, value)
        self.said.pop(LINE, None)
        self.said |= more
        self.letters = letters
        found = search(letters, row.choices)
        if row.free:
            self.said[row.name] = self.meant(row, letters)
        elif found:
            self.said[row.name] = found[0].value
        else:
            self.said.pop(row.name, None)
        self.show()

    def meant(self, row: Row, typed: str) -> str:
        """What is typed, or the name that it begins."""
        known = [one.value for one in row.choices]
        if typed in known or not typed.isidentifier():
            return typed
        return next((one for one in known if one.startswith(typed)), typed)

    def go_to(self, place: int) -> None:
        """Fill in another row."""
        self.at = place % max(len(self.rows), 1)
        row = self.row
        line, typed = self.line, self.typed.get(row.name, "") if row and not row.free else ""
        self.letters = self.act.heard(row.name, typed)[0] if row else ""
        value = typed or (row.value if row and row.free else "")
        if row and row.free:
            self.typed[row.name] = value
        with self.prevent(Input.Changed):
            line.value = value if value.isprintable() else ""
        line.selection = Selection(0, len(line.value))
        self.query_one(Label).update(f" {row.name} " if row else " ")
        self.show()

    # What is seen.

    def show(self) -> None:
        """Say how everything stands, and try the edit in a moment."""
        self.rows = self.act.rows(self.said)
        row = self.row
        found = search(self.letters, row.choices) if row else []
        self.offered = found or (list(row.choices) if row and row.free else [])
        self.query_one(Offers).show(self.offered, row.value if row else "")
        self.query_one(RowList).show(self.rows, self.at)
        self.tell_block()
        self.query_one("#verdict", Static).update(Text(visible(row.help, 200) if row else "", "dim"))
        if self.pause is not None:
            self.pause.stop()
        self.pause = self.set_timer(PAUSE, self.tried)

    def tell_block(self) -> None:
        """Say what the block is that is chosen; its picture comes a moment later."""
        block, name = self.query_one("#block", Static), self.act.about(self.said)
        block.update(block_words(name, self.act.bench))
        block.set_class(self.at == 0 and name != "", "-told")
        if name == self.block:
            return
        self.block = name
        if name:
            self.draw(name)
        else:
            self.query_one(BlockPicture).show_block(None)

    def show_block(self, reply: BlockDrawn) -> None:
        """Show the picture of a block, if it is still the one that is chosen."""
        if reply.name == self.block:
            self.query_one(BlockPicture).show_block(reply.picture)

    def attempt(self) -> Made:
        """The edit that comes of what was said, made once: when it is taken it has been tried, if nobody hurries.

        Raises:
            SpecError: where there is none.
        """
        if self.ready is None or self.ready[0] != self.said:
            self.ready = dict(self.said), self.act.made(self.said)
        return self.ready[1]

    def tried(self) -> None:
        """Say what would come of it."""
        verdict = Text()
        try:
            made = self.attempt()
        except SpecError as error:
            if self.said:  # nobody has said anything yet: its help stays
                self.tell(error)
            return
        if made.brought:
            verdict.append(f"then: {visible(made.brought[0], 200)}", "bold")
        elif self.row is not None and self.row.help:
            verdict.append(visible(self.row.help, 200), "dim")
        self.query_one("#verdict", Static).update(verdict)

    def tell(self, error: SpecError) -> None:
        """Say why not, and how to mend it."""
        problem = error.problems[0]
        said = Text(visible(problem.what, 300), "bold")
        said.append(f"\n{visible(problem.hint, 300)}" if problem.hint else "", "not bold dim")
        self.query_one("#verdict", Static).update(said)

    # What is done.

    def action_choose(self, by: int) -> None:
        """Another of what fits; a number without such goes up or down."""
        self.hear()
        row = self.row
        if row is None:
            return
        values = [one.value for one in self.offered]
        if values:
            now = values.index(row.value) if row.value in values else -1 if by > 0 else 0
            self.choose(values[(now + by) % len(values)])
        else:
            self.choose(stepped(row, -by))

    def choose(self, value: str) -> None:
        """Take it for the row."""
        row = self.row
        if row is None:
            return
        self.said[row.name] = value
        if row.free:
            with self.prevent(Input.Changed):
                self.line.value = value
            self.line.cursor_position = len(value)
            self.typed[row.name] = value
        self.show()

    def action_row(self, by: int) -> None:
        """Go to the next row."""
        self.hear()
        self.go_to(self.at + by)

    def action_take(self) -> None:
        """Make the edit."""
        self.hear()
        try:
            made = self.attempt()
        except SpecError as error:
            if self.pause is not None:
                self.pause.stop()
            self.tell(error)
            return
        self.dismiss(made)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Enter in the line."""
        event.stop()
        self.action_take()

    def action_back(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)

    @on(OptionList.OptionSelected, "#offers")
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """What fits was clicked at."""
        event.stop()
        if event.option_index < len(self.offered):
            self.choose(self.offered[event.option_index].value)
        self.line.focus()

    @on(OptionList.OptionSelected, "#rows")
    def row_clicked(self, event: OptionList.OptionSelected) -> None:
        """A row was clicked at."""
        event.stop()
        self.go_to(event.option_index)
        self.line.focus()

    def on_click(self, event: events.Click) -> None:
        """A click beside the sheet leaves all as it is."""
        if not self.query_one("#sheet").region.contains(event.screen_x, event.screen_y):
            self.dismiss(None)
