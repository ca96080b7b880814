"""What is known of a checked model's boxes beside their names: sizes and numbers of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.views.closing import output_path
from leporello.graphs.drawing.views.opened import CLOSED, Grouping, inlined
from leporello.graphs.nodes import Wire


def facts(checked: Checked, grouping: Grouping = CLOSED) -> Mapping[str, str]:
    """A line for the hover text of every box: the size of its value, how many numbers it learns.

    The boxes are those of `grouping`: of a composite that is drawn open, what stands in it.
    """
    grouping = inlined(checked.graph, grouping)
    sizes = _sizes(checked, grouping)
    learned = _learned(checked, grouping)
    return {
        path: f"size {size}" + (f", {learned[path]} parameters" if path in learned else "")
        for path, size in sizes.items()
    }


def _sizes(checked: Checked, grouping: Grouping) -> dict[str, Any]:
    """The size of what every box gives: of a group of nodes, what the first reader outside of it reads."""
    graph = checked.graph
    found: dict[str, Any] = {}

    def tell(path: str, wire: Wire) -> None:
        if (wire.source, wire.port) in checked.values:
            found.setdefault(path, checked.value(wire).size)

    for output in graph.outputs:
        tell(output_path(output.name), output.wire)
    for composite in graph.composites:
        for wires in list(composite.ports.values())[:1]:
            tell(composite.path, wires[0])
    for node in graph.nodes:
        if grouping(node.path) == node.path:
            tell(node.path, Wire(node.path))
    read = [(grouping(node.path), wire) for node in graph.nodes for wire in (*node.wires, *node.initial_wires)]
    for reader, wire in (*read, *(("", output.wire) for output in graph.outputs)):
        if grouping(wire.source) != reader:
            tell(grouping(wire.source), wire)
    for node in reversed(graph.nodes):
        tell(grouping(node.path), Wire(node.path))
    return found


def _learned(checked: Checked, grouping: Grouping) -> dict[str, Any]:
    """How many numbers every box learns."""
    found: dict[str, Any] = {}
    for path, weights in checked.weights.items():
        for shape in weights.values():
            count: Any = 1
            for size in shape:
                count = count * size
            found[grouping(path)] = found.get(grouping(path), 0) + count
    return found
