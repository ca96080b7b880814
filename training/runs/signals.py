"""Signals that ask a run to stop: noted when they come, heeded where nothing is half done."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any

PAUSE, GO_ON = (getattr(signal, name, None) for name in ("SIGUSR1", "SIGUSR2"))
"""Signals that ask a run to wait, and to go on; a system without them cannot pause."""
MOMENT = 0.1
ASKING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
HEEDED = (*ASKING, *(number for number in (PAUSE, GO_ON) if number is not None))
"""All signals that a run notes; its terminal, or who manages its machine, sends some to every process of it."""


class StoppedError(Exception):
    """A signal asked the run to stop."""

    def __init__(self, number: int) -> None:
        self.name = signal.Signals(number).name
        self.exit = 128 + number
        super().__init__(self.name)


class Signals:
    """Within `with`, SIGINT, SIGTERM and SIGHUP are noted instead of killing; `check` raises StoppedError after one.

    `paused` says that a run was asked to wait, and not yet to go on. A signal that was ignored before stays so
    (`nohup`, a background job); outside of the main thread, where Python allows no handlers, nothing changes.
    """

    def __init__(self) -> None:
        self.received = 0
        self.paused = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in ASKING:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
            for number in (PAUSE, GO_ON):
                if number is not None:
                    self._before[number] = signal.signal(number, self._turn)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raise StoppedError if a signal has come."""
        if self.received:
            raise StoppedError(self.received)

    def wait(self) -> None:
        """Return when the run is to go on, or to stop."""
        # A short sleep again and again: a signal that came before a longer one began would be slept through.
        while self.paused and not self.received:
            time.sleep(MOMENT)

    def _turn(self, number: int, frame: FrameType | None) -> None:
        self.paused = number == PAUSE

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or number
