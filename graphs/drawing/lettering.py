"""Labels as runs of letters, upright or in maths italics, raised or lowered, and how wide they are at most."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from leporello.graphs.drawing.labels import plain

_INDEXED = re.compile(r"([^\W\d_]+)_?(\w{1,3})\Z")
_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "varsigma sigma tau upsilon phi chi psi omega"
)
GREEK = {name: chr(0x3B1 + index) for index, name in enumerate(_LETTERS.split())}
SMALL = 0.7
"""The size of what is raised or lowered."""


@dataclass(frozen=True)
class Run:
    """Letters of one kind: `level` is -1 for a subscript, 1 for an exponent."""

    text: str
    italic: bool = False
    level: int = 0


@dataclass(frozen=True)
class Label:
    """Text as it stands in a picture, in serifs (maths) or without."""

    runs: tuple[Run, ...]
    serif: bool = False

    def width(self, size: float) -> float:
        """The width in pixels, rather too much than too little: a reader's fonts are not known.

        >>> label("h", "3").width(10) < label("hh", "3").width(10)
        True
        """
        return sum(size * (SMALL if run.level else 1.0) * _ems(run.text) for run in self.runs)

    @property
    def text(self) -> str:
        """The letters alone."""
        return "".join(run.text for run in self.runs)


def _ems(text: str) -> float:
    return sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in "ijl.,:;'|! ()[]":
        return 0.42
    if character in "mwMW@…":
        return 1.05
    return 0.78 if character.isupper() else 0.64


def label(name: str, step: str = "", limit: int = 18) -> Label:
    """The label of a box: one letter with an index as maths, longer names upright; `step` goes below.

    >>> [(run.text, run.level) for run in label("W_c", "3").runs]
    [('W', 0), ('c', -1), (',3', -1)]
    >>> label("alpha").text, label("encoder").serif
    ('α', False)
    """
    shown = plain(name, limit)
    shown = GREEK.get(shown, shown)
    indexed = _INDEXED.match(shown)
    base, index = shown, ""
    if indexed and len(indexed[1]) <= 2 and len(shown) <= 5 and (len(indexed[1]) == 1 or "_" in shown):
        base, index = indexed[1], indexed[2]
    serif = len(base) <= 2 and base.isascii()
    below = ",".join(part for part in (index, step) if part)
    runs = [Run(base, serif and base.isalpha())]
    return Label((*runs, *_below(below)), serif)


def _below(text: str) -> tuple[Run, ...]:
    parts = re.findall(r"[^\W\d_]+|[\W\d_]+", text.replace("-", "\N{MINUS SIGN}"))
    return tuple(Run(part, len(part) == 1 and part.isalpha(), -1) for part in parts)


def words(text: str, limit: int = 40) -> Label:
    """Plain words.

    >>> words("time").width(10) > 0
    True
    """
    return Label((Run(plain(text, limit)),))


def power(offset: int) -> Label:
    """The sign of a delay.

    >>> power(-2).text
    'z−2'
    """
    return Label((Run("z", True), Run(f"{offset:+d}".replace("-", "\N{MINUS SIGN}"), level=1)), True)
