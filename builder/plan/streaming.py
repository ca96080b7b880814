"""Streaming: whether a model can go step by step along an axis, and what forbids it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from leporello.builder.plan.passes.origins import origins_of
from leporello.builder.plan.schedule import schedule
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.expressions.wording import owner
from leporello.graphs.nodes import Node, Wire
from leporello.graphs.readable import shown


class Streaming(NamedTuple):
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


def carrying(checked: Checked) -> str:
    """What forbids that a model of one axis hands a state from one piece of a sequence to the next, or nothing."""
    model = schedule(checked, "teacher").model
    axis = stream_axis(model) or next((axes.own for axes in model.axes.values() if axes.own), None)
    return "" if axis is None else obstacle(model, axis) or ahead(model, axis)


def obstacle(model: Checked, axis: str) -> str:
    """What forbids to know the outputs a bounded number of steps after the inputs, or nothing."""
    for part in model.parts:
        if isinstance(part, Loop) and part.direction < 0 and model.axes[part.nodes[0]].own == axis:
            return f"{_name(part.nodes[-1], model)} runs from the last step to the first"
    for name, reader, wire in _reads(model):
        if model.axes[wire.source].own == axis and wire.time.kind in ("last", "all"):
            return f"{name} reads {wire}, for which all steps must be known"
        if model.axes[wire.source].own == axis and wire.time.kind == "first" and _early(reader, wire, model, axis):
            return f"{name} reads {wire}, which is not known before the first step"
    return ""


def _early(reader: Node | None, wire: Wire, model: Checked, axis: str) -> bool:
    """Whether a node, not an output, reads the wire before the first step along `axis`."""
    return reader is not None and (model.axes[reader.path].own != axis or wire in reader.initial_wires)


def ahead(model: Checked, axis: str) -> str:
    """What reads a step that has not come yet, or nothing."""
    for name, _, wire in _reads(model):
        if model.axes[wire.source].own == axis and wire.time.kind == "t" and wire.time.offset > 0:
            return f"{name} reads {wire}, a step that has not come yet"
    return ""


def _reads(model: Checked) -> Iterator[tuple[str, Node | None, Wire]]:
    """All reads: what the spec calls the reader, the node if it is one, and the wire."""
    for node in model.graph.nodes:
        for wire in node.wires + node.initial_wires:
            yield _name(node.path, model), node, wire
    for output in model.graph.outputs:
        yield output.name, None, output.wire


def _name(path: str, model: Checked) -> str:
    """What the spec calls a node, or the node of which it is a piece, whatever passes made of it."""
    origin = origins_of(model, path)[0]
    return owner(model.graph[origin]) if origin in model.graph else shown(origin)
