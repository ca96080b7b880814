"""Join: one function of all parts of a product is worked out once, before the product is parted."""

from __future__ import annotations

from dataclasses import replace

from leporello.builder.plan.passes.merge import parted, together
from leporello.builder.plan.passes.rewriting import Keep, fixed, free, loop_of, pinned, rebuilt, taken_paths
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.functions import FUNCTIONS, REDUCING
from leporello.graphs.nodes import Node, Wire


def join(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with `r, z = sigmoid(W)` for `r = sigmoid(W_r)`, `z = sigmoid(W_z)`, where nothing else reads a part.

    One operation on the whole takes less than one on each of its parts.
    """
    if all(node.block != "split" for node in model.graph.nodes):
        return model
    loop = loop_of(model)
    spared = fixed(model, keep)
    taken = taken_paths(model)
    made: dict[str, list[Node]] = {}
    moved: dict[tuple[str, str], Wire] = {}
    for parts in model.graph.nodes:
        alike = _alike(parts, model) if parts.path not in spared else []
        if alike and not any(node.path in spared or loop(node.path) != loop(parts.path) for node in alike):
            path = free(_path(alike, parts), taken)
            whole = replace(pinned(model, alike[0]), path=path, inputs=(("input", parts.wires[0]),))
            after, reads = parted(whole, alike, taken)
            made[parts.path] = [whole, after]
            moved.update(reads)
    if not made:
        return model
    nodes = [new for node in model.graph.nodes for new in made.get(node.path, [node])]
    return join(rebuilt(model, nodes, moved, keep), keep)


def _alike(parts: Node, model: Checked) -> list[Node]:
    """The nodes that read the parts of a split, if they are one function and each part has one reader."""
    if parts.block != "split":
        return []
    readers = {wire.port: node for node, wire in model.graph.readers[parts.path]}
    nodes = [readers[port] for port in parts.parameters["into"] if port in readers]
    functions = {node.block for node in nodes}
    clocks = {model.axes[node.path] for node in nodes}
    once = len(nodes) == len(parts.parameters["into"]) == len(model.graph.readers[parts.path])
    return nodes if once and len(functions) == len(clocks) == 1 and functions <= FUNCTIONS.keys() - REDUCING else []


def _path(alike: list[Node], parts: Node) -> str:
    """The path of a function of the whole; pieces of expressions have no name to call it by."""
    named = all(node.path.rpartition("/")[2][0].isalpha() for node in alike)
    return together(alike) if named else f"{parts.wires[0].source}_{alike[0].block}"
