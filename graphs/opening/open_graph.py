"""Opening: composites are replaced by what is inside them, until only primitives are left.

Opening is substitution and never changes a value. It runs in three steps: composites are laid out under
their paths (`instances`), every wire is followed through the ports it names to a primitive (`wiring`), and
initial values are handed to the states they are for (`states`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import Registry
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, PLAIN, Composite, Modifiers, Node, Output
from leporello.graphs.opening.instances import lay_out
from leporello.graphs.opening.laid_out import LaidOut
from leporello.graphs.opening.sharing import resolve_shares
from leporello.graphs.opening.states import give_initials
from leporello.graphs.opening.wiring import Wiring
from leporello.graphs.problems import Problem, SpecError


def open_graph(graph: Graph, registry: Registry, sizes: Mapping[str, Any] | None = None) -> Graph:
    """The graph of primitives that `graph` stands for; paths tell where each came from.

    `sizes` binds `$names`; a name that nothing binds stays a symbol.

    Raises:
        SpecError: with every problem found in opening.
    """
    opened, problems = try_open(graph, registry, sizes)
    if problems:
        raise SpecError(tuple(problems))
    return opened


def try_open(graph: Graph, registry: Registry, sizes: Mapping[str, Any] | None = None) -> tuple[Graph, list[Problem]]:
    """The opened graph as far as it could be opened, and every problem found on the way."""
    full = registry.extended(graph.blocks)
    if graph.composites and not sizes:
        return replace(graph, kinds=full), []
    layout = lay_out(graph, full, sizes or {})
    problems = list(layout.problems)
    wiring = Wiring(layout, problems)
    nodes = wiring.wire_all()
    outputs = tuple(replace(output, wire=wiring.follow(output.wire, output.at("from"))) for output in graph.outputs)
    nodes, outputs = give_initials(nodes, outputs, layout, wiring, problems)
    nodes, outputs = _timed(nodes, outputs, wiring)
    nodes = resolve_shares(nodes, layout, problems)
    errors = [problem for problem in problems if not problem.warning]
    opened = [_plain(node) for node in nodes]
    composites = tuple(_composite(c, layout, wiring) for c in layout.composites)
    warnings = graph.warnings + tuple(problem for problem in problems if problem.warning)
    opened_graph = replace(
        graph,
        nodes=tuple(opened),
        outputs=outputs,
        composites=composites or graph.composites,
        warnings=warnings,
        kinds=full,
    )
    return opened_graph, list(dict.fromkeys(errors))


def _timed(nodes: list[Node], outputs: tuple[Output, ...], wiring: Wiring) -> tuple[list[Node], tuple[Output, ...]]:
    """An output that reads another step gets a node of its own, so that outputs are what nodes give."""
    kept = list(nodes)
    ended = []
    for output in outputs:
        if output.wire.time != NOW:
            apart = wiring.apart(output.wire, f"{output.name}/output")
            kept.append(replace(wiring.made[apart.source], body="", mark=output.mark))
            output = replace(output, wire=apart)
        ended.append(output)
    return kept, tuple(ended)


def _plain(node: Node) -> Node:
    """The opened node says of its modifiers only what concerns its own weights."""
    kept = node.modifiers
    if kept is PLAIN:
        return node
    return node.changed(modifiers=Modifiers(share=kept.share, init=kept.init, frozen=kept.frozen))


def _composite(composite: Composite, layout: LaidOut, wiring: Wiring) -> Composite:
    ports = {port: wiring.parts(composite.path, port) for port in layout.ports_of(composite.path)}
    return replace(composite, ports=ports)
