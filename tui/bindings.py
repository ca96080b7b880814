"""All keys of all places, by the names of their actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

from leporello.tui.screens.both import BothScreen
from leporello.tui.screens.inside import InsideScreen
from leporello.tui.screens.keys import Keys
from leporello.tui.screens.model import ModelScreen
from leporello.tui.screens.question import Question
from leporello.tui.screens.runs import RunsScreen
from leporello.tui.screens.sheet import Line, Sheet
from leporello.tui.screens.start import StartScreen
from leporello.tui.screens.train import TrainScreen
from leporello.tui.screens.use import UseScreen
from leporello.tui.widgets.canvas import Canvas
from leporello.tui.widgets.curve import CurveView
from leporello.tui.widgets.prompt import Prompt
from leporello.tui.widgets.spec_text import SpecText

PLACES = (
    ModelScreen,
    Canvas,
    SpecText,
    TrainScreen,
    CurveView,
    UseScreen,
    InsideScreen,
    RunsScreen,
    StartScreen,
    Prompt,
    Question,
    BothScreen,
    Sheet,
    Line,
    Keys,
)


def bindings(app: type[DOMNode]) -> Iterator[Binding]:
    """The keys that have a name, each once: those of the app, then those of its places."""
    told = set[str]()
    for place in (app, *PLACES):
        for owner in place.__mro__:
            for one in vars(owner).get("BINDINGS", ()):
                if isinstance(one, Binding) and one.id and "." in one.id and one.id not in told:
                    told.add(one.id)
                    yield one


def keys_of(app: App[Any]) -> dict[str, str]:
    """The first key of each action, by its name, as the user has mapped it."""
    mapped = app._keymap
    return {str(one.id): (mapped.get(str(one.id)) or one.key).partition(",")[0].strip() for one in bindings(type(app))}
