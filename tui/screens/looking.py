"""The picture on Model: selected, opened, searched, seen in other ways, written to a file."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from textual import on
from textual.timer import Timer

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.problems import visible
from leporello.tui.pictures.wanted import Facts, Matches
from leporello.tui.screens.question import Question
from leporello.tui.screens.stepping import Stepping
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.inspector import Inspector
from leporello.tui.widgets.picture_view import PictureView
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.spec_text import SpecText
from leporello.tui.widgets.top_bar import TopBar

WIDE = 170
"""From so many columns on the folded picture stands beside the unfolded one."""
FEEDBACKS = ("", "teacher", "free", "curriculum")
PAUSE = 0.4
"""Seconds that a box is selected until its lines of the source are asked for."""
KEEP, OVER = "leave it as it is", "write over it"


class Looking(Stepping):
    """What is done with the picture of a model."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.pause: Timer | None = None

    @abstractmethod
    def marked(self) -> None:
        """Mark problems and the line of the selection in the text."""

    @property
    def beside(self) -> PictureView:
        """The folded picture beside the unfolded one, where there is room."""
        return self.query_one("#beside", PictureView)

    def light_beside(self) -> None:
        """Light there what is selected here."""
        owner = self.canvas.stands
        if self.session.shown.beside:
            self.beside.reveal(owner and owner._replace(step=None))

    def on_resize(self) -> None:
        """Two pictures where there is room for them, one where there is not."""
        beside = self.size.width >= WIDE
        if beside is not self.session.shown.beside:
            self.session.show(beside=beside)

    @property
    def text(self) -> SpecText:
        """The text."""
        return self.query_one(SpecText)

    @on(Canvas.Selected)
    def selected(self, event: Canvas.Selected) -> None:
        """Tell of what is selected."""
        owner = event.owner
        self.light_beside()
        if owner is None:
            self.query_one(Inspector).show(None, self.session.findings)
            self.marked()
            return
        if owner.step is not None and self.canvas.step is not None:
            self.canvas.step = owner.step
        self.session.about(owner.path, owner.reader)
        line = dict(self.session.findings.lines).get((owner.reader or owner.path).partition("/")[0])
        if line and not self.text.has_focus:
            self.text.look_at(line)
        self.told()

    def told_of(self, facts: Facts) -> None:
        """Tell of what is selected; its lines of the source come a moment later, when nobody goes further."""
        owner = self.canvas.selection
        if owner is None or (facts.path, facts.reader) != (owner.path, owner.reader):
            return
        self.query_one(Inspector).show(facts, self.session.findings, self.session.code(facts.path))
        self.marked()
        if self.pause is not None:
            self.pause.stop()
        if owner.what == "box":
            self.pause = self.set_timer(PAUSE, lambda: self.session.ask_code(facts.path))

    @on(Canvas.Entered)
    def entered(self, event: Canvas.Entered) -> None:
        """Open what was clicked at twice."""
        self.action_open()

    def on_screen_resume(self) -> None:
        """What the other places have asked for in between is not this model."""
        if self.session.serial:
            self.session.refresh()

    def action_open(self) -> None:
        """Open the composite that is selected."""
        owner = self.canvas.selection
        if owner is None:
            self.notify("select a box first, with the arrows")
        elif owner.what == "wire":
            self.canvas.other_end()
        elif not self.session.open(owner.path):
            self.notify(f"{visible(owner.path)} has nothing inside to open", markup=False)
        self.told()

    def action_close(self) -> None:
        """Close what was opened last."""
        self.canvas.leave_wire()
        closed = self.session.close()
        owner = self.canvas.selection
        if closed and owner is not None and owner.path.startswith(closed):
            self.canvas.selection = owner._replace(path=closed)
        self.told()

    def action_cell(self) -> None:
        """The cell that is selected with its rails and gates, in place of the picture; or the picture again."""
        owner = self.canvas.selection
        if self.leave_cell():
            return
        if owner is None or owner.what != "box":
            self.notify("select a box of a loop first, with the arrows")
            return
        self.still()
        self.canvas.small = False
        self.canvas.step = None
        self.canvas.scroll_home(animate=False)
        self.session.show(cell=owner.path, steps=None)
        self.told()

    def leave_cell(self) -> bool:
        """Back from a cell to its box in the picture; whether a cell was shown."""
        path = self.session.shown.cell
        if path:
            self.session.show(cell="")
            self.reveal(path)
            self.told()
        return bool(path)

    def action_nearer(self, nearer: bool) -> None:
        """From the whole as an overview to boxes, and to boxes with their sizes; or back."""
        if self.canvas.small and nearer:
            self.canvas.small = False
        elif self.session.shown.sizes is not nearer:
            self.session.show(sizes=nearer)
        elif not nearer:
            self.canvas.small = True
        self.told()

    def action_schedule(self) -> None:
        """Show how each box runs, or not."""
        self.session.show(schedule=not self.session.shown.schedule)
        self.told()

    def action_afresh(self) -> None:
        """Place all boxes as if there had been no picture before."""
        self.session.refresh(afresh=True)

    def action_feedback(self) -> None:
        """The next mode of feedback."""
        if not self.session.findings.has_feedback:
            self.notify("this model has no feedback, so it has no modes")
            return
        now = FEEDBACKS.index(self.session.shown.feedback)
        self.session.show(feedback=FEEDBACKS[(now + 1) % len(FEEDBACKS)])
        self.told()

    def action_find(self) -> None:
        """Find a node by a part of its name."""
        self.query_one(Prompt).ask("find", "", lambda name: None, self.session.find)

    def matched(self, found: Matches) -> None:
        """Select the likeliest of what was found."""
        if found.paths:
            self.session.open_to(found.paths[0])
            self.reveal(found.paths[0])
        else:
            self.query_one("#top", TopBar).tell(found.letters, "no node has these letters", False, ())

    def select(self, path: str) -> None:
        """Select the box of a node that is seen, if another is selected."""
        owner = Owner("box", path, 1 if self.session.shown.steps is not None else None)
        if path and self.canvas.picture and self.canvas.picture.place(owner):
            before = self.canvas.selection
            if before is None or before.path.partition("/")[0] != path:
                self.canvas.reveal(owner)

    def reveal(self, path: str) -> None:
        """Select a box, which may come into the picture in a moment."""
        self.canvas.reveal(Owner("box", path, 1 if self.session.shown.steps is not None else None))

    def action_export(self) -> None:
        """Write the picture that is seen."""
        folder = self.session.document.path.parent if self.session.document.path else None
        name = f"{self.session.findings.name or 'picture'}.svg"
        start = str(folder / name) if folder else name
        self.query_one(Prompt).ask("write the picture as (.svg, .png, .txt)", start, self.export)

    def export(self, output: str) -> None:
        """Write it there."""
        path = Path(output).expanduser()
        dark = self.app.current_theme.dark
        if not path.exists():
            self.session.export(str(path), dark)
            return

        def answered(answer: str | None) -> None:
            if answer == OVER:
                self.session.export(str(path), dark)

        self.app.push_screen(Question(f"{path} is there already.", (KEEP, OVER)), answered)
