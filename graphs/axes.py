"""Axes: on which time axis each node runs, and which axes it carries as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leporello.graphs.blocktypes import Registry
from leporello.graphs.graph import Graph, Node, Wire
from leporello.graphs.loops import Loop
from leporello.graphs.problems import Problem, suggest

UNKNOWN = "?"
"""The axis of what could not be read: it goes with every other."""

Carried = tuple[str, str]
"""An axis that a node carries as a whole, and the path of the body in which it was first read with (all)."""


@dataclass(frozen=True)
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

    def infer(self, parts: list[tuple[str, ...] | Loop]) -> Mapping[str, Axes]:
        """The axes of every node, for parts in the order in which they run."""
        for part in parts:
            paths = part.nodes if isinstance(part, Loop) else part
            self._own(paths, isinstance(part, Loop))
            self._carry(paths)
        for node in self.graph.nodes:
            self._check(node)
        return self.axes

    def _own(self, paths: tuple[str, ...], loop: bool) -> None:
        """One axis for all `paths`: what they read at the same step, or say themselves."""
        inside = set(paths)
        found: dict[str, str] = {}
        unknown = False
        for path in paths:
            node = self.graph[path]
            unknown = unknown or node.block == UNKNOWN
            if node.axis is not None:
                found.setdefault(node.axis, path)
            for wire in node.wires:
                if wire.time.kind == "t" and wire.source not in inside:
                    own = self._of(wire).own
                    unknown = unknown or own == UNKNOWN
                    if own is not None and own != UNKNOWN:
                        found.setdefault(own, wire.source)
        static = found.pop("none", None)
        if len(found) > 1:
            self._mixed(paths, found)
        if static is not None and found:
            axis, source = next(iter(found.items()))
            self._problem(paths[0], f"{static} says axis: none but reads {source}, which runs on {axis}", "take axis: away")
        own = next(iter(found), UNKNOWN if unknown else None)
        if loop and own is None:
            own = UNKNOWN
            self._problem(
                paths[0],
                f"the loop {' -> '.join(paths[:6])} gets no axis from outside",
                "say which one it runs on, such as axis: time",
            )
        for path in paths:
            self.axes[path] = Axes(own)

    def _mixed(self, paths: tuple[str, ...], found: dict[str, str]) -> None:
        words = ", ".join(f"{source} on {axis}" for axis, source in found.items())
        (_, _), (axis, source) = list(found.items())[:2]
        self._problem(
            paths[0],
            f"{paths[0]} reads nodes of different axes at the same step: {words}",
            f"read another axis whole or at its end: {source}(all), {source}(last) or {source}(first)",
        )

    def _problem(self, path: str, what: str, hint: str) -> None:
        self.problems.append(Problem(what, hint, self.graph[path].mark))

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
            if wire.source in self.axes and wire.time.kind == "t" and self._of(wire).own is not None:
                self._problem(
                    node.path,
                    f"the initial value of {node.path} reads {wire.source}, which runs on {self._of(wire).own}",
                    f"read {wire.source}(last) or {wire.source}(first): an initial value is one per sequence",
                )

    def _check_wires(self, node: Node) -> None:
        for wire in node.wires:
            if self._of(wire).own is None and (wire.time.kind != "t" or wire.time.offset):
                self._problem(
                    node.path,
                    f"{node.path} reads {wire}, but {wire.source} has no time axis",
                    f"it is computed once per sequence; read it as {wire.source}",
                )
        carried = [axis for axis, _ in self.axes[node.path].carried]
        if len(set(carried)) < len(carried):
            self._problem(
                node.path,
                f"{node.path} carries the axis {max(carried, key=carried.count)} twice, for two bodies",
                "close one of them with sum, mean or max first",
            )

    def _check_over(self, node: Node) -> None:
        kind = self.registry.get(node.block)
        if kind is None or kind.carried == "kept" or any(self._of(wire).own == UNKNOWN for wire in node.wires):
            return
        axes = self.axes[node.path]
        carried = tuple(dict.fromkeys([*axes.carried, *([axes.over] if axes.over else [])]))
        wanted = node.parameters.get("over")
        names = [axis for axis, _ in carried]
        if wanted == "features":
            return
        if kind.carried == "closed" and not carried:
            source = node.wires[0].source if node.wires else "x"
            self._problem(
                node.path,
                f"{node.path} is a {node.block} over a carried axis, but nothing is carried",
                f"read a whole axis with (all), such as {source}(all)",
            )
        elif wanted is not None and axes.over is None:
            self._problem(node.path, f"over: {wanted!r} is not carried into {node.path}", suggest(str(wanted), names, "carried"))
        elif wanted is None and len(carried) > 1 and sum(axis[1] == node.body for axis in carried) != 1:
            self._problem(node.path, f"{node.path} carries several axes", f"say over: which one: {', '.join(names)}")


def infer_axes(
    graph: Graph, registry: Registry, parts: list[tuple[str, ...] | Loop]
) -> tuple[Mapping[str, Axes], list[Problem]]:
    """The axes of every node of an opened graph, and what does not go together."""
    inference = AxesInference(graph, registry)
    return dict(inference.infer(parts)), inference.problems

