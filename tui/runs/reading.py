"""What a model reads: the first examples of its data, as a process of its own finds them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leporello.graphs.problems import refuse
from leporello.tui.runs.writer import spoken

FIRST = 4


async def read_examples(spec: Path, first: int = FIRST) -> Sequence[Mapping[str, Any]]:
    """What `leporello data` tells of each input. Raises SpecError with what it complains of."""
    pieces: list[str] = []
    command = [sys.executable, "-m", "leporello", "data", "--json", "--first", str(first), "--", str(spec)]
    failure = await spoken(command, pieces.append)
    if failure:
        raise refuse(failure)
    try:
        told = json.loads("".join(pieces))
        assert isinstance(told, list) and all(isinstance(one, dict) for one in told)
    except (ValueError, AssertionError):
        raise refuse("nothing is told of the data", "try leporello data") from None
    return told
