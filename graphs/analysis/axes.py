"""Axes: on which time axis each node runs, and which axes it carries as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from leporello.graphs.analysis.loops import Loop
from leporello.graphs.blocktypes import Registry
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, UNKNOWN, Node, Wire
from leporello.graphs.problems import Mark, Problem, suggest
from leporello.graphs.readable import cycle, shown, written

"""The axis of what could not be read: it goes with every other."""

Carried = tuple[str, str]
"""An axis that a node carries as a whole, and the path of the body in which it was first read with (all)."""


@frozen
class Axes:
    """The clock of a node (`own`, None when it is computed once per sequence) and the axes it carries.

    `over` is the carried axis that a softmax or a sum runs over; None stands for features.
    """

    own: str | None = None
    carried: tuple[Carried, ...] = ()
    over: Carried | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The axes of the node's value, its own first; a star marks a carried one."""
        return ((self.own,) if self.own else ()) + tuple(f"{axis}*" for axis, _ in self.carried)

    def __str__(self) -> str:
        return ", ".join(self.names) or "once"


@dataclass
class AxesInference:
    """Follows the wires from inputs to outputs; every loop gets one axis."""

    graph: Graph
    registry: Registry
    axes: dict[str, Axes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    said: set[tuple[str, Mark | None]] = field(default_factory=set)

    def infer(self, parts: list[tuple[str, ...] | Loop]) -> Mapping[str, Axes]:
        """The axes of every node, for parts in the order in which they run."""
        broken: set[str] = set()
        for part in parts:
            paths = part.nodes if isinstance(part, Loop) else part
            broken.update(paths if isinstance(part, Loop) and not part.delay else ())
            self._own(paths, isinstance(part, Loop), isinstance(part, Loop) and part.delay > 0)
            self._carry(paths)
        for node in self.graph.nodes:
            if node.path not in broken:
                self._check(node)
        return self.axes

    def _own(self, paths: tuple[str, ...], loop: bool, runs: bool) -> None:
        """One axis for all `paths`: what they read at the same step, or say themselves."""
        inside = set(paths)
        found: dict[str, str] = {}
        readers: dict[str, str] = {}
        said: dict[str, str] = {}
        unknown = False
        for path in paths:
            node = self.graph[path]
            unknown = unknown or node.block == UNKNOWN
            axis = node.axis or self._said(path, loop)
            if axis is not None:
                said.setdefault(axis, path)
            for port, wire in node.inputs:
                if wire.time.kind != "t":
                    unknown = unknown or self._reads_late(node, port)
                elif wire.source not in inside:
                    own = self._of(wire).own
                    unknown = unknown or own == UNKNOWN
                    if own is not None and own != UNKNOWN:
                        found.setdefault(own, wire.source)
                        readers.setdefault(own, path)
        if len(found) > 1 and not unknown:  # of what could not be read nobody knows how its ports read
            self._mixed(list(readers.values())[1], found)
        elif len(said) > 1:
            (axis, path), (other, another) = list(said.items())[:2]
            what = f"{shown(path)} says axis: {axis}, {shown(another)} in the same loop says axis: {other}"
            self._problem(another, what, "a loop has one axis", "axis")
        elif said and found and set(said) != set(found):
            self._contradicted(said, found)
        own = next(iter({**found, **said}), UNKNOWN if unknown else None)
        own = None if own == "none" else own
        if loop and own is None:
            own = UNKNOWN
            if runs:
                what = f"nothing that has a time axis goes into {_named(paths)}"
                self._problem(paths[0], what, "let something go in, or say on which one it runs, such as axis: time")
        for path in paths:
            self.axes[path] = Axes(own)

    def _reads_late(self, node: Node, port: str) -> bool:
        """Whether the port is for earlier steps only: what else it reads is refused elsewhere."""
        kind = self.registry.get(node.block)
        declared = kind.port(port) if kind else None
        return declared is not None and declared.reads == "late"

    def _contradicted(self, said: dict[str, str], found: dict[str, str]) -> None:
        (axis, path), (other, source) = *said.items(), *found.items()
        name = shown(path) if self.graph[path].axis else path.split("/")[0]
        what = f"{name} says axis: {axis} but reads {shown(source)}, which runs on {other}"
        self._problem(path, what, f"take axis: away, or read {shown(source)}(all) or {shown(source)}(last)", "axis")

    def _said(self, path: str, loop: bool) -> str | None:
        """What a composite around the node says of the axis of its loops and outputs."""
        for owner, (axis, ends) in self._composites.items():
            if path.startswith(owner + "/") and (loop or path in ends):
                return axis
        return None

    @cached_property
    def _composites(self) -> Mapping[str, tuple[str, frozenset[str]]]:
        said = [composite for composite in reversed(self.graph.composites) if composite.axis is not None]
        ends = {c.path: frozenset(wire.source for wires in c.ports.values() for wire in wires) for c in said}
        return {composite.path: (str(composite.axis), ends[composite.path]) for composite in said}

    def _mixed(self, reader: str, found: dict[str, str]) -> None:
        words = ", ".join(f"{shown(source)} on {axis}" for axis, source in found.items())
        source = shown(list(found.values())[1])
        self._problem(
            reader,
            f"{shown(reader)} reads nodes of different axes at the same step: {words}",
            f"read another axis whole or at its end: {source}(all), {source}(last) or {source}(first)",
        )

    def _problem(self, path: str, what: str, hint: str, at: Wire | str = "") -> None:
        """Inside a block one cause shows at many nodes: it is said once for each use and place."""
        node = self.graph[path]
        place = (path.split("/")[0], node.mark)
        if not node.body or place not in self.said:
            mark = node.at(at) if isinstance(at, str) else node.at_read(at)
            self.problems.append(Problem(what, hint, mark, node=path))
            self.said.add(place)

    def _of(self, wire: Wire) -> Axes:
        return self.axes.get(wire.source, Axes(UNKNOWN))

    def _carry(self, paths: tuple[str, ...]) -> None:
        """The carried axes, to a fixed point in a loop."""
        for _ in range(len(paths) + 2):
            before = [self.axes[path] for path in paths]
            for path in paths:
                self.axes[path] = self._carried(self.graph[path], self.axes[path].own)
            if before == [self.axes[path] for path in paths]:
                return

    def _carried(self, node: Node, own: str | None) -> Axes:
        if any(self._unsure(wire) for wire in node.wires):
            self.unsure.add(node.path)
        carried: list[Carried] = []
        for wire in node.wires:
            source = self._of(wire)
            if wire.time.kind == "all" and source.own not in (None, UNKNOWN):
                carried.append((source.own, wire.time.scope))
            carried.extend(source.carried)
        all_carried = tuple(dict.fromkeys(carried))
        kind = self.registry.get(node.block)
        if kind is None or kind.carried == "kept":
            return Axes(own, all_carried)
        over = self._over(node, all_carried)
        if kind.carried == "closed":
            return Axes(own, tuple(axis for axis in all_carried if axis != over), over)
        return Axes(own, all_carried, over)

    def _over(self, node: Node, carried: tuple[Carried, ...]) -> Carried | None:
        wanted = node.parameters.get("over")
        if wanted == "features":
            return None
        if wanted is not None:
            return next((axis for axis in carried if axis[0] == wanted), None)
        here = [axis for axis in carried if axis[1] == node.body]
        chosen = here if len(here) == 1 else list(carried)
        return chosen[0] if chosen else None

    def _check(self, node: Node) -> None:
        self._check_wires(node)
        self._check_over(node)
        for wire in node.initial_wires:
            self._check_initial(node, wire)

    def _check_initial(self, node: Node, wire: Wire) -> None:
        source = self._of(wire)
        if wire.source in self.axes and wire.time.kind in ("t", "all") and source.own is not None:
            self._problem(
                node.path,
                f"the initial value of {node.path} reads {wire}, which runs on {source.own}",
                f"read {wire.source}(last) or {wire.source}(first): an initial value is one per sequence",
                "initial",
            )
        carried = [axis for axis, _ in source.carried if axis not in {own for own, _ in self.axes[node.path].carried}]
        if carried:
            self._problem(
                node.path,
                f"the initial value of {node.path} reads {wire}, which carries the axis {carried[0]}",
                "close it with sum, mean or max: an initial value has the axes of its node",
                "initial",
            )

    def _check_wires(self, node: Node) -> None:
        for wire in node.wires:
            if self._of(wire).own is None and (wire.time.kind != "t" or wire.time.offset):
                self._problem(
                    node.path,
                    f"{shown(node.path)} reads {written(wire, self.graph)}, but {shown(wire.source)} has no time axis",
                    f"it is computed once per sequence; read it as {written(replace(wire, time=NOW), self.graph)}",
                    wire,
                )
        carried = [axis for axis, _ in self.axes[node.path].carried]
        if len(set(carried)) < len(carried):
            self._problem(
                node.path,
                f"{node.path} carries the axis {max(carried, key=carried.count)} twice, for two bodies",
                "close one of them with sum, mean or max first",
            )

    def _unsure(self, wire: Wire) -> bool:
        """Whether what the wire carries cannot be known, for what it reads is wrong itself."""
        source = self._of(wire)
        if source.own == UNKNOWN or (wire.time.kind == "all" and source.own is None):
            return True
        return wire.source in self.unsure

    def _check_over(self, node: Node) -> None:
        kind = self.registry.get(node.block)
        if kind is None or kind.carried == "kept" or any(self._unsure(wire) for wire in node.wires):
            return
        axes = self.axes[node.path]
        carried = tuple(dict.fromkeys([*axes.carried, *([axes.over] if axes.over else [])]))
        wanted = node.parameters.get("over")
        names = [axis for axis, _ in carried]
        if wanted == "features":
            return
        if kind.carried == "closed" and not carried:
            source = shown(node.wires[0].source) if node.wires else "x"
            self._problem(
                node.path,
                f"{shown(node.path)} is a {node.block} over a carried axis, but nothing is carried",
                "read a whole axis with (all), such as "
                + (f"{source}(all)" if source != shown(node.path) else f"{node.block}(x(all))"),
            )
        elif wanted is not None and axes.over is None:
            self._problem(
                node.path,
                f"over: {wanted!r} is not carried into {shown(node.path)}",
                suggest(str(wanted), names, "carried"),
                "over",
            )
        elif wanted is None and len(carried) > 1 and sum(axis[1] == node.body for axis in carried) != 1:
            self._problem(
                node.path, f"{shown(node.path)} carries several axes", f"say over: which one: {', '.join(names)}"
            )


def _named(loop: Sequence[str]) -> str:
    """A loop by the one node that it is in, or else by its nodes."""
    nodes = {path.partition("/")[0] for path in loop}
    return nodes.pop() if len(nodes) == 1 and "/" in loop[0] else f"the loop {cycle([*loop[:6], loop[0]])}"


def infer_axes(
    graph: Graph, registry: Registry, parts: list[tuple[str, ...] | Loop]
) -> tuple[Mapping[str, Axes], list[Problem]]:
    """The axes of every node of an opened graph, and what does not go together."""
    inference = AxesInference(graph, registry)
    return dict(inference.infer(parts)), inference.problems
