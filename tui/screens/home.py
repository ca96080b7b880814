"""What the screens ask of the app that they belong to."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from textual.app import App

from leporello.tui.pictures.wanted import Reply
from leporello.tui.session.session import Session


@runtime_checkable
class Painted(Protocol):
    """A screen with a picture of its own: what the process that draws says is said to the one that is looked at."""

    def receive(self, reply: Reply) -> None:
        """Take in what is new."""


class Home(App[None]):
    """The app as its screens know it."""

    @abstractmethod
    def action_place(self, place: str) -> None:
        """Go to Model, Train, Use or Runs."""

    @abstractmethod
    def action_tutorial(self) -> None:
        """Begin, take up or leave the tutorial."""

    @property
    @abstractmethod
    def opened(self) -> bool:
        """Whether a model is open."""

    @abstractmethod
    def open_spec(self, path: Path, then: Callable[[], None] = lambda: None) -> None:
        """Open another spec, after a question where something would be lost; `then`, if it is open."""

    @abstractmethod
    def open_text(self, text: str, made: bool = False) -> None:
        """Begin a model that has no file yet; one that was `made` here would be lost where it is not saved."""

    @abstractmethod
    def rewrite(self, text: str, name: str) -> None:
        """Put another text in place, as one change called `name`."""

    @abstractmethod
    def take_back(self, again: bool = False) -> None:
        """Take the last edit of the text back, or do it again."""

    @abstractmethod
    def save(self, session: Session, name: str = "", force: bool = False) -> bool:
        """Write the file; whether that was done."""
