"""The grammar of times: `(t-1)`, `(first)`, `(last)`, `(all)`, and what is often written in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from leporello.graphs.expressions.tokens import Line, Token
from leporello.graphs.nodes import NOW, Time
from leporello.graphs.problems import SpecError, refuse

DELAY_LIMIT = 100_000

_LONE = ("first", "last", "all")
_ALLOWED = "a time is t, t-1, t+1, first, last or all"


def is_time(tokens: Sequence[Token], place: int) -> bool:
    """Whether a time in parentheses stands at `place`, and nothing more."""
    inside = between(tokens, place)
    texts = [token.text for token in inside]
    if tokens[place + 1 + len(inside)].text != ")":
        return False
    if texts == ["t"] or (len(texts) == 1 and texts[0] in _LONE):
        return True
    return len(texts) == 3 and texts[0] == "t" and texts[1] in ("+", "-") and inside[2].kind == "number"


def parse_time(tokens: Sequence[Token], place: int, line: Line) -> tuple[Time, int]:
    """The time in the parentheses at `place`, and the place behind them.

    Raises SpecError for a step that is not a whole number, a step over 100,000, and for anything that is no time.
    """
    inside = between(tokens, place)
    if not is_time(tokens, place):
        raise misread(tokens, place, line) or _refuse("this is not a time", _ALLOWED, inside or [tokens[place]], line)
    behind = place + len(inside) + 2
    if inside[0].text in _LONE:
        return Time(cast(Literal["first", "last", "all"], inside[0].text)), behind
    if len(inside) == 1:
        return NOW, behind
    steps = inside[2]
    if not steps.text.isdecimal():
        raise _refuse("a delay is a whole number of steps", "write h(t-1), say", [steps], line)
    if len(steps.text) > 9 or int(steps.text) > DELAY_LIMIT:
        raise _refuse("a delay this long is not supported", f"at most {DELAY_LIMIT} steps", [steps], line)
    return Time("t", int(inside[1].text + steps.text)), behind


def misread(tokens: Sequence[Token], place: int, line: Line) -> SpecError | None:
    """The error for parentheses that were meant as a time and are none; None if nothing says that they were."""
    inside = between(tokens, place)
    texts = [token.text for token in inside]
    closing = tokens[place + 1 + len(inside)]
    if closing.kind == "end":
        return _refuse("this parenthesis is not closed", "add `)`", tokens[place : place + 1], line)
    if not texts:
        return None if closing.text == "(" else _refuse("these parentheses are empty", _ALLOWED, [closing], line)
    if inside[-1].kind == "number" and (texts[0] in ("-", "+") or len(texts) == 1):
        return _refuse("a step is counted from t", f"{_ALLOWED}: write h(t-1) for the step before", inside, line)
    if texts[0] in _LONE:
        return _refuse(f"`{texts[0]}` stands alone in its parentheses", _ALLOWED, inside[1:], line)
    if "t" not in texts:
        return None
    if texts[0] != "t" or texts[1] in ("*", "/"):
        what = "rates are not yet supported: a read keeps the step of its axis"
        return _refuse(what, f"{_ALLOWED}; x(2t+1) and slow(t/4) are reserved for later", inside, line)
    if texts[1] in ("+", "-") and len(texts) <= 3:
        return _refuse("a delay is a number", f"{_ALLOWED}; a delay is no $size and no name", inside, line)
    return _refuse("this is not a time", f"{_ALLOWED}: one step, added up, as h(t-2)", inside, line)


def between(tokens: Sequence[Token], place: int) -> Sequence[Token]:
    """The tokens from the parenthesis at `place` to the next one, or to the end."""
    end = place + 1
    while tokens[end].kind != "end" and tokens[end].text not in ("(", ")"):
        end += 1
    return tokens[place + 1 : end]


def _refuse(what: str, hint: str, tokens: Sequence[Token], line: Line) -> SpecError:
    return refuse(what, hint, line.place(tokens[0].start, tokens[-1].end))
