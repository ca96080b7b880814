"""A program in a terminal of its own: real bytes in, real bytes out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SIZE = (40, 120)
QUIET = 0.25
"""After so many seconds without a byte a screen is still."""
COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Terminal:
    """A command that runs in a pseudo-terminal, of `SIZE` lines and columns."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.begun = time.perf_counter()
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ |= {**COLOURS, "XDG_STATE_HOME": str(folder), **(environment or {})}
            os.execvp(command[0], command)
        self.resize(*SIZE)

    def resize(self, lines: int, columns: int) -> None:
        """Give it another size."""
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, wanted: bytes, patience: float = 30.0) -> bytes:
        """All bytes up to those that are waited for."""
        found, end = b"", time.perf_counter() + patience
        while wanted not in found:
            ready, _, _ = select.select([self.file], [], [], max(end - time.perf_counter(), 0))
            data = self.read() if ready else b""
            if not data:  # it has ended, or says nothing
                raise TimeoutError(f"{wanted!r} did not come; the last bytes were {found[-400:]!r}")
            found += data
        return found

    def read(self) -> bytes:
        """What has come; nothing where it has ended."""
        try:
            return os.read(self.file, 1 << 16)
        except OSError:
            return b""

    def still(self) -> None:
        """Wait until nothing comes any more."""
        while select.select([self.file], [], [], QUIET)[0]:
            if not self.read():
                return

    def write(self, data: bytes) -> None:
        """Press keys; what comes meanwhile is read, else both sides would wait for each other."""
        while data:
            ready, free, _ = select.select([self.file], [self.file], [], 10.0)
            if ready:
                self.read()
            if free:
                data = data[os.write(self.file, data[:512]) :]

    def key(self, data: bytes) -> float:
        """Seconds from a key to the first byte that it makes."""
        since = time.perf_counter()
        os.write(self.file, data)
        select.select([self.file], [], [], 10.0)
        took = time.perf_counter() - since
        self.read()
        return took

    @property
    def processor(self) -> float:
        """Seconds that the process, with all its threads, has computed: another measure where a machine is busy."""
        took = (path.read_text().split()[0] for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat"))
        return sum(map(int, took)) / 1e9

    @property
    def memory(self) -> float:
        """Megabytes that the process holds."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def wait(self, patience: float = 30.0) -> tuple[int, bytes]:
        """Its exit code, and the bytes that came until its end."""
        found, end = b"", time.perf_counter() + patience
        while True:
            if select.select([self.file], [], [], 0.05)[0]:
                found += self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status), found
            if time.perf_counter() > end:
                raise TimeoutError(f"it did not end; the last bytes were {found[-400:]!r}")

    def close(self) -> None:
        """End it."""
        with suppress(ProcessLookupError, ChildProcessError):  # it may have ended by itself
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.file)
