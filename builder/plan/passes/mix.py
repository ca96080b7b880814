"""Mix: `z * h(t-1) + (1 - z) * n` is `n + z * (h(t-1) - n)`, which is an operation less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

from leporello.builder.plan.passes.rewriting import Keep, loop_of, read_once, rebuilt
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import NOW, Node, Wire


def mix(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with one multiplication for what a gate mixes, where nothing else reads the pieces.

    All pieces are in one loop. A sigmoid mixes a state and a bounded candidate, so that the state is bounded too: where
    one of two values is much larger than the other, their difference would forget the smaller one. A value of size one
    may have that size from the number that goes.
    """
    loop = loop_of(model)
    free = {path: loop(path) for path in read_once(model, keep)}
    changed: dict[str, Node] = {}
    for node in model.graph.nodes:
        here = node.block == "add" and node.path not in keep and loop(node.path) >= 0
        if here and model.values[node.path, ""].size != 1:
            changed.update({new.path: new for new in _mixed(node, model, free, loop(node.path))})
    nodes = [changed.get(node.path, node) for node in model.graph.nodes]
    return rebuilt(model, nodes, {}, keep) if changed else model


def _mixed(node: Node, model: Checked, free: Mapping[str, int], loop: int) -> tuple[Node, ...]:
    """The sum, product and difference that take the place of two products, if `node` adds such."""

    def piece(wire: Wire, block: str) -> Node | None:
        found = model.graph[wire.source]
        alike = model.axes[found.path] == model.axes[node.path] and free.get(found.path) == loop
        here = wire.time == NOW and alike
        return found if here and found.block == block and found.initial is None else None

    for taken, other in permutations(node.wires):
        product, rest = piece(taken, "multiply"), piece(other, "multiply")
        if product is None or rest is None:
            continue
        for (gate, one), (gap, two) in ((a, b) for a in permutations(product.wires) for b in permutations(rest.wires)):
            difference = piece(gap, "subtract")
            alike = difference is not None and difference.wires[1] == gate and _is_one(difference.wires[0], model)
            bounded = all(_is_bounded(wire, node, model) for wire in (one, two))
            if difference and alike and bounded and model.graph[gate.source].block == "sigmoid":
                apart = replace(difference, inputs=(("left", one), ("right", two)))
                scaled = replace(product, inputs=(("left", gate), ("right", Wire(apart.path))))
                return replace(node, inputs=(("left", two), ("right", Wire(scaled.path)))), scaled, apart
    return ()


def _is_bounded(wire: Wire, state: Node, model: Checked) -> bool:
    """Whether a wire reads the state at another step, or what is between -1 and 1."""
    source = model.graph[wire.source]
    return (source.path == state.path and wire.time != NOW) or source.block in ("tanh", "sigmoid")


def _is_one(wire: Wire, model: Checked) -> bool:
    source = model.graph[wire.source]
    return source.block == "number" and source.parameters["value"] == 1
