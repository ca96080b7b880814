"""The formula that a few anonymous operators of an opened graph spell: `tanh(U + W)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from leporello.graphs.expressions.spelling import SIGNS, operation
from leporello.graphs.expressions.tree import Expression, Negative, Number, Read, unparse
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, Node, Wire

_DEEPEST = 40
MOST_DIGITS = 1e12
"""From here on a whole number is written as a power of ten."""


def closed(path: str) -> str:
    """The box of a node where nothing is drawn open: the first part of its path."""
    return path.partition("/")[0]


def formula(
    root: str,
    inside: Mapping[str, Node],
    group: Callable[[str], str] = closed,
    ports: Mapping[str, str] = EMPTY,
    marks: Mapping[str, str] = EMPTY,
) -> str:
    """The expression that the nodes `inside` compute at `root`; what they read is written as in the spec.

    `group` gives the path of the box that a node belongs to, `ports` by which port of its box a node is read where
    that is not the first, `marks` what tells boxes of one name apart. Anonymous nodes (`h/1`) are spelled out where
    they are read, down to a depth of 40.

    >>> nodes = (Node("h", "tanh", (("x", Wire("h/1")),)), Node("h/1", "negative", (("x", Wire("a/b")),)))
    >>> formula("h", {node.path: node for node in nodes})
    'tanh(-a)'
    """
    anonymous = {path: node for path, node in inside.items() if path != root}
    return unparse(_Reading(anonymous, group, ports, marks).expression(inside[root], 0))


def side_by_side(
    node: Node,
    inside: Mapping[str, Node],
    group: Callable[[str], str] = closed,
    ports: Mapping[str, str] = EMPTY,
    marks: Mapping[str, str] = EMPTY,
) -> tuple[str, ...]:
    """What a layer reads, as expressions; of a list that stands for itself nowhere else each part."""
    anonymous = {path: other for path, other in inside.items() if path != node.path}
    found: list[str] = []
    for wire in node.wires:
        joined = anonymous.get(wire.source)
        if joined is not None and joined.block == "concatenate" and not str(wire.time):
            found += side_by_side(joined, inside, group, ports, marks)
        else:
            found.append(unparse(_Reading(anonymous, group, ports, marks).operand(wire, 0)))
    return tuple(found)


@frozen
class _Reading:
    """Writes what nodes read: those `inside` are spelled out, others are named."""

    inside: Mapping[str, Node]
    group: Callable[[str], str]
    ports: Mapping[str, str]
    marks: Mapping[str, str]

    def expression(self, node: Node, depth: int) -> Expression:
        """What a node computes."""
        if node.block == "number" and not node.wires:
            return _number(node)
        if len(node.wires) != (2 if node.block in SIGNS else 1):
            return Read(node.block)
        return operation(node, lambda wire: self.operand(wire, depth))

    def operand(self, wire: Wire, depth: int) -> Expression:
        """What a wire carries."""
        if wire.source in self.inside and not str(wire.time) and depth < _DEEPEST:
            return self.expression(self.inside[wire.source], depth + 1)
        box = self.group(wire.source)
        name = box.rpartition("/")[2] + (f"^{self.marks[box]}" if box in self.marks else "")
        port = self.ports.get(wire.source, wire.port)
        return Read(f"layer_{name}" if name.isdigit() else name, port, replace(wire.time, scope=""))


def _number(node: Node) -> Expression:
    value = next((v for v in node.parameters.values() if isinstance(v, int | float)), None)
    if value is None:
        return Read(node.block)
    shown = int(value) if float(value).is_integer() and abs(value) < MOST_DIGITS else value
    return Negative(Number(-shown)) if shown < 0 else Number(shown)
