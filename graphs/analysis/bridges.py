"""What bridges did: which states of one block became the first values of which states of another."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, Node, Wire
from leporello.graphs.opening.layers import place_of


@frozen
class Bridge:
    """What `node` says of its bridge: for each of its states those of `source` that its first value is made of.

    A state made of none begins as it would without a bridge.
    """

    node: str
    source: str
    kind: str
    states: Mapping[str, tuple[str, ...]]


def bridges_of(checked: Checked) -> list[Bridge]:
    """The bridges of which the spec's nodes speak."""
    return [
        Bridge(node.path, node.initial[0].source, node.modifiers.bridge, _made(node, checked))
        for node in checked.written.nodes
        if node.modifiers.bridge is not None and isinstance(node.initial, tuple)
    ]


def _made(node: Node, checked: Checked) -> dict[str, tuple[str, ...]]:
    inside, graph = f"{node.path}/", checked.graph
    late = {
        wire.source
        for reader in graph.nodes
        for wire in reader.wires
        if wire.time.shift and reader.path.startswith(inside) and wire.source.startswith(inside)
    }
    states = [path for path in graph.index if path in late and place_of(path, node.path) is not None]
    return {path: _givers(graph[path].initial_wires[:1], node.modifiers.bridge == "dense", graph) for path in states}


def _givers(first: tuple[Wire, ...], dense: bool, graph: Graph) -> tuple[str, ...]:
    """The states that a first value is made of: through a dense layer, and what stands side by side one by one."""
    if not first:
        return ()
    start = graph[first[0].source]
    wire = graph[start.wires[0].source].wires[0] if dense else first[0]
    source = graph[wire.source]
    parts = source.wires if source.block == "concatenate" and wire.time == NOW else (wire,)
    return tuple(dict.fromkeys(part.source for part in parts))
