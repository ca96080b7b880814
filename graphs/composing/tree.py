"""The tree of a spec: tables, sequences and scalars, each with its place, and the text they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark


@frozen
class Scalar:
    """A single value. `text` is what stands there without quotes; `plain` says that there were none."""

    value: str | int | float | bool | None
    text: str
    mark: Mark
    plain: bool


@frozen
class Sequence:
    """A list of values; one in brackets is `flow`."""

    items: tuple[Tree, ...]
    mark: Mark
    flow: bool = False


@frozen
class Table:
    """A mapping from names to values, in the order written; its keys are all different. One in braces is `flow`."""

    entries: tuple[tuple[Scalar, Tree], ...]
    mark: Mark
    flow: bool = False

    @cached_property
    def _index(self) -> dict[str, int]:
        return {key.text: place for place, (key, _) in enumerate(self.entries)}

    def get(self, key: str) -> Tree | None:
        """The value of `key`, None without it."""
        place = self._index.get(key)
        return None if place is None else self.entries[place][1]

    def key(self, key: str) -> Scalar:
        """The key itself, with its place."""
        return self.entries[self._index[key]][0]

    def keys(self) -> tuple[str, ...]:
        """The keys in the order written."""
        return tuple(self._index)

    @cached_property
    def marks(self) -> Mapping[str, Mark]:
        """The places of the values, by key."""
        return {key.text: value.mark for key, value in self.entries}

    def __contains__(self, key: object) -> bool:
        return key in self._index


Tree: TypeAlias = Scalar | Sequence | Table
Keys: TypeAlias = tuple[str, ...]


@frozen
class Source:
    """A text, the name of its file (empty: it is in none), and its tree.

    Where a part of the text could not be composed, the tree has what stands around it.
    """

    text: str = ""
    file: str = ""
    tree: Tree | None = None


class Span(NamedTuple):
    """Where something stands: its value, and the key before it (None for an item of a list)."""

    value: Mark
    key: Mark | None = None


def locate(source: Source, path: str | Iterable[str]) -> Span | None:
    """Where a part of a spec stands: a path of keys and, in lists, of numbers from 0; None where nothing does.

    A path may be one text with dots between its keys, or the keys themselves, which may have dots in them.

    >>> from leporello.graphs.composing.compose import compose
    >>> text = "nodes:\\n  W: {block: linear, input: [x, h(t-1)], units: 16}"
    >>> span = locate(Source(text, "", compose(text)), "nodes.W.input.1")
    >>> text[span.value.start : span.value.end]
    'h(t-1)'
    """
    tree, key = source.tree, None
    for name in path.split(".") if isinstance(path, str) else path:
        if isinstance(tree, Table):
            key = tree.key(name).mark if name in tree else None
            tree = tree.get(name)
        elif isinstance(tree, Sequence) and name.isdecimal():
            key = None
            tree = tree.items[int(name)] if int(name) < len(tree.items) else None
        else:
            return None
    return Span(tree.mark, key) if tree is not None else None


def mark_of(source: Source, *keys: str) -> Mark | None:
    """Where the value at these keys stands, None where nothing does."""
    span = locate(source, keys)
    return span.value if span else None


def with_value(table: Tree | None, keys: Keys, value: Tree, order: Keys = ()) -> Table:
    """A table with `value` at these keys, tables made where there are none.

    A new last key goes behind those that stand before it in `order`, else to the end.
    """
    head, rest = keys[0], keys[1:]
    old = table if isinstance(table, Table) else Table((), value.mark, True)
    inner = old.get(head)
    said = with_value(inner, rest, value, order) if rest else value
    if inner is not None:
        return replace(old, entries=tuple((key, said if key.text == head else tree) for key, tree in old.entries))
    place = _place(head, old.keys(), () if rest else order)
    pair = Scalar(head, head, value.mark, False), said
    return replace(old, entries=(*old.entries[:place], pair, *old.entries[place:]))


def _place(key: str, others: Keys, order: Keys) -> int:
    """Where among the others a key goes that has its place in `order`."""
    if key not in order:
        return len(others)
    before = order[: order.index(key)]
    return max((place + 1 for place, other in enumerate(others) if other in before), default=0)


def without(table: Tree | None, keys: Keys) -> Tree | None:
    """A table without what stands at these keys."""
    if not isinstance(table, Table):
        return table
    head, rest = keys[0], keys[1:]
    inner = without(table.get(head), rest) if rest else None
    pairs = ((key, inner if key.text == head else old) for key, old in table.entries)
    return replace(table, entries=tuple((key, tree) for key, tree in pairs if tree is not None))


def plain(tree: Tree | None) -> Any:
    """A tree as dicts, lists and plain values."""
    match tree:
        case Table(entries):
            return {key.text: plain(value) for key, value in entries}
        case Sequence(items):
            return [plain(item) for item in items]
        case Scalar(value):
            return value
        case None:
            return None
