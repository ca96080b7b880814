"""Keys that come fast: each waits until all that the one before it began is done, as if it were typed slowly."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Sequence

from textual import events
from textual.app import App, ScreenStackError
from textual.message_pump import MessagePump

GIVE_UP = ("escape", "ctrl+c", "ctrl+q")
"""Keys that wait for no answer: those that were typed before them are forgotten."""
ROUNDS = 2
"""A key climbs from the part that it is given to up to the app, whose action may say something to that part again."""


class TypedAhead(App[None]):
    """An app that takes one key at a time. `held` are those that wait, `stopped` whether it is for an answer.

    Textual hands a key to what has the focus when the key comes: of `a` and `lstm` in one piece the letters would be
    given to the picture, before the sheet that `a` asks for is there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held: deque[events.Event] = deque()
        self.stopped = False

    @abstractmethod
    def waits(self) -> bool:
        """Whether what the key before has asked another process for is not there yet, and this one may be about it."""

    @abstractmethod
    def wait_no_more(self) -> None:
        """Go on without it."""

    def go_on(self) -> None:
        """Called when something has been answered."""
        if self.stopped and not self.waits():
            self.stopped = False
            self._settle()

    async def on_event(self, event: events.Event) -> None:
        """Hold what is typed and pasted."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if self.stopped and isinstance(event, events.Key) and event.key in GIVE_UP:
            self.held.clear()
            self.held.append(event)
            self.wait_no_more()
            self.go_on()
            return
        waiting = bool(self.held)
        self.held.extend(self._apart(event))
        if not waiting:
            self._settle()

    def _apart(self, event: events.Event) -> Sequence[events.Event]:
        """Escape and the key right behind it, which a terminal gives as one, with alt; but where that is bound."""
        if not isinstance(event, events.Key) or not event.is_printable or not event.key.startswith("alt+"):
            return (event,)
        if self.screen_stack and event.key in self.screen.active_bindings:
            return (event,)
        return events.Key("escape", "\x1b"), events.Key(str(event.character), event.character)

    async def take(self, event: events.Event) -> None:
        """Give a key, or what was pasted, to what has the focus now."""
        await super().on_event(event)

    @property
    def _chain(self) -> list[MessagePump]:
        """What has the focus, all that it lies in, and the app."""
        try:
            return list((self.focused or self.screen).ancestors_with_self)
        except ScreenStackError:
            return [self]

    def _settle(self, rounds: int = ROUNDS) -> None:
        """Follow the key before: a part has done all that it was told when it comes to what is told it here."""
        chain = self._chain
        self._climb(chain, chain, rounds)

    def _climb(self, rest: Sequence[MessagePump], chain: Sequence[MessagePump], rounds: int) -> None:
        for place, part in enumerate(rest):
            if part.call_later(self._climb, rest[place + 1 :], chain, rounds):
                return  # one that is closed takes nothing: the next
        if chain != self._chain:  # another screen, which may not be there yet, or another part
            self._settle()
        elif rounds > 1:
            self._settle(rounds - 1)
        else:
            self.call_next(self._release)

    async def _release(self) -> None:
        """Take the first key that waits, unless it must wait longer."""
        if self.waits():
            self.stopped = True
            return
        try:
            await self.take(self.held[0])
        finally:
            self.held.popleft()
        if self.held:
            self._settle()
