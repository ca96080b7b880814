"""All checks of a model at once: opened, with axes, sizes and loops, or every problem that was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from leporello.graphs.axes import Axes, infer_axes
from leporello.graphs.blocktypes import Registry, Value
from leporello.graphs.graph import Graph, Node, Wire
from leporello.graphs.leaks import find_leaks
from leporello.graphs.loops import Loop, find_loops
from leporello.graphs.opening import open_graph
from leporello.graphs.problems import Problem, SpecError
from leporello.graphs.sharing import WHOLE
from leporello.graphs.size import Size, differ
from leporello.graphs.sizes import infer_sizes

Part = tuple[str, ...] | Loop


@dataclass(frozen=True)
class Checked:
    """A model that holds: as written, opened, and what is known of every node.

    `parts` are single nodes and loops in the order in which they run, `values` what flows at every port,
    `warnings` what is allowed but probably not meant.
    """

    written: Graph
    graph: Graph
    registry: Registry
    parts: tuple[Part, ...]
    axes: Mapping[str, Axes]
    values: Mapping[tuple[str, str], Value]
    warnings: tuple[Problem, ...] = ()

    def value(self, wire: Wire) -> Value:
        """What flows on a wire."""
        return self.values[wire.source, wire.port]

    def ports(self, node: Node) -> dict[str, Value]:
        """What flows into each port of a node."""
        return {port: self.value(wire) for port, wire in node.inputs}

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The loops, in the order in which they run."""
        return tuple(part for part in self.parts if isinstance(part, Loop))

    @cached_property
    def delays(self) -> Mapping[str, int]:
        """For each node that is read late, how many of its last values are kept."""
        found: dict[str, int] = {}
        for node in self.graph.nodes:
            for wire in node.wires:
                if wire.time.kind == "t" and wire.time.offset < 0:
                    found[wire.source] = max(found.get(wire.source, 0), -wire.time.offset)
        return found

    @cached_property
    def weights(self) -> Mapping[str, Mapping[str, tuple[Any, ...]]]:
        """The weights of every node that owns some: names and shapes (an owned learned initial value too)."""
        found: dict[str, Mapping[str, tuple[Any, ...]]] = {}
        for node in self.graph.nodes:
            own = dict(weights_of(node, self.registry, self.ports(node)))
            share = node.modifiers.share
            if isinstance(share, Mapping):
                own = {} if WHOLE in share else {k: v for k, v in own.items() if k not in share}
            if type(node.initial).__name__ == "Learned":
                own["initial"] = (self.values[node.path, ""].size,)
            if own:
                found[node.path] = own
        return found

    @cached_property
    def parameters(self) -> Any:
        """How many numbers are learned: an int, or a size while some names are not bound."""
        total: Any = 0
        for shapes in self.weights.values():
            for shape in shapes.values():
                count: Any = 1
                for size in shape:
                    count = count * size
                total = total + count
        return total

    @cached_property
    def unbound(self) -> tuple[str, ...]:
        """The `$names` that nothing binds yet."""
        sizes = [value.size for value in self.values.values() if isinstance(value.size, Size)]
        return tuple(sorted({name for size in sizes for name in size.names}))


def check(graph: Graph, registry: Registry, sizes: Mapping[str, Any] | None = None) -> Checked:
    """Everything that can be known of a model before it runs.

    Args:
        graph: as read, or already opened.
        registry: the blocks that ship.
        sizes: values for `$names` that the spec leaves open.

    Raises:
        SpecError: with all problems, each with its place.
    """
    full = registry.extended(graph.blocks)
    opened = open_graph(graph, registry, sizes)
    parts, problems = find_loops(opened)
    axes, more = infer_axes(opened, full, parts)
    values, misfits = infer_sizes(opened, full, parts)
    problems = problems + more + misfits + _late_ports(opened, full) + _shares(opened, full, values)
    if not problems:
        problems = find_leaks(opened, parts, values)
    if problems:
        raise SpecError(tuple(sorted(dict.fromkeys(problems), key=_place)))
    warnings = opened.warnings + tuple(_unused(graph, opened)) + tuple(_traps(opened, parts))
    opened = replace(opened, warnings=warnings)
    return Checked(graph, opened, full, tuple(parts), axes, values, warnings)


