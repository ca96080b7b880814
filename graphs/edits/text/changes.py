"""Changed trees: what is new has no place, what comes in place of something has its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.plain_trees import tree_of
from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, Tree, with_value
from leporello.graphs.problems import Mark

NEW = Mark("", 0, 0)
"""The mark of what stands nowhere yet."""


def new(value: Any, block: bool = False) -> Tree:
    """A new tree: of plain values, in brackets, or of another tree, laid out as that; `block`: an entry on each line.

    >>> new({"units": 16}).entries[0][1].text
    '16'
    """
    tree = _anew(value) if isinstance(value, Scalar | Sequence | Table) else _in_brackets(tree_of(value, "it", NEW))
    return replace(tree, flow=False) if block and isinstance(tree, Table) else tree


def _anew(tree: Tree) -> Tree:
    match tree:
        case Scalar():
            return replace(tree, mark=NEW)
        case Sequence(items, _, flow):
            return Sequence(tuple(map(_anew, items)), NEW, flow)
        case Table(entries, _, flow):
            return Table(tuple((replace(key, mark=NEW), _anew(item)) for key, item in entries), NEW, flow)


def _in_brackets(tree: Tree) -> Tree:
    match tree:
        case Scalar():
            return tree
        case Sequence(items):
            return Sequence(tuple(map(_in_brackets, items)), NEW, True)
        case Table(entries):
            return Table(tuple((key, _in_brackets(item)) for key, item in entries), NEW, True)


def text(old: Tree | None, value: str) -> Scalar:
    """A text in place of what stands there (None: nothing)."""
    mark, plain = (old.mark, old.plain) if isinstance(old, Scalar) else (NEW, True)
    return Scalar(value, value, mark, plain)


def in_place(old: Tree | None, value: Any) -> Tree:
    """A new value in place of an old one: within a scalar's quotes, and as it stands where it is the same."""
    made = new(value)
    if isinstance(old, Scalar) and isinstance(made, Scalar):
        return old if (old.value, type(old.value)) == (made.value, type(made.value)) else replace(made, mark=old.mark)
    return made


def as_table(listed: Sequence, pairs: Iterable[tuple[str, Scalar, Tree]]) -> Table:
    """A mapping in place of a list: for each name the item that it is said instead of, and its value."""
    entries = ((replace(text(None, name), mark=item.mark), value) for name, item, value in pairs)
    return Table(tuple(entries), NEW, listed.flow)


def at(tree: Tree | None, keys: Keys) -> Tree | None:
    """What stands at these keys, None where nothing does."""
    for key in keys:
        if isinstance(tree, Table):
            tree = tree.get(key)
        elif isinstance(tree, Sequence) and key.isdecimal() and int(key) < len(tree.items):
            tree = tree.items[int(key)]
        else:
            return None
    return tree


def with_key(table: Table, keys: Keys, name: str) -> Table:
    """The table with another name for the last of the keys; as it is where nothing stands there."""
    if keys[0] not in table:
        return table
    if len(keys) == 1:
        pairs = ((text(key, name) if key.text == keys[0] else key, old) for key, old in table.entries)
        return replace(table, entries=tuple(pairs))
    inner = table.get(keys[0])
    if not isinstance(inner, Table):
        return table
    made = with_key(inner, keys[1:], name)
    return table if made is inner else with_value(table, keys[:1], made)


def with_entry(table: Table, place: int, key: str, value: Tree) -> Table:
    """The table with a new entry before that at a place."""
    pair = Scalar(key, key, NEW, True), value
    return replace(table, entries=(*table.entries[:place], pair, *table.entries[place:]))


def alike(one: Tree | None, other: Tree | None) -> bool:
    """Whether two trees say the same: keys in one order, and values of one type."""
    match one, other:
        case Scalar(), Scalar():
            return (one.value, type(one.value)) == (other.value, type(other.value))
        case Sequence(), Sequence():
            return len(one.items) == len(other.items) and all(map(alike, one.items, other.items))
        case Table(), Table():
            if len(one.entries) != len(other.entries):
                return False
            pairs = zip(one.entries, other.entries, strict=True)
            return all(key.text == name.text and alike(value, said) for (key, value), (name, said) in pairs)
        case _:
            return one is None and other is None
