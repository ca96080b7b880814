"""Where a model is assembled: its document, what is selected and marked in the picture, and the edits made there."""

from __future__ import annotations

from dataclasses import dataclass, field

from leporello.tui.assembly.acts import Made
from leporello.tui.assembly.bench import Bench
from leporello.tui.session.document import Document
from leporello.tui.session.history import Change


@dataclass
class Workbench:
    """Edits of the picture and edits of the text are changes of one document, with one history.

    `selected` is the path of the box that the next edit is about: it is known before the picture is.
    """

    document: Document
    selected: str = ""
    marked: tuple[str, ...] = ()
    clip: str = ""
    _benches: dict[str, Bench] = field(default_factory=dict)

    @property
    def bench(self) -> Bench:
        """What stands in the text now, in the body that the selection stands in.

        Raises:
            SpecError: for a graph in JSON, which is data of programs.
        """
        return self.whole.inside(self.selected)

    @property
    def whole(self) -> Bench:
        """What stands in the text now.

        Raises:
            SpecError: for a graph in JSON, which is data of programs.
        """
        text = self.document.text
        if text not in self._benches:
            self._benches.clear()
            self._benches[text] = Bench.of(text, str(self.document.path or "untitled.yaml"))
        return self._benches[text]

    @property
    def outer(self) -> str:
        """The node, input or output that is selected, or that what is selected lies in."""
        return self.bench.outer(self.selected) if self.selected else ""

    @property
    def within(self) -> str:
        """Why what is selected cannot be edited there: it lies inside a block; nothing where it does not."""
        outer, path = self.outer, self.bench.path(self.outer)
        if not outer or path == self.selected or outer not in self.bench.nodes:
            return ""
        kind = self.bench.kind(outer)
        block, inner = kind.name if kind else "", self.selected.removeprefix(f"{path}/")
        if block in self.bench.own:
            return f"{inner} stands in the block {block}, in a file of its own; each use of it has that"
        return f"{inner} is a part of {outer} ({block}), a block as it ships"

    @property
    def chosen(self) -> tuple[str, ...]:
        """What is marked, or else what is selected."""
        bench = self.bench
        marked = tuple(name for path in self.marked if bench.path(name := bench.outer(path)) == path)
        return marked or ((self.outer,) if self.outer else ())

    def mark(self) -> bool:
        """Mark what is selected, or no more; whether there is something to mark."""
        name = self.bench.path(self.outer)
        if name in self.marked:
            self.marked = tuple(one for one in self.marked if one != name)
        elif name:
            self.marked = (*self.marked, name)
        return bool(name)

    def apply(self, made: Made) -> Change | None:
        """Make an edit; what was done to the text, None where that is the same."""
        edited = made.edited
        moves = lambda: edited.weights.moved  # noqa: E731 - found only where a run is gone on from
        selects = made.bench.path(made.selects)
        change = self.document.rewrite(edited.text, edited.called, self.selected, selects, moves)
        self.selected, self.marked = selects, ()
        if change is not None:
            self._benches = {made.edited.text: made.after}
        return change

    def taken_back(self, change: Change | None) -> None:
        """Select what was selected then: `change` is what was done to the text, by undo or redo."""
        if change is not None and (change.before or change.after):
            self.selected, self.marked = change.after, ()
