"""What the nodes of a graph give, as far as it can be told before anything has been checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.blocktypes import ANYTHING, BlockType, MisfitError, Registry, Value
from leporello.graphs.components import components
from leporello.graphs.nodes import Node


def values_of(nodes: Sequence[Node], registry: Registry) -> Mapping[tuple[str, str], Value]:
    """What every node gives at its ports, by path and port."""
    index = {node.path: node for node in nodes}
    values: dict[tuple[str, str], Value] = {}
    for component in components(nodes):
        for _ in component:  # around a loop until nothing new is known
            before = [values.get((path, "")) for path in component]
            for path in component:
                values.update(_given(index[path], registry.get(index[path].block), values))
            if before == [values.get((path, "")) for path in component]:
                break
    return values


def _given(node: Node, kind: BlockType | None, values: Mapping[tuple[str, str], Value]) -> dict[tuple[str, str], Value]:
    """What a node gives at each of its ports, the first one's also at the empty port."""
    ports = {port: values.get((wire.source, wire.port), ANYTHING) for port, wire in node.inputs}
    try:
        found = kind.infer(ports, node.parameters) if kind is not None and kind.infer is not None else {}
    except MisfitError:
        return {}  # which the inference of sizes tells
    first = next(iter(found.values()), ANYTHING)
    return {(node.path, ""): first, **{(node.path, port): value for port, value in found.items()}}
