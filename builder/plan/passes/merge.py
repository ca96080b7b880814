"""Merge: linears of one size that read the same become one matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.builder.names import shared_prefix
from leporello.builder.plan.affine import owner
from leporello.builder.plan.passes.rewriting import Keep, fixed, free, loop_of, pinned, rebuilt, taken_paths
from leporello.builder.plan.slices import Rows, Slice
from leporello.graphs.analysis.axes import Axes
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import Node, Wire, freeze


def merge(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with one product for the linears that read one wire at the same place."""
    groups: dict[tuple[Wire, int, int, Axes], list[Node]] = {}
    loop = loop_of(model)
    spared = fixed(model, keep)
    for node in model.graph.nodes:
        if node.block == "linear" and node.path not in spared and node.initial is None:
            units, axes = int(node.parameters["units"]), model.axes[node.path]
            groups.setdefault((node.wires[0], loop(node.path), units, axes), []).append(node)
    if all(len(nodes) == 1 for nodes in groups.values()):
        return model
    made: dict[str, list[Node]] = {}
    moved: dict[tuple[str, str], Wire] = {}
    taken = taken_paths(model)
    for (wire, _, units, _), nodes in groups.items():
        if len(nodes) > 1:
            product = _product(wire, units, nodes, model, taken)
            parts, reads = parted(product, nodes, taken)
            made[nodes[0].path] = [product, parts]
            moved.update(reads)
    listed = [new for node in model.graph.nodes for new in [*made.get(node.path, []), node]]
    return rebuilt(model, listed, moved, keep)


def rows_of(node: Node) -> Rows:
    """A linear as rows of a product."""
    bias = Slice(owner(node, "bias")) if node.parameters["bias"] else None
    return Rows(int(node.parameters["units"]), Slice(owner(node, "weight")), bias)


def parted(whole: Node, nodes: Sequence[Node], taken: set[str]) -> tuple[Node, dict[tuple[str, str], Wire]]:
    """A node that splits `whole` into what `nodes` were, and where these are to be read now."""
    names = _unlike([node.path.rsplit("/", 1)[-1] for node in nodes])
    into = freeze({"into": tuple(names), "of": tuple(node.path for node in nodes)})
    path = free(f"{whole.path}/parts", taken)
    parts = Node(path, "split", (("input", Wire(whole.path)),), into, axis=whole.axis, body=whole.body)
    reads = {(node.path, ""): Wire(path, name) for node, name in zip(nodes, names, strict=True)}
    return replace(parts, mark=whole.mark), reads


def together(nodes: Sequence[Node]) -> str:
    """A path that tells of several nodes: `W_i`, `W_f`, `W_g`, `W_o` of one body are its `W_ifgo`."""
    body = shared_prefix(node.path for node in nodes)
    return "/".join(filter(None, [body, _together([node.path.rsplit("/", 1)[-1] for node in nodes])]))


def _product(wire: Wire, units: int, nodes: list[Node], model: Checked, taken: set[str]) -> Node:
    path, body = free(together(nodes), taken), shared_prefix(node.path for node in nodes)
    parameters = freeze({"units": units * len(nodes), "rows": tuple(rows_of(node) for node in nodes)})
    first = pinned(model, nodes[0])
    return Node(path, "product", (("input", wire),), parameters, axis=first.axis, body=body, mark=first.mark)


def _together(names: list[str]) -> str:
    """One name for several: `W_i`, `W_f`, `W_g`, `W_o` are `W_ifgo`."""
    heads = {name.rpartition("_")[0] for name in names}
    if len(heads) == 1 and heads != {""}:
        tails = [name.rpartition("_")[2] for name in names]
        return f"{heads.pop()}_{''.join(tails) if all(len(tail) == 1 for tail in tails) else '_'.join(tails)}"
    return "_".join(names)[:60]


def _unlike(names: list[str]) -> list[str]:
    return [name if names.count(name) == 1 else f"{name}_{i}" for i, name in enumerate(names, 1)]
