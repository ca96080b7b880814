"""Models run step after step and in pieces, beside the interpreter that runs them whole."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from leporello.builder.interpret import interpret
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed
from tests.support.comparing import Case, Outcome, Tensors, arguments, differences, gradients, input_axis, used_lengths


def step_differences(case: Case, module: Any, axis: str) -> list[str]:
    """Where the outputs on `axis`, or the gradients of weights, differ between `step` after `step` and the whole."""
    on_axis = {output.name for output in case.checked.graph.outputs if _axis(case, output.wire.source) == axis}
    weights = {name: value.clone().requires_grad_() for name, value in case.weights.items()}
    whole = interpret(case.checked, case.inputs, weights, case.lengths)
    truth = {name: value for name, value in whole.items() if name in on_axis}
    outputs = stepped(case, module, axis)
    found = Outcome(outputs, gradients(outputs, dict(module.named_parameters())))
    return differences(found.outputs, truth) + differences(found.gradients, gradients(truth, weights))


def stepped(case: Case, module: Any, axis: str) -> Tensors:
    """The outputs on `axis` from `step` after `step`, zero beyond each sequence's end; feedback gets the truth."""
    model = needed(resolve(case.checked, "step"))
    fed = [node.path for node in case.checked.graph if node.block == "feedback"]
    known = {**case.inputs, **interpret(case.checked, case.inputs, case.weights, case.lengths, also=fed)}
    along = [node.path for node in model.graph.inputs if model.axes[node.path].own == axis]
    others = {n: v for n, v in case.inputs.items() if n in inspect.signature(module.start).parameters}
    lengths = {other: v for other, v in used_lengths(case, "step").items() if other != axis}
    state = module.start(batch=len(case.lengths[axis]), lengths=lengths or None, **others)
    rows: dict[str, list[Tensor]] = {}
    for step in range(int(case.lengths[axis].max())):
        outputs, state = module.step({name: known[name][:, step] for name in along}, state)
        for name, value in outputs.items():
            rows.setdefault(name, []).append(value)
    return {name: _cut(torch.stack(values, 1), case, name) for name, values in rows.items()}


def piece_differences(case: Case, module: Any, first: int) -> list[str]:
    """Where two pieces, the first of so many steps of time, differ from the whole: outputs on time and the last state.

    Raises:
        ValueError: if the module carries no state from piece to piece.
    """
    inputs = {name: value.detach() for name, value in arguments(module, case).items()}
    lengths = used_lengths(case)
    whole, end = module.run(**inputs, lengths=lengths)
    pieces: list[Mapping[str, Tensor]] = []
    state = None
    for steps, kept in (
        (slice(0, first), torch.full_like(case.lengths["time"], first)),
        (slice(first, None), case.lengths["time"] - first),
    ):
        piece = {n: v[:, steps] if input_axis(case, n) == "time" else v for n, v in inputs.items()}
        outputs, state = module.run(**piece, lengths={**lengths, "time": kept}, state=state)
        pieces.append(outputs)
    found = differences(state or {}, end)
    for output in case.checked.graph.outputs:
        if _axis(case, output.wire.source) == "time":
            joined = {output.name: torch.cat([piece[output.name] for piece in pieces], 1)}
            found += differences(joined, {output.name: whole[output.name]})
    return found


def end_differences(case: Case, module: Any) -> list[str]:
    """Where the state after all steps differs from that of each sequence run alone, without padding."""
    inputs = {name: value.detach() for name, value in arguments(module, case).items()}
    lengths = used_lengths(case)
    _, end = module.run(**inputs, lengths=lengths)
    found: list[str] = []
    for row, steps in enumerate(case.lengths["time"].tolist()):
        alone = {
            name: value[row : row + 1, :steps] if input_axis(case, name) == "time" else value[row : row + 1]
            for name, value in inputs.items()
        }
        others = {axis: length[row : row + 1] for axis, length in lengths.items() if axis != "time"}
        _, last = module.run(**alone, lengths={**others, "time": torch.tensor([steps])})
        found += differences(last, {key: value[row : row + 1] for key, value in end.items()})
    return found


def _axis(case: Case, path: str) -> str | None:
    own: str | None = case.checked.axes[path].own
    return own


def _cut(value: Tensor, case: Case, name: str) -> Tensor:
    """The output with zeros beyond the end of each sequence, its carried axes included."""
    output = next(output for output in case.checked.graph.outputs if output.name == name)
    axes = case.checked.axes[output.wire.source]
    for dimension, axis in enumerate([str(axes.own), *(axis for axis, _ in axes.carried)], 1):
        mask = torch.arange(value.shape[dimension]) < case.lengths[axis][:, None]
        shape = [1] * value.dim()
        shape[0], shape[dimension] = mask.shape
        value = torch.where(mask.reshape(shape), value, torch.zeros((), dtype=value.dtype))
    return value
