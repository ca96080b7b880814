"""Leaks: an output that depends on what it is to predict, at the same step or on all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.blocktypes import Value
from leporello.graphs.graph import Graph, Output, Wire
from leporello.graphs.loops import Loop
from leporello.graphs.problems import Problem
from leporello.graphs.size import differ

EVERYTHING = -(10**9)
"""The delay by which something is seen that lies anywhere in the sequence."""


def find_leaks(graph: Graph, parts: Sequence[tuple[str, ...] | Loop], values: Mapping[tuple[str, str], Value]) -> list[Problem]:
    """What is wrong with the outputs that predict an input."""
    problems = []
    for output in graph.outputs:
        if not output.predicts:
            continue
        problems.extend(_misfit(graph, output, values))
        if output.leak:
            continue
        way = _leak(graph, parts, output)
        if way:
            problems.append(
                Problem(
                    f"{output.name} sees what it predicts: " + " -> ".join(way),
                    f"read {output.predicts}(t-1) on that way, or say leak: allowed",
                    output.mark,
                )
            )
    return problems


def _misfit(graph: Graph, output: Output, values: Mapping[tuple[str, str], Value]) -> list[Problem]:
    target = values[output.predicts, ""]
    given = values[output.wire.source, output.wire.port]
    if given.kind == "tokens":
        hint = "predict with scores, one per token: logits, not their argmax"
        return [Problem(f"{output.name} gives tokens, which have no loss", hint, output.mark)]
    if differ(target.size, given.size):
        hint = f"units: {target.size} for what it is from, {output.wire}"
        what = f"{output.name} has {given.size} features, but predicts {output.predicts} of {target}"
        return [Problem(what, hint, output.mark)]
    return []


def _leak(graph: Graph, parts: Sequence[tuple[str, ...] | Loop], output: Output) -> list[str]:
    """The way from the predicted input to the output, if it is shorter than one step."""
    delay: dict[str, int] = {output.predicts: 0}
    came: dict[str, str] = {}
    for part in parts:
        paths = part.nodes if isinstance(part, Loop) else part
        for _ in range(len(paths) + 1 if isinstance(part, Loop) else 1):
            if not any([_relax(graph, path, delay, came) for path in paths]):
                break
        if isinstance(part, Loop) and part.direction < 0 and any(path in delay for path in paths):
            delay.update(dict.fromkeys(paths, EVERYTHING))
    total = _through(output.wire, delay)
    if total is None or total > 0:
        return []
    way, path = [output.wire.source], output.wire.source
    while path in came and len(way) <= len(came) + 1 and path != output.predicts:
        path = came[path]
        way.append(path)
    return list(reversed(way))


def _relax(graph: Graph, path: str, delay: dict[str, int], came: dict[str, str]) -> bool:
    changed = False
    node = graph[path]
    for wire in node.wires + node.initial_wires:
        total = _through(wire, delay)
        if total is not None and total < delay.get(path, 1 << 60):
            delay[path] = total
            came[path] = wire.source
            changed = True
    return changed


def _through(wire: Wire, delay: Mapping[str, int]) -> int | None:
    if wire.source not in delay:
        return None
    if wire.time.kind != "t":
        return EVERYTHING
    return max(EVERYTHING, delay[wire.source] - wire.time.offset) if delay[wire.source] > EVERYTHING // 2 else EVERYTHING
