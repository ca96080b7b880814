"""Lists: what a concatenation puts side by side, those inside it too."""

from __future__ import annotations

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, Wire

MOST = 10_000
"""So many pieces are told apart: lists of lists of the same nodes grow beyond all bounds."""


def pieces(wire: Wire, graph: Graph) -> list[Wire]:
    """The pieces of the list that a wire reads, in order; one piece where it reads no list, or one of too many."""
    found, waiting = [], [wire]
    while waiting:
        read = waiting.pop()
        node = graph[read.source]
        if read.time == NOW and node.block == "concatenate":
            waiting.extend(reversed(node.wires))
        else:
            found.append(read)
        if len(found) + len(waiting) > MOST:
            return [wire]
    return found
