"""From the entries under `nodes:` to nodes: block uses with ports, parameters and modifiers, and expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Parameter, Registry
from leporello.graphs.composing import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expression_tree import Binary, Expression, Negative, SizeName
from leporello.graphs.expressions import parse_size
from leporello.graphs.graph import EMPTY, Initial, Learned, Modifiers, Node, Wire, freeze
from leporello.graphs.names import check_name
from leporello.graphs.problems import Problem, refuse, suggest
from leporello.graphs.values import UNKNOWN, Scope, check_size_name, value_node, value_wire

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
            made = len(self.scope.nodes)
            if not self.scope.attempt(lambda name=name, key=key, tree=tree: self._entry(name, key, tree)):  # type: ignore[misc]
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
            hint = "a node is an expression, {block: ...} or {value: ...}; " + (
                suggest(str(table.keys()[0]), [*allowed, "block"], "keys") if table.keys() else ""
            )
            raise refuse(f"node {name} says neither block: nor value:", hint, key.mark)
        self._known_keys(table, allowed, f"node {name}")
        node = value_node(_entry_of(table, "value"), name, self.scope)
        return replace(node, **self._common(name, table))

    def _use(self, name: str, table: Table) -> Node:
        written = _entry_of(table, "block")
        if not isinstance(written, Scalar) or not isinstance(written.value, str):
            raise refuse(f"block: of {name} must be a block's name", "", written.mark)
        kind = self.registry.find(written.value, written.mark)
        if kind.operator or kind.name == "input":
            raise refuse(
                f"{kind.name} is not written as a block", "write it in an expression, such as h: tanh(U + W)", written.mark
            )
        ports = [port.name for port in kind.ports] or (["input"] if kind.many else [])
        parameters = [parameter.name for parameter in kind.parameters]
        self._known_keys(table, ("block", *COMMON, *ports, *parameters), f"{name}, a {kind.name},")
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
                self.scope.problems.append(
                    Problem(f"{owner} has no key {key.text!r}", suggest(key.text, allowed, "keys"), key.mark)
                )

    def _inputs(self, name: str, kind: BlockType, table: Table, written: Scalar) -> tuple[tuple[str, Wire], ...]:
        if kind.many:
            return self._many(name, table, written)
        inputs = []
        for port in kind.ports:
            tree = table.get(port.name)
            if tree is not None:
                inputs.append((port.name, value_wire(tree, f"{name}/{port.name}", self.scope)))
            elif not port.optional:
                ports = ", ".join(p.name for p in kind.ports)
                self.scope.problems.append(
                    Problem(f"{name} lacks its port {port.name}", f"a {kind.name} reads: {ports}", written.mark)
                )
                inputs.append((port.name, Wire(UNKNOWN)))
        return tuple(inputs)

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
                self.scope.attempt(lambda p=parameter, t=tree: found.update({p.name: parameter_value(p, t, self.scope)}))  # type: ignore[misc]
        return found

    def _modifiers(self, table: Table) -> Modifiers:
        readers: dict[str, Callable[[Tree], Any]] = {
            "layers": self._size,
            "residual": self._size,
            "dropout": lambda tree: _number(tree, "dropout", 0.0, 1.0, self.scope),
            "direction": lambda tree: _choice(tree, "direction", DIRECTIONS),
            "share": lambda tree: _share(tree),
            "init": lambda tree: freeze(plain(tree)),
            "frozen": lambda tree: _boolean(tree, "frozen"),
        }
        said: dict[str, Any] = {}
        for name, read in readers.items():
            tree = table.get(name)
            if tree is not None:
                self.scope.attempt(lambda n=name, r=read, t=tree: said.update({n: r(t)}))  # type: ignore[misc]
        return Modifiers(**said)

    def _size(self, tree: Tree) -> Any:
        return parameter_value(Parameter("this"), tree, self.scope)

    def _common(self, name: str, table: Table) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for key in ("label", "axis"):
            tree = table.get(key)
            if tree is not None:
                said[key] = text_of(tree, key)
        if "axis" in said:
            check_name(said["axis"], _entry_of(table, "axis").mark, "axis", ("none",))
        initial = table.get("initial")
        if initial is not None:
            said["initial"] = self._initial(initial, f"{name}/initial")
        return said

    def _initial(self, tree: Tree, path: str) -> Initial:
        if isinstance(tree, Table):
            return freeze({key.text: self._initial(item, f"{path}/{key.text}") for key, item in tree.entries})
        if isinstance(tree, Scalar) and not isinstance(tree.value, bool):
            if isinstance(tree.value, int | float):
                return float(tree.value)
            if tree.value in ("zeros", "learned"):
                return 0.0 if tree.value == "zeros" else Learned()
        return (value_wire(tree, path, self.scope),)


def parameter_value(parameter: Parameter, tree: Tree, scope: Scope) -> Any:
    """The value written for a parameter: a constant of its type, or an expression over `$names`."""
    if isinstance(tree, Table):
        raise refuse(f"{parameter.name} must be {parameter.allowed}, not a mapping", "", tree.mark)
    if isinstance(tree, Sequence):
        value = freeze(plain(tree))
    elif isinstance(tree.value, str) and "$" in tree.text:
        expression = parse_size(tree.text, tree.mark)
        for name in size_names(expression):
            check_size_name(name, tree.mark, scope)
        return expression
    else:
        value = tree.value
    try:
        return parameter.accept(value)
    except ValueError as error:
        raise refuse(str(error), parameter.help, tree.mark) from None


def size_names(expression: Expression) -> list[str]:
    """The `$names` in a size expression."""
    if isinstance(expression, SizeName):
        return [expression.name]
    if isinstance(expression, Binary):
        return size_names(expression.left) + size_names(expression.right)
    return size_names(expression.operand) if isinstance(expression, Negative) else []


def text_of(tree: Tree, what: str) -> str:
    """The text of a scalar."""
    if not isinstance(tree, Scalar) or tree.value is None:
        raise refuse(f"{what}: must be a text", "", tree.mark)
    return tree.text


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


def _share(tree: Tree) -> Any:
    if isinstance(tree, Table):
        return freeze({key.text: text_of(item, "share") for key, item in tree.entries}) or EMPTY
    return text_of(tree, "share")
