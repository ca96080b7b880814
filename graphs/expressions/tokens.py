"""The text of an expression cut into tokens, each character that cannot occur there refused with its cause."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal, NamedTuple

from leporello.graphs.composing.scalars import read_number
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, SpecError, refuse

LENGTH_LIMIT = 10_000

_TOKEN = re.compile(
    r"(?P<space>[ \t]+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<size>\$[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<refused>\*\*|//)"
    r"|(?P<sign>[-+*/().])"
)

_ALLOWED = "an expression has numbers, $sizes, names, times such as h(t-1), + - * / and functions such as tanh(x)"
_QUOTE = ("no quotes occur in an expression", "names stand without quotes: tanh(h)")
_COMPARISON = ("there are no comparisons in an expression", _ALLOWED)
_BRACKET = (
    "no brackets or braces occur in an expression",
    "a time stands in parentheses, h(t-1); a list stands on its own, as [a, b]; a size is $name",
)
_POWER = ("there is no power operator", "write square(x), or x * x")
_CAUSES = {
    ",": (
        "no comma occurs in an expression",
        "functions take one value; a list [a, b] concatenates features; the larger of two is relu(a - b) + b",
    ),
    ":": ("no colon occurs in an expression", "an expression reads nodes, as tanh(U + W); keys stand in a mapping"),
    "**": _POWER,
    "^": _POWER,
    "//": ("there is no whole-number division", "write /: between sizes it must leave no remainder"),
    "%": ("there is no remainder operator", _ALLOWED),
    "@": ("there is no matrix product in an expression", "weights have a name: use {block: linear, ...}"),
    "=": ("nothing is assigned inside an expression", "a node is written as name: expression"),
    "$": ("a size is $ and a name", "write it as $words"),
    "_": ("names begin with a letter", "a name is a letter of a to z, then letters, digits, _"),
    "\n": ("an expression stands on one line", "give its parts names of their own"),
    "\r": ("an expression stands on one line", "give its parts names of their own"),
    "−": ("this is not the minus of the keyboard", "write -"),
    "–": ("this is not the minus of the keyboard", "write -"),
    "×": ("products are written with *", "write a * b"),
    "·": ("products are written with *", "write a * b"),
    "⊙": ("products are written with *", "write a * b: it is element-wise"),
    **dict.fromkeys("'\"`", _QUOTE),
    **dict.fromkeys("[]{}", _BRACKET),
    **dict.fromkeys("<>!&|~", _COMPARISON),
}


class Token(NamedTuple):
    """A piece of an expression. `start` and `end` are offsets in the expression's text."""

    kind: Literal["number", "name", "size", "sign", "end"]
    text: str
    start: int
    end: int


@frozen
class Line:
    """The text of an expression and the mark of the scalar that holds it, of no extent where that is unknown."""

    text: str
    mark: Mark

    @cached_property
    def quoted(self) -> bool:
        """Whether the scalar stands in quotes: its extent counts them."""
        return self.mark.end - self.mark.start == len(self.text) + 2

    @cached_property
    def verbatim(self) -> bool:
        """Whether the text stands in the spec as it is, neither folded from several lines nor escaped."""
        return self.quoted or self.mark.end - self.mark.start in (0, len(self.text))

    def place(self, start: int, end: int) -> Mark:
        """The place of the characters from `start` to `end`; the whole scalar if it does not hold them verbatim."""
        if not self.verbatim:
            return self.mark
        mark, shift = self.mark, start + self.quoted
        begin = mark.start + shift
        return Mark(mark.file, mark.line, mark.column + shift, begin, begin + end - start)


def tokenize(line: Line) -> tuple[Token, ...]:
    """The tokens of an expression, the last one of kind `end`.

    Raises SpecError at the first character that cannot occur, and for a text over 10,000 characters.
    """
    text = line.text
    if len(text) > LENGTH_LIMIT:
        raise refuse(f"an expression of {len(text)} characters", f"at most {LENGTH_LIMIT}: name its parts", line.mark)
    if text and not line.verbatim:
        raise refuse("an expression stands on one line, without escapes", "name parts that are long", line.mark)
    tokens = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found or found.lastgroup == "refused":
            raise _unexpected(line, place, found.group() if found else text[place])
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup, found.group(), place, found.end()))  # type: ignore[arg-type]
        place = found.end()
    return (*tokens, Token("end", "", len(text), len(text)))


def number(token: Token, line: Line) -> int | float:
    """The value of a number token, refused where it is too long or too large to hold."""
    return read_number(token.text, line.place(token.start, token.end))


def _unexpected(line: Line, place: int, character: str) -> SpecError:
    what, hint = _CAUSES.get(character, (f"`{character}` cannot occur in an expression", _ALLOWED))
    if character.isalpha() and character not in _CAUSES:
        what, hint = f"`{character}` cannot occur in a name", "a name is a letter of a to z, then letters, digits, _"
    return refuse(f"{what}: `{excerpt(line.text, place)}`", hint, line.place(place, place + len(character)))


def excerpt(text: str, place: int) -> str:
    """The text around a place, on one line and short enough for a message."""
    start = max(0, place - 30)
    shown = text[start : place + 30].replace("\n", " ")
    return ("…" if start else "") + shown + ("…" if len(text) > place + 30 else "")
