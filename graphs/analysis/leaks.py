"""Leaks: an output that depends on what it is to predict, at the same step or on all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.blocktypes import Value
from leporello.graphs.graph import Graph
from leporello.graphs.losses import LOSSES, LossKind, usual
from leporello.graphs.nodes import Output, Wire
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
    name = output.loss or usual(target.kind == "tokens", binary=False)
    loss = LOSSES[name]
    if loss.of != target.kind:
        fits = ", ".join(name for name, kind in LOSSES.items() if kind.of == target.kind)
        what = f"{output.name} has the loss {name}, but predicts {output.predicts}, which has {target.kind}"
        return Problem(what, f"losses for {target.kind}: {fits}", output.at("loss"))
    return _unsuited(output, name) or _wrong_size(output, name, target, given) or _wrong_axis(output, loss, axes)


def _unsuited(output: Output, name: str) -> Problem | None:
    """What is said beside a loss that it has no use for, or lacks."""
    loss, said = LOSSES[name], output.scoring
    if loss.levels and "levels" not in said:
        return Problem(
            f"{output.name} does not say which quantiles it gives", "levels: [0.1, 0.5, 0.9]", output.at("loss")
        )
    if "levels" in said and not loss.levels:
        return Problem(f"levels: are for the loss quantile, not for {name}", "add loss: quantile", output.at("levels"))
    if "class_weights" in said and name != "cross_entropy":
        what = f"class_weights: are for the loss cross_entropy, not for {name}"
        return Problem(what, "take them away", output.at("class_weights"))
    if said.get("score", loss.scores[0]) not in loss.scores:
        what = f"{said['score']} is no score of the loss {name}"
        return Problem(what, f"one of {', '.join(loss.scores)}", output.at("score"))
    return None


def _wrong_size(output: Output, name: str, target: Value, given: Value) -> Problem | None:
    """An output that has other features than its loss needs."""
    levels = len(output.scoring.get("levels", ()))
    wanted = None if target.size is None else LOSSES[name].size(target.size, levels)
    if not differ(wanted, given.size):
        return None
    why = f": {name} needs {wanted}, {LOSSES[name].help}" if wanted != target.size else ""
    what = f"{output.name} has {given.size} features, but predicts {output.predicts} of {target}{why}"
    return Problem(what, f"units: {wanted} for what it is from, {output.wire}", output.at("from"))


def _wrong_axis(output: Output, loss: LossKind, axes: Mapping[str, Axes]) -> Problem | None:
    """An output that does not run where what it predicts does, or, for labels apart, does."""
    here, there = axes[output.wire.source], axes[output.predicts]
    if loss.apart and here.own and there.own and here.names != there.names:
        return None
    if loss.apart:
        what = f"{output.name} runs on {here}, and {output.predicts}, which it predicts by ctc, on {there}"
        hint = f"ctc is for labels on an axis of their own, shorter than {here.own or 'time'}: axis: target"
        return Problem(what.replace("runs on once", "is computed once"), hint, output.at("loss"))
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
