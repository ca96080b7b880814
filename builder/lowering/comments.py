"""The equations of a spec, as comments beside the code that computes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from leporello.graphs.expressions.wording import Wording, is_expression, local
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, Node


@frozen
class Equations:
    """Tells the equations of an opened graph, each in the names of the body in which it was written."""

    graph: Graph

    @property
    def _wording(self) -> Wording:
        return Wording(self.graph)

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
        if node is None or "/" in local(node):
            return None
        return node if node.block in ("linear", "identity") or is_expression(node) else None

    def _grouped(self, linears: Iterable[Node]) -> list[str]:
        """A line for the linears that read the same."""
        names: dict[str, list[str]] = {}
        for node in linears:
            names.setdefault(self._linear(node), []).append(_name(node.path))
        return [f"{', '.join(group)}: {told}" for told, group in names.items()]

    def _linear(self, node: Node) -> str:
        return f"linear of {self._wording.read(node.wires[0], node.body)}"

    def _told(self, node: Node) -> str:
        if node.block == "linear":
            return f"{_name(node.path)}: {self._linear(node)}"
        return f"{_name(node.path)}: {self._wording.said(node, node.body)}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]
