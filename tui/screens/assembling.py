"""A model that is assembled in its picture: each key is an act, each act an edit of the text that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from leporello.graphs.problems import SpecError, visible
from leporello.tui.screens.acting import Acting
from leporello.tui.session.history import TYPING, Change
from leporello.tui.widgets.canvas import Canvas

if TYPE_CHECKING:  # the screens are there before all blocks are
    from leporello.tui.assembly.bench import Bench


class Assembling(Acting):
    """What is done with the boxes and wires of a model."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", id="assemble.add"),
        Binding("c", "connect", "connect", id="assemble.connect"),
        Binding("p", "change", "change", id="assemble.change"),
        Binding("equals_sign", "express", "expression", show=False, id="assemble.express"),
        Binding("d,delete", "delete", "delete", show=False, id="assemble.delete"),
        Binding("r", "rename", "rename", show=False, id="assemble.rename"),
        Binding("R", "replace", "replace the block", show=False, id="assemble.replace"),
        Binding("y", "duplicate", "duplicate", show=False, id="assemble.duplicate"),
        Binding("space", "mark", "mark", show=False, id="assemble.mark"),
        Binding("g", "group", "group what is marked", show=False, id="assemble.group"),
        Binding("x", "expand", "expand", show=False, id="assemble.expand"),
        Binding("b", "mend", "mend what misfits", show=False, id="assemble.mend"),
        Binding("Y", "copy", "copy", show=False, id="assemble.copy"),
        Binding("P", "paste", "paste", show=False, id="assemble.paste"),
    ]

    # The keys.

    def action_add(self) -> None:
        """Add a block, an input, an output."""
        from leporello.tui.assembly.adding import Add

        self.act(lambda: Add(self.work.bench, self.work.outer))

    def action_express(self) -> None:
        """Write an expression."""
        from leporello.tui.assembly.expressing import Expression

        self.act(lambda: Expression(self.work.bench, self.work.outer))

    def action_connect(self) -> None:
        """Connect what is selected to something; a wire: to something else, or at another time."""
        from leporello.tui.assembly.connecting import Connect, Rewire

        wire = self.wire
        if wire is not None:
            self.act(lambda: Rewire(*self._ends(wire.path, wire.reader)))
        else:
            self.act(lambda: Connect(self.work.bench, self.work.outer), "to")

    def _ends(self, source: str, reader: str) -> tuple[Bench, str, str]:
        """The body in which one box reads another, and what both are called there."""
        bench = self.work.whole.inside(reader)
        return bench, bench.outer(source), bench.outer(reader)

    @on(Canvas.Joined)
    def joined(self, event: Canvas.Joined) -> None:
        """A box was drawn onto another."""
        from leporello.tui.assembly.connecting import Connect

        self.act(lambda: Connect(*self._ends(event.source, event.reader)), "port")

    def action_change(self) -> None:
        """Change what is said of the selection."""
        from leporello.tui.assembly.changing import Change as ChangeAct

        if self.some():
            self.act(lambda: ChangeAct(self.work.bench, self.work.outer), "units")

    def action_delete(self) -> None:
        """Delete what is marked or selected; a wire: disconnect it."""
        from leporello.tui.assembly.connecting import disconnected
        from leporello.tui.assembly.restructuring import Delete

        wire = self.wire
        if wire is not None:
            self.act(lambda: disconnected(*self._ends(wire.path, wire.reader)))
        elif self.some():
            self.act(lambda: Delete(self.work.bench, self.work.chosen))

    def action_rename(self) -> None:
        """Rename the selection everywhere."""
        from leporello.tui.assembly.restructuring import Rename

        if self.some():
            self.act(lambda: Rename(self.work.bench, self.work.outer))

    def action_duplicate(self) -> None:
        """Duplicate the selection."""
        from leporello.tui.assembly.restructuring import Duplicate

        if self.some(nodes=True):
            self.act(lambda: Duplicate(self.work.bench, self.work.outer))

    def action_replace(self) -> None:
        """Put another block in place of that of the selection."""
        from leporello.tui.assembly.restructuring import Replace

        if self.some(nodes=True):
            self.act(lambda: Replace(self.work.bench, self.work.outer))

    def action_expand(self) -> None:
        """Put what is inside the selection in its place."""
        from leporello.tui.assembly.restructuring import Expand

        if self.some(nodes=True, inside=True):
            self.act(lambda: Expand(self.work.bench, self.work.outer))

    def action_mark(self) -> None:
        """Mark the selection for what is done with several boxes."""
        if self.some(nodes=True):
            self.work.mark()
            self.canvas.marked = frozenset(self.work.marked)

    def action_group(self) -> None:
        """Group what is marked."""
        from leporello.tui.assembly.restructuring import Group

        if self.some():
            self.act(lambda: Group(self.work.bench, self.work.chosen))

    def action_mend(self) -> None:
        """Mend what misfits."""
        from leporello.tui.assembly.mending import Mend

        self.act(lambda: Mend(self.work.whole, self.work.whole.outer(self.work.selected)))

    def action_copy(self) -> None:
        """Copy what is marked or selected."""
        from leporello.tui.assembly.pasting import copied

        if self.some():
            try:
                self.work.clip = copied(self.work.bench, self.work.chosen)
            except SpecError as error:
                self.refused(error)
                return
            self.app.copy_to_clipboard(self.work.clip)
            self.notify(f"copied: {', '.join(self.work.chosen)}; P pastes", markup=False, timeout=2)

    def action_paste(self) -> None:
        """Paste what was copied, in this model or in another one."""
        from leporello.tui.assembly.pasting import pasted

        self.act(lambda: pasted(self.work.bench, self.work.clip or "{}", self.work.outer))

    def action_steps(self, more: bool) -> None:
        """More steps and fewer; of a wire: read so many steps later or earlier."""
        from leporello.tui.assembly.connecting import delayed

        wire = self.wire
        if wire is None or self.session.shown.steps is not None:
            super().action_steps(more)
            return
        self.act(lambda: delayed(*self._ends(wire.path, wire.reader), -1 if more else 1))

    def some(self, nodes: bool = False, inside: bool = False) -> bool:
        """Whether something is selected, a node where one is needed; else it is said, as for a part of a block."""
        try:
            outer, within = self.work.outer, self.work.within
            found = outer in self.work.bench.nodes if nodes else bool(outer)
        except SpecError as error:
            self.refused(error)
            return False
        if not found:
            self.notify("select a box first, with the arrows" if not outer else "that is a matter of nodes")
        elif within and not inside and not self.work.marked:
            self.notify(visible(f"{within}: expand {outer} to edit what is inside", 300), markup=False)
            return False
        return found

    # Back and forth.

    def action_undo(self) -> None:
        """Take the last edit back, of picture or text."""
        self._step(self.session.document.undo(), "undone", "nothing to undo")

    def action_redo(self) -> None:
        """Do it again."""
        self._step(self.session.document.redo(), "done again", "nothing to do again")

    def _step(self, change: Change | None, said: str, nothing: str) -> None:
        if change is None:
            self.notify(nothing, timeout=2)
            return
        self.work.taken_back(change)
        self.show_change(change)
        if change.name != TYPING:
            self.notify(f"{said}: {visible(change.name, 80)}", markup=False, timeout=2)
