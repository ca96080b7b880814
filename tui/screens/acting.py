"""How an act on a model is done: what it asks is asked, its edit made and shown, and why not is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from textual import on

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.problems import SpecError, visible
from leporello.tui.screens.editing import Editing
from leporello.tui.session.history import Change
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas

if TYPE_CHECKING:  # the screens are there before all blocks are
    from leporello.tui.assembly.acts import Act, Made
    from leporello.tui.assembly.workbench import Workbench
    from leporello.tui.screens.sheet import Sheet


class Acting(Editing):
    """Where a model is assembled. `wanted` is the box to be selected when it has come."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.wanted = ""
        self.prepared = False
        self.sheet: Sheet | None = None
        self._work: Workbench | None = None

    def prepare(self) -> None:
        """Get ready for the first act, which has much to import, while the first picture is looked at."""
        if not self.prepared:
            self.prepared = True
            Thread(target=_prepare, daemon=True).start()

    @property
    def work(self) -> Workbench:
        """Where the document is assembled."""
        from leporello.tui.assembly.workbench import Workbench  # late: see above

        if self._work is None or self._work.document is not self.session.document:
            clip = self._work.clip if self._work else ""
            self._work, self.wanted = Workbench(self.session.document, clip=clip), ""
            owner = self.canvas.selection
            self._work.selected = owner.path if owner is not None else ""
        return self._work

    @on(Canvas.Selected)
    def chosen(self, event: Canvas.Selected) -> None:
        """The next act is about what is selected; what is on its way into the picture counts already."""
        owner = event.owner
        if owner is None and self.wanted:
            return
        self.wanted = ""
        if self._work is not None:
            self._work.selected = owner.path if owner is not None and owner.what == "box" else ""

    @property
    def wire(self) -> Owner | None:
        """The wire that is selected."""
        owner = self.canvas.selection
        return owner if owner is not None and owner.what == "wire" and owner.reader else None

    def act(self, make: Callable[[], Act | Made], row: str = "") -> None:
        """Ask what there is to be asked, then make the edit; say why not, where there is none."""
        from leporello.tui.assembly.acts import Made
        from leporello.tui.screens.sheet import Sheet

        try:
            found = make()
            if isinstance(found, Made):
                self.made(found)
            elif not found.rows({}):
                self.made(found.made({}))
            else:
                self.sheet = Sheet(found, self.session.ask_block, row)
                self.app.push_screen(self.sheet, self.made)
        except SpecError as error:
            self.refused(error)

    def refused(self, error: SpecError) -> None:
        """Say why not."""
        problem = error.problems[0]
        self.notify(visible(f"{problem.what}\n{problem.hint}".strip(), 400), severity="warning", markup=False)

    def made(self, made: Made | None) -> None:
        """Make an edit, and select what it says."""
        if made is None:
            return
        self.show_change(self.work.apply(made))
        self.call_after_refresh(self.tell_of, made)

    def tell_of(self, made: Made) -> None:
        """Say what was left out, and where an edit moves the weights of a run."""
        from leporello.tui.assembly.trained import told

        users = made.bench.users if made.bench.block else ()
        also = f"{', '.join(users)} use {made.bench.block}: all are changed" if len(users) > 1 else ""
        for said in (*made.edited.notes, also, told(made.edited)):
            if said:
                self.notify(visible(said, 300), markup=False)

    def show_change(self, change: Change | None) -> None:
        """Show what was done to the text; the picture follows."""
        if change is None:
            return
        self.wanted = self.work.selected
        shown = self.canvas.selection
        if not self.wanted and shown is not None and shown.what == "box":  # an edit of a wire, taken back
            self.work.selected = shown.path
        self.canvas.marked = frozenset(self.work.marked)
        self.text.perform(change)

    @property
    def wanted_box(self) -> Owner | None:
        """The box that is to be selected when it is there."""
        return Owner("box", self.wanted, 1 if self.session.shown.steps is not None else None) if self.wanted else None


def _prepare() -> None:
    """Import what acts are made of."""
    with suppress(SpecError):
        from leporello.tui.assembly.adding import Add
        from leporello.tui.assembly.bench import Bench

        Add(Bench.of("", "untitled.yaml"), "")
