"""The definition of truth: the unfolded graph, evaluated copy by copy, one sequence at a time, in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from leporello.blocks.torch_ops import evaluate
from leporello.builder.computations import computations
from leporello.builder.names import dotted
from leporello.builder.plan.slices import Slice
from leporello.graphs.analysis.axes import Axes, Carried
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.unfolding import Before, Copy, Source, Unfolded, unfold
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed, with_outputs
from leporello.graphs.nodes import Node, Wire
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import refuse

BEGIN, END = 0, 1
"""The tokens that stand before the first step and after the last."""

Lengths = Mapping[str, Tensor | int]


def interpret(
    checked: Checked,
    inputs: Mapping[str, Tensor],
    weights: Mapping[str, Tensor],
    lengths: Lengths | None = None,
    *,
    feedback: Mode = "teacher",
    also: Sequence[str] = (),
    samples: Mapping[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """The outputs of a model, by the unfolded graph.

    Args:
        checked: the model, all sizes bound.
        inputs: `[batch, time, features]` or, for tokens, `[batch, time]`.
        weights: by dotted path, as in a module's `state_dict`, in float64.
        lengths: by axis, how many steps of each sequence are valid: `[batch]`.
        feedback: which port of every `feedback` is read.
        also: inner nodes wanted as outputs, by path, or values by the names that the spec gives them.
        samples: for every `sample` node that is used, its tokens `[batch, time]`.

    Returns:
        By name, `[batch, time, features]` (a carried axis after its own), zero beyond each sequence's end.
        Dropout is not applied.
    """
    computations(checked)
    model = needed(resolve(with_outputs(checked, also), feedback))
    wanted = {output.name: output.wire for output in model.graph.outputs}
    sizes = _lengths(model, inputs, lengths or {})
    batch = max(len(values) for values in sizes.values()) if sizes else _batch(inputs)
    rows = []
    for row in range(batch):
        steps = {axis: values[row] for axis, values in sizes.items()}
        taken = {name: value[row] for name, value in inputs.items()}
        drawn = {path: value[row] for path, value in (samples or {}).items()}
        rows.append(Evaluation(model, unfold(model.graph, model.axes, steps), taken, weights, drawn).run())
    longest = {axis: max(values) for axis, values in sizes.items()}
    return {name: _batched(wire, rows, model, longest) for name, wire in wanted.items()}


def _lengths(model: Checked, inputs: Mapping[str, Tensor], lengths: Lengths) -> dict[str, list[int]]:
    sizes: dict[str, list[int]] = {}
    for axis, given in lengths.items():
        sizes[axis] = [int(given)] if isinstance(given, int) else [int(length) for length in given]
    for node in model.graph.inputs:
        if node.axis not in (None, "none") and node.axis not in sizes and node.path in inputs:
            value = inputs[node.path]
            sizes[str(node.axis)] = [value.shape[1]] * value.shape[0]
    batch = max([_batch(inputs), *(len(values) for values in sizes.values())])
    used = {axes.own for axes in model.axes.values() if axes.own}
    for axis in used - set(sizes):
        raise refuse(f"the axis {axis} has no length", f"give lengths={{'{axis}': ...}}")
    return {axis: values * (batch // len(values)) for axis, values in sizes.items() if axis in used}


def _batch(inputs: Mapping[str, Tensor]) -> int:
    return max((value.shape[0] for value in inputs.values()), default=1)


@dataclass
class Evaluation:
    """One sequence, one unfolding: the values of all copies."""

    model: Checked
    unfolded: Unfolded
    inputs: Mapping[str, Tensor]
    weights: Mapping[str, Tensor]
    samples: Mapping[str, Tensor]
    values: dict[tuple[Copy, str], Tensor] = field(default_factory=dict)

    def run(self) -> Evaluation:
        """Compute every copy, in order."""
        for copy, sources in self.unfolded.reads.items():
            self._compute(copy, sources)
        return self

    def _compute(self, copy: Copy, sources: tuple[Source, ...]) -> None:
        node = self.model.graph[copy.path]
        if node.block in ("input", "sample"):
            given = self.inputs if node.block == "input" else self.samples
            value = given[node.path]
            self.values[copy, ""] = value if copy.step is None else value[copy.step]
            return
        axes = self.model.axes[node.path]
        union = _union(axes)
        ports = {
            port: self._aligned(wire, source, union) for (port, wire), source in zip(node.inputs, sources, strict=True)
        }
        over = union.index(axes.over) if axes.over is not None else -1
        found = evaluate(self.model.registry[node.block], ports, node.parameters, self._weights(node), over)
        for port, value in found.items():
            self.values[copy, port] = value
        self.values[copy, ""] = next(iter(found.values()))

    def _weights(self, node: Node) -> dict[str, Tensor]:
        if node.block in ("product", "accumulate"):
            rows = node.parameters["rows"]
            bias = [self._slice(row.bias) if row.bias else torch.zeros(row.units, dtype=torch.float64) for row in rows]
            return {"weight": torch.cat([self._slice(row.weight) for row in rows]), "bias": torch.cat(bias)}
        kind = self.model.registry[node.block]
        names = kind.weights(self.model.ports(node), node.parameters) if kind.weights else {}
        share = node.modifiers.share if isinstance(node.modifiers.share, Mapping) else {}
        found = {}
        for name in names:
            owner = f"{share[WHOLE]}/{name}" if WHOLE in share else share.get(name, f"{node.path}/{name}")
            found[name] = self.weights[dotted(owner)]
        return found

    def _slice(self, piece: Slice) -> Tensor:
        value = self.weights[dotted(piece.path)]
        value = value if piece.rows is None else value[slice(*piece.rows)]
        value = value if piece.columns is None else value[:, slice(*piece.columns)]
        return -value if piece.negative else value

    def _aligned(self, wire: Wire, source: Source, union: tuple[Carried, ...]) -> Tensor:
        """The value that a wire reads, with one dimension for each carried axis of the reader."""
        carried = self.model.axes[wire.source].carried
        if isinstance(source, tuple):
            value = torch.stack([self.values[copy, wire.port] for copy in source])
            own = self.model.axes[wire.source].own
            carried = ((str(own), wire.time.scope), *carried)
        else:
            value = self._read(source, wire)
        tail = value.dim() - len(carried)
        order = [carried.index(axis) for axis in union if axis in carried]
        value = value.permute((*order, *range(len(carried), len(carried) + tail)))
        for place, axis in enumerate(union):
            if axis not in carried:
                value = value.unsqueeze(place)
        return value

    def _read(self, source: Copy | Before, wire: Wire) -> Tensor:
        if isinstance(source, Copy):
            return self.values[source, wire.port]
        node = self.model.graph[source.path]
        if source.value is None:
            return self._initial(node, source)
        given = node.initial_wires[min(source.place, len(node.initial_wires)) - 1]
        carried = self.model.axes[node.path].carried
        value = self._aligned(given, source.value, carried)
        return value.expand(*(self.unfolded.steps[axis] for axis, _ in carried), *value.shape[len(carried) :])

    def _initial(self, node: Node, place: Before) -> Tensor:
        value = self.model.values[node.path, ""]
        if value.kind == "tokens":
            token = (END if place.after else BEGIN) if node.initial is None else int(node.initial)  # type: ignore[arg-type]
            return torch.tensor(token)
        carried = [self.unfolded.steps[axis] for axis, _ in self.model.axes[node.path].carried]
        if node.initial is None or isinstance(node.initial, float):
            return torch.full((*carried, int(value.size)), node.initial or 0.0, dtype=torch.float64)  # type: ignore[arg-type]
        return self.weights[dotted(f"{node.path}/initial")].expand(*carried, -1)


def _union(axes: Axes) -> tuple[Carried, ...]:
    """All axes that are carried into a node, also the one that it closes."""
    closed = () if axes.over is None or axes.over in axes.carried else (axes.over,)
    return (*closed, *axes.carried)


def _batched(wire: Wire, rows: list[Evaluation], model: Checked, longest: Mapping[str, int]) -> Tensor:
    """`[batch, time, carried..., features]`, zero beyond each sequence's end."""
    axes = model.axes[wire.source]
    found = []
    for row in rows:
        if axes.own is None:
            value = row.values[Copy(wire.source), wire.port]
        else:
            steps = range(row.unfolded.steps[axes.own])
            value = torch.stack([row.values[Copy(wire.source, step), wire.port] for step in steps])
        sizes = ([longest[axes.own]] if axes.own else []) + [longest[axis] for axis, _ in axes.carried]
        for dimension, size in enumerate(sizes):
            missing = size - value.shape[dimension]
            if missing:
                shape = list(value.shape)
                shape[dimension] = missing
                value = torch.cat([value, value.new_zeros(shape)], dimension)
        found.append(value)
    return torch.stack(found)
