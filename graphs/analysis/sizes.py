"""Sizes: what flows on every wire, inferred from what each block says before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leporello.graphs.analysis.loops import Loop
from leporello.graphs.blocktypes import ANYTHING, MisfitError, Registry, Value
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import UNKNOWN, Node, Wire
from leporello.graphs.problems import Mark, Problem
from leporello.graphs.readable import shown, written
from leporello.graphs.size import differ


@dataclass
class SizeInference:
    """Optimistic first (an unknown size does not count), then checked with all that is known."""

    graph: Graph
    registry: Registry
    values: dict[tuple[str, str], Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    said: set[tuple[str, Mark | None]] = field(default_factory=set)
    marked: set[Mark | None] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def infer(self, parts: list[tuple[str, ...] | Loop]) -> Mapping[tuple[str, str], Value]:
        """The value of every output port, keyed by path and port (the empty port is the first)."""
        for part in parts:
            if not isinstance(part, Loop):
                self._compute(self.graph[part[0]], report=True)
                continue
            for _ in range(len(part.nodes) + 1):
                before = [self.values.get((path, "")) for path in part.nodes]
                for path in part.nodes:
                    self._compute(self.graph[path], report=False)
                if before == [self.values.get((path, "")) for path in part.nodes]:
                    break
            for path in part.nodes:
                self._compute(self.graph[path], report=True)
        for part in parts:
            if not isinstance(part, Loop) or part.delay:
                self._check_known(part.nodes if isinstance(part, Loop) else part)
        for node in self.graph.nodes:
            self._check(node)
        self._check_initials()
        return self.values

    def _report(self, node: Node, what: str, hint: str, at: str = "") -> None:
        """Inside a block one cause shows at many nodes: it is said once for each use and place."""
        place = (node.path.split("/")[0], node.mark)
        if not node.body or place not in self.said:
            self.problems.append(Problem(what, hint, node.at(at), node=node.path))
            self.said.add(place)
            self.marked.add(node.mark)

    def of(self, wire: Wire) -> Value:
        """What flows on a wire."""
        return self.values.get((wire.source, wire.port), ANYTHING)

    def _compute(self, node: Node, report: bool) -> None:
        kind = self.registry.get(node.block)
        if kind is None or kind.infer is None:
            return
        ports = {port: self.of(wire) for port, wire in node.inputs}
        try:
            found = kind.infer(ports, node.parameters)
            if kind.weights and report:
                kind.weights(ports, node.parameters)
        except MisfitError as misfit:
            if report:
                self.failed.add(node.path)
                self._report(node, self._told(node, misfit), misfit.hint, misfit.at)
            return
        for port, value in found.items():
            self._keep(node, port, value, report)
        first = next(iter(found.values()), ANYTHING)
        self._keep(node, "", first, report)

    def _told(self, node: Node, misfit: MisfitError) -> str:
        named = [wire for wire in node.wires if shown(wire.source) == wire.source]
        reads = dict.fromkeys(f"{written(wire, self.graph)} has {self.of(wire)}" for wire in named)
        return f"{shown(node.path)} ({node.block}): {misfit.what}" + (f" ({', '.join(reads)})" if reads else "")

    def _keep(self, node: Node, port: str, value: Value, final: bool) -> None:
        # A loop such as 0.5 * h(t-1) has no size but its initial value's: size 1 goes with every other.
        if node.initial_wires and (value.size is None or (value.size == 1 and not final)):
            value = Value(value.kind, self.of(node.initial_wires[0]).size)
        self.values[node.path, port] = value

    def _check(self, node: Node) -> None:
        value = self.values.get((node.path, ""), ANYTHING)
        kind = self.registry.get(node.block)
        if kind is None or node.path in self.failed:
            return
        for port, wire in node.inputs:
            declared = kind.port(port)
            given = self.of(wire)
            if declared and "any" not in (declared.kind, given.kind) and declared.kind != given.kind:
                self._wrong_kind(node, port, wire, given)
        if value.kind == "tokens" and node.initial is not None and not node.initial_wires:
            self._check_token(node, value)

    def _check_initials(self) -> None:
        """Initial values have the sizes of their nodes; one problem for all the states of a block."""
        misfits: dict[tuple[str, Mark | None], list[tuple[Node, Wire]]] = {}
        for node in self.graph.nodes:
            value = self.values.get((node.path, ""), ANYTHING)
            for wire in node.initial_wires:
                given = self.of(wire)
                if differ(given.size, value.size) or (
                    given.kind != value.kind and "any" not in (given.kind, value.kind)
                ):
                    misfits.setdefault((node.path.split("/")[0], node.at("initial")), []).append((node, wire))
        for (owner, mark), pairs in misfits.items():
            node, wire = pairs[0]
            value, read = self.values.get((node.path, ""), ANYTHING), written(wire, self.graph)
            others = f" (and {len(pairs) - 1} more of its states so)" if len(pairs) > 1 else ""
            what = f"{shown(node.path)} has {value}, its initial value {read} has {self.of(wire)}{others}"
            end = f"{wire.source.split('/')[0]}.final" if "/" in read else read
            hint = f"bridge them: bridge: {{block: linear, input: {end}, units: {value.size}}}"
            if node.body:
                names = ", ".join(f"{self._state_name(other.path, owner)}: bridge" for other, _ in pairs)
                hint += f", and {owner} says initial: {{{names}}}"
            self.problems.append(Problem(what, hint, mark))

    def _state_name(self, path: str, owner: str) -> str:
        """How a state is named under `initial:` of its block: by its last name where no other there has it."""
        last = path.split("/")[-1]
        alike = [n for n in self.graph.nodes if n.path.startswith(f"{owner}/") and n.path.split("/")[-1] == last]
        return last if len(alike) == 1 else path.removeprefix(f"{owner}/")

    def _check_token(self, node: Node, value: Value) -> None:
        """A token is no vector that could be learned, and it is one of the vocabulary."""
        initial = node.initial
        whole = isinstance(initial, float) and initial.is_integer() and initial >= 0
        if whole and (not isinstance(value.size, int) or initial < value.size):  # type: ignore[operator]
            return
        said = f"{initial:g}" if isinstance(initial, float) else "learned"
        what = f"the initial value of {shown(node.path)} is {said}, but it gives {value}"
        hint = f"a whole number from 0 below {value.size}, or none: begin"
        self.problems.append(Problem(what, hint, node.at("initial")))

    def _check_known(self, paths: tuple[str, ...]) -> None:
        """Said once for a loop, and only where all that it reads from outside is known."""
        nodes = [self.graph[path] for path in paths]
        inside = set(paths)
        outside = [wire for node in nodes for wire in node.wires if wire.source not in inside]
        unknown = [node for node in nodes if self.values.get((node.path, ""), ANYTHING).size is None]
        failed = any(node.block == UNKNOWN or self.registry.get(node.block) is None for node in nodes)
        if not unknown or failed or any(self.of(wire).size is None for wire in outside):
            return
        if unknown[0].mark not in self.marked:
            what = f"the size of {shown(unknown[0].path)} cannot be worked out"
            self.problems.append(Problem(what, "give a node of its loop units:", unknown[0].mark))

    def _wrong_kind(self, node: Node, port: str, wire: Wire, given: Value) -> None:
        if given.kind == "tokens":
            hint = f"embed them first: e: {{block: embedding, input: {shown(wire.source)}, units: 64}}"
        else:
            hint = "tokens come from an input {tokens: ...}, argmax, sample or feedback"
        what = (
            f"{shown(node.path)} ({node.block}) reads {given.kind} from {written(wire, self.graph)} at its port {port}"
        )
        self._report(node, what, hint, port)


def infer_sizes(
    graph: Graph, registry: Registry, parts: list[tuple[str, ...] | Loop]
) -> tuple[Mapping[tuple[str, str], Value], list[Problem]]:
    """What flows at every port of an opened graph, and what does not fit."""
    inference = SizeInference(graph, registry)
    return dict(inference.infer(parts)), inference.problems
