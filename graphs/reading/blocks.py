"""Composites as specs: ports, parameters and a body, under `blocks:` of a spec or in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Parameter, Port, Registry
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.fields import REQUIRED
from leporello.graphs.names import check_name
from leporello.graphs.nodes import Wire, freeze
from leporello.graphs.problems import Problem, SpecError, refuse, suggest
from leporello.graphs.reading.fields import COMMON, PARAMETERS, PORTS, names
from leporello.graphs.reading.nodes import NodeReader
from leporello.graphs.reading.parameters import fields_of, text_of

KEYS = ("inputs", "parameters", "nodes", "outputs", "help", "paper")
LARGEST = 1_000


def read_header(name: str, tree: Tree, text: str = "", shipped: bool = False) -> BlockType:
    """A block's ports and parameters, without its body (which may use blocks that are read later)."""
    table = _table(tree, f"block {name}")
    for key, _ in table.entries:
        if key.text not in KEYS:
            raise refuse(f"block {name} has no key {key.text!r}", suggest(key.text, KEYS, "keys"), key.mark)
    outputs = _listed(table.get("outputs"), "outputs")
    if table.get("nodes") is None or not outputs:
        raise refuse(f"block {name} needs nodes: and outputs:", "keys: " + ", ".join(KEYS), table.mark)
    for key, _ in outputs:
        check_name(key.text, key.mark, "output")
        if key.text in ("state", "final"):
            raise refuse(f"an output cannot be called {key.text!r}", "every block has that port already", key.mark)
    return BlockType(
        name,
        help=_text(table, "help"),
        paper=_text(table, "paper"),
        ports=tuple(_port(key, item) for key, item in _listed(table.get("inputs"), "inputs")),
        parameters=tuple(_parameter(key, item) for key, item in _listed(table.get("parameters"), "parameters")),
        outputs=tuple(key.text for key, _ in outputs),
        shipped=shipped,
        text=text,
        mark=table.mark,
    )


def read_body(kind: BlockType, tree: Tree, registry: Registry) -> Body:
    """The inside of the block `kind`; raises SpecError with every problem in it."""
    table = _table(tree, f"block {kind.name}")
    nodes = _table(table.get("nodes"), "nodes")
    sources = {port.name: f"<{port.name}" for port in kind.ports}
    for key, _ in nodes.entries:
        if key.text in sources:
            raise refuse(f"{key.text} is a port and a node", "give the node another name", key.mark)
    scope = Scope(
        {**sources, **{key.text: key.text for key, _ in nodes.entries}}, frozenset(p.name for p in kind.parameters)
    )
    NodeReader(registry, scope).read_all(nodes)
    outputs: list[tuple[str, Wire]] = []
    for key, item in _listed(table.get("outputs"), "outputs"):
        with scope.attempt():
            outputs.append((key.text, _output(key, item, scope)))
    check_ports(scope, registry)
    if scope.problems:
        raise SpecError(tuple(scope.problems))
    return Body(tuple(scope.nodes), tuple(outputs))


def _output(key: Scalar, item: Tree | None, scope: Scope) -> Wire:
    if item is None:
        return scope.wire(key, key.text)
    if key.text in scope.sources:
        return scope.wire(item, f"{key.text}/output")
    node = scope.node(item, key.text)
    return node.inputs[0][1] if node.block == "identity" else scope.add(node)


@dataclass
class UserBlocks:
    """The blocks that a spec defines: first all headers, then the bodies, which may use each other."""

    registry: Registry
    problems: list[Problem] = field(default_factory=list)
    bodies: dict[str, Body] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def read(self, tree: Tree, load: Callable[[str, Scalar], Tree]) -> Registry:
        """The registry with the spec's blocks. `load` reads the file that a block's entry names."""
        types: dict[str, BlockType] = {}
        entries = _table(tree, "blocks").entries
        if len(entries) > LARGEST:
            raise refuse(f"{len(entries)} blocks", f"at most {LARGEST} are allowed", entries[LARGEST][0].mark)
        for key, item in entries:
            try:
                types[key.text] = self._header(key, item, load)
            except SpecError as error:
                self.problems.extend(error.problems)
                self.broken.add(key.text)
        registry = self.registry.extended(types, frozenset(self.broken - set(self.registry)))
        for name, kind in types.items():
            try:
                self.bodies[name] = read_body(kind, self.trees[name], registry)
            except SpecError as error:
                self.problems.extend(error.problems)
                self.broken.add(name)
        return registry.extended({name: replace(types[name], body=body) for name, body in self.bodies.items()})

    def body(self, name: str) -> Body:
        """The inside of a block; for one that was refused, an error that says no more."""
        if name in self.broken:
            raise SpecError()
        return self.bodies[name]

    def _header(self, key: Scalar, item: Tree, load: Callable[[str, Scalar], Tree]) -> BlockType:
        name = key.text
        check_name(name, key.mark, "block")
        if name in self.registry:
            raise refuse(f"the block {name} ships with the program", "give yours another name", key.mark)
        self.trees[name] = load(name, item) if isinstance(item, Scalar) and isinstance(item.value, str) else item
        kind = read_header(name, self.trees[name])
        return replace(kind, body=lambda _: self.body(name), mark=key.mark)


