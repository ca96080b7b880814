"""What the passes share: a model with nodes replaced, wires redirected, and what nothing reads taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from leporello.builder.plan.passes.origins import Rewritten, with_origins
from leporello.graphs.analysis.checks import Checked, recheck
from leporello.graphs.components import reached
from leporello.graphs.nodes import NOW, Node, Wire

Keep = frozenset[str]
"""Nodes that a pass must leave as they are: those of fused cells, and those asked for by name."""


def rebuilt(model: Checked, nodes: Iterable[Node], moved: Mapping[tuple[str, str], Wire], keep: Keep) -> Rewritten:
    """The model with other nodes, every read at `moved` redirected, and dead nodes dropped."""
    listed = list(nodes)

    def change(wire: Wire) -> Wire:
        target = moved.get((wire.source, wire.port))
        while target is not None:
            wire = replace(target, time=wire.time) if target.time == NOW else target
            target = moved.get((wire.source, wire.port))
        return wire

    wired = [node.rewired(change) for node in listed]
    outputs = tuple(replace(output, wire=change(output.wire)) for output in model.graph.outputs)
    alive = _alive(wired, [output.wire.source for output in outputs] + sorted(keep))
    graph = replace(model.graph, nodes=tuple(node for node in wired if node.path in alive), outputs=outputs)
    assert len(graph.index) == len(graph), "two nodes of one path"
    return with_origins(model, recheck(model, graph), moved)


def _alive(nodes: list[Node], roots: Iterable[str]) -> set[str]:
    index = {node.path: node for node in nodes}
    return set(reached([path for path in roots if path in index], lambda path: index[path].sources))


def taken_paths(model: Checked) -> set[str]:
    """The paths that a new node may not have. A node called as a composite is would take the names of its parts."""
    return {"/".join(path.split("/")[:i]) for path in model.graph.index for i in range(1, path.count("/") + 2)}


def free(path: str, taken: set[str]) -> str:
    """The path, or one with a number that is not taken; it is taken from then on."""
    name, count = path, 2
    while name in taken:
        name, count = f"{path}_{count}", count + 1
    taken.add(name)
    return name


def read_late(model: Checked) -> frozenset[str]:
    """The nodes that are read at another step than the reader's own, or outside time."""
    return model.graph.read_late


def asked_for(model: Checked, keep: Keep) -> frozenset[str]:
    """The nodes that are wanted as they are: those kept, and what outputs read."""
    return keep | {output.wire.source for output in model.graph.outputs}


def fixed(model: Checked, keep: Keep) -> frozenset[str]:
    """The nodes that must keep their path: those asked for, and those read late."""
    return asked_for(model, keep) | read_late(model)


def read_once(model: Checked, keep: Keep) -> frozenset[str]:
    """The nodes that may become part of their only reader."""
    alone = frozenset(path for path, readers in model.graph.readers.items() if len(readers) == 1)
    return alone - asked_for(model, keep)


def loop_of(model: Checked) -> Callable[[str], int]:
    """For each node the number of the loop that it is in, -1 for none."""
    place = {path: i for i, loop in enumerate(model.loops) for path in loop.nodes}
    return lambda path: place.get(path, -1)


def pinned(model: Checked, node: Node) -> Node:
    """The node with its axis said, so that it keeps it whatever it reads later."""
    return replace(node, axis=model.axes[node.path].own or "none")
