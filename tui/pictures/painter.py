"""The screens' end of the process that checks and draws: begun when it is needed, begun again if it dies."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from leporello.tui.pictures.wanted import Failed, Reply, Request, Wanted

TRIES = 3
"""So often a process that dies on a text is begun again with it."""


class Painter:
    """Sends what is wanted, and hands every reply to `receive`, which is called in a thread of its own."""

    def __init__(self, receive: Callable[[Reply], None] = lambda reply: None) -> None:
        self.receive = receive
        self.process: subprocess.Popen[bytes] | None = None
        self.last: Wanted | None = None
        self.deaths = 0
        self.closed = False
        self._lock = threading.Lock()
        self.serials = count(1)

    def ask(self, request: Request) -> None:
        """Send a request; the newest text is what counts."""
        with self._lock:
            if isinstance(request, Wanted):
                self.last, self.deaths = request, 0
            self._send(request)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self.closed = True
            process, self.process = self.process, None
        if process is not None:
            with suppress(OSError):
                process.kill()
            _over(process)

    def _send(self, request: Request) -> None:
        process = self._begin()
        if process is None or process.stdin is None:
            return
        with suppress(OSError):  # it has died: the thread that listens to it sees that, and begins another
            process.stdin.write(pickle.dumps(request))
            process.stdin.flush()

    def _begin(self) -> subprocess.Popen[bytes] | None:
        if self.process is None and not self.closed:
            command = [sys.executable, "-m", "leporello.tui.pictures.worker"]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        return self.process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with suppress(EOFError, OSError, pickle.UnpicklingError, ValueError, AttributeError):
            while True:
                self.receive(pickle.load(process.stdout))
        with self._lock:
            if self.closed or self.process is not process:
                return
            self.process, self.deaths = None, self.deaths + 1
            again = self.last if self.deaths < TRIES else None
        _over(process)
        serial = self.last.serial if self.last else 0
        said = "begun again" if again else "waiting for the next edit"
        self.receive(Failed(serial, f"the process that draws has died ({process.returncode}); {said}"))
        if again is not None:
            with self._lock:
                self._send(again)


def _over(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that ends, and close its pipes."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent any more
            if pipe is not None:
                pipe.close()