def check_ports(scope: Scope, registry: Registry) -> None:
    """Every read names a port that the node it reads has."""
    nodes = {node.path: node for node in scope.nodes}
    for wire, mark in scope.reads:
        node = nodes.get(wire.source) if wire.port else None
        kind = registry.get(node.block) if node else None
        if not wire.port or (node is not None and kind is None):
            continue
        known = kind.read_ports(node.parameters) if kind and node else ()
        if known is not None and wire.port not in known:
            name = wire.source.lstrip("<")
            hint = suggest(wire.port, known, f"ports of {name}")
            scope.problems.append(Problem(f"{name} has no port {wire.port!r}", hint, mark))


def _table(tree: Tree | None, what: str) -> Table:
    if not isinstance(tree, Table):
        raise refuse(f"{what} must be a mapping of names", "such as  h: tanh(U + W)", tree.mark if tree else None)
    return tree


def _listed(tree: Tree | None, what: str) -> list[tuple[Scalar, Tree | None]]:
    """The entries of a list of names or of a mapping from names."""
    if tree is None:
        return []
    if isinstance(tree, Table):
        return [(key, item) for key, item in tree.entries]
    if not isinstance(tree, Sequence):
        raise refuse(f"{what} must be a list of names or a mapping", "such as  [x, y]", tree.mark)
    names: dict[str, Scalar] = {}
    for item in tree.items:
        if not isinstance(item, Scalar):
            raise refuse(f"{what} must be a list of names or a mapping", "such as  [x, y]", item.mark)
        if item.text in names:
            raise refuse(f"{what} lists {item.text} twice", "keep one of them", item.mark)
        names[item.text] = item
    return [(item, None) for item in names.values()]


def _text(table: Table, key: str) -> str:
    tree = table.get(key)
    return text_of(tree, key) if tree is not None else ""


def _port(key: Scalar, item: Tree | None) -> Port:
    check_own(key, "port")
    if item is None or (isinstance(item, Scalar) and item.value is None):
        return Port(key.text, "any")
    said = fields_of(item, PORTS, f"port {key.text}")
    return Port(key.text, **{"kind": "any", **said})


def check_own(key: Scalar, noun: str) -> None:
    """Refuse what is no name of a port or parameter of a block."""
    check_name(key.text, key.mark, noun)
    if key.text in (*names(COMMON), "block", "value"):
        raise refuse(f"a {noun} cannot be called {key.text!r}", "every block has that key already", key.mark)


def _parameter(key: Scalar, item: Tree | None) -> Parameter:
    check_own(key, "parameter")
    if item is None:
        return Parameter(key.text)
    if not isinstance(item, Table):
        value = freeze(plain(item))
        return _checked(Parameter(key.text, _type_of(value), value), item)
    said = fields_of(item, PARAMETERS, f"parameter {key.text}")
    if "default" in item:
        said.setdefault("default", None)  # null is a default like others: nothing
    said.setdefault("type", "choice" if "choices" in said else _type_of(said.get("default", 1)))
    if said["type"] == "choice" and "choices" not in said:
        raise refuse(f"parameter {key.text} of type choice has no choices:", "choices: [a, b]", key.mark)
    return _checked(Parameter(key.text, **freeze(said)), item.get("default") or item)


def _checked(parameter: Parameter, tree: Tree) -> Parameter:
    if parameter.default is REQUIRED or parameter.default is None:
        return parameter
    try:
        return replace(parameter, default=parameter.accept(parameter.default))
    except ValueError as error:
        raise refuse(f"the default of {error}", "", tree.mark) from None


def _type_of(value: Any) -> Any:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "size" if value >= 1 else "integer"
    return {float: "number", tuple: "names"}.get(type(value), "text")
