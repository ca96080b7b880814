"""Labels as runs of letters, upright or in maths italics, raised or lowered, and how wide they are at most."""

from __future__ import annotations

import re
import unicodedata

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.frozen import frozen

_ACCENTS = {
    "tilde": "\N{COMBINING TILDE}",
    "hat": "\N{COMBINING CIRCUMFLEX ACCENT}",
    "bar": "\N{COMBINING MACRON}",
    "dot": "\N{COMBINING DOT ABOVE}",
    "prime": "\N{PRIME}",
    "star": "*",
}
_ACCENTS |= {"~": _ACCENTS["tilde"], "^": _ACCENTS["hat"], "'": _ACCENTS["prime"], "*": "*"}
_MATHS = re.compile(
    r"(?P<base>[^\W\d_]+)(?P<mark>(?:[~'*]|\^(?!\d)|_(?:tilde|hat|bar|dot|prime|star)(?=_|\Z)){1,3})?"
    r"(?:(?P<digits>\d{1,3})|_(?P<index>\w{1,8}))?\Z"
)
_SCIENTIFIC = re.compile(r"(.*?)(?:(?<![\w.])(\d+(?:\.\d+)?)e([-+]?\d+)(?![\w.])|\Z)", re.DOTALL)
_RAISED = re.compile(r"(?P<base>[^^]+)\^(?P<above>[^\W\d_]\w*|\(\d+\))\Z")
_PAIR = 5
"""Two letters with an index are maths up to so many characters."""
_SYMBOLS = 2
"""So many letters of an index are symbols, as in W_hh, more are a word, as in h_enc."""
_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "varsigma sigma tau upsilon phi chi psi omega"
)
GREEK = {name: chr(0x3B1 + index) for index, name in enumerate(_LETTERS.split())}
_CAPITALS = "gamma delta theta lambda xi pi sigma phi psi omega"
GREEK |= {name.title(): GREEK[name].upper() for name in _CAPITALS.split()}
_GREEK_LETTERS = frozenset(GREEK.values())
SMALL = 0.7
"""The size of what is raised or lowered."""
INTO = "in"
"""What tells a value that comes into a cell or a composite from one of the same name in it."""


@frozen
class Run:
    """Letters of one kind: `level` is -1 for a subscript, 1 for an exponent."""

    text: str
    italic: bool = False
    level: int = 0


@frozen
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
    if character in "ijl.,:;'|! ()[]\N{PRIME}*":
        return 0.42
    if character in "mwMW@…":
        return 1.05
    return 0.78 if character.isupper() else 0.64


def label(name: str, step: str = "", limit: int = 18, upright: bool = False) -> Label:
    """The label of a box: one letter as maths with its accents and indices, longer names upright; `step` goes below.

    Where it is to be `upright` any name is written as it is typed.

    >>> [(run.text, run.level) for run in label("W_c", "3").runs]
    [('W', 0), ('c', -1), (',3', -1)]
    >>> [(run.text, run.level) for run in label("y^f", "3").runs]
    [('y', 0), ('f', 1), ('3', -1)]
    >>> label("alpha").text, label("encoder").serif
    ('α', False)
    >>> [label(name).text for name in ("c_tilde", "y_hat", "x'", "h_0", "W_hh", "alpha_1", "h_enc")]
    ['c̃', 'ŷ', 'x′', 'h0', 'Whh', 'α1', 'henc']
    >>> [(run.text, run.italic) for run in label("W_hh").runs], label("b_i").runs[1].italic
    ([('W', True), ('hh', True)], True)
    >>> [(run.text, run.level) for run in label("s0", upright=True).runs]
    [('s0', 0)]
    """
    shown = unicodedata.normalize("NFC", plain(name, limit))
    raised = _RAISED.match(shown)
    if raised:
        named = label(raised["base"], step, limit, upright)
        return Label((named.runs[0], Run(raised["above"], level=1), *named.runs[1:]), named.serif)
    if upright:
        return Label((Run(shown), *_below(step)))
    written = _MATHS.match(shown)
    base, index = shown, ""
    if written:
        letter, index = _letter(written["base"]), written["digits"] or written["index"] or ""
        short = len(letter) == 1 or (len(letter) == 2 and len(shown) <= _PAIR and not written["mark"])
        base, index = (_accented(letter, written["mark"] or ""), index) if short else (shown, "")
    # Accents come after the letter that they stand on.
    letters, serif = _letters(base), _serif(base)
    below = ",".join([*(_letter(part) for part in index.split("_") if part), *([step] if step else [])])
    slanted = serif and letters.isalpha() and (letters.isascii() or letters.islower())
    return Label((Run(base, slanted), *_below(below)), serif)


def _letters(base: str) -> str:
    """What is left of a name without its accents."""
    return "".join(c for c in unicodedata.normalize("NFD", base) if not unicodedata.combining(c)).rstrip("′*")


def _serif(base: str) -> bool:
    """Whether a name is one of maths."""
    letters = _letters(base)
    return len(letters) <= 2 and (letters.isascii() or letters in _GREEK_LETTERS)


def _letter(name: str) -> str:
    return GREEK.get(name, name)


def _accented(letter: str, mark: str) -> str:
    """A letter with the accents that its name spells out, such as `_tilde` or an apostrophe."""
    for sign in re.findall(r"[a-z]+|[^_]", mark):
        letter += _ACCENTS[sign]
    return unicodedata.normalize("NFC", letter)


def _below(text: str) -> tuple[Run, ...]:
    parts = re.findall(r"[^\W\d_]+|[\W\d_]+", text.replace("-", "\N{MINUS SIGN}"))
    return tuple(Run(part, len(part) <= _SYMBOLS and part.isalpha(), -1) for part in parts)


def words(text: str, limit: int = 40) -> Label:
    """Plain words.

    >>> words("time").width(10) > 0
    True
    """
    return Label((Run(plain(text, limit)),))


def numerals(text: str) -> tuple[Run, ...]:
    """Runs of a text in which numbers such as `1e-08` stand as powers of ten.

    >>> [(run.text, run.level) for run in numerals("+1e-08")], [run.text for run in numerals("2.5e+20 x")]
    ([('+', 0), ('10', 0), ('−8', 1)], ['2.5 · 10', '20', ' x'])
    """
    found: list[Run] = []
    for before, factor, exponent in _SCIENTIFIC.findall(text):
        ten = "10" if factor in ("1", "") else f"{factor} · 10"
        high = Run(str(int(exponent)).replace("-", "\N{MINUS SIGN}"), level=1) if exponent else None
        found += [*([Run(before)] if before else []), *([Run(ten), high] if high else [])]
    return tuple(found)


def power(offset: int) -> Label:
    """The sign of a delay.

    >>> power(-2).text
    'z−2'
    """
    return Label((Run("z", True), Run(f"{offset:+d}".replace("-", "\N{MINUS SIGN}"), level=1)), True)
