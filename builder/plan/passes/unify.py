"""Unify: nodes that compute the same from the same are one."""

from __future__ import annotations

from typing import Any

from leporello.builder.plan.passes.rewriting import Keep, loop_of, read_late, rebuilt
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import Node, Wire


def unify(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with equal nodes made one, in one walk along the way that values take.

    A node of a loop never stands for one outside: a loop that is read from outside may be no cell any more.
    """
    loop = loop_of(model)
    fixed = keep | read_late(model) | {output.wire.source for output in model.graph.outputs}
    known: dict[Any, str] = {}
    moved: dict[tuple[str, str], Wire] = {}
    same: dict[str, str] = {}
    for part in model.parts:
        for path in part if isinstance(part, tuple) else part.nodes:
            node = model.graph[path]
            if model.registry[node.block].is_unique or path in fixed:
                continue
            key = (loop(path), _key(node, same, model))
            if key in known:
                same[path] = known[key]
                for port in {wire.port for _, wire in model.graph.readers[path] if wire.source == path} | {""}:
                    moved[path, port] = Wire(known[key], port)
            else:
                known[key] = path
    return rebuilt(model, model.graph.nodes, moved, keep) if moved else model


def _key(node: Node, same: dict[str, str], model: Checked) -> Any:
    reads = tuple((port, same.get(w.source, w.source), w.port, w.time) for port, w in node.inputs)
    parameters = tuple(sorted((name, str(value)) for name, value in node.parameters.items()))
    return (node.block, reads, parameters, model.axes[node.path], str(node.initial))
