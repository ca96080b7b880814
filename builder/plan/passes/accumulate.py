"""Accumulate: in loops, a product is added to another value while it is worked out, not afterwards."""

from __future__ import annotations

from dataclasses import replace

from leporello.builder.plan.passes.merge import rows_of
from leporello.builder.plan.passes.rewriting import Keep, loop_of, read_once, rebuilt
from leporello.builder.plan.slices import Rows
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import NOW, Node, Wire, freeze


def accumulate(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with `U + W h(t-1)` as one operation in loops, where nothing else reads the product.

    A sum for every step and every gradient of it is saved. A product with a bias of its own stays as it is.
    """
    loop = loop_of(model)
    free = read_once(model, keep)
    nodes = []
    for node in model.graph.nodes:
        if node.block == "add" and loop(node.path) >= 0 and node.path not in keep:
            left, right = node.wires
            for onto, product in ((left, right), (right, left)):
                source = model.graph[product.source]
                here = source.path in free and product.time == NOW and loop(source.path) == loop(node.path)
                number = model.graph[onto.source].block == "number"  # added faster than a tensor of it is made
                if here and not number and _fits(source, node, model):
                    node = _accumulated(node, onto, source)
                    break
        nodes.append(node)
    return rebuilt(model, nodes, {}, keep) if nodes != list(model.graph.nodes) else model


def _fits(source: Node, node: Node, model: Checked) -> bool:
    """Whether a node is a product of vectors, without a bias and as wide as the sum."""
    if source.block not in ("linear", "product") or source.initial is not None:
        return False
    vectors = not (model.axes[source.path].carried or model.axes[node.path].carried)
    plain = all(row.bias is None for row in _rows(source))
    return vectors and plain and source.parameters["units"] == model.values[node.path, ""].size


def _rows(source: Node) -> tuple[Rows, ...]:
    rows: tuple[Rows, ...] = source.parameters["rows"] if source.block == "product" else (rows_of(source),)
    return rows


def _accumulated(node: Node, onto: Wire, source: Node) -> Node:
    parameters = freeze({"units": source.parameters["units"], "rows": _rows(source)})
    return replace(node, block="accumulate", inputs=(("onto", onto), ("input", source.wires[0])), parameters=parameters)
