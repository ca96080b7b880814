"""What is no model, however it was made: wires to no node, unknown blocks and ports, two nodes of one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.expressions.plain_values import EXPRESSIONS
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOTHING, PLAIN, UNKNOWN, Node, Wire, initial_wires
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import Mark, Problem, SpecError, an, suggest

SUGGESTED = 200
"""From how few nodes the one that was meant is guessed: among many it takes long."""


def find_malformed(graph: Graph, registry: Registry) -> list[Problem]:
    """Every part of a graph that refers to what is not there; what is unknown for it could not be read is let pass."""
    problems = [
        Problem(f"two nodes are called {path}", "names are different", graph[path].mark)
        for path, count in Counter(node.path for node in graph.nodes).items()
        if count > 1
    ]
    for node in graph.nodes:
        if node.block != UNKNOWN:
            problems.extend(_of_node(node, graph, registry))
            problems.extend(_of_opened(node, graph, registry) if graph.composites else ())
    for output in graph.outputs:
        problems.extend(_of_wire(f"output {output.name}", output.wire, output.at("from"), graph, registry))
        if output.predicts and output.predicts not in graph:
            hint = suggest(output.predicts, (node.path for node in graph.inputs), "inputs")
            problems.append(Problem(f"predicts: {output.predicts!r} is no input", hint, output.at("predicts")))
    return problems


def _of_node(node: Node, graph: Graph, registry: Registry) -> Iterator[Problem]:
    try:
        kind = registry.find(node.block, node.at("block"))
    except SpecError as error:
        yield from error.problems
        return
    yield from _of_ports(node, kind)
    if kind.name == "input" and sum(name in node.parameters for name in ("features", "tokens")) != 1:
        yield Problem(f"input {node.path} says features: or tokens:, one of them", "{features: 8}", node.mark)
    known = [parameter.name for parameter in kind.parameters]
    for name in node.parameters:
        if name not in known and kind.name != "input":
            what = f"{node.path}, {an(kind.name)}, has no parameter {name!r}"
            yield Problem(what, suggest(name, known, "parameters"), node.at(name))
    for port, wire in node.inputs:
        yield from _of_wire(node.path, wire, node.at(port), graph, registry)
    for wire in initial_wires(node.initial):
        yield from _of_wire(f"the initial value of {node.path}", wire, node.at("initial"), graph, registry)


def _of_opened(node: Node, graph: Graph, registry: Registry) -> Iterator[Problem]:
    """What no node of an opened graph is: there all are primitives, and nothing is left to be worked out."""
    kind, said = registry.get(node.block), node.modifiers
    if kind is None:
        return
    share = said.share if isinstance(said.share, Mapping) else {}
    owners = [path if weight == WHOLE else path.rpartition("/")[0] for weight, path in share.items()]
    strange = [owner for owner in owners if owner not in graph]
    lacking = [p.name for p in kind.parameters if p.name not in node.parameters]
    left = [name for name, value in node.parameters.items() if isinstance(value, EXPRESSIONS)]
    wrong = {
        f"is {an(kind.name)}, which opens to others": kind.is_composite,
        f"does not say its parameter {(lacking or [''])[0]}": lacking,
        f"says {(left or [''])[0]} by an expression, which is not worked out": left,
        "has layers, a direction, residuals or dropout": said.stacks,
        "shares what is no node's": isinstance(said.share, str) or strange,
        "has initial values by state": isinstance(node.initial, Mapping),
    }
    for words, found in wrong.items():
        if found:
            what = f"composites say that the graph was opened, but {node.path} {words}"
            yield Problem(what, "take composites away, or open the graph first", node.mark)


def _of_ports(node: Node, kind: BlockType) -> Iterator[Problem]:
    given = [port for port, _ in node.inputs]
    ports = [port.name for port in kind.ports]
    if given == ports:
        return
    for port, count in Counter(given).items():
        if kind.port(port) is None:
            hint = suggest(port, ports, f"ports of {an(kind.name)}")
            yield Problem(f"{node.path}, {an(kind.name)}, has no port {port!r}", hint, node.at(port))
        elif count > 1:
            yield Problem(f"{node.path} is given {count} values at its port {port}", "a port has one", node.at(port))
    for declared in kind.ports:
        if not declared.optional and declared.name not in given:
            hint = f"{an(kind.name)} reads: {', '.join(ports)}"
            yield Problem(f"{node.path} lacks its port {declared.name}", hint, node.at("block"))


def _of_wire(reader: str, wire: Wire, mark: Mark | None, graph: Graph, registry: Registry) -> Iterator[Problem]:
    if wire.source == UNKNOWN:
        return
    if wire.source not in graph:
        hint = suggest(wire.source[:80], graph.index, "nodes") if len(graph) <= SUGGESTED else ""
        yield Problem(f"{reader} reads {wire.source[:80]!r}, which is no node", hint, mark)
    elif wire.port:
        node = graph[wire.source]
        kind = registry.get(node.block)
        known = kind.read_ports(node.parameters) if kind else None
        if known is not None and wire.port not in known:
            hint = suggest(wire.port, known, f"ports of {wire.source}")
            yield Problem(f"{wire.source} has no port {wire.port!r}", hint, mark)


def without_malformed(graph: Graph, registry: Registry) -> Graph:
    """The graph with what refers to nothing taken for unknown, so that all else can be known of it."""
    nodes = [_known(node, graph, registry) for node in {node.path: node for node in graph.nodes}.values()]
    outputs = []
    for output in graph.outputs:
        predicts = output.predicts if output.predicts in graph else ""
        outputs.append(replace(output, wire=_known_wire(output.wire, graph, registry), predicts=predicts))
    return replace(graph, nodes=tuple(nodes), outputs=tuple(outputs))


def _known(node: Node, graph: Graph, registry: Registry) -> Node:
    kind = registry.get(node.block)
    wrong = kind is None or any(not port.optional and port.name not in dict(node.inputs) for port in kind.ports)
    if node.block == "input":
        wrong = wrong or sum(name in node.parameters for name in ("features", "tokens")) != 1
    if kind is None or wrong or (graph.composites and any(True for _ in _of_opened(node, graph, registry))):
        node = replace(node, block=UNKNOWN, parameters={}, modifiers=PLAIN, initial=None)
    else:
        inputs = {port: wire for port, wire in node.inputs if kind.port(port) is not None}
        parameters = {k: v for k, v in node.parameters.items() if kind.name == "input" or kind.parameter(k) is not None}
        node = replace(node, inputs=tuple(inputs.items()), parameters=parameters)
    initial = node.initial
    if any(_known_wire(wire, graph, registry) != wire for wire in initial_wires(initial)):
        initial = None
    return replace(node.rewired(lambda wire: _known_wire(wire, graph, registry)), initial=initial)


def _known_wire(wire: Wire, graph: Graph, registry: Registry) -> Wire:
    return NOTHING if any(True for _ in _of_wire("", wire, None, graph, registry)) else wire
