"""Random changes of a tree: values set, taken away, put in, keys renamed, entries moved to another table."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, Tree, with_value, without
from leporello.graphs.edits.text.changes import NEW, at, in_place, new, with_entry, with_key

VALUES: tuple[Any, ...] = (
    7,
    0.5,
    True,
    None,
    "plain",
    "it's",
    "a: b",
    'say "x"',
    "#",
    "- x",
    "",
    "true",
    "010",
    "x, y",
    "[x]",
    "tanh(h(t-1))",
    "two\nlines",
    "\x07bell",
    [],
    {},
    [1, "b"],
    {"block": "linear", "input": ["x", "h(t-1)"]},
    {"deep": {"er": [1, {"a": 2}]}},
)


def paths(tree: Tree, keys: Keys = ()) -> list[Keys]:
    """The keys of everything in a tree, lists by their numbers."""
    if isinstance(tree, Table):
        return [p for key, item in tree.entries for p in [(*keys, key.text), *paths(item, (*keys, key.text))]]
    if isinstance(tree, Sequence):
        return [p for i, item in enumerate(tree.items) for p in [(*keys, str(i)), *paths(item, (*keys, str(i)))]]
    return []


def changed(tree: Table, draw: random.Random, times: int) -> Table:
    """The tree after so many random changes."""
    for _ in range(times):
        tree = _changed(tree, draw)
    return tree


def _changed(tree: Table, draw: random.Random) -> Table:
    known = paths(tree)
    if not known:
        return with_value(tree, ("begun",), new({"a": 1}, block=True))
    keys = draw.choice(known)
    parent = at(tree, keys[:-1]) if len(keys) > 1 else tree
    if isinstance(parent, Sequence):
        return _put(tree, keys[:-1], _items(parent, int(keys[-1]), draw))
    assert isinstance(parent, Table)
    way = draw.randrange(6)
    if way == 0:
        made = without(tree, keys)
        assert isinstance(made, Table)
        return made
    if way == 1 and (name := draw.choice(("k", "V_1", "a b", "x: y"))) not in parent:
        return _rename(tree, keys, name)
    if way == 2 and (name := f"n{draw.randrange(100)}") not in parent:
        value = new(draw.choice(VALUES), block=draw.random() < 0.3)
        return _put(tree, keys[:-1], with_entry(parent, draw.randint(0, len(parent.entries)), name, value))
    if way == 3:
        return _moved(tree, keys, draw)
    if way == 4:
        old = at(tree, keys)
        wrapped = Table(
            ((Scalar("value", "value", NEW, True), old), (Scalar("label", "label", NEW, True), new("x"))), NEW, True
        )
        return _put(tree, keys, wrapped) if old is not None else tree
    return _put(tree, keys, in_place(at(tree, keys), draw.choice(VALUES)))


def _items(parent: Sequence, place: int, draw: random.Random) -> Sequence:
    items = list(parent.items)
    way = draw.randrange(3)
    if way == 0:
        del items[place]
    elif way == 1:
        items.insert(draw.randint(0, len(items)), new(draw.choice(VALUES)))
    else:
        items[place] = in_place(items[place], draw.choice(VALUES))
    return replace(parent, items=tuple(items))


def _rename(tree: Table, keys: Keys, name: str) -> Table:
    if any(isinstance(at(tree, keys[:length]), Sequence) for length in range(1, len(keys))):
        return tree
    return with_key(tree, keys, name)


def _put(tree: Table, keys: Keys, value: Tree) -> Table:
    """The tree with another value there, through lists too."""
    if not keys:
        assert isinstance(value, Table)
        return value
    parent = at(tree, keys[:-1]) if len(keys) > 1 else tree
    if isinstance(parent, Sequence):
        items = tuple(value if str(i) == keys[-1] else item for i, item in enumerate(parent.items))
        return _put(tree, keys[:-1], replace(parent, items=items))
    assert isinstance(parent, Table)
    return _put(tree, keys[:-1], with_value(parent, keys[-1:], value))


def _moved(tree: Table, keys: Keys, draw: random.Random) -> Table:
    """An entry moved with its key to another table."""
    parent = at(tree, keys[:-1]) if len(keys) > 1 else tree
    assert isinstance(parent, Table)
    key, value = parent.key(keys[-1]), parent.get(keys[-1])
    rest = without(tree, keys)
    assert isinstance(rest, Table) and value is not None
    tables = [path for path in [(), *paths(rest)] if isinstance(at(rest, path) if path else rest, Table)]
    where = draw.choice(tables)
    table = at(rest, where) if where else rest
    assert isinstance(table, Table)
    if key.text in table:
        return tree
    return _put(rest, where, replace(table, entries=(*table.entries, (key, value))))
