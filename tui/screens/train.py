"""Train: curves, progress, samples and settings of one run, which goes on without the screens."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.markup import escape
from textual.screen import Screen
from textual.widgets import OptionList, RichLog, Static
from textual.widgets.option_list import Option

from leporello.graphs.problems import SpecError, visible
from leporello.tui.runs.plotting import Curve, smoothed
from leporello.tui.runs.trainer import Trainer
from leporello.tui.screens.home import Home
from leporello.tui.session.session import Session
from leporello.tui.session.settings import Setting, set_training, settings_of
from leporello.tui.widgets.choices import Choices
from leporello.tui.widgets.curve import CurveView
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.progress import progress, samples, setting_line
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.top_bar import TopBar, Word

POLL = 0.2
BESIDE = (("loss", "loss"), ("norm", "norm of the gradients"), ("rate", "learning rate"))
STATES: dict[str, Word] = {
    "starting": ("▷ starting", "busy"),
    "running": ("▶ running", "good"),
    "stopping": ("■ stopping, after a checkpoint", "busy"),
    "finished": ("● finished", "good"),
    "interrupted": ("■ stopped", "busy"),
    "failed": ("● failed", "bad"),
    "died": ("● its process is gone", "bad"),
    "damaged": ("● damaged", "bad"),
}


class TrainScreen(Screen[None]):
    """Begin a run, follow it, stop it and go on with it."""

    app: Home
    AUTO_FOCUS = "#curve"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-small"), (100, "-normal")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "run", "start, pause, go on", id="train.toggle"),
        Binding("R", "new", "new run", id="train.new"),
        Binding("e", "settings", "settings", id="train.settings"),
        Binding("l", "logarithmic", "log", id="train.log"),
        Binding("s", "smooth", "smooth", id="train.smooth"),
        Binding("c", "curve", "next score", id="train.curve"),
        Binding("o", "lines", "log lines", show=False, id="train.lines"),
        Binding("g", "app.place('use')", "try it", id="train.use"),
        Binding("escape", "back", "model", id="train.back"),
    ]

    def __init__(self, session: Session, trainer: Trainer) -> None:
        super().__init__()
        self.session, self.trainer = session, trainer
        self.logarithmic, self.smooth, self.curve = False, True, 0
        self.settings: tuple[Setting, ...] = ()
        self.read_from = ""
        self.told = 0
        self.followed: Path | None = None

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("train", id="top")
        with Container(id="training"):
            yield CurveView(id="curve", classes="pane")
            with VerticalScroll(id="progress", classes="pane") as progress:
                progress.border_title = "progress"
                yield Static(id="facts")
            with VerticalScroll(id="samples", classes="pane") as samples:
                samples.border_title = "samples, as they improve"
                yield Static(id="written")
            yield Choices(id="settings", classes="pane")
            yield RichLog(id="lines", classes="pane", max_lines=500, markup=False, highlight=False)
        yield Prompt(id="prompt")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Look at the run now and then."""
        self.query_one("#settings").border_title = "settings"
        lines = self.query_one("#lines")
        lines.border_title, lines.display = "log", False
        self.set_interval(POLL, self.poll)
        self.show()

    def on_screen_resume(self) -> None:
        """What was changed elsewhere is seen."""
        self.show()

    def poll(self) -> None:
        """Read what has come; many events are one picture."""
        if (self.trainer.poll() or self.trainer.alive) and self.app.screen is self:
            self.show()

    # What is seen.

    def show(self) -> None:
        """Show everything as it is now."""
        session, trainer = self.session, self.trainer
        document = session.document
        self.query_one("#top", TopBar).tell(session.findings.name, document.name, document.modified, self.words())
        record = trainer.record
        curves_shown = ((record.score, record.words), *BESIDE)
        key, name = curves_shown[self.curve]
        found = record.curves.get(key)
        curves = [Curve("train", found.points, "raw" if self.smooth else "train", not self.smooth)] if found else []
        if found and self.smooth:
            curves.append(Curve("train, smoothed", smoothed(found.points), "train"))
        if key == record.score and "valid" in record.curves:
            curves.append(Curve("valid", record.curves["valid"].points, "valid"))
        view = self.query_one(CurveView)
        view.border_title = name
        view.border_subtitle = " │ ".join(
            ["log" if self.logarithmic else "linear", "smoothed" if self.smooth else "as it is"]
        )
        view.show(curves, self.logarithmic, self._empty())
        self.query_one("#progress #facts", Static).update(Text("\n").join(progress(trainer, self.app.current_theme)))
        self.query_one("#written", Static).update(Text("\n\n").join(samples(trainer.record)))
        self._show_settings()
        self._show_lines()

    def words(self) -> tuple[Word, ...]:
        """What the top bar says on the right."""
        trainer = self.trainer
        if not trainer.state:
            return (("no run yet", "muted"),)
        said = STATES.get(trainer.state, (trainer.state, "muted"))
        if trainer.state != "running":
            return (said,)
        quiet = trainer.silent
        heard: Word = (f"silent for {quiet:.0f} s", "bad") if quiet else ("goes on when this closes", "good")
        return (said, (f"pid {trainer.pid}", "good"), heard)

    def _empty(self) -> str:
        if self.trainer.alive:
            return "the first report comes in a moment"
        return "space begins a run" if not self.trainer.state else "nothing to draw"

    def _show_settings(self) -> None:
        document = self.session.document
        if document.text == self.read_from and self.settings:
            return
        self.read_from = document.text
        try:
            self.settings = settings_of(document.text, str(document.path or "untitled.yaml"))
        except SpecError:
            return
        view = self.query_one("#settings", OptionList)
        chosen = view.highlighted
        view.clear_options()
        view.add_options([Option(setting_line(one)) for one in self.settings])
        view.highlighted = chosen if chosen is not None else 0

    def _show_lines(self) -> None:
        record, folder = self.trainer.record, self.trainer.run.folder if self.trainer.run else None
        lines = self.query_one("#lines", RichLog)
        if self.told > record.logged or folder != self.followed:
            lines.clear()
            self.told, self.followed = 0, folder
        new = min(record.logged - self.told, len(record.log))
        for event in list(record.log)[len(record.log) - new :]:
            said = "  ".join(f"{key} {value}" for key, value in event.items() if key not in ("time", "training"))
            lines.write(Text(visible(said, 400)))
        self.told = record.logged

    # What is done.

    def action_run(self) -> None:
        """Begin, pause or go on, whichever there is to do."""
        try:
            if self.trainer.alive:
                if self.trainer.state == "running":
                    self.trainer.stop()
            elif self.trainer.state in ("interrupted", "died", "failed") and self.trainer.record.checkpoint:
                self.trainer.go_on()
            elif self.trainer.state == "finished":
                self.notify("it is finished: R begins a new run of the spec as it is now")
            else:
                self.action_new()
        except SpecError as error:
            self._tell(error)
        self.show()

    def action_new(self) -> None:
        """Begin a new run of the spec as it is."""
        if self.trainer.alive:
            self.notify("one run is going on: pause it first, or begin another from the command line")
            return
        findings, document = self.session.findings, self.session.document
        if findings.errors:
            self.notify("the spec has problems: mend them first (1)", severity="error")
            return
        if document.path is None or (document.modified and not self.app.save(self.session)):
            self.notify("save the spec first: 1, then w", severity="error")
            return
        try:
            self.trainer.start(Path(document.path), findings.name or document.path.stem)
        except SpecError as error:
            self._tell(error)
        self.show()

    def action_settings(self) -> None:
        """Go to the settings."""
        self.set_focus(self.query_one("#settings"))

    @on(OptionList.OptionSelected, "#settings")
    def change(self, event: OptionList.OptionSelected) -> None:
        """Ask for another value."""
        one = self.settings[event.option_index]
        question = f"{one.field.name}, {one.field.said}"
        self.query_one(Prompt).ask(question, one.value, lambda value: self.set(one, value))

    @on(OptionList.OptionHighlighted, "#settings")
    def explain(self, event: OptionList.OptionHighlighted) -> None:
        """Say what a setting is."""
        self.query_one("#settings").border_subtitle = escape(self.settings[event.option_index].field.help)

    def set(self, one: Setting, value: str) -> None:
        """Write it into the text."""
        document = self.session.document
        try:
            text = set_training(document.text, str(document.path or "untitled.yaml"), one.field, value)
        except SpecError as error:
            self._tell(error)
            return
        self.app.rewrite(text, f"set training.{one.field.name}")
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
        self.curve = (self.curve + 1) % (1 + len(BESIDE))
        self.show()

    def action_lines(self) -> None:
        """The log in place of the settings, or these."""
        lines, settings = self.query_one("#lines"), self.query_one("#settings")
        lines.display, settings.display = settings.display, lines.display

    def action_back(self) -> None:
        """From the settings to the curve, from there to the model."""
        if self.focused is not None and self.focused.id != "curve":
            self.query_one("#curve").focus()
        else:
            self.app.action_place("model")

    def _tell(self, error: SpecError) -> None:
        problem = error.problems[0]
        self.notify(visible(f"{problem.what}\n{problem.hint}"), severity="error", markup=False)
