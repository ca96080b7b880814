"""The tokens of a formula as an equation writes it: what is negative within a sum or a product stands in brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(
    r"([A-Za-z]\w*(?:\^(?:\w+|\(\d+\)))?)((?:\.\w+)?)((?:\((?:t[-+]\d+|last|first|all)\))?)|(\d+(?:\.\d+)?(?:e[-+]?\d+)?|[-+*/()])|\s+|(.)"
)
Token = tuple[str, str, str, str, str]
"""A name, its port and its time; or a number, operator or bracket; or what else stands there."""


def bracketed(formula: str) -> list[Token]:
    """The tokens, with brackets around every minus that follows an operator.

    >>> "".join("".join(token) for token in bracketed("-a * -2 - -tanh(b) * c"))
    '-a*(-2)-(-tanh(b))*c'
    """
    tokens: list[Token] = [token for token in _TOKEN.findall(formula) if any(token)]
    signs = [token[3] for token in tokens]
    starts = [at for at in range(1, len(signs)) if signs[at] == "-" and signs[at - 1] in ("+", "-", "*", "/")]
    ends = [_end(tokens, at) for at in starts]
    found: list[Token] = []
    for at, token in enumerate(tokens):
        found += [_bracket("(")] if at in starts else []
        found += [token, *[_bracket(")")] * ends.count(at)]
    return found


def _end(tokens: Sequence[Token], at: int) -> int:
    """Where what is negative ends, whose minus stands at a place: with a name, a number, a call or a bracket."""
    depth = 0
    for place in range(at, len(tokens)):
        sign, after = tokens[place][3], tokens[place + 1][3] if place + 1 < len(tokens) else ""
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign != "-" and after != "(":
            return place
    return len(tokens) - 1


def _bracket(sign: str) -> Token:
    return ("", "", "", sign, "")
