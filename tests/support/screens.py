"""Screens under test: an app with a real process that draws, its text and the styles of its cells."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import Any

from rich.style import Style
from textual.events import Key
from textual.keys import _character_to_key, key_to_character
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.strip import Strip

from leporello.tui.app import LeporelloApp
from leporello.tui.session.document import Document, opened
from tests.support.paths import ROOT

PATIENCE = 180.0
QUIET = 3
"""So often in turn all parts must have nothing to do: what one tells another it may tell in two steps."""
SCREENS = ROOT / "tests" / "golden" / "screens"


def assert_golden(name: str, seen: Screens) -> None:
    """The screen is the golden one, cell by cell: what stands there, and in which style."""
    for end, found in (("txt", seen.text), ("styles", seen.styles)):
        path = SCREENS / f"{name}.{end}"
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.write_text(found + "\n", encoding="utf-8")
        golden, lines = path.read_text(encoding="utf-8").splitlines(), found.splitlines()
        pairs = enumerate(zip(lines, golden, strict=False))
        other = "\n".join(f"line {at}:\n{new}\n{old}" for at, (new, old) in pairs if new != old)
        assert lines == golden, f"UPDATE_GOLDEN=1 writes the new screen {path.name}; look at it\n{other}"


def session(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that uses screens, run to its end."""

    @functools.wraps(test)
    def run(*given: object, **named: object) -> None:
        asyncio.run(test(*given, **named))  # type: ignore[arg-type]

    return run


class HeardApp(LeporelloApp):
    """An app whose notices are kept: a slow machine may show one and take it away before a test looks."""

    def __init__(self, *given: Any) -> None:
        self.heard: list[str] = []
        super().__init__(*given)

    def notify(self, message: str, **how: Any) -> None:
        """Keep it, and show it."""
        self.heard.append(message)
        super().notify(message, **how)


def _look(style: Style | None) -> str:
    """The colours and marks of a style in words."""
    return "plain" if style is None else str(style.without_color + Style(color=style.color, bgcolor=style.bgcolor))


def _letter(number: int) -> str:
    """a to z, then aa, ab and so on."""
    return (chr(96 + number // 26) if number >= 26 else "") + chr(97 + number % 26)


class Screens:
    """An app that is used by keys."""

    def __init__(self, app: HeardApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other: each when all is done that the one before it began."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
            self._send(Key(name, key if len(key) == 1 else key_to_character(name)))
            await self.taken()

    async def type(self, text: str) -> None:
        """Press the keys of a text, as fast as they come."""
        for letter in text:
            self._send(Key("enter", "\r") if letter == "\n" else Key(_character_to_key(letter), letter))
        await self.taken()

    def _send(self, key: Key) -> None:
        key.set_sender(self.app)
        if self.app._driver:
            self.app._driver.send_message(key)

    async def taken(self) -> None:
        """Wait until no key waits for the one before it, no part has anything left to do, and all of it is painted.

        Textual's own `Pilot.pause` waits until the process has slept, which takes 20 ms and more for each key.
        """
        quiet = 0
        while quiet < QUIET and self.app.is_running and self.app._exception is None:
            await self.pilot._wait_for_screen()
            await self.app._animator.wait_until_complete()
            screen = self.app.screen
            parts: list[MessagePump] = [self.app, *screen.walk_children(with_self=True)]
            busy = self.app.held or any(part.message_queue_size or part._next_callbacks for part in parts)
            quiet = 0 if busy else quiet + 1
            if quiet and (screen._layout_required or screen._callbacks or (quiet == QUIET and screen._dirty_widgets)):
                screen._on_timer_update()
                quiet = 0
        await asyncio.sleep(0)

    async def until(self, wanted: Callable[[], object], what: str = "", patience: float = PATIENCE) -> None:
        """Wait until something is so."""
        end = monotonic() + patience
        while not wanted():
            assert monotonic() < end, f"{what or 'it'} did not come; the screen shows\n{self.text}"
            await self.pilot.pause(0.02)
        await self.taken()

    async def drawn(self) -> None:
        """Wait for the best picture of the text as it is."""
        session = self.app.session

        def best() -> bool:
            wanted = [session.drawn] + [session.beside] * (len(session.shown.all) - 1)
            return all(one is not None and one.serial == session.serial and one.best for one in wanted)

        await self.until(best, "the picture")
        while not best():  # what was seen meanwhile, such as how wide the screen is, has asked for another
            await self.until(best, "the picture")

    def told(self, said: str) -> bool:
        """Whether a notice with these words was shown."""
        return any(said in message for message in self.app.heard)

    async def from_the_top(self) -> None:
        """Look at the picture from its upper left corner, wherever edits have led."""
        self.app.model.canvas.selection = None
        self.app.model.canvas.scroll_home(animate=False, immediate=True)
        await self.until(lambda: self.app.model.canvas.scroll_offset == (0, 0))

    async def checked(self) -> None:
        """Wait for what is told of the text as it is."""
        await self.until(lambda: self.app.session.findings.serial == self.app.session.serial, "the check")

    @property
    def lines(self) -> list[str]:
        """What the screen shows."""
        return ["".join(segment.text for segment in strip)[: self.app.size.width].rstrip() for strip in self.strips]

    @property
    def strips(self) -> list[Strip]:
        """The rows of the screen as they are painted."""
        return self.app.screen._compositor.render_strips(self.app.size)[: self.app.size.height]

    @property
    def text(self) -> str:
        """The same as one text."""
        return "\n".join(self.lines)

    @property
    def styles(self) -> str:
        """Row by row how many cells have which style, by letter, and what the letters stand for.

        A style is its colours and marks: whether a link or an action lies behind a cell is not seen.
        """
        letters: dict[str, str] = {}
        rows = []
        for strip in self.strips:
            cells = [_look(segment.style) for segment in strip for _ in range(segment.cell_length)]
            runs = ((style, sum(1 for _ in run)) for style, run in groupby(cells[: self.app.size.width]))
            rows.append(" ".join(f"{many}{letters.setdefault(style, _letter(len(letters)))}" for style, many in runs))
        return "\n".join([*rows, *(f"{letter}: {style}" for style, letter in letters.items())])


@asynccontextmanager
async def screens(
    spec: Path | Document | None = None, size: tuple[int, int] = (120, 40), theme: str = "leporello-dark"
) -> AsyncIterator[Screens]:
    """An app that shows a spec; without one it asks for one."""
    document = spec if isinstance(spec, Document) else opened(spec) if spec else Document()
    app = HeardApp(document, theme)
    async with app.run_test(size=size) as pilot:
        yield Screens(app, pilot)
