"""What the pieces of a spec's line are, one line at a time, so that only what is seen is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from leporello.graphs.functions import FUNCTIONS


class Piece(NamedTuple):
    """Characters of a line, from `start` up to `end`, and what they are."""

    start: int
    end: int
    role: str


_WORD = re.compile(
    r"""(?P<comment>(?:(?<=\s)|^)\#.*$)
    |(?P<string>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)
    |(?P<time>\((?:t\s*[-+]\s*\d+|t|first|last|all)\))
    |(?P<size>\$\w+)
    |(?P<key>[A-Za-z_][\w.]*(?=\s*:(?:\s|$)))
    |(?P<number>(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]))
    |(?P<word>[A-Za-z_][\w/]*)
    |(?P<sign>[{}\[\],:*+/-])""",
    re.VERBOSE,
)
LONGEST = 2_000
"""What lies further to the right in a line is not looked at."""


def pieces(line: str) -> Iterator[Piece]:
    """The pieces of a line that are not plain.

    >>> [(piece.role, "h: {block: lstm}"[piece.start:piece.end]) for piece in pieces("h: {block: lstm}")][:4]
    [('name', 'h'), ('sign', ':'), ('sign', '{'), ('key', 'block')]
    """
    names, after = True, ""
    for found in _WORD.finditer(line[:LONGEST]):
        role = str(found.lastgroup)
        text = found.group()
        if role == "key":
            role, names, after = "name" if names else "key", False, text
        elif role == "word":
            role = "block" if after == "block" else "function" if text in FUNCTIONS else "word"
            after = ""
        elif role != "sign":
            after = ""
        if role != "word":
            yield Piece(found.start(), found.end(), role)


def shown(line: str) -> str:
    """A line as a terminal may show it: what has no glyph stands as a sign, one for one.

    >>> shown("a\\x1b[2Jb")
    'a␛[2Jb'
    """
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else _sign(c) for c in line)


def _sign(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 32 else "␡" if code == 127 else "\N{REPLACEMENT CHARACTER}"
