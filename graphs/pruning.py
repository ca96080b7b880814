"""Pruning: a model without the nodes that no wanted output depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.checks import Checked, recheck
from leporello.graphs.problems import refuse, suggest


def needed(model: Checked, also: Sequence[str] = ()) -> Checked:
    """The model reduced to what its outputs, and the inner nodes named in `also`, depend on.

    Every node keeps its axis, also where what gave it one is gone.

    Raises:
        SpecError: for a path in `also` that is no inner node.
    """
    for path in also:
        if path not in model.graph:
            raise refuse(f"there is no inner node {path!r}", suggest(path, model.graph.index, "inner nodes"))
    queue = [output.wire.source for output in model.graph.outputs] + list(also)
    found: set[str] = set()
    while queue:
        path = queue.pop()
        if path not in found:
            found.add(path)
            queue.extend(wire.source for wire in model.graph[path].wires + model.graph[path].initial_wires)
    kept = [replace(node, axis=model.axes[node.path].own or "none") for node in model.graph.nodes if node.path in found]
    return recheck(model, model.graph.with_nodes(kept))
