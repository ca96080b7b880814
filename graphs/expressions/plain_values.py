"""The values of a graph as plain ones (texts, numbers, lists, dicts), for writing, printing and interchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.expressions.tree import Binary, Call, Negative, Number, Read, SizeName, unparse
from leporello.graphs.size import Size

EXPRESSIONS = (Number, SizeName, Read, Negative, Binary, Call)


def plain_value(value: Any) -> Any:
    """`value` with expressions and sizes as their texts, mappings as dicts, tuples as lists.

    >>> plain_value((SizeName("units"), 2 * Size.named("n")))
    ['$units', '2 * $n']
    """
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, EXPRESSIONS):
        return unparse(value)
    return size_text(value) if isinstance(value, Size) else value


def size_text(size: Size) -> str:
    """The text of a size as an expression that has this size; a factor below the line divides.

    >>> size_text(Size.named("n") / 2 + 3)
    '$n / 2 + 3'
    """
    words = []
    for names, factor in size.terms:
        parts = [str(factor.numerator)] if factor.numerator != 1 or not names else []
        text = " * ".join([*parts, *(f"${name}" for name in names)])
        words.append(text + (f" / {factor.denominator}" if factor.denominator != 1 else ""))
    return " + ".join(words)
