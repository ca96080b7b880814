"""Two versions of a spec, as `leporello compare` tells of them, which runs in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from leporello.graphs.problems import refuse
from leporello.tui.runs.writer import spoken

READ = "<standard input>"
"""What the command calls the text that it is given."""


class Told(NamedTuple):
    """What differs: the boxes of each version that are not as they are in the other, and all of it in lines."""

    here: frozenset[str]
    there: frozenset[str]
    lines: str


async def compared(text: str, file: Path) -> Told:
    """What differs between a text and a file. Raises SpecError with what either is no model for."""
    found, lines = await asyncio.gather(_asked(text, file, "--json"), _asked(text, file))
    try:
        pairs = json.loads(found)["nodes"]
        here = frozenset(str(pair["a"]) for pair in pairs if pair["a"] and _differs(pair))
        there = frozenset(str(pair["b"]) for pair in pairs if pair["b"] and _differs(pair))
    except (ValueError, LookupError, TypeError):
        raise refuse("nothing is told of the two", "try leporello compare") from None
    return Told(here, there, lines.replace(READ, "this text"))


async def _asked(text: str, file: Path, *options: str) -> str:
    pieces: list[str] = []
    command = [sys.executable, "-m", "leporello", "compare", *options, "--", "-", str(file)]
    failure = await spoken(command, pieces.append, text)
    if failure:
        raise refuse(failure.replace(READ, "this text"))
    return "".join(pieces)


def _differs(pair: dict[str, Any]) -> bool:
    return pair["a"] is None or pair["b"] is None or bool(pair["what"])
