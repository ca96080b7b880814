"""A block of a node replaced by another: ports, parameters, modifiers and initial values that fit are kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.frames import only_changed
from leporello.graphs.edits.splices.nodes import open_ports
from leporello.graphs.edits.splices.places import Place, place
from leporello.graphs.edits.splices.weight_moves import is_layered
from leporello.graphs.edits.text.changes import NEW, text
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.nodes import EMPTY
from leporello.graphs.opening.first_values import spoken_of, weights_within
from leporello.graphs.problems import SpecError, an, refuse
from leporello.graphs.reading.fields import COMMON, names
from leporello.graphs.reading.parameters import parameter_value
from leporello.graphs.schemes import by_weight


def replace_block(draft: Draft, name: str, other: str, block: str = "") -> Edited:
    """Another block for a node; what the other does not have is left out and told in `notes`.

    Raises:
        SpecError: for an expression, a block that is not known, and where something reads what the other does not give.
    """
    here = place(draft, block)
    table, old = here.value(name), here.kind_of(name)
    if not isinstance(table, Table) or "block" not in table:
        raise refuse(f"{name} is an expression: it uses no block", f"write it anew: {{block: {other}, input: ...}}")
    kind = draft.full.find(other)
    if kind.operator:
        raise refuse(f"{other} is not written as a block", "write it in an expression")
    fitting = _Fitting(here, table, old, kind)
    made = replace(table, entries=tuple(fitting.entries()))
    tree = here.put(("nodes", name), made)
    lacking = open_ports(here, name, made)
    called = f"replace {here.named(name)} by {an(kind.name)}"
    paths = _paths(name, kind, draft.full) if not block else str
    edited = concluded(draft, tree, called, only_changed(draft, tree), lacking=lacking, paths=paths)
    return replace(edited, notes=tuple(f"{key}: is left out: {why}" for key, why in fitting.left_out))


class _Fitting:
    """What is said of a node, as far as it fits another block."""

    def __init__(self, here: Place, table: Table, old: BlockType | None, kind: BlockType) -> None:
        self.here, self.table, self.old, self.kind = here, table, old, kind
        self.left_out: list[tuple[str, str]] = []

    def entries(self) -> list[tuple[Scalar, Tree]]:
        found = []
        for key, item in self.table.entries:
            kept = self.kept(key, item)
            if kept is None:
                self.left_out.append((key.text, f"{an(self.kind.name)} has no such thing"))
            else:
                found.append(kept)
        return found

    def kept(self, key: Scalar, item: Tree) -> tuple[Scalar, Tree] | None:
        name = key.text
        if name == "block":
            return key, text(item, self.kind.name)
        if name in names(COMMON):
            made = self.common(name, item)
            return (key, made) if made is not None else None
        if self.is_port(name):
            return self.port(key, item)
        parameter = self.kind.parameter(name)
        if parameter is None:
            return None
        scope = Scope({})
        try:
            parameter_value(parameter, item, scope)
        except SpecError:
            return None
        return key, item

    def is_port(self, name: str) -> bool:
        if self.old is None:
            return self.kind.port(name) is not None
        return self.old.port(name) is not None or (self.old.many and name == "input")

    def port(self, key: Scalar, item: Tree) -> tuple[Scalar, Tree] | None:
        """A port goes to that of its name, the first one to the first one."""
        if self.kind.many:
            return (
                (key, item if isinstance(item, Sequence) else Sequence((item,), NEW, True))
                if key.text == "input"
                else None
            )
        if any(port.name == key.text for port in self.kind.ports):
            return key, item
        first = "input" if self.old is None or self.old.many or not self.old.ports else self.old.ports[0].name
        if key.text == first and self.kind.ports and self.kind.ports[0].name not in self.table:
            return text(key, self.kind.ports[0].name), item
        return None

    def common(self, name: str, item: Tree) -> Tree | None:
        if name == "share" and isinstance(item, Scalar):
            return None
        if name == "direction" and not is_layered(self.kind, self.here.draft.full):
            return None
        if name == "init":
            return self.init(item)
        return self.initial(item) if name == "initial" and self.kind.is_composite else item

    def init(self, item: Tree) -> Tree | None:
        """First values of weights that there are."""
        said = spoken_of(plain(item), weights_within(self.kind, EMPTY, self.here.draft.full))
        if isinstance(item, Table) and by_weight(plain(item)):
            item = replace(item, entries=tuple((key, value) for key, value in item.entries if key.text in said))
        return item if said else None

    def initial(self, item: Tree) -> Tree | None:
        """Initial values of states that there are."""
        states = _states(self.kind)
        if isinstance(item, Table):
            pairs = tuple((key, value) for key, value in item.entries if key.text.split("/")[-1] in states)
            return replace(item, entries=pairs) if pairs else None
        if isinstance(item, Scalar) and item.value not in ("zeros", "learned") and isinstance(item.value, str):
            before = _states(self.old) if self.old is not None else states
            return item if (states == before if item.text.endswith(".state") else len(states) == 1) else None
        return item if states else None


def _states(kind: BlockType) -> set[str]:
    """The nodes of a block's body that are read late."""
    if kind.body is None:
        return set()
    try:
        body = kind.body({parameter.name: parameter.default for parameter in kind.parameters})
    except SpecError:
        return set()  # a block that is faulty
    wires = [wire for node in body.nodes for wire in node.wires]
    return {wire.source for wire in wires if wire.time.kind == "t" and wire.time.offset}


def _paths(name: str, kind: BlockType, registry: Registry) -> Any:
    """Where what is inside goes: into layers where the other block has them."""
    layered = is_layered(kind, registry)

    def path(before: str) -> str:
        found = re.fullmatch(rf"{name}/(?:1/forward/)?([^/].*)", before)
        if not found or re.match(r"\d+/", found[1]) or not kind.is_composite:
            return before
        return f"{name}/1/forward/{found[1]}" if layered else f"{name}/{found[1]}"

    return path
