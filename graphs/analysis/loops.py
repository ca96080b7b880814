"""Loops: the strongly connected components of a graph, what really has to run step by step."""

from __future__ import annotations

from collections.abc import Sequence

from leporello.graphs.components import components, ordered
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node
from leporello.graphs.problems import Problem
from leporello.graphs.readable import cycle, shown


@frozen
class Loop:
    """Nodes that depend on each other through delays.

    `nodes` are in the order in which one step computes them, `direction` is +1 when time runs from the
    first step to the last, -1 when it runs back, `delay` is the largest delay inside (0: it cannot run).
    """

    nodes: tuple[str, ...]
    direction: int
    delay: int


def find_loops(graph: Graph) -> tuple[list[tuple[str, ...] | Loop], list[Problem]]:
    """The parts of the graph in the order in which they run: single nodes and loops; and what is no loop.

    A cycle must carry a delay, must not pass through `(first)`, `(last)`, `(all)` or an initial value, and
    all its delays must point the same way.
    """
    parts: list[tuple[str, ...] | Loop] = []
    problems: list[Problem] = []
    for members in _ordered(graph):
        if len(members) == 1 and not _reads_itself(graph[members[0]]):
            parts.append((members[0],))
            continue
        found = _loop(graph, members)
        if isinstance(found, Loop):
            parts.append(found)
        else:
            problems.append(found)
            parts.append(Loop(tuple(members), 1, 0))
    return parts, problems


def _ordered(graph: Graph) -> list[list[str]]:
    """The components in an order in which they can run, as near as possible to the order written."""
    order = {node.path: i for i, node in enumerate(graph.nodes)}
    found = [sorted(component, key=order.__getitem__) for component in components(graph.nodes)]
    first = {path: members[0] for members in found for path in members}
    sources: dict[str, set[str]] = {members[0]: set() for members in found}
    for node in graph.nodes:
        reader = first[node.path]
        known = (first.get(wire.source, reader) for wire in node.wires + node.initial_wires)
        sources[reader].update(source for source in known if source != reader)
    whole = {members[0]: members for members in found}
    return [whole[name] for name in ordered(sources, order)]


def _reads_itself(node: Node) -> bool:
    return any(wire.source == node.path for wire in node.wires + node.initial_wires)


def _loop(graph: Graph, members: Sequence[str]) -> Loop | Problem:
    inside = set(members)
    wires = [
        (node, wire) for path in members for node in (graph[path],) for wire in node.wires if wire.source in inside
    ]
    for node in (graph[path] for path in members):
        for wire in node.initial_wires:
            if wire.source in inside:
                return Problem(
                    f"the initial value of {shown(node.path)} depends on {shown(node.path)} itself, through {wire}",
                    "start from something that is known before the loop runs",
                    node.at("initial"),
                )
    for node, wire in wires:
        if wire.time.kind != "t":
            return Problem(
                f"{shown(node.path)} reads {wire}, which depends on it: a cycle that no delay breaks",
                cycle([*_way(graph, wire.source, node.path, inside), wire.source])
                + f"; read {shown(wire.source)}(t-1) instead",
                node.at_read(wire),
            )
    ahead = [(node, wire) for node, wire in wires if wire.time.offset > 0]
    late = [(node, wire) for node, wire in wires if wire.time.offset < 0]
    instant = _instant(graph, members, inside)
    if isinstance(instant, Problem):
        return instant
    if ahead and late:
        return Problem(
            "one loop runs both ways in time: "
            + ", ".join(f"{shown(node.path)} reads {wire}" for node, wire in (late[0], ahead[0])),
            "make it two loops, one forward and one backward",
            ahead[0][0].at_read(ahead[0][1]),
        )
    delay = max(abs(wire.time.offset) for _, wire in wires)
    return Loop(tuple(instant), -1 if ahead else 1, delay)


def _instant(graph: Graph, members: Sequence[str], inside: set[str]) -> list[str] | Problem:
    """The members in the order of one step, or the cycle that carries no delay."""
    from graphlib import CycleError, TopologicalSorter

    sources = {
        path: [w.source for w in graph[path].wires if w.source in inside and not w.time.offset] for path in members
    }
    try:
        return list(TopologicalSorter(sources).static_order())
    except CycleError as error:
        found = list(error.args[1])
        return Problem(
            "a cycle without a delay: " + cycle(found),
            f"read one of them a step late, such as {_state_of(found, graph)}(t-1)",
            graph[found[0]].mark,
        )


def _state_of(found: Sequence[str], graph: Graph) -> str:
    """The node of a cycle that is read late in most models: none with weights, a named one if there is."""
    kinds = {path: kind for path in found if (kind := graph.kinds.get(graph[path].block))}
    plain = [path for path in found if path not in kinds or not (kinds[path].weights or kinds[path].many)]
    named = [path for path in plain if "/" not in path]
    return shown((named or plain or list(found))[0])


def _way(graph: Graph, start: str, end: str, inside: set[str]) -> list[str]:
    """A path of reads from `start` to `end`."""
    came: dict[str, str] = {end: ""}
    queue = [end]
    for path in queue:
        for wire in graph[path].wires + graph[path].initial_wires:
            if wire.source in inside and wire.source not in came:
                came[wire.source] = path
                queue.append(wire.source)
    steps, path = [start], start
    while path != end and came.get(path):
        path = came[path]
        steps.append(path)
    return steps
