"""Inside: a trained model unfolded over a line of the user's own, with what goes on in it, step by step."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from leporello.graphs.composing.texts import read_text
from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.problems import SpecError, visible
from leporello.training.runs.run import Run
from leporello.tui.inks import colour
from leporello.tui.pictures.wanted import Drawn, Reply
from leporello.tui.runs.answerer import Answerer
from leporello.tui.runs.inside import Inside, inside_of
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.following import Following
from leporello.tui.session.document import Document
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.inside import at_step
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.titles import entitle
from leporello.tui.widgets.top_bar import TopBar

BEAT = 0.45


class InsideScreen(Following):
    """The model of a run, unfolded over the symbols of a line; the time cursor says what goes on at its step."""

    AUTO_FOCUS = "#canvas"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "step(1)", "next step", id="inside.after"),
        Binding("left_square_bracket", "step(-1)", "step before", id="inside.before"),
        Binding("x", "axis", "other axis", id="inside.axis"),
        Binding("m", "play", "play", id="inside.play"),
        Binding("enter,p", "prompt", "another line", id="inside.prompt"),
        Binding("escape", "back", "back", id="inside.back"),
    ]

    def __init__(self, session: Session, trainer: Trainer, run: Run, line: str) -> None:
        super().__init__(session, trainer)
        self.run, self.line = run, line
        self.picture = Session(Document(), session.painter)
        self.answerer = Answerer(run.folder, "observe")
        self.seen, self.axis, self.step = Inside(), "", 1
        self.failure = ""

    def compose(self) -> ComposeResult:
        """The picture, and what goes on."""
        yield TopBar("use", id="top")
        with Vertical(id="inside"):
            yield Canvas(id="canvas")
            with VerticalScroll(id="values", classes="pane"):
                yield Static(id="told")
        yield Prompt(id="prompt")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Let the model read the line."""
        self.query_one(Canvas).hint = "the picture is being drawn"
        self.beat = self.set_interval(BEAT, lambda: self.action_step(1), pause=True)
        self.playing = False
        self.read(self.line)

    def on_resize(self) -> None:
        """What has room is told."""
        self.call_after_refresh(self.show)

    async def on_unmount(self) -> None:
        """No process is left."""
        await self.answerer.close()

    def read(self, line: str) -> None:
        """Let the model read another line."""
        self.line, self.seen, self.failure = line, Inside(), ""
        self.run_worker(self.watch_it(line), exclusive=True)
        self.show()

    async def watch_it(self, line: str) -> None:
        """Show what its process tells."""
        try:
            self.seen = inside_of(await self.answerer.answer(line))
            self.axis, self.step = list(self.seen.steps)[-1], 1
            self.picture.put(Document(None, read_text(self.run.spec)))
            lengths = tuple(self.seen.steps.items())
            self.picture.show(steps=max(self.seen.steps.values()), lengths=lengths, feedback="")
        except SpecError as error:
            self.failure = str(error.problems[0])
        self.call_after_refresh(self.show)

    def receive(self, reply: Reply) -> None:
        """Show a picture."""
        if self.picture.receive(reply) and isinstance(reply, Drawn):
            self.query_one(Canvas).show(reply.picture)
            self.look()

    def show(self) -> None:
        """Show everything as it is now."""
        canvas, seen = self.query_one(Canvas), self.seen
        steps = seen.steps.get(self.axis, 0)
        self.tell_top((("reading it", "busy") if not steps and not self.failure else (self.run.folder.name, "good"),))
        said = f"{steps:,} steps of {self.axis}" if steps else ""
        entitle(canvas, visible(f"inside   {self.line}", 100), said)
        entitle(self.query_one("#values"), f"step {self.step:,} of {steps:,}, {self.axis}" if steps else "what goes on")
        theme, columns = self.app.current_theme, max(self.query_one("#values").content_size.width, 20)
        inks = colour(theme, "success"), colour(theme, "warning")
        told = self.query_one("#told", Static)
        if self.failure:
            told.update(Text(visible(self.failure, 2_000)))
        elif steps:
            told.update(at_step(seen, self.axis, self.step, columns, inks, self.session.shown.ascii_only))
        else:
            told.update("the model is read, then it reads the line")

    def look(self) -> None:
        """Light the step in the picture and bring it into view."""
        canvas = self.query_one(Canvas)
        canvas.axis, canvas.step = self.axis, self.step
        names = [*self.seen.on(self.axis, self.seen.attention), *self.seen.on(self.axis, self.seen.words)]
        owners = (Owner("box", name, self.step) for name in names)
        place = next((p for o in owners if canvas.picture is not None and (p := canvas.picture.place(o))), None)
        if place is not None:
            x, y = place.middle
            left, top = max(x - canvas.size.width // 2, 0), max(y - canvas.size.height // 2, 0)
            canvas.scroll_to(left, top, animate=False, immediate=True)

    def action_step(self, by: int) -> None:
        """Look at another step."""
        steps = self.seen.steps.get(self.axis, 0)
        if steps:
            self.step = (self.step - 1 + by) % steps + 1
            self.look()
            self.show()

    def action_axis(self) -> None:
        """Go through the steps of another axis."""
        axes = list(self.seen.steps)
        if self.axis in axes:
            self.axis, self.step = axes[(axes.index(self.axis) + 1) % len(axes)], 1
            self.look()
            self.show()

    def action_play(self) -> None:
        """Go through the steps, one by one, or stop."""
        self.playing = not self.playing
        (self.beat.resume if self.playing else self.beat.pause)()

    def action_prompt(self) -> None:
        """Ask for another line."""
        self.query_one(Prompt).ask("it reads", self.line, self.read)

    def action_back(self) -> None:
        """To what it answers."""
        self.app.pop_screen()
