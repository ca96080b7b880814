"""From the entries under `nodes:` to nodes: block uses with ports, parameters and modifiers, and expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from leporello.graphs.blocktypes import BlockType, Parameter, Registry
from leporello.graphs.composing.compose import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.nodes import UNKNOWN, Scope, value_node, value_wire
from leporello.graphs.graph import EMPTY, Initial, Learned, Modifiers, Node, Wire, freeze
from leporello.graphs.names import check_axis, check_name
from leporello.graphs.problems import Problem, an, nearest, refuse, suggest
from leporello.graphs.reading.parameters import parameter_value, text_of

MODIFIERS = ("layers", "direction", "residual", "dropout", "share", "init", "frozen")
COMMON = ("label", "axis", "initial", *MODIFIERS)
DIRECTIONS = ("forward", "backward", "both")


@dataclass(frozen=True)
class NodeReader:
    """Reads the nodes of one body into its scope."""

    registry: Registry
    scope: Scope

    def read_all(self, table: Table) -> None:
        """Every entry; one that cannot be read stands as a node of unknown value, so that the rest is checked."""
        for key, tree in table.entries:
            name = str(key.text)
            made, faults = len(self.scope.nodes), len(self.scope.problems)
            with self.scope.attempt():
                self._entry(name, key, tree)
            if len(self.scope.problems) > faults or len(self.scope.nodes) == made:
                del self.scope.nodes[made:]
                self.scope.add(Node(name, UNKNOWN, mark=key.mark))

    def _entry(self, name: str, key: Scalar, tree: Tree) -> None:
        check_name(name, key.mark, "node")
        if isinstance(tree, Table) and "block" in tree:
            node = self._use(name, tree)
        elif isinstance(tree, Table):
            node = self._long(name, key, tree)
        else:
            node = value_node(tree, name, self.scope)
        self.scope.add(replace(node, mark=key.mark))

    def _long(self, name: str, key: Scalar, table: Table) -> Node:
        allowed = ("value", "initial", "label", "axis")
        if "value" not in table:
            hint = "a node is an expression, {block: ...} or {value: ...}"
            strange = [said for said in table.keys() if said not in allowed]  # noqa: SIM118
            hint += "; " + suggest(strange[0], [*allowed, "block"], "keys") if strange else ""
            raise refuse(f"node {name} says neither block: nor value:", hint, key.mark)
        self._known_keys(table, allowed, f"node {name}")
        node = value_node(_entry_of(table, "value"), name, self.scope)
        return replace(node, **self._common(name, table))

    def _use(self, name: str, table: Table) -> Node:
        written = _entry_of(table, "block")
        if not isinstance(written, Scalar) or not isinstance(written.value, str):
            raise refuse(f"block: of {name} must be a block's name", "", written.mark)
        if "value" in table:
            hint = "block: uses a block, value: is an expression; keep one of them"
            raise refuse(f"node {name} says both block: and value:", hint, table.key("value").mark)
        kind = self.registry.find(written.value, written.mark)
        if kind.operator:
            hint = "declare it under inputs:" if kind.name == "input" else "write it in an expression: h: tanh(U + W)"
            raise refuse(f"{kind.name} is not written as a block", hint, written.mark)
        ports = [port.name for port in kind.ports] or (["input"] if kind.many else [])
        parameters = [parameter.name for parameter in kind.parameters]
        self._known_keys(table, ("block", *COMMON, *ports, *parameters), f"{name}, {an(kind.name)},")
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
                inputs.append((port.name, value_wire(tree, f"{name}/{port.name}", self.scope)))
            elif not port.optional:
                self._lacks(name, port.name, kind, table, written)
                inputs.append((port.name, Wire(UNKNOWN)))
        return tuple(inputs)

    def _lacks(self, name: str, port: str, kind: BlockType, table: Table, written: Scalar) -> None:
        known = [*COMMON, "block", *(p.name for p in kind.ports), *(p.name for p in kind.parameters)]
        if any(key not in known and nearest(key, known)[0] == port for key in table.keys()):  # noqa: SIM118
            return  # misspelled, which has been said
        ports = ", ".join(p.name for p in kind.ports)
        what = f"{name} lacks its port {port}"
        self.scope.problems.append(Problem(what, f"{an(kind.name)} reads: {ports}", written.mark))

    def _many(self, name: str, table: Table, written: Scalar) -> tuple[tuple[str, Wire], ...]:
        tree = table.get("input")
        if not isinstance(tree, Sequence) or not tree.items:
            raise refuse(f"{name} needs a list", "input: [a, b]", tree.mark if tree else written.mark)
        wires = [value_wire(item, f"{name}/input/{i}", self.scope) for i, item in enumerate(tree.items, 1)]
        return tuple((str(i), wire) for i, wire in enumerate(wires, 1))

    def _parameters(self, kind: BlockType, table: Table) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for parameter in kind.parameters:
            tree = table.get(parameter.name)
            if tree is not None:
                with self.scope.attempt():
                    found[parameter.name] = parameter_value(parameter, tree, self.scope)
        return found

    def _modifiers(self, table: Table) -> Modifiers:
        readers: dict[str, Callable[[Tree], Any]] = {
            "layers": lambda tree: parameter_value(Parameter("layers"), tree, self.scope),
            "residual": lambda tree: parameter_value(Parameter("residual"), tree, self.scope),
            "dropout": lambda tree: _number(tree, "dropout", 0.0, 1.0, self.scope),
            "direction": lambda tree: _choice(tree, "direction", DIRECTIONS),
            "share": lambda tree: _share(tree),
            "init": _init,
            "frozen": lambda tree: _boolean(tree, "frozen"),
        }
        said: dict[str, Any] = {}
        for name, read in readers.items():
            tree = table.get(name)
            if tree is not None:
                with self.scope.attempt():
                    said[name] = read(tree)
        return Modifiers(**said)

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
            said["initial"] = self._initial(initial, f"{name}/initial")
        return said

    def _initial(self, tree: Tree, path: str) -> Initial:
        if isinstance(tree, Table):
            said = {key.text: self._initial(item, f"{path}/{key.text}") for key, item in tree.entries}
            return MappingProxyType(said)
        if isinstance(tree, Scalar):
            if isinstance(tree.value, bool | None):
                hint = "zeros, a number, learned, a node without a time axis, or X.state"
                raise refuse("initial: must be a value", hint, tree.mark)
            if isinstance(tree.value, int | float):
                return float(tree.value)
            if tree.value in ("zeros", "learned"):
                return 0.0 if tree.value == "zeros" else Learned()
        return (value_wire(tree, path, self.scope),)


def _entry_of(table: Table, key: str) -> Tree:
    tree = table.get(key)
    assert tree is not None
    return tree


def _number(tree: Tree, what: str, low: float, high: float, scope: Scope) -> Any:
    return parameter_value(Parameter(what, "number", low=low, high=high), tree, scope)


def _choice(tree: Tree, what: str, choices: tuple[str, ...]) -> str:
    text = text_of(tree, what)
    if text not in choices:
        raise refuse(f"{what}: {text!r} is not known", suggest(text, choices, "allowed"), tree.mark)
    return text


def _boolean(tree: Tree, what: str) -> bool:
    if not isinstance(tree, Scalar) or not isinstance(tree.value, bool):
        raise refuse(f"{what}: must be true or false", "", tree.mark)
    return tree.value


def _init(tree: Tree) -> Any:
    value = plain(tree)
    said = list(value.values()) if isinstance(value, dict) else [value]
    inner = [v for item in said for v in (item.values() if isinstance(item, dict) and len(item) == 1 else [item])]
    if not said or not all(isinstance(v, str | int | float) and not isinstance(v, bool) for v in inner):
        raise refuse(
            "init: must be a name, or a mapping from weights to names",
            "{weight: orthogonal, bias: {constant: 1}}",
            tree.mark,
        )
    return freeze(value)


def _share(tree: Tree) -> Any:
    if isinstance(tree, Table):
        return freeze({key.text: text_of(item, "share") for key, item in tree.entries}) or EMPTY
    return text_of(tree, "share")
