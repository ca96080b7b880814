"""Train: curves, progress, samples and settings of one run, which goes on without the screens."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from leporello.graphs.problems import SpecError
from leporello.tui.assembly.acts import Made
from leporello.tui.assembly.bench import Bench
from leporello.tui.assembly.settling import Settle
from leporello.tui.runs.comparison import Comparison, scores_of
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.following import state_word
from leporello.tui.screens.parts import Parts
from leporello.tui.screens.running import Running
from leporello.tui.screens.sheet import Sheet
from leporello.tui.session.session import Session
from leporello.tui.session.settings import unset_setting
from leporello.tui.widgets.curve import CurveView
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.lesson_line import LessonLine
from leporello.tui.widgets.log_lines import LogLines
from leporello.tui.widgets.progress import progress
from leporello.tui.widgets.settings_list import SettingsList
from leporello.tui.widgets.titles import entitle
from leporello.tui.widgets.top_bar import TopBar, Word

LOG = "-log"
"""The class of a body that shows the log in place of the settings."""


class TrainScreen(Running, Parts):
    """Begin a run, follow it, stop it and go on with it."""

    AUTO_FOCUS = "#curve"
    PARTS = ("curve", "progress", "samples", "settings", "lines")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "run", "start, stop", id="train.toggle"),
        Binding("p", "pause", "pause", id="train.pause"),
        Binding("R", "new", "new run", id="train.new"),
        Binding("e", "settings", "settings", id="train.settings"),
        Binding("l", "logarithmic", "log", id="train.log"),
        Binding("s", "smooth", "smooth", id="train.smooth"),
        Binding("c", "curve", "next score", id="train.curve"),
        Binding("d", "examples", "data", id="train.examples"),
        Binding("o", "lines", "log lines", show=False, id="train.lines"),
        Binding("g", "app.place('use')", "try it", id="train.use"),
        Binding("z", "undo", "undo", show=False, id="train.undo"),
        Binding("Z", "redo", "redo", show=False, id="train.redo"),
        Binding("escape", "back", "back", id="train.back"),
    ]

    def __init__(self, session: Session, trainer: Trainer, comparison: Comparison) -> None:
        super().__init__(session, trainer)
        self.comparison = comparison
        self.logarithmic, self.smooth, self.curve = False, True, 0

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("train", id="top")
        with Container(id="body", classes="training"):
            yield CurveView(id="curve", classes="pane")
            with VerticalScroll(id="progress", classes="pane") as progress:
                progress.border_title = "progress"
                yield Static(id="facts")
            with VerticalScroll(id="samples", classes="pane"):
                yield Static(id="written")
            yield SettingsList(id="settings", classes="pane")
            yield LogLines(id="lines", classes="pane")
        yield LessonLine()
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Begin with the curve."""
        self.focus_part("curve")
        self.show()

    def on_screen_resume(self) -> None:
        """What was changed elsewhere is seen; a run of the spec that goes on, or is over, is followed again."""
        super().on_screen_resume()
        self.attach()

    # What is seen.

    def show(self) -> None:
        """Show everything as it is now."""
        trainer, record = self.trainer, self.trainer.record
        followed = trainer.run.folder if trainer.run else None
        self.tell_top(self.words())
        known = scores_of(record)
        score, name = known[self.curve % len(known)]
        view = self.query_one(CurveView)
        beside = sum(folder != followed for folder in self.comparison.marked)
        said = [f"{beside} beside it" + self._without(score, followed)] if beside else []
        said += ["log" if self.logarithmic else "linear", "smoothed" if self.smooth else "as it is"]
        curves = self.comparison.curves(record, followed, score, self.smooth)
        entitle(view, name if any(curve.points for curve in curves) else "curve", " │ ".join(said))
        view.show(curves, self.logarithmic, self._empty())
        self.query_one("#progress #facts", Static).update(progress(trainer, self.app.current_theme))
        self.show_written()
        self.query_one(SettingsList).show(self.session.document)
        self.query_one(LogLines).show(record, followed)

    def words(self) -> tuple[Word, ...]:
        """What the top bar says on the right."""
        trainer = self.trainer
        if not trainer.state:
            return (("no run yet", "muted"),)
        said = state_word(trainer.state)
        if trainer.state != "running":
            return (said,)
        quiet = trainer.silent
        heard: Word = (f"silent for {quiet:.0f} s", "bad") if quiet else ("goes on when this closes", "good")
        return (said, (f"pid {trainer.pid}", "good"), heard)

    def _without(self, score: str, followed: Path | None) -> str:
        """Of the runs beside it, those that do not have this score."""
        marked = self.comparison.marked.items()
        lacking = sum(folder != followed and score not in one.record.curves for folder, one in marked)
        return f", {lacking} without this score" if lacking else ""

    def _empty(self) -> str:
        if self.trainer.alive:
            return "the first report comes in a moment"
        if self.trainer.state:
            return "nothing to draw"
        wrong = self.session.findings.untrained
        return "space begins a run" if wrong is None else f"{wrong.what}\n{wrong.hint}"

    # What is done.

    def action_settings(self) -> None:
        """Go to the settings."""
        self.query_one("#body").remove_class(LOG)
        self.focus_part("settings")

    def parts(self) -> list[str]:
        """The settings, or the log in their place."""
        hidden = "settings" if self.query_one("#body").has_class(LOG) else "lines"
        return [name for name in self.PARTS if name != hidden]

    @on(SettingsList.Wanted)
    def change(self, event: SettingsList.Wanted) -> None:
        """Ask for another value, which is written into the text."""
        document = self.session.document
        try:
            bench = Bench.of(document.text, str(document.path or "untitled.yaml"))
        except SpecError as error:
            self.tell(error)
            return
        self.app.push_screen(Sheet(Settle(bench, event.setting), self.session.ask_block), self.settled)

    def settled(self, made: Made | None) -> None:
        """Write what was set."""
        if made is not None:
            self.app.rewrite(made.edited.text, made.edited.called)
            self.show()

    @on(SettingsList.Unwanted)
    def unset(self, event: SettingsList.Unwanted) -> None:
        """Say nothing of a setting any more."""
        document, one = self.session.document, event.setting
        try:
            text = unset_setting(document.text, str(document.path or "untitled.yaml"), one)
        except SpecError as error:
            self.tell(error)
            return
        self.app.rewrite(text, f"unset {'.'.join(one.keys)}")
        self.show()

    def action_undo(self) -> None:
        """Take the last edit of the text back, a setting or any other."""
        self.app.take_back()
        self.show()

    def action_redo(self) -> None:
        """Do it again."""
        self.app.take_back(again=True)
        self.show()

    def action_logarithmic(self) -> None:
        """Logarithms, or values as they are."""
        self.logarithmic = not self.logarithmic
        self.show()

    def action_smooth(self) -> None:
        """Means, or single values."""
        self.smooth = not self.smooth
        self.show()

    def action_curve(self) -> None:
        """The next score."""
        self.curve = (self.curve + 1) % len(scores_of(self.trainer.record))
        self.show()

    def action_lines(self) -> None:
        """The log in place of the settings, or these."""
        body = self.query_one("#body").toggle_class(LOG)
        self.focus_part("lines" if body.has_class(LOG) else "settings")

    def action_back(self) -> None:
        """From a part to the curve, there from the update that is looked at, from there to the model."""
        view = self.query_one(CurveView)
        if self.focused is not view:
            self.focus_part("curve")
        elif view.column is not None:
            view.column = None
        else:
            super().action_back()
