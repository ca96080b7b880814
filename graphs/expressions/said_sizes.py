"""Sizes that a block says of itself: `$port`, `$output` and `$parameter` stand for theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from leporello.graphs.expressions.grammar import parse_size
from leporello.graphs.expressions.tree import Expression, evaluate_size, size_names
from leporello.graphs.problems import Mark, SpecError


def said_size(text: str, sizes: Mapping[str, Any]) -> Any:
    """What an expression of sizes comes to; None where a size in it is not known.

    >>> said_size("2 * $units + $input", {"units": 8, "input": 3})
    19

    Raises:
        SpecError: for a text that is no expression of sizes, and for a division that leaves a rest.
        KeyError: for a name that `sizes` does not have.
    """
    expression = _parsed(text)
    if any(sizes[name] is None for name in size_names(expression)):
        return None
    return evaluate_size(expression, sizes.__getitem__)


def names_of(text: str) -> frozenset[str]:
    """The names in an expression of sizes."""
    return frozenset(size_names(_parsed(text)))


@cache
def _parsed(text: str) -> Expression:
    try:
        return parse_size(text, Mark("", 1, 1))
    except SpecError as error:
        raise SpecError(tuple(replace(problem, mark=None) for problem in error.problems)) from None
