"""What a plain YAML scalar means by YAML 1.2's core rules: null, a truth value, a number, or text."""

from __future__ import annotations

import re

from leporello.graphs.problems import Mark, refuse

DIGIT_LIMIT = 300

_NAMED: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC = frozenset("0123456789+-.")


def read_scalar(text: str, mark: Mark) -> str | int | float | bool | None:
    """The value of a plain scalar.

    `010` is ten, `0o10` and `0x8` are eight, `1e-3` is a number; `no`, `on`, `1:30` and `1_000` are text.
    Raises SpecError for `.nan`, `.inf` and numbers that no float can hold.

    >>> [read_scalar(text, Mark("spec.yaml", 1, 1)) for text in ("010", "1e3", "no", "~")]
    [10, 1000.0, 'no', None]
    """
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in _NUMERIC:
        return text
    if _NOT_FINITE.fullmatch(text):
        raise refuse(f"`{text}` is not a number to compute with", "write a finite number", mark)
    if _FLOAT.fullmatch(text) or _BASED.fullmatch(text):
        return read_number(text, mark)
    return text


def read_number(text: str, mark: Mark) -> int | float:
    """The value of a number in decimal, octal (`0o10`) or hexadecimal (`0x8`) digits.

    Raises SpecError where it has over 300 characters or is larger than a float can hold.
    """
    value = number_or_none(text)
    if value is None:
        raise refuse("this number is too large", "numbers reach to 1e308", mark)
    return value


def number_or_none(text: str) -> int | float | None:
    """The value of a number, None where it is too long or too large."""
    if len(text) > DIGIT_LIMIT:
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    value = float(text)
    return value if abs(value) != float("inf") else None
