"""What the screens say of a model in few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from leporello.tui.pictures.wanted import Findings, Loop

CELLS = {"lstm": "an lstm", "gru": "a gru", "rnn": "a simple recurrent layer"}


LONGEST = 40
"""What a loop lacks is told in so many letters, or where there is more room."""


def loop_words(loop: Loop) -> str:
    """How a loop runs, by the cell that it is.

    >>> loop_words(Loop("fused", ("h",), "lstm"))
    'this loop is an lstm: runs fused'
    >>> loop_words(Loop("scanned", ("h",), "lstm", "nearest to an lstm: the output gate is missing: h is tanh(c)"))
    'scanned, not an lstm: the output gate is missing'
    """
    cell = CELLS.get(loop.cell, loop.cell)
    if loop.kind == "fused":
        return f"this loop is {cell}: runs fused"
    near = f"nearest to {cell}"
    lack = loop.why.removeprefix(near + ": ").partition(": ")[0] if loop.why.startswith(near + ": ") else ""
    if 0 < len(lack) <= LONGEST:
        return f"scanned, not {cell}: {lack}"
    return f"scanned, {near}" if cell else "scanned step by step"


def loops_words(loops: Sequence[Loop]) -> str:
    """How all loops run."""
    if not loops:
        return "no loops"
    if len(loops) == 1:
        return loop_words(loops[0])
    count = Counter(loop.kind for loop in loops)
    kinds = [kind for kind in ("fused", "scanned") if count[kind]]
    first, *others = (f"{count[kind]} {kind}" for kind in kinds)
    number, kind = first.split(" ", 1)
    return ", ".join([f"{number} loop{'s' * (number != '1')} {kind}", *others])


def short(number: str) -> str:
    """A number of weights in few digits.

    >>> short("810,528"), short("326,570"), short("468"), short("2 * $units")
    ('811 k', '327 k', '468', '2 * $units')
    """
    digits = number.replace(",", "")
    if not digits.isdecimal() or int(digits) < 10_000:
        return number
    value = int(digits)
    return f"{value / 1e3:.0f} k" if value < 1_000_000 else f"{value / 1e6:.1f} M"


def problem_words(findings: Findings) -> str:
    """How many problems there are.

    >>> problem_words(Findings(1))
    'no problems'
    """
    errors, all_told = len(findings.errors), len(findings.problems)
    if not all_told:
        return "no problems"
    if not errors:
        return f"{all_told} warning{'s' * (all_told != 1)}"
    return f"{errors} problem{'s' * (errors != 1)}"
