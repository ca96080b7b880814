"""From the entries under `nodes:` to nodes: block uses with ports, parameters and modifiers, and expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.fields import Field
from leporello.graphs.frozen import frozen
from leporello.graphs.names import check_axis, check_name
from leporello.graphs.nodes import EMPTY, NOTHING, PLAIN, UNKNOWN, Initial, Learned, Modifiers, Node, Wire, freeze
from leporello.graphs.problems import Mark, Problem, SpecError, an, nearest, refuse, suggest
from leporello.graphs.reading.fields import COMMON, EXPRESSIONS, MODIFIERS, names
from leporello.graphs.reading.parameters import given, parameter_value, text_of
from leporello.graphs.schemes import scheme_faults


@frozen
class NodeReader:
    """Reads the nodes of one body into its scope."""

    registry: Registry
    scope: Scope

    def wire(self, tree: Tree, path: str) -> Wire:
        """The wire that is written at a port."""
        return self.scope.wire(tree, path)

    def value(self, field: Field, tree: Tree) -> Any:
        """The value that is written for a field."""
        return parameter_value(field, tree, self.scope)

    def check_name(self, key: Scalar) -> None:
        """Refuse what is no node's name."""
        check_name(key.text, key.mark, "node")

    def check_block(self, kind: BlockType, mark: Mark) -> None:
        """Refuse what is no block that a spec uses by its name."""
        if kind.operator:
            hint = "declare it under inputs:" if kind.name == "input" else "write it in an expression: h: tanh(U + W)"
            raise refuse(f"{kind.name} is not written as a block", hint, mark)

    def read_all(self, table: Table) -> None:
        """Every entry; one that cannot be read stands as a node of unknown value, so that the rest is checked."""
        for key, tree in table.entries:
            name = str(key.text)
            made, faults, read = len(self.scope.nodes), len(self.scope.problems), len(self.scope.reads)
            with self.scope.attempt():
                self._entry(name, key, tree)
            if len(self.scope.problems) > faults or len(self.scope.nodes) == made:
                del self.scope.nodes[made:]
                inputs = tuple((str(i), wire) for i, (wire, _) in enumerate(self.scope.reads[read:], 1))
                self.scope.add(Node(name, UNKNOWN, inputs, mark=key.mark))

    def _entry(self, name: str, key: Scalar, tree: Tree) -> None:
        self.check_name(key)
        if isinstance(tree, Table) and "block" in tree:
            node = self._use(name, tree)
        elif isinstance(tree, Table):
            node = self._long(name, key, tree)
        else:
            node = self.scope.node(tree, name)
        marks = {**node.marks, **_marks(tree)} if isinstance(tree, Table) else node.marks
        self.scope.add(node.changed(mark=key.mark, marks=marks))

    def _long(self, name: str, key: Scalar, table: Table) -> Node:
        if "value" not in table:
            hint = "a node is an expression, {block: ...} or {value: ...}"
            strange = [said for said in table.keys() if said not in EXPRESSIONS]  # noqa: SIM118
            hint += "; " + suggest(strange[0], [*EXPRESSIONS, "block"], "keys") if strange else ""
            raise refuse(f"node {name} says neither block: nor value:", hint, key.mark)
        self._known_keys(table, EXPRESSIONS, f"node {name}")
        node = self.scope.node(_entry_of(table, "value"), name)
        return replace(node, **self._common(name, table))

    def _use(self, name: str, table: Table) -> Node:
        written = _entry_of(table, "block")
        if not isinstance(written, Scalar) or not isinstance(written.value, str):
            raise refuse(f"block: of {name} must be a block's name", "", written.mark)
        kind = self.registry.find(written.value, written.mark)
        if "value" in table and kind.parameter("value") is None:
            hint = "block: uses a block, value: is an expression; keep one of them"
            raise refuse(f"node {name} says both block: and value:", hint, table.key("value").mark)
        self.check_block(kind, written.mark)
        ports = [port.name for port in kind.ports] or (["input"] if kind.many else [])
        parameters = [parameter.name for parameter in kind.parameters]
        self._known_keys(table, ("block", *names(COMMON), *ports, *parameters), f"{name}, {an(kind.name)},")
        return Node(
            name,
            kind.name,
            self._inputs(name, kind, table, written),
            freeze(self._parameters(kind, table)),
            modifiers=self._modifiers(table),
            **self._common(name, table),
        )

    def _known_keys(self, table: Table, allowed: tuple[str, ...], owner: str) -> None:
        for key, _ in table.entries:
            if key.text not in allowed:
                hint = suggest(key.text, allowed, "keys")
                if "(" in key.text:
                    hint = f"several reads at one port are a list in brackets, such as input: [x, {key.text}]"
                self.scope.problems.append(Problem(f"{owner} has no key {key.text!r}", hint, key.mark))

    def _inputs(self, name: str, kind: BlockType, table: Table, written: Scalar) -> tuple[tuple[str, Wire], ...]:
        if kind.many:
            return self._many(name, table, written)
        inputs = []
        for port in kind.ports:
            tree = table.get(port.name)
            if tree is not None:
                inputs.append((port.name, self.wire(tree, f"{name}/{port.name}")))
            elif not port.optional:
                self.lacks(name, port.name, kind, table, written)
                inputs.append((port.name, NOTHING))
        return tuple(inputs)

    def lacks(self, name: str, port: str, kind: BlockType, table: Table, written: Scalar) -> None:
        """Tell of a port that nothing is given to."""
        known = [*names(COMMON), "block", *(p.name for p in kind.ports), *(p.name for p in kind.parameters)]
        if any(key not in known and nearest(key, known)[0] == port for key in table.keys()):  # noqa: SIM118
            return  # misspelled, which has been said
        ports = ", ".join(p.name for p in kind.ports)
        what = f"{name} lacks its port {port}"
        self.scope.problems.append(Problem(what, f"{an(kind.name)} reads: {ports}", written.mark))

    def _many(self, name: str, table: Table, written: Scalar) -> tuple[tuple[str, Wire], ...]:
        tree = table.get("input")
        if not isinstance(tree, Sequence) or not tree.items:
            raise refuse(f"{name} needs a list", "input: [a, b]", tree.mark if tree else written.mark)
        wires = [self.wire(item, f"{name}/input/{i}") for i, item in enumerate(tree.items, 1)]
        return tuple((str(i), wire) for i, wire in enumerate(wires, 1))

    def _parameters(self, kind: BlockType, table: Table) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field, tree in given(table, kind.parameters):
            with self.scope.attempt():
                found[field.name] = self.value(field, tree)
        return found

    def _modifiers(self, table: Table) -> Modifiers:
        readers: dict[str, Callable[[Tree], Any]] = {"share": _share, "init": _init}
        said: dict[str, Any] = {}
        for field, tree in given(table, MODIFIERS):
            with self.scope.attempt():
                read = readers.get(field.name)
                said[field.name] = read(tree) if read else self.value(field, tree)
        return Modifiers(**said) if said else PLAIN

    def _common(self, name: str, table: Table) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for key in ("label", "axis"):
            tree = table.get(key)
            if tree is not None:
                said[key] = text_of(tree, key)
        if "axis" in said:
            check_axis(said["axis"], _entry_of(table, "axis").mark)
        initial = table.get("initial")
        if initial is not None:
            said["initial"] = self.initial(initial, f"{name}/initial")
        return said

    def initial(self, tree: Tree, path: str) -> Initial:
        """The value before the first step, or for a composite such values by state."""
        if isinstance(tree, Table):
            inner = [item for _, item in tree.entries if isinstance(item, Table)]
            if inner:
                raise refuse("an initial value within an initial value", "a state has one value", inner[0].mark)
            said = {key.text: self.initial(item, f"{path}/{key.text}") for key, item in tree.entries}
            return MappingProxyType(said)
        if isinstance(tree, Scalar):
            if isinstance(tree.value, bool | None):
                hint = "zeros, a number, learned, a node without a time axis, or X.state"
                raise refuse("initial: must be a value", hint, tree.mark)
            if isinstance(tree.value, int | float):
                return float(tree.value)
            if tree.value in ("zeros", "learned"):
                return 0.0 if tree.value == "zeros" else Learned()
        return (self.wire(tree, path),)


def _marks(tree: Table) -> Mapping[str, Mark]:
    """The places of what is said of a node, and of what is said by name within that."""
    inner = [(key.text, item) for key, item in tree.entries if isinstance(item, Table)]
    if not inner:
        return tree.marks
    return {**tree.marks, **{f"{name}.{key}": mark for name, table in inner for key, mark in table.marks.items()}}


def _entry_of(table: Table, key: str) -> Tree:
    tree = table.get(key)
    assert tree is not None
    return tree


def _init(tree: Tree) -> Any:
    value = plain(tree)
    faults = list(scheme_faults(value))
    if faults:
        inner = {key.text: item.mark for key, item in tree.entries} if isinstance(tree, Table) else {}
        raise SpecError(tuple(Problem(what, hint, inner.get(name, tree.mark)) for what, hint, name in faults))
    return freeze(value)


def _share(tree: Tree) -> Any:
    if isinstance(tree, Table):
        return freeze({key.text: text_of(item, "share") for key, item in tree.entries}) or EMPTY
    return text_of(tree, "share")
