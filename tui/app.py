"""The app: places to go to, one model that is edited, and the process that draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ScreenStackError, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.filter import Monochrome, NoColor
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from leporello.graphs.problems import SpecError
from leporello.tui.actions import Actions
from leporello.tui.inks import ANSI, DEFAULTS, NAMES, THEMES
from leporello.tui.pictures.painter import Painter
from leporello.tui.pictures.wanted import Reply
from leporello.tui.screens.home import Painted
from leporello.tui.screens.keys import Keys
from leporello.tui.screens.model import ModelScreen
from leporello.tui.session import keymap
from leporello.tui.session.chosen_theme import choose_theme, chosen_theme
from leporello.tui.session.document import Document
from leporello.tui.session.recent import remember
from leporello.tui.session.session import Session
from leporello.tui.styles import STYLES
from leporello.tui.thinning import Thinning
from leporello.tui.tutoring import Tutoring
from leporello.tui.typed_ahead import TypedAhead
from leporello.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from leporello.tui.runs.comparison import Comparison
    from leporello.tui.runs.trainer import Trainer

KEEP_EVERY = 0.7
"""Seconds until what was typed lies in the journal."""
WATCH_EVERY = 2.0
POLL_EVERY = 0.2


class LeporelloApp(TypedAhead, Thinning, Tutoring):
    """Look at recurrent models, edit, train and use them."""

    CSS = STYLES
    TITLE = "Leporello"
    COMMANDS = App.COMMANDS | {Actions}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "place('model')", "Model", show=False, id="app.model"),
        Binding("2", "place('train')", "Train", show=False, id="app.train"),
        Binding("3", "place('use')", "Use", show=False, id="app.use"),
        Binding("4", "place('runs')", "Runs", show=False, id="app.runs"),
        Binding("ctrl+o", "start", "another model", show=False, id="app.open"),
        Binding("question_mark", "keys", "keys", id="app.keys"),
        Binding("ctrl+q", "leave", "quit", show=False, priority=True, id="app.leave"),
        Binding("q", "leave", "quit", show=False, id="app.leave_too"),
        Binding("ctrl+c", "leave", "quit", show=False, id="app.interrupt"),
        Binding("ctrl+l", "repaint", "paint anew", show=False, id="app.repaint"),
    ]

    class Replied(Message):
        """The process that draws has said something."""

        def __init__(self, reply: Reply) -> None:
            super().__init__()
            self.reply = reply

    def __init__(
        self,
        document: Document,
        theme: str = "",
        seen: Callable[[], None] = lambda: None,
    ) -> None:
        # The first screen is the first place: another before it would be styled and laid out for nothing.
        self.DEFAULT_MODE = "model" if document.text else "start"  # type: ignore[misc]
        super().__init__()
        for one in THEMES:
            self.register_theme(one)
        self.set_reactive(LeporelloApp.theme, theme or chosen_theme(self.available_themes, NAMES[0]))
        self._filter_colours()
        self.stylesheet.set_variables(self.get_css_variables())
        self.painter = Painter(self.receive)
        self.session = Session(document, self.painter)
        self.seen_once = seen
        self.model = ModelScreen(self.session)
        for place, made in (("start", self._start), ("train", self._train), ("use", self._use), ("runs", self._runs)):
            self.add_mode(place, made)
        self.add_mode("model", self._model)

    def _filter_colours(self) -> None:
        """By this theme: colours of the terminal stay its own; where none are wanted there are none of those either."""
        self._refresh_truecolor_filter(self.ansi_theme)
        bare = NoColor if self.current_theme.ansi else Monochrome
        self._filters[:] = [bare() if isinstance(one, NoColor | Monochrome) else one for one in self._filters]

    def watch_theme(self, theme: str) -> None:
        """Another one was chosen, which the next session begins with."""
        self._filter_colours()
        choose_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our styles need of a theme that is not ours."""
        return ANSI if self.current_theme.ansi else DEFAULTS

    async def take(self, event: events.Event) -> None:
        """What is pasted into a line for a name is a name: a line shows what it holds as it is."""
        if isinstance(event, events.Paste) and isinstance(self.focused, Input):
            event.text = "".join(filter(str.isprintable, event.text))
        await super().take(event)

    def get_system_commands(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """Of what Textual offers in the palette only what no key of ours does."""
        yield SystemCommand("theme", "other colours", self.action_change_theme)

    def notify(self, message: str, **how: Any) -> None:
        """Say something; what is said again takes the place of what was."""
        for one in [one for one in self._notifications if one.message == message]:
            self._unnotify(one, refresh=False)
        super().notify(message, **how)

    def receive(self, reply: Reply) -> None:
        """Called in another thread: a message is safe there."""
        self.post_message(self.Replied(reply))

    def on_mount(self) -> None:
        """Begin with the model."""
        self.set_interval(KEEP_EVERY, self.keep)
        self.set_interval(WATCH_EVERY, self.watch_file)
        self.call_after_refresh(self.map_keys)
        self.call_later(self.call_after_refresh, self.first_seen)  # what is to come after a refresh now comes before it

    def first_seen(self) -> None:
        """Do what the first screen need not wait for."""
        self.seen_once()
        if self.session.document.path is not None:
            remember(self.session.document.path)
        self.recover()

    # The other places, and what is known of runs, are made when somebody goes there: the first one is seen sooner.

    @cached_property
    def trainer(self) -> Trainer:
        """The run that is followed."""
        from leporello.tui.runs.trainer import Trainer

        self.set_interval(POLL_EVERY, self.poll)
        return Trainer()

    @cached_property
    def comparison(self) -> Comparison:
        """The runs beside it."""
        from leporello.tui.runs.comparison import Comparison

        return Comparison()

    def _model(self) -> Screen[None]:
        self.model._css_update_count = self._css_update_count  # its styles are as new as the app's: not parsed again
        self.model.fit(self.size.width)
        return self.model

    def _start(self) -> Screen[None]:
        from leporello.tui.screens.start import StartScreen

        screen = StartScreen(self.painter)
        screen.fit(self.size.width)
        return screen

    def _train(self) -> Screen[None]:
        from leporello.tui.screens.train import TrainScreen

        return TrainScreen(self.session, self.trainer, self.comparison)

    def _use(self) -> Screen[None]:
        from leporello.tui.screens.use import UseScreen

        return UseScreen(self.session, self.trainer)

    def _runs(self) -> Screen[None]:
        from leporello.tui.screens.runs import RunsScreen

        return RunsScreen(self.session, self.trainer, self.comparison)

    def on_leporello_app_replied(self, message: Replied) -> None:
        """Hand it to the screen that is looked at, else to the model's; keys that wait for it go on."""
        with suppress(NoMatches, ScreenStackError):  # the parts of a screen are the first to go at the end
            place = self.screen if isinstance(self.screen, Painted) else self.model
            if place.is_mounted:
                place.receive(message.reply)
        self.session.answered(message.reply)
        self.go_on()

    def waits(self) -> bool:
        """A key waits for the box that is looked for, but no letter of its name does."""
        return bool(self.session.sought and self.screen_stack) and not isinstance(self.focused, Input)

    def wait_no_more(self) -> None:
        """Act on what is selected."""
        self.session.sought = ""

    def map_keys(self) -> None:
        """Take the keys that the user has chosen, if there are such."""
        if not keymap.place().exists():
            return
        from leporello.tui.bindings import bindings

        known = {str(one.id): one.key for one in bindings(type(self))}
        try:
            own, wrong = keymap.own_keys(known)
        except SpecError as error:
            self.tell(error)
            return
        for one in wrong:
            self.tell(SpecError((one,)))
        self.set_keymap(own)
        if self.model.is_mounted:
            self.model.told()
        for key, loser in keymap.clashes(_named(known), _named(own)):
            self.notify(f"{key} is the key of two actions: {loser} has lost it", severity="warning")

    def poll(self) -> None:
        """Read what has come of runs, wherever somebody looks; many events are one picture."""
        from leporello.tui.screens.following import Following

        news = [self.trainer.poll(), self.trainer.alive, self.comparison.poll()]
        with suppress(NoMatches, ScreenStackError):  # its parts are not there yet, or gone already
            if any(news) and isinstance(self.screen, Following):
                self.screen.show()

    def on_top_bar_chosen(self, message: TopBar.Chosen) -> None:
        """Go where was clicked."""
        self.action_place(message.place)

    def action_place(self, place: str) -> None:
        """Go to Model, Train, Use or Runs; without a model only to what needs none."""
        self.switch_mode(place if self.opened or place == "runs" else "start")

    def action_start(self) -> None:
        """Choose another model."""
        self.switch_mode("start")

    def action_keys(self) -> None:
        """Tell all keys."""
        active = self.screen.active_bindings.values()
        self.push_screen(Keys(active, {one.binding.key: self.get_key_display(one.binding) for one in active}))

    def on_unmount(self) -> None:
        """End the process that draws."""
        self.painter.close()


def _named(keys: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys of each action, by the names that Textual has for them."""
    return {name: [one.key for one in Binding.make_bindings([Binding(said, name)])] for name, said in keys.items()}
