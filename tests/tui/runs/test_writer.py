"""A process that writes: read as it comes, however much it complains; ended when it is not wanted any more."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from leporello.tui.runs.writer import Wish, spoken

LONG = 1 << 20


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_one_that_complains_at_length_is_heard_to_its_end() -> None:
    heard: list[str] = []
    program = f"import sys; sys.stderr.write('x' * {LONG}); print('written'); sys.exit(3)"
    said = asyncio.run(asyncio.wait_for(spoken(python(program), heard.append), 30))
    assert ("".join(heard), len(said)) == ("written\n", LONG)


@pytest.mark.parametrize("program", ["print('é')", "import sys; sys.stderr.write('a warning')"])
def test_complaints_of_one_that_ends_well_are_not_told(program: str) -> None:
    assert asyncio.run(spoken(python(program), lambda piece: None)) == ""


def test_one_that_is_not_wanted_any_more_is_gone_when_it_is_said_to_be() -> None:
    async def run() -> int:
        heard: asyncio.Queue[str] = asyncio.Queue()
        program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
        task = asyncio.ensure_future(spoken(python(program), heard.put_nowait))
        pid = int(await heard.get())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(run()), 0)


def test_a_prompt_that_looks_like_an_option_is_a_prompt() -> None:
    assert Wish(Path("-run"), "--help").arguments[-2:] == ["--", "-run"]
    assert "--prompt=--help" in Wish(Path("run"), "--help").arguments
