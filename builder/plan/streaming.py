"""Streaming: whether a model can go step by step along an axis, and what forbids it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leporello.builder.plan.schedule import schedule
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.graph import Wire


@dataclass(frozen=True)
class Streaming:
    """Whether a model streams along `axis`, or why it cannot."""

    axis: str | None
    obstacle: str = ""

    def __str__(self) -> str:
        if self.axis is None:
            return "nothing to stream: no output has a time axis"
        if self.obstacle:
            return f"does not stream along {self.axis}: {self.obstacle}"
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
    return Streaming(axis, obstacle(model, axis) or ahead(model, axis))


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
