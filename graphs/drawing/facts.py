"""What is known of a checked model's boxes beside their names: sizes and numbers of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.checks import Checked
from leporello.graphs.drawing.folding import group


def facts(checked: Checked) -> Mapping[str, str]:
    """A line for the hover text of every top-level box: the size of its value, how many numbers it learns."""
    sizes = {
        group(node.path): checked.values[node.path, ""].size
        for node in checked.graph.nodes
        if (node.path, "") in checked.values
    }
    for composite in checked.graph.composites:
        first = next((wires[0] for wires in composite.ports.values() if wires), None)
        if first and (first.source, first.port) in checked.values and "/" not in composite.path:
            sizes[composite.path] = checked.value(first).size
    learned = _learned(checked)
    found = {}
    for path, size in sizes.items():
        said = [f"size {size}"] + ([f"{learned[path]} parameters"] if path in learned else [])
        found[path] = ", ".join(said)
    return found


def _learned(checked: Checked) -> dict[str, Any]:
    """How many numbers every top-level box learns."""
    found: dict[str, Any] = {}
    for path, weights in checked.weights.items():
        for shape in weights.values():
            count: Any = 1
            for size in shape:
                count = count * size
            found[group(path)] = found.get(group(path), 0) + count
    return found
