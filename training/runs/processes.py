"""Whether a process is still the one that it was: pids are given again."""

from __future__ import annotations

import os
from pathlib import Path


def process_born(pid: int) -> str:
    """What tells a process from a later one of the same pid: its start in clock ticks; empty if there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        found = text.rpartition(")")[2].split()
        return "" if found[0] == "Z" else found[19]  # one that has ended and is not yet taken note of is gone
    except (OSError, IndexError):
        return "" if Path("/proc/self/stat").exists() else _answers(pid)


def _answers(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        pass
    return "alive"
