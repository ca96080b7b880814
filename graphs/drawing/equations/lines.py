"""An equation on as many lines as it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leporello.graphs.drawing.letters.lettering import Label, Run

_BREAKS, _INDENT = (" + ", " \N{MINUS SIGN} "), " " * 8
_INSIDE = (*_BREAKS, " ⊙ ", " / ")
"""Where an equation that is still too long is broken within brackets too."""
_LONGEST, _MOST_LINES = 60, 4
"""So many letters a line of an equation may have, about, and so many lines; a longer one is not written."""


def broken(line: Label) -> list[Label]:
    """An equation on as many lines as it needs, broken at operators, outside of all brackets if it can, or none.

    >>> long = Label((Run("a" * 50), Run(" + "), Run("b" * 20)))
    >>> [line.text.strip() for line in broken(long)] == ["a" * 50, "+ " + "b" * 20]
    True
    """
    for inside, most in ((False, _MOST_LINES), (True, 2 * _MOST_LINES)):
        lines = _lines(_pieces(line.runs, inside))
        if len(lines) <= most and all(sum(len(run.text) for run in one) <= _LONGEST + 20 for one in lines):
            return [Label(tuple(one), line.serif) for one in lines]
    return []


def _pieces(runs: Iterable[Run], inside: bool) -> list[list[Run]]:
    """The runs parted before every operator outside of brackets, or within them too and after commas."""
    pieces: list[list[Run]] = [[]]
    depth = 0
    for run in runs:
        depth += sum(run.text.count(sign) for sign in "([") - sum(run.text.count(sign) for sign in ")]")
        if (depth == 0 and run.text in _BREAKS) or (inside and run.text in _INSIDE):
            pieces.append([])
        pieces[-1].append(run)
        if inside and run.text == ", ":
            pieces.append([])
    return pieces


def _lines(pieces: Sequence[list[Run]]) -> list[list[Run]]:
    """As many pieces to a line as have room there."""
    lines: list[list[Run]] = [pieces[0]]
    for piece in pieces[1:]:
        if sum(len(run.text) for run in (*lines[-1], *piece)) <= _LONGEST:
            lines[-1] = [*lines[-1], *piece]
        else:
            lines.append([Run(_INDENT + piece[0].text.lstrip()), *piece[1:]])
    return lines
