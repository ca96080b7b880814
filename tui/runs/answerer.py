"""A trained model that answers lines, in a process of its own that is kept: it is read once, then answers at once."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from leporello.graphs.problems import refuse
from leporello.tui.runs.ending import end

COMMANDS: Mapping[str, Sequence[str]] = {
    "translate": ("translate", "--json", "--each"),
    "predict": ("predict", "--json"),
    "observe": ("observe", "--inner"),
}
LONGEST = 2**24
"""Characters of an answer at most: a line of a thousand symbols has a million weights."""


class Answerer:
    """The model of a run; `use` says what it does with lines: translate, predict, or let be seen what goes on."""

    def __init__(self, run: Path, use: str) -> None:
        self.command = [sys.executable, "-m", "leporello", *COMMANDS[use], "--", str(run)]
        self.process: Process | None = None
        self.complaints: asyncio.Future[bytes] | None = None

    async def answer(self, line: str) -> dict[str, Any]:
        """What the model says of one line, as the command tells it in JSON.

        Raises SpecError with what the command complained of where it ended instead; the next line begins it anew.
        """
        process = await self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(" ".join(line.splitlines()).encode(errors="replace") + b"\n")
            with suppress(ConnectionError):
                await process.stdin.drain()
            said = json.loads(await process.stdout.readline())
            assert isinstance(said, dict)
            return said
        except asyncio.CancelledError:
            await self.close()  # an answer that nobody waits for must not be taken for the next one
            raise
        except (ValueError, AssertionError):
            raise refuse(await self._last_words() or "its process has ended", "try it again") from None

    async def _running(self) -> Process:
        if self.process is None:
            made = await asyncio.create_subprocess_exec(
                *self.command, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=LONGEST
            )
            assert made.stderr is not None
            # What it complains of is read meanwhile: a process whose pipe is full waits for ever.
            self.process, self.complaints = made, asyncio.ensure_future(made.stderr.read())
        return self.process

    async def _last_words(self) -> str:
        assert self.process is not None and self.complaints is not None
        with suppress(ProcessLookupError):
            self.process.terminate()
        said = (await self.complaints).decode(errors="replace").strip()
        await self.close()
        return said.removeprefix("error: ")

    async def close(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is None or self.complaints is None:
            return
        self.complaints.cancel()
        await end(process)
