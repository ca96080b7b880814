"""What is tried of a block in a plain use: each a function from a trial to what is wrong, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.conformance.trial import LENGTHS, Tensors, Trial, plain_use, random
from leporello.builder.interpret import interpret
from leporello.builder.plan.streaming import streaming
from leporello.graphs.drawing.draw import FORMATS, draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.interchange.node_link import from_json, to_json
from leporello.graphs.specs import check_spec, read_spec
from leporello.graphs.writing.spec import write_spec

EXACT, BY_DIFFERENCES = 1e-9, 1e-4


def sizes_fault(trial: Trial) -> str:
    """Sizes with names in them are known before they are bound."""
    check_spec(plain_use(trial.kind, "$units", "$features", trial.whole), registry(), {})
    return ""


def starts_fault(trial: Trial) -> str:
    """Weights start with finite numbers."""
    wrong = [name for name, value in trial.fresh.named_parameters() if not bool(value.isfinite().all())]
    return f"{wrong[0]} does not start with finite numbers" if wrong else ""


def shapes_fault(trial: Trial) -> str:
    """What comes out has the dimensions and sizes that are told of it."""
    made = trial.module()(**trial.inputs, lengths=trial.lengths)
    for output in trial.checked.graph.outputs:
        axes, value = trial.checked.axes[output.wire.source], trial.checked.value(output.wire)
        steps = [max(LENGTHS)] * ((axes.own is not None) + len(axes.carried))
        shape = [len(LENGTHS), *steps, *([] if value.kind == "tokens" else [value.size])]
        if list(made[output.name].shape) != shape:
            return f"{output.name} is {list(made[output.name].shape)}, where {shape} is told"
    return ""


def values_fault(trial: Trial) -> str:
    """Outputs and gradients are those of the interpreter, in float64; lengths differ, and NaN is in the padding."""
    if trial.by_chance:
        return ""
    module, inputs = trial.module(), _leaves(trial.inputs)
    given, learned = _leaves(trial.inputs), _leaves(trial.weights)
    made = module(**inputs, lengths=trial.lengths)
    true = interpret(trial.checked, given, learned, trial.lengths)
    apart = _apart(made, true, EXACT)
    if apart:
        return f"{apart} differs from what the interpreter gives"
    mine = _gradients(_loss(made), {**inputs, **dict(module.named_parameters())})
    apart = _apart(mine, _gradients(_loss(true), {**given, **learned}), EXACT)
    return f"the gradient of {apart} differs from the interpreter's" if apart else ""


def differences_fault(trial: Trial) -> str:
    """The gradients of weights are those of small differences."""
    module = trial.module()
    parameters = dict(module.named_parameters())
    if trial.by_chance:
        return ""
    exact = _gradients(_loss(module(**trial.inputs, lengths=trial.lengths)), parameters)
    for seed, (name, weight) in enumerate(parameters.items(), 100):
        way = random(tuple(weight.shape), seed)
        expected, found = _slope(trial, module, weight, way), (exact[name] * way).sum()
        if not torch.allclose(found, expected, BY_DIFFERENCES, BY_DIFFERENCES, equal_nan=True):
            return f"the gradient of {name} is {found.item():.6g} along a way, by differences {expected.item():.6g}"
    return ""


@torch.no_grad()
def _slope(trial: Trial, module: nn.Module, weight: Tensor, way: Tensor) -> Tensor:
    """How much the loss grows along a way of a weight."""
    ends = []
    for step in (1e-6, -1e-6):
        weight += step * way
        ends.append(_loss(module(**trial.inputs, lengths=trial.lengths)))
        weight -= step * way
    return (ends[0] - ends[1]) / 2e-6


def steps_fault(trial: Trial) -> str:
    """Step by step it gives what it gives at once."""
    stream = streaming(trial.checked)
    if trial.by_chance or stream.axis is None or stream.obstacle:
        return ""
    module, state = trial.module(), None
    inputs = {name: value.nan_to_num() for name, value in trial.inputs.items()}
    whole, steps = module(**inputs), []
    state = module.start(batch=len(LENGTHS))  # type: ignore[operator]
    for step in range(max(LENGTHS)):
        outputs, state = module.step({name: value[:, step] for name, value in inputs.items()}, state)  # type: ignore[operator]
        steps.append(outputs)
    joined = {name: torch.stack([outputs[name] for outputs in steps], 1) for name in steps[0]}
    apart = _apart(joined, {name: whole[name] for name in joined}, EXACT)
    return f"{apart} differs step by step" if apart else ""


def pictures_fault(trial: Trial) -> str:
    """It is drawn, folded and unfolded, in every format that needs no extra."""
    for format in FORMATS:
        for options in (Options(), Options(3)):
            if format not in ("pdf", "png"):
                draw(trial.checked.graph, trial.checked.axes, options, format)
    return ""


def texts_fault(trial: Trial) -> str:
    """Written as a spec and as node-link JSON it reads back as the same graph."""
    written = trial.checked.written
    if read_spec(write_spec(written), registry()) != written:
        return "the spec that is written of it is another"
    return (
        "" if from_json(json.loads(to_json(written)), registry()) == written else "its node-link JSON is another graph"
    )


def _leaves(tensors: Tensors) -> dict[str, Tensor]:
    return {name: value.clone().requires_grad_(value.is_floating_point()) for name, value in tensors.items()}


def _loss(outputs: Tensors) -> Tensor:
    """One number of all outputs, each place with a factor of its own."""
    sums = [torch.zeros((), dtype=torch.float64)]
    for value in outputs.values():
        if value.is_floating_point():
            sums.append((value * torch.linspace(0.5, 1.5, value.numel(), dtype=value.dtype).view_as(value)).sum())
    return torch.stack(sums).sum()


def _gradients(loss: Tensor, leaves: Tensors) -> Tensors:
    """By leaf; zero where nothing depends on it."""
    wanted = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    if not loss.requires_grad or not wanted:
        return {name: torch.zeros_like(leaf) for name, leaf in wanted.items()}
    found = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
    pairs = zip(wanted.items(), found, strict=True)
    return {name: torch.zeros_like(leaf) if g is None else g for (name, leaf), g in pairs}


def _apart(mine: Tensors, others: Tensors, tolerance: float) -> str:
    """The name of the first tensor that differs."""
    for name, value in mine.items():
        other = others[name]
        if value.shape != other.shape or not torch.allclose(
            value.double(), other.double(), tolerance, tolerance, equal_nan=True
        ):
            return name
    return ""


TRIED: Mapping[str, Callable[[Trial], str]] = {
    "sizes with names are known": sizes_fault,
    "weights start with finite numbers": starts_fault,
    "it gives what is told of it": shapes_fault,
    "compiled it gives what the interpreter gives": values_fault,
    "gradients are those of differences": differences_fault,
    "step by step it gives the same": steps_fault,
    "it is drawn": pictures_fault,
    "written it reads back": texts_fault,
}
"""What is tried of every block that checks, in words."""
