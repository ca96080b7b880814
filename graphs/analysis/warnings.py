"""Warnings: what is allowed but probably not meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leporello.graphs.analysis.loops import Loop
from leporello.graphs.components import reached
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, Node, Wire, initial_wires
from leporello.graphs.problems import Problem
from leporello.graphs.readable import shown, written


def find_unused(spec: Graph) -> list[Problem]:
    """Nodes and inputs of the spec that no output needs."""
    ends = [source for output in spec.outputs for source in (output.wire.source, output.predicts)]
    needed = reached(ends, lambda path: _sources(spec[path]) if path in spec else ())
    return [
        Problem(f"{node.path} is not used by any output", "take it away, or name it under outputs:", node.mark, True)
        for node in spec.nodes
        if "/" not in node.path and node.path not in needed
    ]


def _sources(node: Node) -> list[str]:
    """The nodes that a node needs: what it reads, starts from and shares."""
    found = [wire.source for wire in (*node.wires, *initial_wires(node.initial))]
    share = node.modifiers.share
    targets = share.values() if isinstance(share, Mapping) else [share] if share else []
    return found + [str(target).replace(".", "/").split("/")[0] for target in targets]


def find_dead_initials(spec: Graph, opened: Graph) -> list[Problem]:
    """Initial values that nothing reads: those of nodes that are never read at another step."""
    read = {wire.source for node in opened.nodes for wire in (*node.wires, *node.initial_wires) if wire.time.offset}
    return [
        Problem(
            f"the initial value of {node.path} is never read",
            f"it stands before the first step of {node.path}(t-1), which nothing reads: take initial: away",
            node.at("initial"),
            True,
        )
        for node in spec.nodes
        if node.initial is not None and node.path in opened and node.path not in read
    ]


def find_plain_tokens(spec: Graph) -> list[Problem]:
    """Outputs that give the tokens of an input as they are: nothing is made of them."""
    tokens = {node.path for node in spec.inputs if "tokens" in node.parameters}
    return [
        Problem(
            f"the output {output.name} gives the tokens of {output.wire.source} as they are",
            f"embed them first: e: {{block: embedding, input: {output.wire.source}, units: 64}} and go on from e",
            output.at("from"),
            True,
        )
        for output in spec.outputs
        if output.wire.source in tokens and not output.predicts
    ]


def find_traps(graph: Graph, parts: Sequence[tuple[str, ...] | Loop]) -> list[Problem]:
    """`h(last)` of what runs backward has seen one step only."""
    backward: set[str] = set()
    for part in parts:
        if isinstance(part, Loop):
            backward.update(part.nodes if part.direction < 0 else ())
        elif _joins(graph[part[0]]) and any(
            wire.source in backward and wire.time == NOW for wire in graph[part[0]].wires
        ):
            backward.add(part[0])
    return [
        _trap(graph, node, wire)
        for node in graph.nodes
        for wire in node.wires + node.initial_wires
        if wire.source in backward and wire.time.kind == "last"
    ]


def _joins(node: Node) -> bool:
    return node.block in ("concatenate", "identity")


def _trap(graph: Graph, node: Node, wire: Wire) -> Problem:
    name = wire.source.split("/")[0]
    block = any(composite.path == name for composite in graph.composites)
    port = written(replace(wire, time=NOW), graph).partition(".")[2]
    hint = f"read {name}.{f'{port}_' if port else ''}final" if block else f"read {shown(wire.source)}(first)"
    at = wire
    if block and node.path.startswith(f"{name}/"):  # what joins both directions stands for the one that reads it
        node, at = next(iter(graph.readers[node.path]), (node, wire))
    reader = node.path.removesuffix("/output") if node.path.endswith("/output") else shown(node.path)
    what = f"{reader} reads {written(wire, graph)}, which runs backward and has seen one step there"
    return Problem(what, f"{hint}, where its loop ends", node.at_read(at), True)
