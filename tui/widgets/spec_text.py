"""The spec as text: edited as text, each edit a change of the document, coloured by our own lexer line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Document as TextDocument
from textual.document._document import EditResult, Location
from textual.document._edit import Edit
from textual.geometry import Offset
from textual.timer import Timer
from textual.widgets import TextArea

from leporello.graphs.problems import Problem
from leporello.tui.inks import colour, text_inks
from leporello.tui.session.completion import completions
from leporello.tui.session.document import Document
from leporello.tui.session.highlighting import pieces, shown
from leporello.tui.session.history import Change
from leporello.tui.widgets.titles import entitle

PAUSE = 0.12
"""Seconds without a key until it is said how a word may go on; a paste in single keys has no such pauses."""
TOLD = 5
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class SpecText(TextArea):
    """A text area whose text is that of a `Document`, with a history without limit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "undo", "undo", show=False, id="text.undo"),
        Binding("ctrl+y,ctrl+r", "redo", "redo", show=False, id="text.redo"),
        Binding("ctrl+home", "ends(False)", "beginning", show=False, id="text.beginning"),
        Binding("ctrl+end", "ends(True)", "end", show=False, id="text.end"),
    ]

    def __init__(self, spec: Document, id: str | None = None) -> None:
        super().__init__("", show_line_numbers=True, soft_wrap=False, id=id)
        self.indent_width = 2
        self.complete: Timer | None = None
        self.spec = spec
        self.quiet = False
        self.inks: dict[str, Style] = {}
        self.lit: int | None = None
        self.wrong: Mapping[int, tuple[Problem, ...]] = {}
        self.wrong_ink = Style(underline=True)

    def on_mount(self) -> None:
        """Show the document, in the colours of the theme."""
        self.follow(self.spec)
        self.watch(self.app, "theme", self._themed)

    def follow(self, spec: Document) -> None:
        """Show another document from its beginning."""
        self.spec = spec
        self.load_text(spec.text)

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document(text, language)
        document = self.document
        assert isinstance(document, TextDocument)
        document._newline, document._lines = "\n", text.split("\n")  # no other character ends a line here
        self._rewrap_and_refresh_virtual_size()

    def _themed(self, theme: str = "") -> None:
        found = self.app.current_theme
        self.inks = text_inks(found.dark, found.ansi)
        self.wrong_ink = Style(color=colour(found, "error"), underline=True)
        self._line_cache.clear()
        self.refresh()

    def update_suggestion(self) -> None:
        """Say in a moment how the word may go on."""
        self.suggestion = ""
        if self.is_mounted and self.has_focus:
            self.complete.reset() if self.complete else self._begin_to_complete()

    def _begin_to_complete(self) -> None:
        self.complete = self.set_timer(PAUSE, self.offer)

    def offer(self) -> None:
        """Say how the word before the cursor may go on; tab takes it."""
        self.complete = None
        if not self.selection.is_empty:
            return
        word, found = completions(self.spec.text, self.offset_of(self.cursor_location))
        self.suggestion = found[0][len(word) :] if found else ""
        if found:
            more = " …" if len(found) > TOLD else ""
            entitle(self, subtitle="tab " + " │ ".join(found[:TOLD]) + more)

    def mark(self, problems: tuple[Problem, ...], lit: int | None) -> None:
        """Mark what is wrong, and light the line of what is selected."""
        wrong: dict[int, tuple[Problem, ...]] = {}
        for problem in problems:
            if problem.mark is not None:
                wrong[problem.mark.line - 1] = (*wrong.get(problem.mark.line - 1, ()), problem)
        if wrong != self.wrong:
            self.wrong, self.lit = wrong, lit
            self._line_cache.clear()
            self.refresh()
        elif lit != self.lit:
            changed, self.lit = {line for line in (self.lit, lit) if line is not None}, lit
            self._line_cache.clear()
            for line in changed:
                self.refresh_lines(line)

    def get_line(self, line_index: int) -> Text:
        """A line, coloured."""
        line = self.document.get_line(line_index)
        text = Text(shown(line), end="", no_wrap=True)
        for start, end, role in pieces(line):
            text.stylize(self.inks.get(role, Style()), start, end)
        if self.lit == line_index:
            text.stylize(Style(bold=True))
        for problem in self.wrong.get(line_index, ()):
            assert problem.mark is not None
            start, length = problem.mark.column - 1, max(problem.mark.end - problem.mark.start, 1)
            text.stylize(self.wrong_ink, start, min(start + length, len(line)))
        return text

    def edit(self, edit: Edit) -> EditResult:
        """Edit the text and the document alike."""
        edit = replace(edit, text=_BREAKS.sub("\n", edit.text))
        start, end = sorted((edit.from_location, edit.to_location))
        old, at = self.get_text_range(start, end), self.offset_of(start)
        result = super().edit(edit)
        if not self.quiet and (old or edit.text):
            self.spec.apply(Change(at, old, edit.text))
        return result

    def perform(self, change: Change) -> None:
        """Show a change that was made in the document."""
        start, end = self.location_of(change.start), self.location_of(change.start + len(change.old))
        self.quiet = True
        try:
            self.edit(Edit(change.new, start, end, maintain_selection_offset=False))
        finally:
            self.quiet = False
        self.move_cursor(self.location_of(change.start + len(change.new)))

    def action_undo(self) -> None:
        """Take back the last change."""
        if (change := self.spec.undo()) is not None:
            self.perform(change)

    def action_redo(self) -> None:
        """Do it again."""
        if (change := self.spec.redo()) is not None:
            self.perform(change)

    def action_ends(self, last: bool) -> None:
        """Go to the end of the text, or to its beginning."""
        self.move_cursor(self.document.end if last else self.document.start)

    async def _on_key(self, event: events.Key) -> None:
        """A new line begins where the one before it began, further in after a key without a value."""
        if event.key == "enter" and not self.read_only:
            event.stop()
            event.prevent_default()
            row, column = self.cursor_location
            line = self.document.get_line(row)[:column]
            indent = line[: len(line) - len(line.lstrip())] + ("  " if line.rstrip().endswith(":") else "")
            self._replace_via_keyboard("\n" + indent, *self.selection)
            return
        if event.key == "tab" and not self.read_only:
            event.stop()
            event.prevent_default()
            self._replace_via_keyboard(self.suggestion or " " * self._find_columns_to_next_tab_stop(), *self.selection)
            return
        await super()._on_key(event)

    def offset_of(self, location: Location) -> int:
        """How many characters stand before a place."""
        row, column = location
        assert isinstance(self.document, TextDocument)
        return sum(map(len, self.document.lines[:row])) + row + column

    def location_of(self, offset: int) -> Location:
        """The line and column of an offset."""
        before = self.text[:offset]
        return before.count("\n"), len(before) - (before.rfind("\n") + 1)

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor at a place, both counted from 1."""
        row = min(max(line - 1, 0), self.document.line_count - 1)
        self.move_cursor((row, min(max(column - 1, 0), len(self.document.get_line(row)))), center=True)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """As far to the right as the cursor needs, and no farther: lines are read from their beginning."""
        moved = super().scroll_cursor_visible(center, animate)
        column = self._cursor_offset[0] + self.gutter_width
        if (moved.x or self.scroll_x) and (not self.has_focus or column < self.content_size.width - 1):
            self.scroll_to(x=0, animate=False)
        return moved

    def on_blur(self) -> None:
        """Where nobody types, lines are seen from their beginning."""
        self.scroll_to(x=0, animate=False)

    def look_at(self, line: int) -> None:
        """Bring a line into view and leave the cursor where it is."""
        top = round(self.scroll_y)
        if not top <= line - 1 < top + self.size.height:
            self.scroll_to(y=max(line - 1 - self.size.height // 3, 0), animate=False)
