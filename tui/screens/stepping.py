"""Time on Model: folded and unfolded, more steps and fewer, one step that is looked at, all of them played."""

from __future__ import annotations

from abc import abstractmethod

from textual.timer import Timer

from leporello.graphs.drawing.column.canvas import Owner
from leporello.tui.screens.first import First
from leporello.tui.screens.home import Home
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas

BEAT = 0.45


class Stepping(First):
    """What is done with the steps of a picture."""

    app: Home

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.beat: Timer | None = None

    @abstractmethod
    def told(self) -> None:
        """Say in top bar and titles how things stand."""

    @property
    def canvas(self) -> Canvas:
        """The picture."""
        return self.query_one(Canvas)

    def action_unfold(self) -> None:
        """Fold or unfold."""
        self.still()
        self.session.unfold()
        self.canvas.leave_wire()
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
        self.canvas.leave_wire()
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

    def on_unmount(self) -> None:
        """Stop playing."""
        self.still()
