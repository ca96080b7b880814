"""Pruning: a model without the nodes that no wanted output depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.analysis.checks import Checked, recheck
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.components import reached
from leporello.graphs.nodes import Output, Wire
from leporello.graphs.problems import refuse, suggest


def with_outputs(model: Checked, also: str | Sequence[str]) -> Checked:
    """The model with more outputs, each called as it is asked for.

    Asked for are inner nodes by path (`h/1/forward/c`), or what the spec names: `encoder`, `attention.weights`.

    Raises:
        SpecError: for what is no value of the model, or what another output is called.
    """
    outputs = {output.name: output for output in model.graph.outputs}
    for name in [also] if isinstance(also, str) else also:
        wire = _wire(model, name)
        if outputs.setdefault(name, Output(name, wire)).wire != wire:
            raise refuse(f"an output is called {name!r} already, and is another value", "name an inner node")
    return recheck(model, replace(model.graph, outputs=tuple(outputs.values()))) if also else model


def _wire(model: Checked, name: str) -> Wire:
    """What reads the value that is asked for by a name."""
    if name in model.graph:
        return Wire(name)
    path, _, port = name.partition(".")
    ports = {composite.path: composite.ports for composite in model.graph.composites}
    wires = ports[path].get(port or next(iter(ports[path]), ""), ()) if path in ports else ()
    if len(wires) != 1:
        values = [*model.graph.index, *ports, *(f"{path}.{port}" for path in ports for port in [*ports[path]][1:])]
        raise refuse(f"there is no inner node {name!r}", suggest(name, values, "values"))
    return wires[0]


def needed(model: Checked) -> Checked:
    """The model reduced to what its outputs depend on.

    Every node keeps its axis, also where what gave it one is gone. Nothing that is kept depends on what is not: what is
    known of it stays.
    """
    ends = [output.wire.source for output in model.graph.outputs]
    found = reached(ends, lambda path: model.graph[path].sources)
    kept = [node.changed(axis=model.axes[node.path].own or "none") for node in model.graph.nodes if node.path in found]
    return replace(
        model,
        graph=model.graph.with_nodes(kept),
        parts=tuple(part for part in model.parts if (part.nodes if isinstance(part, Loop) else part)[0] in found),
        axes={path: axes for path, axes in model.axes.items() if path in found},
        values={port: value for port, value in model.values.items() if port[0] in found},
    )
