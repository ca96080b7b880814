"""Nodes that could not be read: what is written there, and the axis on which they stand until they can be."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.composing.tree import Scalar, Table, Tree
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import UNKNOWN, Node
from leporello.graphs.problems import visible

LONGEST = 40


def written(graph: Graph, node: Node) -> str:
    """The block or the expression that stands in the text for a node that could not be read; `?` where nothing does."""
    tree: Tree | None = graph.source.tree
    for key in ("nodes", node.path):
        tree = tree.get(key) if isinstance(tree, Table) else None
    if isinstance(tree, Table):
        tree = tree.get("block") or tree.get("value")
    said = str(tree.text).strip() if isinstance(tree, Scalar) else ""
    return visible(said, LONGEST) or UNKNOWN


def clocks(graph: Graph, axes: Mapping[str, Axes]) -> dict[str, str | None]:
    """The axis of each node. A node that could not be read stands on that of its neighbours, or on the only one.

    On an axis of its own it would be drawn apart from all others, which would seem to read all its steps.
    """
    known = {path: axis.own for path, axis in axes.items()}
    lost = [path for path, own in known.items() if own == UNKNOWN]
    if not lost:
        return known
    near: dict[str, str] = {}
    for node in graph.nodes:
        for wire in node.wires:
            for one, other in ((wire.source, node.path), (node.path, wire.source)):
                axis = known.get(other)
                if known.get(one) == UNKNOWN and axis not in (None, UNKNOWN):
                    near.setdefault(one, str(axis))
    others = [axis for axis in dict.fromkeys(known.values()) if axis not in (None, UNKNOWN)]
    only = others[0] if len(others) == 1 else UNKNOWN
    return {**known, **{path: near.get(path, only) for path in lost}}
