"""A trained model that writes, or goes on with a table, in a process of its own; what it says is read as it comes."""

from __future__ import annotations

import asyncio
import codecs
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from leporello.graphs.frozen import frozen
from leporello.tui.runs.ending import end

Heard = Callable[[str], None]


@frozen
class Wish:
    """What is to be written."""

    run: Path
    prompt: str = ""
    length: int = 400
    temperature: float = 1.0
    seed: int = 1

    @property
    def arguments(self) -> list[str]:
        """What the command line is told; a prompt that begins with a dash is no option."""
        said = [f"--prompt={self.prompt}", f"--length={self.length}", f"--temperature={self.temperature}"]
        return ["generate", *said, f"--seed={self.seed}", "--", str(self.run)]


@frozen
class Table:
    """A table of numbers, and the steps `ahead` that are to be said of it; what its own steps are where that is 0."""

    run: Path
    file: str
    ahead: int = 0

    @property
    def arguments(self) -> list[str]:
        """What the command line is told."""
        return ["predict", *([f"--ahead={self.ahead}"] if self.ahead else []), "--", str(self.run), self.file]


async def write(wish: Wish | Table, hear: Heard) -> str:
    """Let the model write, each piece told to `hear`; gives what went wrong, or nothing.

    A task that is cancelled ends the process.
    """
    return await spoken([sys.executable, "-m", "leporello", *wish.arguments], hear)


async def spoken(command: Sequence[str], hear: Heard, text: str | None = None) -> str:
    """Let a command speak, which may read a text; gives what it complained of where it failed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL if text is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    if process.stdin is not None and text is not None:
        process.stdin.write(text.encode("utf-8", "surrogatepass"))
        process.stdin.close()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    # What it complains of is read meanwhile: a process whose pipe is full waits for ever.
    complaints = asyncio.ensure_future(process.stderr.read())
    try:
        while data := await process.stdout.read(4096):
            hear(decoder.decode(data))
        said = (await complaints).decode(errors="replace").strip()
        code = await process.wait()
    finally:
        complaints.cancel()
        await end(process)
    return said if code else ""
