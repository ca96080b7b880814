"""Fold constants: arithmetic on numbers is done once, and steps that change nothing are left out."""

from __future__ import annotations

import operator
from dataclasses import replace
from math import isfinite

from leporello.builder.plan.passes.rewriting import Keep, read_late, rebuilt
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import Node, Wire, freeze

_OPERATIONS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv}
_NEUTRAL = {("add", "left"): 0.0, ("add", "right"): 0.0, ("subtract", "right"): 0.0}
_NEUTRAL |= {("multiply", "left"): 1.0, ("multiply", "right"): 1.0, ("divide", "right"): 1.0}


def fold(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with numbers worked out: `2 * 3 * x` is `6 * x`, and `1 * x` is `x`."""
    numbers = {node.path: float(node.parameters["value"]) for node in model.graph.nodes if node.block == "number"}
    fixed = keep | read_late(model)
    moved: dict[tuple[str, str], Wire] = {}
    nodes = []
    order = [path for part in model.parts for path in (part if isinstance(part, tuple) else part.nodes)]
    for path in order:
        node = model.graph[path]
        value = _value(node, numbers)
        if value is not None and path not in fixed and model.axes[path].own is None:
            numbers[path] = value
            nodes.append(
                replace(node, block="number", inputs=(), parameters=freeze({"value": value}), initial=None, axis="none")
            )
            continue
        rest = _rest(node, numbers, model) if path not in fixed else None
        if rest is not None:
            moved[path, ""] = rest
        nodes.append(node)
    if not moved and all(new is model.graph[new.path] for new in nodes):
        return model
    place = {path: i for i, path in enumerate(model.graph.index)}
    return rebuilt(model, sorted(nodes, key=lambda node: place[node.path]), moved, keep)


def _value(node: Node, numbers: dict[str, float]) -> float | None:
    values = [numbers.get(wire.source) for wire in node.wires]
    known = [value for value in values if value is not None]
    if not values or len(known) < len(values):
        return None
    if node.block not in _OPERATIONS:
        return -known[0] if node.block == "negative" else None
    try:
        value = float(_OPERATIONS[node.block](*known))
    except ZeroDivisionError:
        return None
    return value if isfinite(value) else None


def _rest(node: Node, numbers: dict[str, float], model: Checked) -> Wire | None:
    """What is left of an operation with a neutral number."""
    if node.block not in _OPERATIONS:
        return None
    for (port, wire), (_, other) in zip(node.inputs, reversed(node.inputs), strict=True):
        same = model.axes[other.source] == model.axes[node.path] and model.value(other) == model.values[node.path, ""]
        if numbers.get(wire.source) == _NEUTRAL.get((node.block, port)) and wire.source in numbers and same:
            return other
    return None
