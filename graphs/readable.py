"""Paths of an opened graph in the words of the spec, for messages."""

from __future__ import annotations

import re

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Composite, Wire

_OPERATIONS = re.compile(r"(/\d+)+\Z")


def shown(path: str) -> str:
    """The path without the numbers that operations inside an expression have.

    >>> shown("decoder/1/forward/c/2")
    'decoder/1/forward/c'
    """
    return _OPERATIONS.sub("", path)


def way(paths: list[str]) -> str:
    """A way from node to node, by the names that the spec gives them.

    >>> way(["x", "e", "h/1/forward/W_i", "h/1/forward/h", "o/1", "o"])
    'x -> e -> h -> o'
    """
    names = [path.split("/")[0] for path in paths]
    return " -> ".join(name for i, name in enumerate(names) if not i or name != names[i - 1])


def cycle(paths: list[str]) -> str:
    """A cycle, its first node repeated at its end; by the spec's names where it leaves a block.

    >>> cycle(["h/1", "h", "h/1"]), cycle(["a", "b/1/forward/c", "a"]), cycle(["b/K", "b/c", "b/K"])
    ('h -> h', 'a -> b -> a', 'b/K -> b/c -> b/K')
    """
    inside = len({path.split("/")[0] for path in paths}) == 1
    names = [shown(path) if inside else path.split("/")[0] for path in paths]
    kept = [name for i, name in enumerate(names) if not i or name != names[i - 1]]
    return " -> ".join(kept if len(kept) > 1 else [*kept, kept[0]])


def written(wire: Wire, graph: Graph) -> str:
    """The wire as the spec can say it: a port of a block in place of the node inside that it stands for."""
    name = wire.source.split("/")[0]
    composite = next((c for c in graph.composites if c.path == name), None)
    port = _port(composite, wire.source) if composite else None
    if port is None:
        return str(Wire(shown(wire.source), wire.port, wire.time))
    return str(Wire(name, port, wire.time))


def _port(composite: Composite | None, source: str) -> str | None:
    """The port that gives the node `source`: empty for the first one, None without any."""
    if composite is None:
        return None
    for i, (port, wires) in enumerate(composite.ports.items()):
        parts = source.split("/")
        made = len(wires) > 1 and parts[-1] == port and parts[-2] not in ("forward", "backward")
        if any(wire.source == source for wire in wires) or made:
            return "" if i == 0 else port
    return None
