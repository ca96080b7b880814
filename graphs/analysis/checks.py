"""All checks of a model at once: opened, with axes, sizes and loops, or every problem that was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from leporello.graphs.analysis.axes import Axes, infer_axes
from leporello.graphs.analysis.first_values import check_first_values
from leporello.graphs.analysis.leaks import find_leaks
from leporello.graphs.analysis.loops import Loop, find_loops
from leporello.graphs.analysis.malformed import find_malformed, without_malformed
from leporello.graphs.analysis.port_checks import check_composite_ports, check_late_ports
from leporello.graphs.analysis.sizes import infer_sizes
from leporello.graphs.analysis.warnings import find_dead_initials, find_traps, find_unused
from leporello.graphs.analysis.weights import check_shares, weights_of
from leporello.graphs.blocktypes import Registry, Value
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Learned, Node, Wire
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.presenting import shown_in_notebooks
from leporello.graphs.problems import Problem, SpecError, told
from leporello.graphs.size import Size

Part = tuple[str, ...] | Loop


@frozen
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

    def __repr__(self) -> str:
        loops = f"{len(self.loops)} loop{'s' * (len(self.loops) != 1)}"
        return f"<Checked {self.written.name}: {len(self.graph)} primitives, {loops}, {self.parameters} parameters>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the folded picture, and in text a line."""
        return shown_in_notebooks(self, repr(self))

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
                if wire.time.is_late:
                    found[wire.source] = max(found.get(wire.source, 0), -wire.time.offset)
        return found

    @cached_property
    def weights(self) -> Mapping[str, Mapping[str, tuple[Any, ...]]]:
        """The weights of every node that owns some: names and shapes (an owned learned initial value too)."""
        found: dict[str, Mapping[str, tuple[Any, ...]]] = {}
        for node in self.graph.nodes:
            if not self._sized(node):
                continue
            own = dict(weights_of(node, self.registry, self.ports(node)))
            share = node.modifiers.share
            if isinstance(share, Mapping):
                own = {} if WHOLE in share else {k: v for k, v in own.items() if k not in share}
            if isinstance(node.initial, Learned) and (node.path, "") in self.values:
                own["initial"] = (self.values[node.path, ""].size,)
            if own:
                found[node.path] = own
        return found

    def _sized(self, node: Node) -> bool:
        """Whether it is known how large all is that a node reads; in a spec that is being written it may not be."""
        found = (self.values.get((wire.source, wire.port)) for _, wire in node.inputs)
        return all(value is not None and value.size is not None for value in found)

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
    checked, problems = examine(graph, registry, sizes)
    if problems:
        raise SpecError(problems)
    return checked


def examine(
    graph: Graph, registry: Registry, sizes: Mapping[str, Any] | None = None
) -> tuple[Checked, tuple[Problem, ...]]:
    """What is known of a model, and every problem in it; what could not be read counts as unknown."""
    full = registry.extended(graph.blocks)
    malformed = find_malformed(graph, full)
    if malformed:
        graph = without_malformed(graph, full)
    opened, problems = try_open(graph, registry, sizes)
    parts, cycles = find_loops(opened)
    axes, clocks = infer_axes(opened, full, parts)
    values, misfits = infer_sizes(opened, full, parts)
    ports = check_composite_ports(graph, opened, full, axes, values)
    causes = {problem.node for problem in ports}
    inside = [problem for problem in clocks + misfits if problem.node.split("/")[0] not in causes]
    problems = problems + cycles + ports + inside + check_late_ports(opened, full) + check_shares(opened, full, values)
    problems = malformed + problems + check_first_values(graph, full)
    if not problems:
        problems = find_leaks(opened, parts, axes, values)
    warnings = (*opened.warnings, *find_unused(graph), *find_dead_initials(graph, opened), *find_traps(opened, parts))
    opened = replace(opened, warnings=warnings)
    checked = Checked(graph, opened, full, tuple(parts), axes, values, warnings)
    return checked, told(problems)


def recheck(checked: Checked, graph: Graph) -> Checked:
    """The same model with another opened graph, made from its own by a pass that keeps it valid."""
    parts, problems = find_loops(graph)
    axes, more = infer_axes(graph, checked.registry, parts)
    values, misfits = infer_sizes(graph, checked.registry, parts)
    if problems + more + misfits:
        raise SpecError(tuple(problems + more + misfits))
    return replace(checked, graph=graph, parts=tuple(parts), axes=axes, values=values)
