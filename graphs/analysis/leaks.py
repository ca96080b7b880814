"""Leaks: an output that depends on what it is to predict, at the same step or on all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.blocktypes import Value
from leporello.graphs.graph import Graph, Output, Wire
from leporello.graphs.problems import Problem
from leporello.graphs.readable import shown, way, written
from leporello.graphs.size import differ

EVERYTHING = -(10**9)
"""The delay by which something is seen that lies anywhere in the sequence."""

Values = Mapping[tuple[str, str], Value]
Parts = Sequence[tuple[str, ...] | Loop]


def find_leaks(graph: Graph, parts: Parts, axes: Mapping[str, Axes], values: Values) -> list[Problem]:
    """What is wrong with the outputs that predict an input."""
    problems: list[Problem] = []
    for output in graph.outputs:
        known = (output.wire.source, output.wire.port) in values and (output.predicts, "") in values
        if output.predicts and known:
            misfit = _misfit(output, axes, values)
            leak = None if output.leak else _Search(graph, parts, output.predicts).leak(output)
            problems.extend(problem for problem in (misfit, leak) if problem)
    return problems


def _misfit(output: Output, axes: Mapping[str, Axes], values: Values) -> Problem | None:
    target = values[output.predicts, ""]
    given = values[output.wire.source, output.wire.port]
    if given.kind == "tokens":
        hint = "predict with scores, one per token: logits, not their argmax"
        return Problem(f"{output.name} gives tokens, which have no loss", hint, output.at("from"))
    if differ(target.size, given.size):
        hint = f"units: {target.size} for what it is from, {output.wire}"
        what = f"{output.name} has {given.size} features, but predicts {output.predicts} of {target}"
        return Problem(what, hint, output.at("from"))
    fits = ("cross_entropy",) if target.kind == "tokens" else ("squared", "bernoulli")
    if output.loss and output.loss not in fits:
        what = f"{output.name} has the loss {output.loss}, but predicts {output.predicts}, which has {target.kind}"
        return Problem(what, f"losses for {target.kind}: {', '.join(fits)}", output.at("loss"))
    here, there = axes[output.wire.source], axes[output.predicts]
    if here.names != there.names:
        what = f"{output.name} runs on {here}, but predicts {output.predicts}, which runs on {there}"
        end = "read its last step, as h(last)" if there.own is None else f"give it what runs on {there}"
        return Problem(what.replace("runs on once", "is computed once"), end, output.at("from"))
    return None


@dataclass
class _Search:
    """The shortest delays from a predicted input to what depends on it, and the wires by which they come."""

    graph: Graph
    parts: Parts
    predicts: str
    delay: dict[str, int] = field(default_factory=dict)
    came: dict[str, Wire] = field(default_factory=dict)
    backward: set[str] = field(default_factory=set)

    def leak(self, output: Output) -> Problem | None:
        """The way from the predicted input to the output, if it is shorter than one step."""
        self.delay[self.predicts] = 0
        for part in self.parts:
            self.pass_through(part)
        total = self.through(output.wire)
        if total is None or total > 0:
            return None
        paths = [output.wire.source]
        while paths[-1] in self.came:
            paths.append(self.came[paths[-1]].source)
        what = f"{output.name} sees what it predicts: {way(paths[::-1])}"
        return Problem(what, self.cause(paths) + "; or say leak: allowed", output.at("from"))

    def cause(self, paths: list[str]) -> str:
        """Why that way sees the answer, from the output on."""
        for path in paths:
            wire = self.came.get(path)
            if wire is not None and wire.time.kind != "t":
                return f"{shown(path)} reads {written(wire, self.graph)}, steps from the whole sequence"
            if wire is not None and wire.time.offset > 0 and path not in self.backward:
                return f"{shown(path)} reads {written(wire, self.graph)}, a later step"
            if path in self.backward:
                return f"{path.split('/')[0]} runs backward and has seen the later steps"
        return f"read {self.predicts}(t-1) on that way"

    def pass_through(self, part: tuple[str, ...] | Loop) -> None:
        if not isinstance(part, Loop):
            self.relax(part[0])
            return
        waiting = part.nodes
        while sum(self.relax(path) for path in waiting):
            if part.direction < 0:  # the delays would fall for ever: it counts only what is reached
                waiting = tuple(path for path in waiting if path not in self.delay)
        if part.direction < 0 and any(path in self.delay for path in part.nodes):
            self.delay.update(dict.fromkeys(part.nodes, EVERYTHING))
            self.backward.update(part.nodes)

    def relax(self, path: str) -> bool:
        changed = False
        node = self.graph[path]
        for wire in node.wires + node.initial_wires:
            total = self.through(wire)
            if total is not None and total < self.delay.get(path, 1 << 60):
                first = path not in self.delay
                self.delay[path] = total
                changed = True
                if first or not self.comes_from(wire.source, path):
                    self.came[path] = wire
        return changed

    def comes_from(self, path: str, other: str) -> bool:
        """Whether the way to `path` leads through `other`."""
        while path != other and path in self.came:
            path = self.came[path].source
        return path == other

    def through(self, wire: Wire) -> int | None:
        if wire.source not in self.delay:
            return None
        if wire.time.kind != "t" or self.delay[wire.source] <= EVERYTHING // 2:
            return EVERYTHING
        return max(EVERYTHING, self.delay[wire.source] - wire.time.offset)
