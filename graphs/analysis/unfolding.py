"""Unfolding: one copy of each node per step; a delay becomes a wire from an earlier column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Wire
from leporello.graphs.problems import refuse

LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Copy:
    """A node at a step (counted from 0), or a node that is computed once (step None)."""

    path: str
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What a node is before its first step or after its last, `place` steps outside (1 is the nearest).

    `after` says on which side; `value` is the copy that its initial value reads, if it reads one.
    """

    path: str
    place: int
    after: bool
    value: Copy | Before | None = None


Source = Copy | Before | tuple[Copy, ...]


@frozen
class Unfolded:
    """An acyclic graph of copies: `reads` gives, for each copy in an order in which they can be computed,
    what each of its node's wires reads there (a tuple for a whole axis)."""

    graph: Graph
    steps: Mapping[str, int]
    reads: Mapping[Copy, tuple[Source, ...]]


def unfold(graph: Graph, axes: Mapping[str, Axes], steps: Mapping[str, int]) -> Unfolded:
    """The unfolding of an opened graph over so many steps of each axis.

    Args:
        graph: opened.
        axes: of every node (`axes.infer_axes`).
        steps: the length of every axis, at least 1.

    Raises:
        SpecError: if it would have more than a million copies, or a cycle.

    """
    _check_steps(graph, axes, steps)
    reads: dict[Copy, tuple[Source, ...]] = {}
    for node in graph.nodes:
        own = axes[node.path].own
        for step in range(steps[own]) if own else (None,):
            reads[Copy(node.path, step)] = tuple(_source(wire, step, graph, axes, steps) for wire in node.wires)
    try:
        order = TopologicalSorter({copy: _needs(sources) for copy, sources in reads.items()}).static_order()
        return Unfolded(graph, dict(steps), {copy: reads[copy] for copy in order})
    except CycleError as error:
        names = " -> ".join(copy.path if copy.step is None else f"{copy.path}[{copy.step}]" for copy in error.args[1])
        raise refuse(f"the unfolded graph has a cycle: {names}", "a cycle needs a delay") from None


def _check_steps(graph: Graph, axes: Mapping[str, Axes], steps: Mapping[str, int]) -> None:
    needed = {own for own in (axes[node.path].own for node in graph.nodes) if own}
    for axis in sorted(needed):
        if steps.get(axis, 0) < 1:
            raise refuse(f"the axis {axis} needs a number of steps of at least 1", f"such as {axis}=4")
    total = sum(steps[own] if (own := axes[node.path].own) else 1 for node in graph.nodes)
    if total > LARGEST:
        raise refuse(
            f"the unfolded graph would have {total} nodes", f"at most {LARGEST} are allowed; unfold fewer steps"
        )


def _source(wire: Wire, step: int | None, graph: Graph, axes: Mapping[str, Axes], steps: Mapping[str, int]) -> Source:
    own = axes[wire.source].own
    if own is None:
        return Copy(wire.source)
    length, time = steps[own], wire.time
    if time.kind == "all":
        return tuple(Copy(wire.source, i) for i in range(length))
    base = {"first": 0, "last": length - 1}.get(time.kind, step if step is not None else 0)
    return _at(wire.source, base + time.offset, length, graph, axes, steps)


def _at(
    path: str, step: int, length: int, graph: Graph, axes: Mapping[str, Axes], steps: Mapping[str, int]
) -> Copy | Before:
    if 0 <= step < length:
        return Copy(path, step)
    after = step >= length
    place = step - length + 1 if after else -step
    node: Node = graph[path]
    wires = node.initial_wires
    if not wires:
        return Before(path, place, after)
    value = _source(wires[min(place, len(wires)) - 1], None, graph, axes, steps)
    assert not isinstance(value, tuple)
    return Before(path, place, after, value)


def _needs(sources: tuple[Source, ...]) -> list[Copy]:
    found: list[Copy] = []
    for source in sources:
        if isinstance(source, tuple):
            found.extend(source)
            continue
        while isinstance(source, Before) and source.value is not None:
            source = source.value
        if isinstance(source, Copy):
            found.append(source)
    return found
