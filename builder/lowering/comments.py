"""The equations of a spec, as comments beside the code that computes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from leporello.graphs.expressions.spelling import OPERATOR_BLOCKS, operation
from leporello.graphs.expressions.tree import Expression, Number, Read, unparse
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.graph import NOW, Graph, Node, Wire


@dataclass(frozen=True)
class Equations:
    """Tells the equations of an opened graph, each in the names of the body in which it was written."""

    graph: Graph

    def beside(self, path: str, code: str, block: str) -> str:
        """The equation of the node at `path`; nothing where `code`, an assignment, reads the same.

        A linear is told only where passes have made something else of it, a `block`; its part's name tells the rest.
        """
        node = self._written(path)
        if node is None or node.block == block == "linear":
            return ""
        told = self._told(node)
        return "" if told.replace(": ", " = ", 1) == re.sub(r"torch\.|_t\b", "", code) else told

    def parts(self, paths: Sequence[str]) -> str:
        """What nodes that became parts of one are, if they are linears or functions of linears."""
        if not paths:
            return ""
        node = self.graph[paths[0]]
        if node.block == "linear":
            return self._linear(node)
        read = self.graph[node.wires[0].source]
        plain = read.block == "linear" and len(node.wires) == 1 and node.wires[0].time == NOW
        return f"{node.block} of a {self._linear(read)}" if plain else ""

    def cell(self, ends: Iterable[str], outside: Collection[str]) -> tuple[list[str], list[str]]:
        """All equations of a cell: of its linears and other blocks, and of its expressions.

        They are those that `ends`, its states, depend on, up to the nodes `outside`.
        """
        found, queue = set(ends), list(ends)
        while queue:
            for wire in self.graph[queue.pop()].wires:
                if wire.source not in found and wire.source not in outside:
                    found.add(wire.source)
                    queue.append(wire.source)
        nodes = [node for node in self.graph.nodes if node.path in found and self._written(node.path)]
        linears = [node for node in nodes if node.block == "linear"]
        return self._grouped(linears), [self._told(node) for node in nodes if node.block != "linear"]

    def _written(self, path: str) -> Node | None:
        """The node that stands under its own name in the spec and says an equation."""
        node = self.graph.index.get(path)
        if node is None or "/" in _local(node):
            return None
        return node if node.block in ("linear", "identity", *OPERATOR_BLOCKS, *FUNCTIONS) else None

    def _grouped(self, linears: Iterable[Node]) -> list[str]:
        """A line for the linears that read the same."""
        names: dict[str, list[str]] = {}
        for node in linears:
            names.setdefault(self._linear(node), []).append(_name(node.path))
        return [f"{', '.join(group)}: {told}" for told, group in names.items()]

    def _linear(self, node: Node) -> str:
        return f"linear of {self._read(node.wires[0], node.body)}"

    def _told(self, node: Node) -> str:
        if node.block == "linear":
            return f"{_name(node.path)}: {self._linear(node)}"
        return f"{_name(node.path)}: {unparse(self._operation(node, node.body))}"

    def _read(self, wire: Wire, body: str) -> str:
        """What stands at a port: an expression, or a list of them."""
        items = self._items(wire, body)
        return items[0] if len(items) == 1 else f"[{', '.join(items)}]"

    def _items(self, wire: Wire, body: str) -> list[str]:
        """The expressions of a list, those of lists inside it too."""
        node = self.graph[wire.source]
        if node.block == "concatenate" and wire.time == NOW and _is_piece(node):
            return [item for inner in node.wires for item in self._items(inner, body)]
        return [unparse(self._expression(wire, body))]

    def _expression(self, wire: Wire, body: str) -> Expression:
        node = self.graph[wire.source]
        expression = node.block in OPERATOR_BLOCKS or node.block in FUNCTIONS
        if expression and wire.time == NOW and _is_piece(node):
            return self._operation(node, body)
        name = node.path.removeprefix(f"{body}/") if body else node.path
        return Read(name, wire.port, replace(wire.time, scope=""))

    def _operation(self, node: Node, body: str) -> Expression:
        if node.block == "number":
            value = float(node.parameters["value"])
            return Number(int(value) if value.is_integer() else value)
        if node.block == "identity":
            return self._expression(node.wires[0], body)
        return operation(node, lambda wire: self._expression(wire, body))


def _local(node: Node) -> str:
    """The node's name in the body in which it was written, with a `/` where it has none of its own."""
    return node.path.removeprefix(f"{node.body}/") if node.body else node.path


def _is_piece(node: Node) -> bool:
    """Whether a node is a piece of what another one says: no name of its own, and none that layers gave it."""
    return "/" in _local(node) and _local(node)[0].isalpha()


def _name(path: str) -> str:
    return path.rpartition("/")[2]
