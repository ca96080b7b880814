"""Errors as part of the product: where, what is wrong, what is allowed, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from leporello.graphs.frozen import frozen

MOST = 100
"""So many problems are told at once."""

COMPARED = 100
"""With so many names an unknown one is compared."""


class Mark(NamedTuple):
    """A place in a text: lines and columns count from 1, `start` and `end` are character offsets.

    A named tuple and no dataclass: every value of a spec has one, and this is made in a third of the time.
    """

    file: str
    line: int
    column: int
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{visible(self.file).replace(chr(10), placeholder(chr(10)))}:{self.line}:{self.column}"


@frozen
class Problem:
    """One thing that is wrong with a spec, or (as a warning) probably not meant.

    `what` says what is wrong, `hint` what is allowed and how to mend it, `node` is the path of the node it is about,
    `name` the name that is read where none may be read: what is declared so has been told already.
    """

    what: str
    hint: str = ""
    mark: Mark | None = None
    warning: bool = False
    node: str = field(default="", compare=False)
    name: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        place = f"{self.mark}: " if self.mark else ""
        kind = "warning: " if self.warning else "error: "
        return f"{place}{kind}{visible(self.what)}" + (f"\n  {visible(self.hint)}" if self.hint else "")


@dataclass(eq=False)
class SpecError(Exception):
    """A spec that is not a model, with every problem that was found."""

    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def refuse(what: str, hint: str = "", mark: Mark | None = None) -> SpecError:
    """An error with one problem, to be raised."""
    return SpecError((Problem(what, hint, mark),))


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names, those most like `name` first; of more than a hundred those that may be meant.

    >>> nearest("lstn", ["gru", "lstm"])
    ['lstm', 'gru']
    """
    names = sorted(set(known))
    if len(names) > COMPARED:
        names = _similar(name, names)
    return sorted(names, key=lambda other: -_likeness(name, other))


def _likeness(name: str, other: str) -> float:
    from difflib import SequenceMatcher  # late: only what is wrong needs it

    # Of long names the beginning must do: comparing takes the product of their lengths.
    return SequenceMatcher(None, name[:40].lower(), other[:40].lower()).ratio()


def _similar(name: str, names: list[str]) -> list[str]:
    """A few of many names, by their length and first letter."""
    first, length = name[:1].lower(), len(name)
    chosen = [other for other in names if other[:1].lower() == first and abs(len(other) - length) <= 2]
    return chosen[:COMPARED] or names[:COMPARED]


def told(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order of their places, each once, and not more than a person would read."""
    found = sorted(dict.fromkeys(problems), key=lambda problem: (problem.mark is None, *_line(problem.mark)))
    more = len(found) - MOST
    rest = [Problem(f"and {more} more problems", "mend the first ones")] if more > 0 else []
    return (*found[:MOST], *rest)


def _line(mark: Mark | None) -> tuple[int, int]:
    return (mark.line, mark.column) if mark else (0, 0)


def suggest(name: str, known: Iterable[str], noun: str = "known", more: str = "") -> str:
    """A hint that lists the known names, nearest first, and proposes one that is close.

    `more` says where those are found that are too many to be listed.

    >>> suggest("lstn", ["gru", "lstm"])
    'did you mean lstm? known: lstm, gru'
    """
    everything = set(known)
    if not everything:
        return f"{noun}: none"
    names = nearest(name, everything)[:12]
    lead = f"did you mean {names[0]}? " if _likeness(name, names[0]) >= 0.6 else ""
    left = len(everything) - len(names)
    listed = ", ".join(names) + (f" and {left} more" if left else "") + (f"; {more}" if left and more else "")
    return f"{lead}{noun}: {listed}"


def an(noun: str) -> str:
    """The noun with its article.

    >>> an("lstm"), an("gru"), an("embedding"), an("rnn")
    ('an lstm', 'a gru', 'an embedding', 'an rnn')
    """
    # Short abbreviations are spelled out in speech: an LSTM, an RNN.
    spelled = len(noun) <= 4 and not set(noun.lower()) & set("aeiouy")
    return ("an " if noun[:1].lower() in ("aefhilmnorsx" if spelled else "aeio") else "a ") + noun


def visible(text: str, limit: int = 2000) -> str:
    """`text` as it may be shown on a terminal: control and direction characters made visible, clipped.

    >>> visible("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    shown = text if len(text) <= limit else text[:limit] + "…"
    if shown.isprintable():
        return shown
    return "".join(c if c == "\n" or c.isprintable() else placeholder(c) for c in shown)


def placeholder(character: str) -> str:
    """A character by its number, as Python writes it."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
