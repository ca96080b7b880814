"""Text from a spec as it may stand in a picture: control characters visible, clipped, markup escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from leporello.graphs.problems import visible

MOST_LINES = 12
"""So many lines a formula may have."""
_AFTER, _FIRM = re.compile(r"(?<= )([-+*/]) "), "\N{NO-BREAK SPACE}"
"""The space after an operator, and one at which no line is broken."""
_OPENING = re.compile(r"(?<=[(,])(?=[^\s)])")
"""Where a word that is wider than a line may be broken."""
_BRACKETS = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_INDEXED = re.compile(r"([^\W\d_]+)_(\w{1,3})\Z")


def plain(text: str, limit: int = 40, ascii_only: bool = False) -> str:
    """`text` on one line of at most `limit` characters, never empty.

    >>> plain("a\\nb\\x1b")
    'a\\\\nb\\\\x1b'
    """
    shown = visible(text, 2 * limit).replace("\n", "\\n")
    if ascii_only:
        shown = shown.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")
    dots = "..." if ascii_only else "…"
    return (shown if len(shown) <= limit else shown[: limit - len(dots)] + dots) or " "


def in_lines(text: str, width: int, ascii_only: bool = False) -> list[str]:
    """`text` whole, in lines of at most `width` characters, broken before operators; of very long ones the first lines.

    What stands in short brackets is not broken, and a name only where it is wider than a line.

    >>> in_lines("sigmoid(a) * c(t-1) + b", 14), in_lines("abc * d * (b + c)", 12), in_lines("cos(sqrt(square(a)))", 10)
    (['sigmoid(a)', '* c(t-1) + b'], ['abc * d', '* (b + c)'], ['cos(sqrt(', 'square(', 'a)))'])
    """
    shown = _AFTER.sub(rf"\1{_FIRM}", plain(text, 3 * width * MOST_LINES, ascii_only))
    shown = _BRACKETS.sub(lambda found: found[0].replace(" ", _FIRM) if len(found[0]) < width - 4 else found[0], shown)
    lines = [""]
    for word in filter(None, shown.split(" ")):
        for gap, piece in _pieces(word, width):
            longer = lines[-1] + (gap if lines[-1] else "") + piece
            lines = [*lines[:-1], longer] if len(longer) <= width or not lines[-1] else [*lines, piece]
    found = [line.replace(_FIRM, " ") for line in lines] if lines[0] else [" "]
    dots = "..." if ascii_only else "…"
    return found if len(found) <= MOST_LINES else [*found[: MOST_LINES - 1], dots]


def _pieces(word: str, width: int) -> Iterator[tuple[str, str]]:
    """The parts of which none is wider than a line, each with what stands before it on the same line."""
    words = [word] if len(word) <= width else word.replace(_FIRM, " ").split(" ")
    for one in words:
        gap = " "
        for part in [one] if len(one) <= width else _OPENING.split(one):
            for begin in range(0, len(part), width):
                yield gap, part[begin : begin + width]
                gap = ""


def told(text: str, limit: int = 300) -> str:
    """Text of several lines, each of at most `limit` characters.

    >>> told("a\\x1b\\nb")
    'a\\\\x1b\\nb'
    """
    return "\n".join(plain(line, limit) for line in text[: 4 * limit].split("\n"))


def at_step(label: str, step: int, ascii_only: bool = False, limit: int = 16) -> str:
    """A box's label with its step.

    >>> at_step("h", 12), at_step("h", 12, ascii_only=True)
    ('h₁₂', 'h[12]')
    """
    name = plain(label, limit, ascii_only)
    return f"{name}[{step}]" if ascii_only else name + str(step).translate(_SUBSCRIPTS)


def markup(label: str, step: str = "") -> str:
    """A label in Graphviz's HTML: short names as maths in serif italics, `W_c` with a subscript, others upright.

    Nothing of `label` can be read as markup or as one of Graphviz's escapes.

    >>> markup("W_c", "3")
    '<font face="Times,serif"><i>W</i></font><sub><font point-size="9">c,3</font></sub>'
    """
    name = plain(label)
    indexed = _INDEXED.match(name)
    base, index = (indexed[1], indexed[2]) if indexed else (name, "")
    below = ",".join(part for part in (escape(index), escape(step)) if part)
    styled = maths(escape(base)) if len(base) <= 2 else escape(base)
    return styled + (_below(below) if below else "")


def _below(text: str) -> str:
    return f'<sub><font point-size="9">{text}</font></sub>'


def maths(text: str) -> str:
    """Escaped `text` in serif italics."""
    return f'<font face="Times,serif"><i>{text}</i></font>'


def escape(text: str) -> str:
    """`text` inside Graphviz's HTML, which takes backslashes for its own escapes."""
    return html.escape(text).replace("\\", "&#92;").replace("&#x27;", "&#39;")
