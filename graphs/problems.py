"""Errors as part of the product: where, what is wrong, what is allowed, how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mark:
    """A place in a text: lines and columns count from 1, `start` and `end` are character offsets."""

    file: str
    line: int
    column: int
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a spec, or (as a warning) probably not meant.

    `what` says what is wrong, `hint` what is allowed and how to mend it.
    """

    what: str
    hint: str = ""
    mark: Mark | None = None
    warning: bool = False

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
    """The known names, those most like `name` first.

    >>> nearest("lstn", ["gru", "lstm"])
    ['lstm', 'gru']
    """
    names = sorted(set(known))
    return sorted(names, key=lambda other: -difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio())


def suggest(name: str, known: Iterable[str], noun: str = "known") -> str:
    """A hint that lists the known names, nearest first, and proposes one that is close.

    >>> suggest("lstn", ["gru", "lstm"])
    'did you mean lstm? known: lstm, gru'
    """
    names = nearest(name, known)
    if not names:
        return f"{noun}: none"
    close = difflib.get_close_matches(name.lower(), [names[0].lower()], n=1, cutoff=0.6)
    lead = f"did you mean {names[0]}? " if close else ""
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
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
    return "".join(c if c == "\n" or c.isprintable() else _placeholder(c) for c in shown)


def _placeholder(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
