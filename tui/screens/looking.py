"""The picture on Model: selected, unfolded, opened, played, searched, written to a file."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from textual import on
from textual.screen import Screen
from textual.timer import Timer

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.problems import visible
from leporello.tui.pictures.wanted import Matches
from leporello.tui.screens.home import Home
from leporello.tui.screens.question import Question
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.inspector import Inspector
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.spec_text import SpecText
from leporello.tui.widgets.top_bar import TopBar

FEEDBACKS = ("", "teacher", "free", "curriculum")
BEAT = 0.45
KEEP, OVER = "leave it as it is", "write over it"


class Looking(Screen[None]):
    """What is done with the picture of a model."""

    app: Home

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.beat: Timer | None = None
        self.letters = ""

    @abstractmethod
    def told(self) -> None:
        """Say in top bar and titles how things stand."""

    @abstractmethod
    def marked(self) -> None:
        """Mark problems and the line of the selection in the text."""

    @property
    def canvas(self) -> Canvas:
        """The picture."""
        return self.query_one(Canvas)

    @property
    def text(self) -> SpecText:
        """The text."""
        return self.query_one(SpecText)

    @on(Canvas.Selected)
    def selected(self, event: Canvas.Selected) -> None:
        """Tell of what is selected."""
        owner = event.owner
        if owner is None:
            self.query_one(Inspector).show(None, self.session.findings)
            self.marked()
            return
        if owner.step is not None and self.canvas.step is not None:
            self.canvas.step = owner.step
        self.session.about(owner.path)
        line = dict(self.session.findings.lines).get(owner.path.partition("/")[0])
        if line and not self.text.has_focus:
            self.text.look_at(line)
        self.told()

    @on(Canvas.Entered)
    def entered(self, event: Canvas.Entered) -> None:
        """Open what was clicked at twice."""
        self.action_open()

    def action_unfold(self) -> None:
        """Fold or unfold."""
        self.still()
        self.session.unfold()
        owner, steps = self.canvas.selection, self.session.shown.steps
        self.canvas.step = None
        if owner is not None:
            self.canvas.selection = owner._replace(step=None if steps is None else owner.step or 1)
        self.told()

    def action_steps(self, more: bool) -> None:
        """Unfold over more steps, or fewer."""
        if self.session.shown.steps is None:
            self.session.unfold()
        else:
            self.session.lengthen(more)
        self.told()

    def action_step(self, by: int) -> None:
        """Look at another step."""
        steps = self.session.shown.steps
        if steps is None:
            self.notify("steps are seen where time is unfolded: u")
            return
        now = self.canvas.step
        self.canvas.step = (1 if by > 0 else steps) if now is None else (now - 1 + by) % steps + 1
        if self.canvas.selection is not None:
            self.canvas.reveal(self.canvas.selection._replace(step=self.canvas.step))
        elif self.canvas.picture is not None:
            nodes = (Owner("box", path, self.canvas.step) for path, _ in self.session.findings.lines)
            place = next((p for owner in nodes if (p := self.canvas.picture.place(owner))), None)
            if place is not None:
                self.canvas.scroll_to(x=max(place.left - self.canvas.size.width // 2, 0), animate=False)
        self.told()

    def action_play(self) -> None:
        """Go through the steps, one by one, or stop."""
        if self.beat is not None:
            self.still()
        elif self.session.shown.steps is not None:
            self.beat = self.set_interval(BEAT, lambda: self.action_step(1))
        else:
            self.notify("steps are played where time is unfolded: u")

    def still(self) -> None:
        """Play no more."""
        if self.beat is not None:
            self.beat.stop()
            self.beat = None

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.still()

    def on_screen_resume(self) -> None:
        """What the other places have asked for in between is not this model."""
        if self.session.serial:
            self.session.refresh()

    def action_open(self) -> None:
        """Open the composite that is selected."""
        owner = self.canvas.selection
        if owner is None:
            self.notify("select a box first, with the arrows")
        elif not self.session.open(owner.path):
            self.notify(f"{visible(owner.path)} has nothing inside to open", markup=False)
        self.told()

    def action_close(self) -> None:
        """Close what was opened last."""
        closed = self.session.close()
        owner = self.canvas.selection
        if closed and owner is not None and owner.path.startswith(closed):
            self.canvas.selection = owner._replace(path=closed)
        self.told()

    def action_schedule(self) -> None:
        """Show how each box runs, or not."""
        self.session.show(schedule=not self.session.shown.schedule)
        self.told()

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
        self.letters = ""
        self.query_one(Prompt).ask("find", "", lambda name: None, self.find)

    def find(self, letters: str) -> None:
        """Ask where these letters are; the answer comes in a moment."""
        self.letters = letters
        if letters:
            self.session.find(letters)

    def matched(self, found: Matches) -> None:
        """Select the likeliest of what was found."""
        if found.letters != self.letters:
            return
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

    def on_unmount(self) -> None:
        """Stop playing."""
        self.still()