def recheck(checked: Checked, graph: Graph) -> Checked:
    """The same model with another opened graph, made from its own by a pass that keeps it valid."""
    parts, problems = find_loops(graph)
    axes, more = infer_axes(graph, checked.registry, parts)
    values, misfits = infer_sizes(graph, checked.registry, parts)
    if problems + more + misfits:
        raise SpecError(tuple(problems + more + misfits))
    return replace(checked, graph=graph, parts=tuple(parts), axes=axes, values=values)


def weights_of(node: Node, registry: Registry, ports: Mapping[str, Value]) -> Mapping[str, tuple[Any, ...]]:
    """Names and shapes of the weights that a node uses, its own or shared."""
    kind = registry.get(node.block)
    return kind.weights(ports, node.parameters) if kind and kind.weights else {}


def _place(problem: Problem) -> tuple[bool, int, int]:
    mark = problem.mark
    return (mark is None, mark.line if mark else 0, mark.column if mark else 0)


def _late_ports(graph: Graph, registry: Registry) -> list[Problem]:
    """Ports that read only earlier steps."""
    found = []
    for node in graph.nodes:
        kind = registry.get(node.block)
        for name, wire in node.inputs:
            port = kind.port(name) if kind else None
            if port and port.reads == "late" and wire.source != "?" and not (wire.time.kind == "t" and wire.time.offset < 0):
                what = f"{node.path} reads {wire} at its port {name}, which needs a delay of at least one step"
                found.append(Problem(what, f"{name}: {wire.source}(t-1)", node.mark))
    return found


def _shares(graph: Graph, registry: Registry, values: Mapping[tuple[str, str], Value]) -> list[Problem]:
    """Shared weights are of one shape."""
    found = []
    for node in graph.nodes:
        share = node.modifiers.share
        if not isinstance(share, Mapping):
            continue
        for weight, shape in _shapes(node, graph, registry, values).items():
            target = f"{share[WHOLE]}/{weight}" if WHOLE in share else share.get(weight)
            if target is None:
                continue
            owner, name = str(target).rsplit("/", 1)
            other = _shapes(graph[owner], graph, registry, values).get(name) if owner in graph else None
            if other is None or len(other) != len(shape) or any(map(differ, shape, other)):
                shown = "no such weight" if other is None else "x".join(map(str, other))
                what = f"{node.path} shares {owner}.{name} as its {weight}: {'x'.join(map(str, shape))} against {shown}"
                found.append(Problem(what, "shared weights are of one shape", node.mark))
        known = _shapes(node, graph, registry, values)
        for weight in share:
            if weight != WHOLE and weight not in known:
                what = f"{node.path} has no weight {weight!r} to share"
                found.append(Problem(what, f"its weights: {', '.join(known) or 'none'}", node.mark))
    return found


def _shapes(
    node: Node, graph: Graph, registry: Registry, values: Mapping[tuple[str, str], Value]
) -> Mapping[str, tuple[Any, ...]]:
    return weights_of(node, registry, {port: values.get((w.source, w.port), Value()) for port, w in node.inputs})


def _unused(written: Graph, opened: Graph) -> list[Problem]:
    """Nodes and inputs that no output needs."""
    needed: set[str] = set()
    queue = [output.wire.source for output in opened.outputs]
    while queue:
        path = queue.pop()
        if path not in needed and path in opened:
            needed.add(path)
            queue.extend(wire.source for wire in opened[path].wires + opened[path].initial_wires)
    top = {path.split("/")[0] for path in needed} | {output.predicts for output in opened.outputs}
    shared = {str(target).split("/")[0] for n in opened.nodes for target in (n.modifiers.share or {}).values()}  # type: ignore[union-attr]
    return [
        Problem(f"{node.path} is not used by any output", "take it away, or name it under outputs:", node.mark, True)
        for node in written.nodes
        if "/" not in node.path and node.path not in top | shared
    ]


def _traps(graph: Graph, parts: list[Part]) -> list[Problem]:
    """`h(last)` of what runs backward has seen one step only."""
    backward = {path for part in parts if isinstance(part, Loop) and part.direction < 0 for path in part.nodes}
    found = []
    for node in graph.nodes:
        for wire in node.wires + node.initial_wires:
            if wire.source in backward and wire.time.kind == "last" and "final" not in node.path:
                name = wire.source.split("/")[0]
                what = f"{node.path} reads {wire}, which runs backward and has seen one step there"
                found.append(Problem(what, f"read {name}.final, where its loop ends", node.mark, True))
    return found
