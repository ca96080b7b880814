"""Two versions of a text beside each other: the lines that one has and the other has not, with a line around them."""

from __future__ import annotations

from difflib import unified_diff

from leporello.graphs.problems import visible

MOST = 10
"""So many lines are shown, which a screen of 24 has room for."""


def differing(here: str, there: str) -> list[str]:
    """The lines of `here` alone with a `-` before them, those of `there` with a `+`, others with a blank.

    >>> differing("a\\nb\\nc\\n", "a\\nB\\nc\\n")
    ['  a', '- b', '+ B', '  c']
    """
    found = list(unified_diff(here.splitlines(), there.splitlines(), lineterm="", n=1))[2:]
    lines = ["..." if line.startswith("@@") else f"{line[0]} {visible(line[1:], 200)}" for line in found]
    lines = lines[1:]
    return lines if len(lines) <= MOST else [*lines[: MOST - 1], f"... and {len(lines) - MOST + 1} lines more"]
