"""What can be read in a body that is being written, and what an operation on two of them gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Carried = tuple[str, str]
Mark = tuple[str, int]
"""A state that has no definition yet, and the direction in which it is read."""


@dataclass(frozen=True)
class Value:
    """What can be read in a body: its reference, kind, size, axes, and the unfinished states it depends on.

    `pending` tells the direction of a state that has no definition yet, so that it can be read late only.
    """

    name: str
    kind: str
    size: int
    own: str | None
    carried: tuple[Carried, ...] = ()
    open: frozenset[Mark] = frozenset()
    bound: float = 2.0
    pending: int = 0


@dataclass(frozen=True)
class Promise:
    """A state that is read before it is defined."""

    name: str
    value: Value
    mark: Mark


def at(offset: int) -> str:
    return f"(t{offset:+d})" if offset else ""


def group(text: str) -> str:
    return f"({text})" if any(sign in text for sign in (" + ", " - ", " * ", " / ")) or text.startswith("-") else text


def combined(a: Value, b: Value) -> Value:
    """What an operation on two values gives."""
    carried = tuple(dict.fromkeys((*a.carried, *b.carried)))
    own = b.own if a.own is None else a.own
    return replace(
        a, size=max(a.size, b.size), own=own, carried=carried, open=a.open | b.open, bound=max(a.bound, b.bound)
    )


def joined(limits: Mapping[str, Any], value: Value) -> dict[str, Any]:
    """The limits of a read beside `value`."""
    carried = limits.get("carried", ())
    both = None if carried is None else tuple(dict.fromkeys((*carried, *value.carried)))
    return {**limits, "open_": limits.get("open_", frozenset()) | value.open, "carried": both}


def together(a: frozenset[Mark], b: frozenset[Mark]) -> bool:
    return len({way for _, way in a | b}) <= 1


def carries(more: tuple[Carried, ...], carried: tuple[Carried, ...] | None) -> bool:
    if carried is None:
        return not more
    both = set(more) | set(carried)
    return len({axis for axis, _ in both}) == len(both)


def settled(value: Value, mark: Mark, rest: frozenset[Mark]) -> Value:
    return replace(value, open=(value.open - {mark}) | rest) if mark in value.open else value


def opened(values: Sequence[Value]) -> frozenset[Mark]:
    return frozenset(mark for value in values for mark in value.open)
