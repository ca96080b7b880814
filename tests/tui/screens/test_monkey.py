"""A monkey at the screens: any keys, mice, sizes, pastes, files changed and runs that report; nothing crashes, no key
is stuck."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Coroutine
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from textual import events

from leporello.graphs.problems import refuse
from leporello.training.runs.run import EVENTS, FACTS, SPEC, STATUS
from leporello.tui.screens.keys import Keys
from tests.support.paths import EXAMPLES
from tests.support.screens import Screens, screens

KEYS = (
    *"1234uefstmnNzZwWEhjklio0MRcgdxpyLqav+-[]/?<>= ",
    *("up", "down", "left", "right", "shift+left", "shift+down", "enter", "escape", "tab", "shift+tab", "backspace"),
    *("delete", "space", "home", "end", "pageup", "pagedown", "ctrl+z", "ctrl+y", "ctrl+s", "ctrl+p", "ctrl+o"),
    *("ctrl+home", "ctrl+end", "ctrl+a", "ctrl+x", "ctrl+v", "f1"),
)
"""Keys that are bound somewhere, and others; none that leaves for certain."""
NAMES = {
    "+": "plus", "-": "minus", "[": "left_square_bracket", "]": "right_square_bracket", "/": "slash",
    "?": "question_mark", "<": "less_than_sign", ">": "greater_than_sign", "=": "equals_sign", " ": "space",
}  # fmt: skip
TEXTS = st.text(st.sampled_from("abWhxcf(t-1) :,{}[]#$0123_\t\u6f22\x1b"), min_size=1, max_size=8)
SIZES = ((120, 40), (80, 24), (40, 12), (200, 50), (1, 1), (20, 5))


class Monkey(RuleBasedStateMachine):
    """One app from its start to its end, in a folder of its own."""

    seen: Screens

    def __init__(self) -> None:
        super().__init__()
        self.loop, self.context = asyncio.new_event_loop(), copy_context()
        self.before, self.folder = Path.cwd(), Path(tempfile.mkdtemp())
        os.chdir(self.folder)
        for name in ("elman", "luong", "lstm_from_equations"):
            shutil.copy(EXAMPLES / f"{name}.yaml", self.folder)
        self.run_made(self.folder / "runs" / "elman-1")

    def run_made(self, folder: Path) -> None:
        """A run that was begun elsewhere."""
        folder.mkdir(parents=True)
        shutil.copy(EXAMPLES / "elman.yaml", folder / SPEC)
        (folder / FACTS).write_text(json.dumps({"name": "elman"}))
        (folder / STATUS).write_text(json.dumps({"state": "interrupted", "update": 3}))
        start = {"event": "start", "name": "elman", "weights": 3, "training": {"updates": 10}}
        (folder / EVENTS).write_text(json.dumps(start) + "\n")

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Let the app go on until this is done."""
        self.loop.run_until_complete(self.loop.create_task(work, context=self.context))

    @property
    def alive(self) -> bool:
        return self.seen.app.is_running and not self.seen.app._exit

    @initialize(spec=st.sampled_from(["elman.yaml", "luong.yaml", ""]), size=st.sampled_from(SIZES[:3]))
    def begin(self, spec: str, size: tuple[int, int]) -> None:
        self.manager = screens(Path(spec) if spec else None, size)

        async def enter() -> None:
            self.seen = await self.manager.__aenter__()

        self.do(enter())

    @precondition(lambda self: not self.alive)
    @rule(spec=st.sampled_from(["elman.yaml", "luong.yaml", ""]), size=st.sampled_from(SIZES[:3]))
    def again(self, spec: str, size: tuple[int, int]) -> None:
        """Who has left comes back."""
        self.do(self._leave())
        self.begin(spec, size)

    @precondition(lambda self: self.alive)
    @rule(keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4))
    def press(self, keys: list[str]) -> None:
        self.do(self.seen.press(*(NAMES.get(key, key) for key in keys)))

    @precondition(lambda self: self.alive)
    @rule(text=TEXTS, pasted=st.booleans())
    def write(self, text: str, pasted: bool) -> None:
        async def write() -> None:
            if pasted:
                self.seen.app.post_message(events.Paste(text))
                await self.seen.pilot.pause()
            else:
                for letter in text:
                    self.seen.app.post_message(events.Key("tab" if letter == "\t" else letter, letter))
                await self.seen.pilot.pause()

        self.do(write())

    @precondition(lambda self: self.alive)
    @rule(x=st.integers(0, 199), y=st.integers(0, 49), times=st.integers(1, 2), drag=st.integers(-5, 5))
    def click(self, x: int, y: int, times: int, drag: int) -> None:
        async def click() -> None:
            width, height = self.seen.app.size
            at = min(x, width - 1), min(y, height - 1)
            await self.seen.pilot.mouse_down(offset=at)
            await self.seen.pilot.hover(offset=(min(max(at[0] + drag, 0), width - 1), at[1]))
            await self.seen.pilot.mouse_up(offset=at)
            await self.seen.pilot.click(offset=at, times=times)

        self.do(click())

    @precondition(lambda self: self.alive)
    @rule(size=st.sampled_from(SIZES))
    def resize(self, size: tuple[int, int]) -> None:
        self.do(self.seen.pilot.resize_terminal(*size))

    @precondition(lambda self: self.alive)
    @rule(
        bits=st.floats(allow_nan=True, allow_infinity=True),
        update=st.integers(-1, 20),
        kind=st.sampled_from(["update", "validation", "sample", "resume", "test", "checkpoint", "", "\x1b["]),
        state=st.sampled_from(["running", "finished", "failed", "interrupted", "?"]),
    )
    def report(self, bits: float, update: int, kind: str, state: str) -> None:
        folder = self.folder / "runs" / "elman-1"
        if folder.exists():
            with (folder / EVENTS).open("a") as file:
                event = {"event": kind, "update": update, "bits": bits, "loss": bits, "text": "\x1b[2J[/]", "time": 1}
                file.write(json.dumps(event) + "\n")
            (folder / STATUS).write_text(json.dumps({"state": state, "update": update}))
        self.do(self.seen.pilot.pause())

    @precondition(lambda self: self.alive)
    @rule(text=TEXTS)
    def change(self, text: str) -> None:
        path = self.folder / "elman.yaml"
        path.write_text(path.read_text() + f"# {text}".replace("\x1b", ""))

        async def watch() -> None:
            self.seen.app.watch_file()
            await self.seen.pilot.pause()

        self.do(watch())

    @invariant()
    def whole(self) -> None:
        if hasattr(self, "seen") and self.alive:
            assert self.seen.app._exception is None
            lines = self.context.run(lambda: self.seen.lines)
            assert len(lines) <= self.seen.app.size.height
            assert not any(letter < " " for line in lines for letter in line)

    def teardown(self) -> None:
        try:
            if hasattr(self, "seen"):
                self.do(self._leave())
        finally:
            self.loop.close()
            os.chdir(self.before)
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _leave(self) -> None:
        """Whatever was pressed, keys work: back to the model or the choice, and all keys are told there."""
        if self.alive:
            await self.seen.pilot.resize_terminal(80, 24)
            for _ in range(8):
                await self.seen.press("escape")
            if len(self.seen.app.screen_stack) > 1:
                await self.seen.press("enter")  # a question that must be answered
            if self.alive and len(self.seen.app.screen_stack) == 1:
                await self.seen.press("escape", "4", "question_mark")
                assert isinstance(self.seen.app.screen, Keys), self.seen.text
        await self.manager.__aexit__(None, None, None)


@pytest.fixture(autouse=True)
def tame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written at home, and no process that trains is begun."""

    def refused(arguments: object, folder: Path) -> None:
        raise refuse("no process is begun here", "")

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("leporello.tui.runs.trainer.begin", refused)


@pytest.mark.hypothesis
def test_whatever_is_pressed_nothing_crashes() -> None:
    """In `make campaign` 10,000 actions and more; a few hundred else."""
    long = os.environ.get("HYPOTHESIS_PROFILE") == "long"
    chosen = settings(
        max_examples=25 if long else 4,
        stateful_step_count=500 if long else 60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Monkey, settings=chosen)
