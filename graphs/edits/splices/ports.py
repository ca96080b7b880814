"""Wires: a port connected to what it reads, and when; added to what it reads already; delayed; disconnected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, with_value, without
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.frames import only_changed
from leporello.graphs.edits.splices.nodes import open_ports
from leporello.graphs.edits.splices.places import Place, place
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.splices.settings import node_order
from leporello.graphs.edits.text.changes import NEW, at, in_place, new
from leporello.graphs.expressions.grammar import Read, parse, unparse
from leporello.graphs.nodes import Time
from leporello.graphs.problems import an, refuse, suggest


def connect(draft: Draft, name: str, port: str, value: Any, *, also: bool = False, block: str = "") -> Edited:
    """What a node reads at a port, with its time: `h(t-1)`, or a list of such; with `also` beside what it reads there.

    Raises:
        SpecError: for a node or a port that is not there, and for what cannot be read.
    """
    here = place(draft, block)
    _check_port(here, name, port)
    tree = here.value(name)
    old = at(tree, (port,))
    items = new(value)
    if isinstance(items, Table) or (isinstance(items, Scalar) and not isinstance(items.value, str | int | float)):
        raise refuse(
            f"{port} of {name} reads no such value", "a node, as h or h(t-1), an expression, or a list of them"
        )
    kind = here.kind_of(name)
    if kind is not None and kind.many and isinstance(items, Scalar):
        items = Sequence((items,), NEW, True)
    made = _joined(old, items) if also and old is not None else in_place(old, items)
    changed = here.put(("nodes", name, port), made, node_order(kind))
    said = value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    where = f"{name}.{port}" if _several(here, name) else name
    return _done(here, name, changed, f"connect {said} to {here.named(where)}")


def disconnect(draft: Draft, name: str, port: str, source: str = "", *, block: str = "") -> Edited:
    """A port without what it reads, or without one of the nodes in what it reads; a port that is needed stays open.

    Raises:
        SpecError: for a node or a port that is not there, or that does not read this.
    """
    here = place(draft, block)
    _check_port(here, name, port)
    old = at(here.value(name), (port,))
    if old is None:
        raise refuse(f"{name} reads nothing at {port}", "there is nothing to disconnect")
    items = list(old.items) if isinstance(old, Sequence) else [old]
    kept = [item for item in items if not _reads(item, source)] if source else []
    if source and len(kept) == len(items):
        raise refuse(f"{name} does not read {source} at {port}", suggest(source, map(_shown, items), "what it reads"))
    keys = (*here.keys, "nodes", name, port)
    if not kept:
        changed = without(draft.tree, keys)
        assert isinstance(changed, Table)
    else:
        kind = here.kind_of(name)
        many = kind is not None and kind.many
        assert isinstance(old, Sequence)
        left: Tree = kept[0] if len(kept) == 1 and not many else Sequence(tuple(kept), old.mark, old.flow)
        changed = with_value(draft.tree, keys, left)
    what = source or port
    return _done(here, name, changed, f"disconnect {what} from {here.named(name)}")


def delay(draft: Draft, name: str, source: str, by: int, *, block: str = "") -> Edited:
    """What a node reads of `source` at its steps, read so many steps later (fewer: earlier): `h` becomes `h(t-1)`.

    Raises:
        SpecError: for a node that is not there, and where it reads nothing of that at a step.
    """

    def later(one: Read) -> Read:
        if one.time.kind != "t" or one.port == "state":
            return one
        return replace(one, time=Time("t", one.time.offset - by))

    edited = _reread(place(draft, block), name, source, later)
    if edited is None:
        raise refuse(f"{name} reads no step of {source}", "what is read at its end, or as a whole, has no delay")
    return edited


def reread(draft: Draft, name: str, source: str, other: str, *, block: str = "") -> Edited:
    """A node that reads `other`, such as `h(t-1)`, wherever it reads `source` now; states stay states.

    Raises:
        SpecError: for a node that is not there, for what is no read, and where it reads nothing of that.
    """
    wanted = parse(other, NEW)
    if not isinstance(wanted, Read):
        raise refuse(f"{other} is an expression", "a wire reads a name, with its port and time")

    def instead(one: Read) -> Read:
        return replace(one, name=wanted.name) if one.port == "state" else wanted

    edited = _reread(place(draft, block), name, source, instead)
    if edited is None:
        raise refuse(f"{name} reads {source} as it is said already", "say another name, or another time")
    return edited


def _reread(here: Place, name: str, source: str, change: Callable[[Read], Read]) -> Edited | None:
    """A node with its reads of a source changed; None where that changes nothing."""
    found: list[Read] = []

    def read(one: Read) -> Read:
        made = change(one) if one.name == source else one
        found.extend([made] * (made != one))
        return made

    made = Rewording(read, about=frozenset({source})).node(here.value(name), here.draft.full)
    if not found:
        return None
    changed = here.put(("nodes", name), made)
    called = f"let {here.named(name)} read {unparse(found[0])}"
    return concluded(here.draft, changed, called, only_changed(here.draft, changed))


def _done(here: Place, name: str, tree: Table, called: str) -> Edited:
    draft = here.draft
    return concluded(draft, tree, called, only_changed(draft, tree), lacking=open_ports(here, name, here.value(name)))


def _check_port(here: Place, name: str, port: str) -> None:
    tree, kind = here.value(name), here.kind_of(name)
    if not isinstance(tree, Table) or "block" not in tree:
        raise refuse(f"{name} is an expression: it has no ports", "write the expression anew: leporello edit write")
    if kind is None:
        return  # a block that is not known may have any port
    known = ["input"] if kind.many else [one.name for one in kind.ports]
    if port not in known:
        raise refuse(f"{name}, {an(kind.name)}, has no port {port!r}", suggest(port, known, "ports"))


def _several(here: Place, name: str) -> bool:
    kind = here.kind_of(name)
    return kind is None or len(kind.ports) > 1


def _joined(old: Tree, more: Tree) -> Sequence:
    before = old.items if isinstance(old, Sequence) else (old,)
    behind = more.items if isinstance(more, Sequence) else (more,)
    mark, flow = (old.mark, old.flow) if isinstance(old, Sequence) else (NEW, True)
    return Sequence((*before, *behind), mark, flow)


def _reads(item: Tree, source: str) -> bool:
    """Whether an item is a read of `source`: a node at any time, or exactly what is said."""
    if not isinstance(item, Scalar):
        return False
    if item.text == source:
        return True
    try:
        found = parse(item.text, item.mark)
    except Exception:
        return False
    return isinstance(found, Read) and found.name == source


def _shown(item: Tree) -> str:
    return item.text if isinstance(item, Scalar) else "a list"
