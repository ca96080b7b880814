"""Labels in characters alone: what is lowered after `_`, what is raised after `^`."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import GREEK, Label

_TYPED = {"⊙": "*", "σ": "sigmoid", "\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "*", "·": "*", "\N{PRIME}": "'"}
_TYPED |= {letter: name for name, letter in GREEK.items() if letter != "σ"}


def as_typed(label: Label, ascii_only: bool = False) -> str:
    """A label in one line of characters, with what is lowered after `_` and what is raised after `^`.

    >>> from leporello.graphs.drawing.letters.lettering import label
    >>> as_typed(label("W_f", "t-1")), as_typed(label("y^f", "t")), as_typed(label("alpha"), ascii_only=True)
    ('W_{f,t-1}', 'y^f_t', 'alpha')
    """
    found, level = "", 0
    for run in [*label.runs, None]:
        if level and (run is None or run.level != level):
            found = _closed(found, {-1: "_", 1: "^"}[level])
        if run is not None:
            found += ("\0" if run.level and run.level != level else "") + run.text
            level = run.level
    typed = "".join(_TYPED.get(letter, letter) if ascii_only else letter for letter in found)
    typed = typed.replace("\N{MINUS SIGN}", "-")
    return plain(typed, 200, ascii_only)


def _closed(text: str, sign: str) -> str:
    """The text with what stands after the mark in it behind a sign, in braces where it is more than a letter."""
    before, _, inside = text.rpartition("\0")
    return f"{before}{sign}{inside}" if len(inside) == 1 else f"{before}{sign}{{{inside}}}"


def equation_lines(lines: Iterable[Label], ascii_only: bool = False) -> list[str]:
    """Equations as lines of text; the paths of composites stand above theirs."""
    return [as_typed(line, ascii_only) if line.serif else f"{plain(line.text, 200, ascii_only)}:" for line in lines]
