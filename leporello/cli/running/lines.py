"""Lines that a command reads: of files, or of standard input as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path


def read_lines(files: Sequence[str]) -> Iterator[str]:
    """The lines of files one after another, or of standard input where there are none, without their ends.

    Raises SpecError for a file that cannot be read, or that is not UTF-8.
    """
    from leporello.graphs.problems import Mark, refuse
    from leporello.training.data.files import read_text

    for name in files:
        yield from read_text(Path(name), name).removesuffix("\n").split("\n")
    if files:
        return
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            yield line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            hint = f"byte 0x{error.object[error.start]:02x}: {error.reason}"
            raise refuse("standard input is not UTF-8", hint, Mark("<standard input>", number, 1)) from error
