"""How a process that belongs to a screen ends: killed and waited for, also where the screen ends with it."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from contextlib import suppress


async def end(process: Process) -> None:
    """Kill a process and wait until it is gone, also where whoever waits is cancelled: when the app is left."""
    with suppress(ProcessLookupError):
        process.kill()
    while process.returncode is None:
        with suppress(asyncio.CancelledError):
            await process.wait()
