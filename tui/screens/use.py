"""Use: a trained model writes, with a prompt, a temperature and a seed; or translates, labels, goes on with numbers."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from leporello.graphs.problems import visible
from leporello.tui.inks import colour, curve_ink
from leporello.tui.runs.going_on import edited_since
from leporello.tui.runs.trainer import Trainer
from leporello.tui.runs.writer import Table, Wish, write
from leporello.tui.screens.answering import WRITES, Answering
from leporello.tui.screens.following import state_word
from leporello.tui.session.session import Session
from leporello.tui.widgets.answers import answers, as_curves, in_columns, said
from leporello.tui.widgets.key_line import KeyLine
from leporello.tui.widgets.lesson_line import LessonLine
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.top_bar import TopBar, Word

MOST = 20_000
"""Characters of a text at most."""
CAN = {
    "generate": "write: space",
    "translate": "translate lines: enter, a line, enter",
    "predict": "say what a line is: enter, a line, enter",
    "forecast": "say how a table of numbers goes on: enter, the name of its file, enter",
    "label": "say what stands in a table of numbers: enter, the name of its file, enter",
}
QUESTIONS = {"translate": "translate", "predict": "what is", "forecast": "a table", "label": "a table"}
ACTIONS = {"generate": ("write", "warmer", "length"), "forecast": ("write", "length"), "label": ("write",)}
"""What is done only with models of a kind."""
AHEAD = 24
"""So many steps are said of a table at first."""


class UseScreen(Answering):
    """Let the model of the run that is followed write."""

    AUTO_FOCUS = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "write", "write another", id="use.write"),
        Binding("enter,p", "prompt", "type a line", id="use.prompt"),
        Binding("plus,equals_sign,right_square_bracket", "warmer(0.1)", "bolder", id="use.warmer"),
        Binding("minus,left_square_bracket", "warmer(-0.1)", "safer", id="use.colder"),
        Binding("u", "inside", "see inside", id="use.inside"),
        Binding("L", "length", "length", id="use.length"),
        Binding("x", "stop", "stop", id="use.stop"),
        Binding("y", "copy", "copy", id="use.copy"),
        Binding("escape", "back", "model", id="use.back"),
    ]

    def __init__(self, session: Session, trainer: Trainer) -> None:
        super().__init__(session, trainer)
        self.prompt, self.temperature, self.length, self.seed = "", 0.8, 400, 0
        self.table, self.ahead = "", AHEAD

    def compose(self) -> ComposeResult:
        """The parts."""
        yield TopBar("use", id="top")
        with Vertical(id="using"):
            yield Static(id="wish", classes="pane")
            with VerticalScroll(id="page", classes="pane") as page:
                page.border_title = "what it writes"
                yield Static(id="written")
        yield LessonLine()
        yield Prompt(id="prompt")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Show what there is."""
        self.query_one("#wish").border_title = "how"
        self.show()

    def show(self) -> None:
        """Show everything as it is now."""
        run = self.trainer.run
        self.tell_top(self.words())
        self.learn_use()
        lines = [("run", str(run.folder) if run else "none: train one (2), or choose one among Runs (4)")]
        lines += [("it can", CAN.get(self.use, "its spec is being read"))] if run else []
        if self.use == "generate":
            lines += [
                ("prompt", repr(self.prompt) if self.prompt else "none: it begins by itself"),
                ("temperature", f"{self.temperature:.1f}   " + _warmth(self.temperature)),
                ("length", f"{self.length:,} characters at most"),
                ("seed", f"{self.seed}   the same seed writes the same text at the same temperature"),
            ]
        elif self.use in WRITES:
            lines += [("table", self.table or "none: enter, the name of its file, enter")]
            lines += [("ahead", f"{self.ahead:,} steps")] if self.use == "forecast" else []
        told = [Text.assemble((f"{name:<13}", "dim"), visible(words)) for name, words in lines]
        if self.moved_on():
            told.append(Text("the text has moved on since; it answers by the spec that it was trained with", "dim"))
        self.query_one("#wish", Static).update(Text("\n").join(told))
        self.query_one("#page #written", Static).update(self.page())

    def page(self) -> Text:
        """What it has written, or answered, and what went wrong."""
        if self.use == "generate":
            written = self.written.removeprefix(self.prompt)
            page = Text.assemble((visible(self.prompt, MOST), "bold"), visible(written, MOST))
            hint = "" if self.written else "space lets the model write"
        elif self.use in WRITES:
            wide = self.query_one("#written").content_size.width - 4  # a bar to scroll with may come beside it
            page = as_curves(self.written, wide, partial(curve_ink, self.app.current_theme), self.columns)
            page = Text("\n\n" if page else "").join([page, in_columns(self.written, self.columns)])
            hint = "" if self.written else CAN[self.use]
        else:
            columns = max(self.query_one("#page").content_size.width, 20)
            ink = colour(self.app.current_theme, "primary")
            page = answers(self.given, columns, ink, self.session.shown.ascii_only) if self.given else Text()
            hint = "" if self.given or not self.use else f"enter, a line, enter: the model {self.use}s it"
        if self.failure:
            return page.append(f"\n\n{visible(self.failure, MOST)}", "bold")
        return page if not hint else Text(hint, "dim")

    def on_screen_resume(self) -> None:
        """What was changed elsewhere is seen; without a run, the newest of the spec is taken."""
        super().on_screen_resume()
        self.attach()

    def on_resize(self) -> None:
        """A heat map is as wide as there is room."""
        self.call_after_refresh(self.show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A model that answers lines has no temperature."""
        return not self.use or action in ACTIONS.get(self.use, ()) or action not in ACTIONS["generate"]

    def words(self) -> tuple[Word, ...]:
        """What the top bar says on the right."""
        if self.work is not None and self.work.is_running:
            return (("▶ writing" if self.use == "generate" else "▶ at work", "good"),)
        return (state_word(self.trainer.state) if self.trainer.state else ("no run", "muted"),)

    def moved_on(self) -> bool:
        """Whether the spec is no longer what the run was trained with."""
        run = self.trainer.run
        return run is not None and edited_since(run, self.session.document)

    def action_write(self) -> None:
        """Write, each time with another seed."""
        run = self.ready()
        if run is None:
            return
        if self.use in ("forecast", "label"):
            if not self.table:
                self.action_prompt()
                return
            wish: Wish | Table = Table(run.folder, self.table, self.ahead if self.use == "forecast" else 0)
        else:
            self.seed += 1
            wish = Wish(run.folder, self.prompt, self.length, round(self.temperature, 2), self.seed)
        self.written, self.failure = "", ""
        self.work = self.run_worker(self.follow(wish), exclusive=True)
        self.show()

    async def follow(self, wish: Wish | Table) -> None:
        """Show what is written as it comes."""
        self.failure = await write(wish, self.hear)
        self.call_after_refresh(self.show)

    def hear(self, piece: str) -> None:
        """One more piece; the prompt, which comes first, is shown already."""
        self.written += piece
        self.show()

    def action_prompt(self) -> None:
        """Ask how the text begins, or for the line to be answered."""
        question = QUESTIONS.get(self.use, "it begins with")
        before = self.prompt if self.use == "generate" else self.table or self.own_table() if self.use in WRITES else ""
        self.query_one(Prompt).ask(question, before, self.take, whole=self.use == "generate")

    def own_table(self) -> str:
        """The table that the model has learned from, where it still lies beside the spec."""
        run, path = self.trainer.run, self.session.document.path
        fed = run.facts()["data"]["inputs"].values() if run is not None and path is not None else ()
        found = [path.parent / str(one["source"]) for one in fed] if path is not None else []
        return str(found[0]) if found and found[0].is_file() else ""

    def begin_with(self, prompt: str) -> None:
        """Write on from there, or go on with the table of that name."""
        if self.use in ("forecast", "label"):
            self.table = prompt
        else:
            self.prompt = prompt
        self.action_write()
        self.show()

    def action_inside(self) -> None:
        """The model unfolded over the line that it was given last, with what goes on in it, or over another."""
        if self.given:
            self.see_inside(self.given[-1][0])
        else:
            self.query_one(Prompt).ask("it reads", self.prompt, self.see_inside)

    def see_inside(self, line: str) -> None:
        """Look inside while it reads a line."""
        from leporello.tui.screens.inside import InsideScreen

        run = self.ready()
        if run is not None:
            self.app.push_screen(InsideScreen(self.session, self.trainer, run, line))

    def action_length(self) -> None:
        """Ask how long, or how many steps ahead."""
        question, now = ("steps ahead", self.ahead) if self.use == "forecast" else ("characters at most", self.length)
        self.query_one(Prompt).ask(question, str(now), self.set_length)

    def set_length(self, said: str) -> None:
        """Take a number."""
        if said.isdecimal() and 0 < int(said) <= MOST:
            if self.use == "forecast":
                self.ahead = int(said)
            else:
                self.length = int(said)
            self.show()
        else:
            self.notify(f"a whole number from 1 to {MOST:,} is allowed", severity="error")

    def action_warmer(self, by: float) -> None:
        """Bolder, or safer."""
        self.temperature = min(max(round(self.temperature + by, 1), 0.0), 3.0)
        self.show()

    def action_stop(self) -> None:
        """Write no more."""
        if self.work is not None:
            self.work.cancel()
            self.work = None
            self.show()

    def action_copy(self) -> None:
        """Put the text on the clipboard of the terminal."""
        self.app.copy_to_clipboard(said(self.given[-1][1]) if self.given else self.written)
        self.notify("copied, where the terminal allows it")


def _warmth(temperature: float) -> str:
    if temperature == 0:
        return "always the likeliest"
    if temperature == 1:
        return "as it has learned"
    return "bolder than it has learned" if temperature > 1 else "safer than it has learned"
