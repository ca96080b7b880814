"""Model: the picture, the text, what is known of the selection, and all that is wrong."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input

from leporello.graphs.problems import visible
from leporello.tui.pictures.wanted import (
    BlockDrawn,
    Drawn,
    Exported,
    Facts,
    Failed,
    Findings,
    Lines,
    Loops,
    Matches,
    Reply,
)
from leporello.tui.screens.assembling import Assembling
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.inspector import Inspector
from leporello.tui.widgets.key_line import KeyLine, key_of
from leporello.tui.widgets.lesson_line import LessonLine
from leporello.tui.widgets.picture_view import PictureView
from leporello.tui.widgets.problems import Problems
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.spec_text import SpecText
from leporello.tui.widgets.titles import entitle
from leporello.tui.widgets.top_bar import TopBar, Word
from leporello.tui.words import loops_words, problem_words, short

NOTHING_YET = "a: add what goes in, then blocks"
TYPED = ("save", "part", "back")
"""What works while text is typed."""


class ModelScreen(Assembling):
    """Look at a model, assemble it, and edit its text."""

    PARTS = ("canvas", "inspector", "text", "problems")

    AUTO_FOCUS = "#canvas"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's own is one of each screen
        (0, "-narrow"),
        (60, "-small"),
        (100, "-normal"),
        (170, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "unfold", "unfold", id="model.unfold"),
        Binding("enter", "open", "open", id="model.open"),
        Binding("backspace", "close", "close", show=False, id="model.close"),
        Binding("plus", "steps(True)", "more steps", show=False, id="model.more"),
        Binding("minus", "steps(False)", "fewer steps", show=False, id="model.fewer"),
        Binding("left_square_bracket", "step(-1)", "step before", show=False, id="model.before"),
        Binding("right_square_bracket", "step(1)", "next step", show=False, id="model.after"),
        Binding("less_than_sign", "nearer(False)", "farther", show=False, id="model.farther"),
        Binding("greater_than_sign", "nearer(True)", "nearer: sizes", show=False, id="model.nearer"),
        Binding("m", "play", "play", show=False, id="model.play"),
        Binding("e", "edit", "edit", id="model.edit"),
        Binding("s", "schedule", "schedule", id="model.schedule"),
        Binding("D", "afresh", "draw afresh", show=False, id="model.afresh"),
        Binding("v", "cell", "cell", show=False, id="model.cell"),
        Binding("f", "feedback", "feedback", id="model.feedback"),
        Binding("t", "app.place('train')", "train", id="model.train"),
        Binding("z", "undo", "undo", id="model.undo"),
        Binding("Z", "redo", "redo", show=False, id="model.redo"),
        Binding("slash", "find", "find", id="model.find"),
        Binding("n", "problem(1)", "next problem", show=False, id="model.next_problem"),
        Binding("N", "problem(-1)", "problem before", show=False, id="model.last_problem"),
        Binding("w,ctrl+s", "save", "save", id="model.save"),
        Binding("F", "alone", "picture alone", id="model.alone"),
        Binding("W", "save_as", "save as", show=False, id="model.save_as"),
        Binding("E", "export", "export", show=False, id="model.export"),
        Binding("escape", "back", "picture", id="model.back"),
    ]

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("model", id="top")
        with Container(id="body", classes="model"):
            yield PictureView(id="beside")
            yield Canvas(id="canvas")
            with Vertical(id="side"):
                yield Inspector(id="inspector")
                yield Problems(id="problems")
            yield SpecText(self.session.document, id="text")
        yield LessonLine()
        yield Prompt(id="prompt")
        yield KeyLine(id="keys")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While text is typed, letters are letters."""
        if not isinstance(self.focused, SpecText | Input):
            return True
        # A tab that is typed, or pasted, is a part of the text.
        return action in TYPED and (action != "part" or parameters != (1,))

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.refresh_bindings()

    def on_mount(self) -> None:
        """Ask for the first picture, as soon as all else is seen: its process would take the time that this takes."""
        self.query_one(Problems).display = False
        self.beside.border_title = "folded"
        self.follow()
        self.once_seen(self.session.refresh)

    def follow(self) -> None:
        """Show the document of the session from its beginning."""
        self.still()
        self.canvas.selection = self.canvas.step = None
        self.canvas.marked = frozenset()
        if self.text.spec is not self.session.document:
            self.text.follow(self.session.document)
        entitle(self.text, visible(self.session.document.name, 40))
        self.told()

    # What comes from the process that draws.

    def receive(self, reply: Reply) -> None:
        """Show what is new."""
        if not self.session.receive(reply):
            return
        match reply:
            case Findings():
                self.query_one(Problems).show(self.session.problems)
                self.marked()
                self.canvas.hint = "" if reply.lines else NOTHING_YET
                if not reply.lines:
                    self.canvas.clear()
                    self.prepare()
                if self.canvas.selection is not None:
                    self.session.about(self.canvas.selection.path, self.canvas.selection.reader)
                else:
                    self.query_one(Inspector).show(None, self.session.findings)
            case Loops() if self.canvas.selection is None:
                self.query_one(Inspector).show(None, self.session.findings)
            case Drawn() if reply is self.session.beside:
                self.beside.show(reply.picture)
                self.light_beside()
            case Drawn():
                wrong = frozenset(problem.node.partition("/")[0] for problem in self.session.findings.errors)
                self.canvas.show(reply.picture, wrong, self.wanted_box)
                self.prepare()
            case Facts():
                self.told_of(reply)
            case Lines() if self.session.facts is not None and self.session.facts.path == reply.path:
                self.told_of(self.session.facts)
            case Matches():
                self.matched(reply)
                return  # the top bar says what was not found
            case BlockDrawn():
                if self.sheet is not None and self.sheet.is_mounted:
                    self.sheet.show_block(reply)
                return
            case Failed():
                if reply.serial == self.session.serial:
                    self.leave_cell()  # what is no cell, or no more, is not asked for again
                self.notify(visible(reply.what), severity="error", markup=False)
            case Exported():
                self.notify(f"written: {visible(reply.output)}", markup=False)
        self.told()

    def told(self) -> None:
        """Say in top bar and titles how things stand."""
        session, findings, shown = self.session, self.session.findings, self.session.shown
        document = session.document
        self.query_one("#top", TopBar).tell(findings.name, document.name, document.modified, self.words())
        folded = shown.steps is None
        at = f"   step {self.canvas.step:,} of {shown.steps:,}" if self.canvas.step and not folded else ""
        steps = "" if folded else f"   {shown.steps:,} steps"
        opened = "".join(f" › {path}" for path in shown.opened)
        title = f"{'folded' if folded else 'unfolded'}   {findings.name}{opened}{at or steps}".rstrip()
        title = f"cell   {shown.cell}   {key_of(self, 'model.cell')}: the whole again" if shown.cell else title
        wire = self.wire
        if wire is not None and folded:
            title = f"wire   {wire.path} → {wire.reader}   c: source, time   + -: steps   d: disconnect"
        boxes = len(self.session.findings.lines)
        parts = [shown.feedback, "schedule" if shown.schedule and folded else "", f"{boxes} node{'s' * (boxes != 1)}"]
        parts += ["not as the text is now"] if session.outdated and findings.errors else []
        alone = self.query_one("#body").has_class("-alone")
        parts.append(f"{key_of(self, 'model.alone')}: {'with the text' if alone else 'alone'}")
        entitle(self.canvas, visible(title, 120), " │ ".join(filter(None, parts)))
        row, column = self.text.cursor_location
        entitle(self.text, subtitle=f"{row + 1}:{column + 1}")
        body = self.query_one("#body")
        if body.has_class("unfolded") is folded:
            body.set_class(not folded, "unfolded")
            side = self.query_one("#side")
            body.move_child(side, before=self.text) if folded else body.move_child(side, after=self.text)

    def words(self) -> tuple[Word, ...]:
        """What the top bar says on the right."""
        findings = self.session.findings
        if not findings.serial:
            return (("reading", "muted"),)
        if findings.errors:
            return (("● " + problem_words(findings), "bad"),)
        told = ("● " + problem_words(findings), "busy" if findings.problems else "good")
        weights = f"{short(findings.weights)} weights"
        if findings.loops is None:
            return (told, (weights, "good"))
        kinds = {loop.kind for loop in findings.loops}
        return (told, (weights, "good"), (loops_words(findings.loops), "busy" if "scanned" in kinds else "good"))

    def marked(self) -> None:
        """Mark problems and the line of the selection in the text."""
        facts = self.session.facts
        selected = self.canvas.selection is not None
        lit = facts.line - 1 if facts and selected and facts.line else None
        self.text.mark(self.session.findings.problems, lit)

    # Problems.

    def action_problem(self, by: int) -> None:
        """Go to the next problem in the list; the text shows where it is, and Enter goes there."""
        found = self.session.problems
        if not found:
            self.notify("no problems")
            return
        view = self.query_one(Problems)
        now = -min(by, 0) - 1 if view.highlighted is None else view.highlighted
        view.highlighted = (now + by) % len(found)
        self.focus_part("problems")

    @on(Problems.LookedAt)
    def look_at_problem(self, event: Problems.LookedAt) -> None:
        """Show in text and picture where a problem is."""
        mark = event.problem.mark
        if mark is not None:
            self.text.go_to(mark.line, mark.column)
        node = event.problem.node or (self.session.node_at(mark.line) if mark else "")
        self.select(node.partition("/")[0])

    @on(Problems.Chosen)
    def go_to_problem(self, event: Problems.Chosen) -> None:
        """Go to a problem where it is in the text."""
        if event.problem.mark is not None:
            self.focus_part("text")

    # The parts.

    def action_alone(self) -> None:
        """The picture on all of the screen, or with what stands beside it."""
        self.query_one("#body").toggle_class("-alone")
        self.focus_part("canvas")
        self.told()

    def parts(self) -> list[str]:
        """Problems are a part where there are such."""
        return [name for name in self.PARTS if name != "problems" or self.query_one(Problems).display]

    def action_back(self) -> None:
        """One level back: to the picture, then out of what is open, then nothing selected."""
        if self.focused is not self.canvas:
            self.focus_part("canvas")
        elif self.leave_cell() or self.canvas.leave_wire():
            return
        elif self.canvas.small:
            self.canvas.small = False
        elif self.session.shown.opened:
            self.action_close()
        else:
            self.canvas.selection = None
