"""Wording: what the nodes of an opened graph say, each in the names of the body in which it was written."""

from __future__ import annotations

from dataclasses import replace

from leporello.graphs.expressions.spelling import OPERATOR_BLOCKS, operation
from leporello.graphs.expressions.tree import Expression, Number, Read, unparse
from leporello.graphs.frozen import frozen
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, Node, Wire


def local(node: Node) -> str:
    """The node's name in the body in which it was written, with a `/` where it has none of its own."""
    return within(node.path, node.body)


def within(path: str, body: str) -> str:
    """The path as seen from a body.

    >>> within("h/1/forward/c", "h/1/forward"), within("o", "h/1/forward")
    ('c', 'o')
    """
    return path.removeprefix(f"{body}/") if body else path


def is_piece(node: Node) -> bool:
    """Whether a node is a piece of what another one says: no name of its own, and none that layers gave it."""
    return "/" in local(node) and local(node)[0].isalpha()


def is_expression(node: Node) -> bool:
    """Whether a node is an operator, a number or a function, as expressions are made of."""
    return node.block in OPERATOR_BLOCKS or node.block in FUNCTIONS


def owner(node: Node) -> str:
    """The path of the node with a name that `node` is, or is a piece of."""
    if not is_piece(node):
        return node.path
    return node.path.removesuffix(local(node)) + local(node).partition("/")[0]


@frozen
class Wording:
    """Tells what nodes say and what wires read, in the names of a body; pieces of expressions are spelled out."""

    graph: Graph

    def said(self, node: Node, body: str) -> str:
        """What a node says: the right side of its equation."""
        return unparse(self.definition(node, body))

    def read(self, wire: Wire, body: str) -> str:
        """What stands at a port: an expression, or a list of them."""
        items = self._items(wire, body)
        return items[0] if len(items) == 1 else f"[{', '.join(items)}]"

    def expression(self, wire: Wire, body: str) -> Expression:
        """What a wire reads."""
        node = self.graph[wire.source]
        if (is_expression(node) or node.block == "identity") and wire.time == NOW and is_piece(node):
            return self.definition(node, body)
        return self.called(wire, body)

    def called(self, wire: Wire, body: str) -> Read:
        """A read of a node that has a name of its own."""
        return Read(within(wire.source, body), wire.port, replace(wire.time, scope=""))

    def _items(self, wire: Wire, body: str) -> list[str]:
        """The expressions of a list, those of lists inside it too."""
        node = self.graph[wire.source]
        if node.block == "concatenate" and wire.time == NOW and is_piece(node):
            return [item for inner in node.wires for item in self._items(inner, body)]
        return [unparse(self.expression(wire, body))]

    def definition(self, node: Node, body: str) -> Expression:
        """What an operator, a function or an `identity` says."""
        if node.block == "number":
            value = float(node.parameters["value"])
            return Number(int(value) if value.is_integer() else value)
        if node.block == "identity":
            return self.expression(node.wires[0], body)
        return operation(node, lambda wire: self.expression(wire, body))
