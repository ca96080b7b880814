"""Weigh: a sum over a carried axis of values, each by its weight, is one matrix product, as in attention."""

from __future__ import annotations

from dataclasses import replace

from leporello.builder.plan.passes.rewriting import Keep, loop_of, pinned, read_once, rebuilt
from leporello.graphs.analysis.axes import Carried
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import NOW, Node, Wire


def weigh(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with one operation for `sum(weights * memory(all))`, where nothing else reads the product.

    Else the product would hold every value again, for every step that looks back.
    """
    loop = loop_of(model)
    free = read_once(model, keep)
    nodes = []
    for node in model.graph.nodes:
        if node.block == "sum" and node.path not in keep and node.wires[0].time == NOW:
            product = model.graph[node.wires[0].source]
            pair = _weights_and_values(node, product, model) if product.path in free else ()
            if pair and loop(product.path) == loop(node.path):
                node = replace(pinned(model, node), block="weigh", inputs=pair)
        nodes.append(node)
    return rebuilt(model, nodes, {}, keep) if nodes != list(model.graph.nodes) else model


def _weights_and_values(node: Node, product: Node, model: Checked) -> tuple[tuple[str, Wire], ...]:
    """The factors of a product, the one of size one first, if both carry the axis that the sum closes."""
    over = model.axes[node.path].over
    if product.block != "multiply" or over is None or product.initial is not None:
        return ()
    if any(over not in _carried(wire, model) for wire in product.wires):
        return ()
    for weights, values in (product.wires, product.wires[::-1]):
        if model.value(weights).size == 1:
            return ("weight", weights), ("input", values)
    return ()


def _carried(wire: Wire, model: Checked) -> tuple[Carried, ...]:
    """The axes that a wire carries to its reader."""
    axes = model.axes[wire.source]
    own = ((axes.own, wire.time.scope),) if wire.time.kind == "all" and axes.own else ()
    return (*own, *axes.carried)
