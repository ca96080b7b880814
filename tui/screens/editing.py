"""The text on Model: edited, undone, saved; the picture follows the cursor."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.widgets import TextArea

from leporello.graphs.problems import visible
from leporello.tui.screens.looking import Looking
from leporello.tui.screens.parts import Parts
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.titles import entitle

MOST = 100
"""So many names are tried for a new file."""


class Editing(Looking, Parts):
    """What is done with the text of a model."""

    @on(TextArea.Changed)
    def edited(self) -> None:
        """Check and draw again."""
        self.session.refresh()
        self.told()

    @on(TextArea.SelectionChanged)
    def moved(self) -> None:
        """Select the node in whose lines the cursor is."""
        if not self.text.has_focus:
            return
        self.select(self.session.node_at(self.text.cursor_location[0] + 1))
        self.told()

    def action_edit(self) -> None:
        """Go to the text, to the line of the selection."""
        self.focus_part("text")
        facts = self.session.facts
        if facts is not None and facts.line and self.canvas.selection is not None:
            self.text.go_to(facts.line)

    def action_undo(self) -> None:
        """Take the last change back."""
        self.text.action_undo()

    def action_redo(self) -> None:
        """Do it again."""
        self.text.action_redo()

    def action_save(self) -> None:
        """Write the file."""
        if self.session.document.path is None:
            self.action_save_as()
        else:
            self.app.save(self.session)
            self.told()

    def action_save_as(self, then: Callable[[], None] | None = None) -> None:
        """Write another file; `then`, if that was done."""
        path = self.session.document.path
        start = str(path or free(f"{self.session.findings.name or 'model'}.yaml"))
        self.query_one(Prompt).ask("save as", start, lambda name: self.saved_as(name, then))

    def saved_as(self, name: str, then: Callable[[], None] | None = None) -> None:
        """Write it there; another name is asked for where that is not allowed. A name without an ending gets ours."""
        name = name if Path(name).suffix or name.endswith(os.sep) else f"{name}.yaml"
        if not self.app.save(self.session, name):
            if self.app.screen is self:
                self.query_one(Prompt).ask("save as", name, lambda name: self.saved_as(name, then))
        elif then is not None:
            then()
            return
        entitle(self.text, visible(self.session.document.name, 40))
        self.session.refresh()
        self.told()


def free(name: str) -> str:
    """The name, or the first like it that no file has."""
    path = Path(name)
    names = (name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, MOST)))
    return next((one for one in names if not Path(one).exists()), name)
