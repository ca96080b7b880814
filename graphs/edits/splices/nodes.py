"""Nodes put into a body, copied, and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, with_value, without
from leporello.graphs.edits.renaming import owner_moved
from leporello.graphs.edits.splices.draft import INCOMPLETE, Draft, Edited, concluded
from leporello.graphs.edits.splices.frames import only_changed
from leporello.graphs.edits.splices.places import Place, place, put, reworded
from leporello.graphs.edits.splices.readers import readers, told
from leporello.graphs.edits.splices.rewording import Rewording, Values
from leporello.graphs.edits.text.changes import at, new, with_entry
from leporello.graphs.expressions.grammar import Expression, Read, parse, unparse
from leporello.graphs.nodes import NOW, Time
from leporello.graphs.problems import refuse, suggest


def add_node(draft: Draft, name: str, value: Any, *, after: str = "", block: str = "") -> Edited:
    """A new node: an expression, a list, or a mapping such as `{"block": "linear", "input": "x"}`.

    It comes last, or behind the node `after`. Its ports may be left open for now.

    Raises:
        SpecError: for a name that is taken or none, and for a value that cannot be read.
    """
    return add_nodes(draft, {name: value}, after=after, block=block)


def add_nodes(draft: Draft, values: Mapping[str, Any], *, after: str = "", block: str = "") -> Edited:
    """New nodes as one edit, which may read each other; see `add_node`."""
    here, entries = place(draft, block), [(name, new(value)) for name, value in values.items()]
    for name, _ in entries:
        here.check_free(name, "node")
    tree = _inserted(here, entries, after)
    called = f"add {', '.join(map(here.named, values))}"
    lacking = tuple(what for name, value in entries for what in open_ports(here, name, value))
    return concluded(draft, tree, called, only_changed(draft, tree), lacking=lacking)


def open_ports(here: Place, name: str, value: Tree) -> tuple[str, ...]:
    """What may be said of a node whose ports are not all given."""
    block = at(value, ("block",))
    kind = here.draft.full.get(block.text) if isinstance(block, Scalar) else None
    ports = [port.name for port in kind.ports] if kind else []
    return (f"{name} needs a list", *(f"{name} lacks its port {port}" for port in ports))


def _inserted(here: Place, entries: Iterable[tuple[str, Tree]], after: str = "") -> Table:
    """The tree with new nodes behind another, or last."""
    if after:
        here.value(after)
    tree, last = here.draft.tree, after
    for name, value in entries:
        nodes = at(tree, (*here.keys, "nodes"))
        if last and isinstance(nodes, Table):
            made = with_entry(nodes, nodes.keys().index(last) + 1, name, value)
            tree = with_value(tree, (*here.keys, "nodes"), made)
            last = name
        else:
            tree = put(here.draft, tree, (*here.keys, "nodes", name), value)
    return tree


def copy_node(draft: Draft, name: str, copy: str, *, block: str = "", shared: bool = False) -> Edited:
    """Another node like one, behind it; what reads itself reads the copy, which may share the weights.

    Raises:
        SpecError: for a node that is not there, and a name that is taken or none.
    """
    here = place(draft, block)
    value = here.value(name)
    here.check_free(copy, "node")

    def read(found: Read) -> Read:
        return replace(found, name=copy) if found.name == name else found

    made = Rewording(read, shares=lambda target: owner_moved(target, name, copy)).node(value, draft.full)
    if shared:
        if not isinstance(made, Table) or "block" not in made:
            raise refuse(f"{name} is an expression: it has no weights to share", "copy it without sharing")
        made = with_value(made, ("share",), new(name))
    tree = _inserted(here, [(copy, new(made))], name)
    called = f"copy {here.named(name)} as {copy}"
    return concluded(draft, tree, called, only_changed(draft, tree), lacking=open_ports(here, copy, made))


def remove_nodes(draft: Draft, names: Iterable[str], *, bypass: bool = False, block: str = "") -> Edited:
    """Nodes taken away; with `bypass` what reads them reads what they read at their first port, delays added.

    Raises:
        SpecError: for nodes that are not there, and for those that something else still reads.
    """
    here, gone = place(draft, block), tuple(dict.fromkeys(names))
    for name in gone:
        here.value(name)
    if not gone:
        raise refuse("no nodes are named", suggest("", here.nodes, "nodes"))
    tree = draft.tree
    for name in gone:
        tree = _emptied(tree, here, name)
    tree = reworded(tree, here, _Bypass(here, gone, bypass).rewording())
    called = f"remove {', '.join(map(here.named, gone))}"
    return concluded(draft, tree, called, only_changed(draft, tree), lacking=INCOMPLETE)


def _emptied(tree: Table, here: Place, name: str) -> Table:
    made = without(tree, (*here.keys, "nodes", name))
    assert isinstance(made, Table)
    return made


class _Bypass:
    """What is read in place of nodes that go away."""

    def __init__(self, here: Place, gone: tuple[str, ...], allowed: bool) -> None:
        self.here, self.gone, self.allowed = here, gone, allowed

    def rewording(self) -> Rewording:
        return Rewording(lambda read: self.instead(read, ()), shares=self.shared, about=frozenset(self.gone))

    def shared(self, target: str) -> str:
        owner = target.replace(".", "/").split("/")[0]
        if owner in self.gone:
            raise refuse(f"{owner} cannot be removed: its weights are shared", "unset `share` of what shares them")
        return target

    def instead(self, read: Read, seen: tuple[str, ...]) -> Expression | Values:
        if read.name not in self.gone:
            return read
        if not self.allowed:
            who = readers(self.here, read.name, self.gone)
            raise refuse(f"{read.name} cannot be removed: {told(who)}", _BYPASS)
        if read.name in seen:
            raise refuse(f"{read.name} reads itself: nothing stands behind it", "connect what reads it first")
        kind = self.here.kind_of(read.name)
        if read.port and (kind is None or read.port not in kind.outputs[:1]):
            raise refuse(f"{unparse(read)} has nothing that stands in its place", "connect what reads it first")
        found: list[Expression] = []
        for value in self.first(read.name):
            late = self.later(value, read)
            again = self.instead(late, (*seen, read.name)) if isinstance(late, Read) else late
            found += again if isinstance(again, tuple) else [again]
        return tuple(found) if len(found) > 1 else found[0]

    def first(self, name: str) -> list[Expression]:
        """The values that a node reads at its first port."""
        tree, kind = self.here.value(name), self.here.kind_of(name)
        if isinstance(tree, Table) and "block" in tree:
            port = "input" if kind is None or kind.many or not kind.ports else kind.ports[0].name
            value = tree.get(port)
        else:
            value = at(tree, ("value",)) or tree
        items = value.items if isinstance(value, Sequence) else (value,)
        if not all(isinstance(item, Scalar) and isinstance(item.value, str) for item in items):
            raise refuse(f"{name} reads nothing that could stand in its place", "connect what reads it first")
        found = [parse(item.text, item.mark) for item in items if isinstance(item, Scalar)]
        if not (isinstance(tree, Table) and "block" in tree) and not all(isinstance(one, Read) for one in found):
            raise refuse(f"{name} is an expression: it is no step between others", "write its readers otherwise first")
        return found

    def later(self, value: Expression, read: Read) -> Expression:
        """A value as it is read at the time of a read."""
        if read.time == NOW:
            return value
        if isinstance(value, Read):
            if value.time == NOW:
                return replace(value, time=read.time)
            if value.time.kind == read.time.kind == "t":
                return replace(value, time=Time("t", value.time.offset + read.time.offset))
        raise refuse(
            f"{unparse(read)} cannot be read past {read.name}: {unparse(value)} has a time of its own",
            "connect what reads it first",
        )


_BYPASS = "connect what reads it to something else first, or let it read what this reads (--bypass)"
