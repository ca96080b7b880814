"""By which output of a closed composite each node in it is read from outside."""

from __future__ import annotations

from collections.abc import Iterator

from leporello.graphs.drawing.views.opened import Grouping
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Composite, Wire

STATE, FINAL = "state", "final"
"""What every composite gives beside its outputs: all of its state, and its first output where its loop ends."""


def ports_read(graph: Graph, grouping: Grouping) -> dict[str, str]:
    """The output by the path of the node that gives it, where that is not the first one of its composite."""
    known = {composite.path: composite for composite in graph.composites}
    joined = {node.wires: node.path for node in graph.nodes if node.block == "concatenate"}
    found: dict[str, str] = {}
    for composite in known.values():
        for source, port in _sources(composite, joined):
            path = grouping(source)
            while path not in known and "/" in path:
                path = path.rpartition("/")[0]
            if path == composite.path and grouping(source) != source:
                found[source] = port if port != next(iter(composite.ports)) else ""
    for node in graph.nodes:
        composite_path, _, name = node.path.rpartition("/")
        if composite_path in known and grouping(node.path) == composite_path and ends(name):
            found[node.path] = name
    return {source: port for source, port in found.items() if port}


def ends(port: str) -> bool:
    """Whether an output is read where loops end."""
    return port in (STATE, FINAL) or port.endswith(f"_{FINAL}")


def _sources(composite: Composite, joined: dict[tuple[Wire, ...], str]) -> Iterator[tuple[str, str]]:
    """Every node that is read by a port, with the port: also what joins those of both directions."""
    for port, wires in reversed([*composite.ports.items()]):
        yield from ((wire.source, port) for wire in wires)
        if tuple(wires) in joined:
            yield joined[tuple(wires)], port
