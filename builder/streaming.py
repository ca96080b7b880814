"""Streaming: whether a model can go step by step along an axis, and what forbids it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leporello.builder.schedule import schedule
from leporello.graphs.checks import Checked
from leporello.graphs.graph import Wire
from leporello.graphs.loops import Loop


@dataclass(frozen=True)
class Streaming:
    """Whether a model streams along `axis`: how many steps late its outputs are, or why it cannot."""

    axis: str | None
    late: int = 0
    obstacle: str = ""

    def __str__(self) -> str:
        if self.axis is None:
            return "nothing to stream: no output has a time axis"
        if self.obstacle:
            return f"does not stream along {self.axis}: {self.obstacle}"
        if self.late:
            steps = "one step" if self.late == 1 else f"{self.late} steps"
            return f"streams along {self.axis}, {steps} late"
        return f"streams along {self.axis}"


def stream_axis(checked: Checked) -> str | None:
    """The axis along which a model is stepped: that of its first output that has one."""
    return next((axis for output in checked.graph.outputs if (axis := checked.axes[output.wire.source].own)), None)


def streaming(checked: Checked) -> Streaming:
    """Whether and how a model streams along the axis of its outputs, each feedback given by the caller."""
    model = schedule(checked, "step").model
    axis = stream_axis(model)
    if axis is None:
        return Streaming(None)
    return Streaming(axis, _lookahead(model, axis), obstacle(model, axis))


def obstacle(model: Checked, axis: str) -> str:
    """What forbids to know the outputs a bounded number of steps after the inputs, or nothing."""
    for part in model.parts:
        if isinstance(part, Loop) and part.direction < 0 and model.axes[part.nodes[0]].own == axis:
            return f"{part.nodes[-1]} runs from the last step to the first"
    for reader, wire in _reads(model):
        if model.axes[wire.source].own == axis and wire.time.kind in ("last", "all"):
            return f"{reader} reads {wire}, for which all steps must be known"
        if model.axes[wire.source].own == axis and wire.time.kind == "first" and _early(reader, wire, model, axis):
            return f"{reader} reads {wire}, which is not known before the first step"
    return ""


def _early(reader: str, wire: Wire, model: Checked, axis: str) -> bool:
    """Whether a node reads the wire before the first step along `axis`."""
    node = model.graph.index.get(reader)
    return node is not None and (model.axes[reader].own != axis or wire in node.initial_wires)


def ahead(model: Checked, axis: str) -> str:
    """What reads a step that has not come yet, or nothing."""
    for reader, wire in _reads(model):
        if model.axes[wire.source].own == axis and wire.time.kind == "t" and wire.time.offset > 0:
            return f"{reader} reads {wire}, a step that has not come yet"
    return ""


def _reads(model: Checked) -> Iterator[tuple[str, Wire]]:
    for node in model.graph.nodes:
        for wire in node.wires + node.initial_wires:
            yield node.path, wire
    for output in model.graph.outputs:
        yield output.name, output.wire


def _lookahead(model: Checked, axis: str) -> int:
    """How many steps after its own an output is known, at most."""
    needs: dict[str, int] = {}
    for part in model.parts:
        paths = part.nodes if isinstance(part, Loop) else part
        for _ in range(2 if isinstance(part, Loop) else 1):
            for path in paths:
                reads = [w for w in model.graph[path].wires if w.time.kind == "t" and model.axes[w.source].own == axis]
                needs[path] = max([needs.get(path, 0), *(needs.get(w.source, 0) + w.time.offset for w in reads)])
    return max([0, *(needs[output.wire.source] + output.wire.time.offset for output in model.graph.outputs)])
