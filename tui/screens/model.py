"""Model: the picture, the text, what is known of the selection, and all that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.markup import escape
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import TextArea

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.problems import visible
from leporello.tui.pictures.wanted import Drawn, Exported, Facts, Failed, Findings, Reply
from leporello.tui.screens.home import Home
from leporello.tui.screens.question import Question
from leporello.tui.session.session import Session
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.inspector import Inspector
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.problems import Problems
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.spec_text import SpecText
from leporello.tui.widgets.top_bar import TopBar, Word
from leporello.tui.words import loops_words, problem_words, short

FEEDBACKS = ("", "teacher", "free", "curriculum")
PARTS = ("canvas", "inspector", "text", "problems")
TYPED = ("save", "part", "back")
"""What works while text is typed."""
BEAT = 0.45
KEEP, OVER = "leave it as it is", "write over it"


class ModelScreen(Screen[None]):
    """Look at a model and edit its text."""

    app: Home
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
        Binding("plus,equals_sign", "steps(True)", "more steps", show=False, id="model.more"),
        Binding("minus", "steps(False)", "fewer steps", show=False, id="model.fewer"),
        Binding("left_square_bracket", "step(-1)", "step before", show=False, id="model.before"),
        Binding("right_square_bracket", "step(1)", "next step", show=False, id="model.after"),
        Binding("m", "play", "play", show=False, id="model.play"),
        Binding("e", "edit", "edit", id="model.edit"),
        Binding("s", "schedule", "schedule", id="model.schedule"),
        Binding("f", "feedback", "feedback", id="model.feedback"),
        Binding("t", "app.place('train')", "train", id="model.train"),
        Binding("z", "undo", "undo", id="model.undo"),
        Binding("Z", "redo", "redo", show=False, id="model.redo"),
        Binding("slash", "find", "find", id="model.find"),
        Binding("n", "problem(1)", "next problem", show=False, id="model.next_problem"),
        Binding("N", "problem(-1)", "problem before", show=False, id="model.last_problem"),
        Binding("w,ctrl+s", "save", "save", id="model.save"),
        Binding("W", "save_as", "save as", show=False, id="model.save_as"),
        Binding("E", "export", "export", show=False, id="model.export"),
        Binding("tab", "part(1)", "next part", show=False, priority=True, id="model.next_part"),
        Binding("shift+tab", "part(-1)", "part before", show=False, priority=True, id="model.last_part"),
        Binding("escape", "back", "picture", id="model.back"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.beat: Timer | None = None
        self.problem = -1
        self.following = False

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("model", id="top")
        with Container(id="body"):
            yield Canvas(id="canvas")
            with Vertical(id="side"):
                yield Inspector(id="inspector")
                yield Problems(id="problems")
            yield SpecText(self.session.document, id="text")
        yield Prompt(id="prompt")
        yield KeyLine(id="keys")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While text is typed, letters are letters."""
        typing = self.is_mounted and (self.text.has_focus or self.query_one(Prompt).display)
        return action in TYPED if typing else True

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.refresh_bindings()

    def on_mount(self) -> None:
        """Ask for the first picture."""
        self.query_one(Problems).display = False
        self.follow()
        self.session.refresh()

    def follow(self) -> None:
        """Show the document of the session from its beginning."""
        self.still()
        self.canvas.selection = self.canvas.step = None
        if self.text.spec is not self.session.document:
            self.text.follow(self.session.document)
        self.text.border_title = escape(visible(self.session.document.name, 40))
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
                if self.canvas.selection is not None:
                    self.session.about(self.canvas.selection.path)
                else:
                    self.query_one(Inspector).show(None, reply)
            case Drawn():
                wrong = frozenset(problem.node.partition("/")[0] for problem in self.session.findings.errors)
                self.canvas.show(reply.picture, wrong)
            case Facts() if self.canvas.selection is not None and reply.path == self.canvas.selection.path:
                self.query_one(Inspector).show(reply, self.session.findings)
                self.marked()
            case Failed():
                self.notify(visible(reply.what), severity="error", markup=False)
            case Exported():
                self.notify(f"written: {visible(reply.output)}", markup=False)
        self.told()

    @property
    def canvas(self) -> Canvas:
        """The picture."""
        return self.query_one(Canvas)

    @property
    def text(self) -> SpecText:
        """The text."""
        return self.query_one(SpecText)

    def told(self) -> None:
        """Say in top bar and titles how things stand."""
        session, findings, shown = self.session, self.session.findings, self.session.shown
        document = session.document
        self.query_one("#top", TopBar).tell(findings.name, document.name, document.modified, self.words())
        folded = shown.steps is None
        at = f"   step {self.canvas.step:,} of {shown.steps:,}" if self.canvas.step and not folded else ""
        steps = "" if folded else f"   {shown.steps:,} steps"
        opened = "".join(f" › {path}" for path in shown.opened)
        title = ("folded" if folded else "unfolded") + f"   {findings.name}{opened}{at or steps}"
        self.canvas.border_title = escape(visible(title, 120))
        boxes = len(self.session.findings.lines)
        parts = [shown.feedback, "schedule" if shown.schedule and folded else "", f"{boxes} nodes"]
        parts += ["not as the text is now"] if session.outdated and findings.errors else []
        self.canvas.border_subtitle = escape(" │ ".join(filter(None, parts)))
        row, column = self.text.cursor_location
        self.text.border_subtitle = f"{row + 1}:{column + 1}"
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
        kinds = {loop.kind for loop in findings.loops}
        said = loops_words(findings.loops)
        weights = f"{short(findings.weights)} weights"
        told = ("● " + problem_words(findings), "busy" if findings.problems else "good")
        return (told, (weights, "good"), (said, "busy" if "scanned" in kinds else "good"))

    def marked(self) -> None:
        """Mark problems and the line of the selection in the text."""
        facts = self.session.facts
        selected = self.canvas.selection is not None
        lit = facts.line - 1 if facts and selected and facts.line else None
        self.text.mark(self.session.findings.problems, lit)

    # The picture.

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
        self.query_one(Prompt).ask("find", "", lambda name: None, self.find)

    def find(self, name: str) -> None:
        """Select the first node whose name has these letters, one that begins with them before others."""
        names = [path for path, _ in self.session.findings.lines if name.lower() in path.lower()]
        names.sort(key=lambda path: not path.lower().startswith(name.lower()))
        if name and not names:
            self.query_one("#top", TopBar).tell(name, "no node has these letters", False, ())
        if name and names:
            step = 1 if self.session.shown.steps is not None else None
            self.canvas.reveal(Owner("box", names[0], step))

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

    # The text.

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
        name = self.session.node_at(self.text.cursor_location[0] + 1)
        owner = Owner("box", name, 1 if self.session.shown.steps is not None else None)
        if name and self.canvas.picture and self.canvas.picture.place(owner):
            before = self.canvas.selection
            if before is None or before.path.partition("/")[0] != name:
                self.canvas.reveal(owner)
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

    def action_save_as(self) -> None:
        """Write another file."""
        start = str(self.session.document.path or f"{self.session.findings.name or 'model'}.yaml")
        self.query_one(Prompt).ask("save as", start, self.saved_as)

    def saved_as(self, name: str) -> None:
        """Write it there."""
        self.app.save(self.session, name)
        self.text.border_title = escape(visible(self.session.document.name, 40))
        self.session.refresh()
        self.told()

    # Problems.

    def action_problem(self, by: int) -> None:
        """Go to the next problem."""
        found = self.session.problems
        if not found:
            self.notify("no problems")
            return
        self.problem = (self.problem + by) % len(found)
        self.query_one(Problems).highlighted = self.problem
        self.go_to_problem(Problems.Chosen(found[self.problem]))

    @on(Problems.Chosen)
    def go_to_problem(self, event: Problems.Chosen) -> None:
        """Show a problem where it is."""
        mark = event.problem.mark
        if mark is not None:
            self.focus_part("text")
            self.text.go_to(mark.line, mark.column)

    # The parts.

    def action_part(self, by: int) -> None:
        """Go to the next part that there is."""
        if self.query_one(Prompt).display:
            return
        there = [name for name in PARTS if name != "problems" or self.query_one(Problems).display]
        focused = self.focused.id if self.focused else None
        now = there.index(focused) if focused in there else -by
        self.focus_part(there[(now + by) % len(there)])

    def focus_part(self, name: str) -> None:
        """Go to a part; where there is little room it is the one that is shown."""
        body = self.query_one("#body")
        for part in PARTS:
            body.set_class(part == name, f"-at-{part}")
        self.set_focus(self.query_one(f"#{name}"))

    def action_back(self) -> None:
        """One level back: to the picture, then out of what is open, then nothing selected."""
        if self.focused is not self.canvas:
            self.focus_part("canvas")
        elif self.canvas.small:
            self.canvas.small = False
        elif self.session.shown.opened:
            self.action_close()
        else:
            self.canvas.selection = None

    def on_unmount(self) -> None:
        """Stop playing."""
        self.still()
