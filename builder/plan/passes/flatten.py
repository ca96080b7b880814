"""Flatten: a list inside a list is one list."""

from __future__ import annotations

from dataclasses import replace

from leporello.builder.plan.lists import pieces
from leporello.builder.plan.passes.rewriting import Keep, rebuilt
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import NOW, Node


def flatten(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with every concatenation that is read by another at the same step spliced into it."""
    if not any(_inner(node, model) for node in model.graph.nodes):
        return model
    nodes = [_spliced(node, model, keep) for node in model.graph.nodes]
    return rebuilt(model, nodes, {}, keep)


def _inner(node: Node, model: Checked) -> bool:
    return node.block == "concatenate" and any(
        wire.time == NOW and model.graph[wire.source].block == "concatenate" for wire in node.wires
    )


def _spliced(node: Node, model: Checked, keep: Keep) -> Node:
    if node.block != "concatenate" or node.path in keep:
        return node
    wires = [piece for wire in node.wires for piece in pieces(wire, model.graph)]
    return replace(node, inputs=tuple((str(i), wire) for i, wire in enumerate(wires, 1)))
