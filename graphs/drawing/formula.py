"""The formula that a few anonymous operators of an opened graph spell: `tanh(U + W)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from leporello.graphs.drawing.opened import CLOSED
from leporello.graphs.expression_tree import Expression, Negative, Number, Read, unparse
from leporello.graphs.folding import SIGNS, operation
from leporello.graphs.graph import Node, Wire

_DEEPEST = 40


def formula(root: str, inside: Mapping[str, Node], group: Callable[[str], str] = CLOSED) -> str:
    """The expression that the nodes `inside` compute at `root`; what they read is written as in the spec.

    `group` gives the path of the box that a node belongs to. Anonymous nodes (`h/1`) are spelled out where they
    are read, down to a depth of 40.

    >>> nodes = (Node("h", "tanh", (("x", Wire("h/1")),)), Node("h/1", "negative", (("x", Wire("a/b")),)))
    >>> formula("h", {node.path: node for node in nodes})
    'tanh(-a)'
    """
    anonymous = {path: node for path, node in inside.items() if path != root}
    return unparse(_expression(inside[root], anonymous, group, 0))


def side_by_side(node: Node, inside: Mapping[str, Node], group: Callable[[str], str] = CLOSED) -> tuple[str, ...]:
    """What a layer reads, as expressions; of a list that stands for itself nowhere else each part."""
    anonymous = {path: other for path, other in inside.items() if path != node.path}
    found: list[str] = []
    for wire in node.wires:
        joined = anonymous.get(wire.source)
        if joined is not None and joined.block == "concatenate" and not str(wire.time):
            found += side_by_side(joined, inside, group)
        else:
            found.append(unparse(_operand(wire, anonymous, group, 0)))
    return tuple(found)


def _expression(node: Node, inside: Mapping[str, Node], group: Callable[[str], str], depth: int) -> Expression:
    if node.block == "number" and not node.wires:
        return _number(node)
    if len(node.wires) != (2 if node.block in SIGNS else 1):
        return Read(node.block)
    return operation(node, lambda wire: _operand(wire, inside, group, depth))


def _operand(wire: Wire, inside: Mapping[str, Node], group: Callable[[str], str], depth: int) -> Expression:
    if wire.source in inside and not str(wire.time) and depth < _DEEPEST:
        return _expression(inside[wire.source], inside, group, depth + 1)
    name = group(wire.source).rpartition("/")[2]
    return Read(f"layer_{name}" if name.isdigit() else name, wire.port, replace(wire.time, scope=""))


def _number(node: Node) -> Expression:
    value = next((v for v in node.parameters.values() if isinstance(v, int | float)), None)
    if value is None:
        return Read(node.block)
    shown = int(value) if float(value).is_integer() else value
    return Negative(Number(-shown)) if shown < 0 else Number(shown)
