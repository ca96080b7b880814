"""Two ways of running one model, compared: outputs, and gradients of inputs and weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.names import argument, dotted
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed, with_outputs
from leporello.graphs.specs import read_spec

TOLERANCE = 1e-10
Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Case:
    """A model with weights, inputs and lengths: everything that its outputs depend on."""

    checked: Checked
    inputs: Mapping[str, Tensor]
    weights: Mapping[str, Tensor]
    lengths: Mapping[str, Tensor]


@dataclass(frozen=True)
class Outcome:
    """What a run gives: outputs, and the gradient of a fixed scalar of them by input (`x`) and weight (`h.weight`)."""

    outputs: Tensors
    gradients: Tensors


def checked_spec(text: str, **sizes: int) -> Checked:
    """The checked model of a spec's text."""
    return check(read_spec(text, registry()), registry(), sizes)


def make_case(checked: Checked, lengths: Mapping[str, tuple[int, ...]], seed: int) -> Case:
    """Random weights and inputs for a model, coins of feedback included; all as long as the longest sequence."""
    generator = torch.Generator().manual_seed(seed)
    batch = len(next(iter(lengths.values())))
    inputs: Tensors = {}
    for node in checked.graph.inputs:
        shape = (batch,) if node.axis == "none" else (batch, max(lengths[str(node.axis)]))
        if "tokens" in node.parameters:
            inputs[node.path] = torch.randint(0, node.parameters["tokens"], shape, generator=generator)
        else:
            inputs[node.path] = _uniform((*shape, node.parameters["features"]), 2.0, generator)
    for node in checked.graph:
        axis = checked.axes[node.path].own
        if node.block == "feedback" and axis is not None:
            inputs[f"{node.path}_coin"] = torch.randint(0, 2, (batch, max(lengths[axis])), generator=generator)
    weights = {
        dotted(f"{path}/{name}"): _uniform(shape, 0.9, generator)
        for path, shapes in checked.weights.items()
        for name, shape in shapes.items()
    }
    return Case(checked, inputs, weights, {axis: torch.tensor(steps) for axis, steps in lengths.items()})


def _uniform(shape: tuple[int, ...], limit: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1) * limit


def by_interpreter(case: Case, **options: Any) -> Outcome:
    """The definition of truth."""

    def run(inputs: Tensors, weights: Tensors) -> Tensors:
        return interpret(case.checked, inputs, weights, case.lengths, **options)

    return differentiate(run, case.inputs, case.weights)


def differentiate(
    run: Callable[[Tensors, Tensors], Tensors], inputs: Mapping[str, Tensor], weights: Mapping[str, Tensor]
) -> Outcome:
    """Outputs, and the gradient of their sum weighted by fixed numbers."""
    leaves = {name: value.detach().clone().requires_grad_(value.is_floating_point()) for name, value in inputs.items()}
    learned = {name: value.detach().clone().requires_grad_() for name, value in weights.items()}
    outputs = run(leaves, learned)
    return Outcome({name: value.detach() for name, value in outputs.items()}, gradients(outputs, {**leaves, **learned}))


def gradients(outputs: Mapping[str, Tensor], leaves: Mapping[str, Tensor]) -> Tensors:
    """The gradient of a fixed scalar of all outputs by every leaf; zero where nothing depends on it."""
    wanted = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    terms = [(value * _factors(value)).sum() for value in outputs.values() if value.requires_grad]
    if not wanted or not terms:
        return {name: torch.zeros_like(leaf) for name, leaf in wanted.items()}
    found = torch.autograd.grad(torch.stack(terms).sum(), list(wanted.values()), allow_unused=True)
    return {
        name: torch.zeros_like(leaf) if g is None else g for (name, leaf), g in zip(wanted.items(), found, strict=True)
    }


def _factors(value: Tensor) -> Tensor:
    """Numbers that differ from place to place and do not depend on how long the padding is."""
    grid = torch.zeros(value.shape, dtype=value.dtype)
    for dimension, size in enumerate(value.shape):
        shape = [1] * value.dim()
        shape[dimension] = size
        grid = grid + torch.cos(torch.arange(size, dtype=value.dtype) * (dimension + 1.3) + dimension).view(shape)
    return grid


def differences(a: Mapping[str, Tensor], b: Mapping[str, Tensor], tolerance: float = TOLERANCE) -> list[str]:
    """Where two sets of tensors are not the same within `tolerance * (1 + |b|)`; NaN is the same as nothing.

    A dimension that is longer in one of them has to be zero there.
    """
    found = [f"{name} is on one side only" for name in sorted(set(a) ^ set(b))]
    for name in sorted(set(a) & set(b)):
        left, right = a[name], b[name]
        if left.dim() != right.dim():
            found.append(f"{name}: shapes {tuple(left.shape)} and {tuple(right.shape)}")
            continue
        shape = [max(sizes) for sizes in zip(left.shape, right.shape, strict=True)]
        left, right = padded(left, shape).double(), padded(right, shape).double()
        wrong = ~((left - right).abs() <= tolerance * (1 + right.abs()))
        if wrong.any():
            place = tuple(wrong.nonzero()[0].tolist())
            found.append(f"{name}{list(place)}: {left[place].item()!r} and {right[place].item()!r}")
    return found


def padded(value: Tensor, shape: list[int]) -> Tensor:
    """The tensor with zeros up to `shape`."""
    if list(value.shape) == shape:
        return value
    wide = value.new_zeros(shape)
    wide[tuple(slice(0, size) for size in value.shape)] = value
    return wide


def assert_same(a: Outcome, b: Outcome, tolerance: float = TOLERANCE) -> None:
    """Outputs and gradients agree."""
    wrong = differences(a.outputs, b.outputs, tolerance) + [
        f"gradient of {line}" for line in differences(a.gradients, b.gradients, tolerance)
    ]
    assert not wrong, "\n".join(wrong)


def input_axis(case: Case, name: str) -> str | None:
    """The axis of an input, or of the coins of a feedback."""
    own: str | None = case.checked.axes[name if name in case.checked.graph else name.removesuffix("_coin")].own
    return own


def beyond(case: Case, name: str) -> Tensor | None:
    """A mask of what lies beyond each sequence's end in the input `name`: `[batch, time]`; None without an axis."""
    axis = input_axis(case, name)
    if axis is None:
        return None
    steps = torch.arange(case.inputs[name].shape[1])
    return steps >= case.lengths[axis][:, None]


def with_padding(case: Case, extra: int = 0) -> Case:
    """The same case with NaN (another token, for tokens) beyond every sequence's end, `extra` steps longer."""
    inputs = {}
    for name, value in case.inputs.items():
        mask = beyond(case, name)
        if mask is None:
            inputs[name] = value
            continue
        filled = value.clone()
        filled[mask] = float("nan") if value.is_floating_point() else 0
        more = filled[:, :1].expand(-1, extra, *filled.shape[2:]).clone()
        inputs[name] = torch.cat([filled, more.fill_(float("nan")) if value.is_floating_point() else more], 1)
    return Case(case.checked, inputs, case.weights, case.lengths)


def row(case: Case, index: int) -> Case:
    """One sequence of the batch, cut to its length."""
    inputs = {}
    for name, value in case.inputs.items():
        axis = input_axis(case, name)
        steps = None if axis is None else int(case.lengths[axis][index])
        inputs[name] = value[index : index + 1] if steps is None else value[index : index + 1, :steps]
    lengths = {axis: value[index : index + 1] for axis, value in case.lengths.items()}
    return Case(case.checked, inputs, case.weights, lengths)


def compiled(case: Case, **options: Any) -> nn.Module:
    """The compiled module of a case with its weights, in float64, dropout off."""
    module = compile(case.checked, **options).double().eval()
    parameters = dict(module.named_parameters())
    assert set(parameters) == set(case.weights), sorted(set(parameters) ^ set(case.weights))
    with torch.no_grad():
        for name, value in case.weights.items():
            parameters[name].copy_(value)
    return module


def arguments(module: nn.Module, case: Case) -> Tensors:
    """Those of the case's inputs that the module takes, ready to be differentiated; coins of a decoder by argument."""
    taken = inspect.signature(module.forward).parameters
    named = {argument(name) if "/" in name else name: value for name, value in case.inputs.items()}
    return {
        name: value.detach().clone().requires_grad_(value.is_floating_point())
        for name, value in named.items()
        if name in taken
    }


def used_lengths(case: Case, feedback: Mode = "teacher", also: Sequence[str] = ()) -> Tensors:
    """The lengths of the axes that the model still has when its feedback is resolved."""
    model = needed(resolve(with_outputs(case.checked, also), feedback))
    used = {axes.own for axes in model.axes.values()}
    return {axis: value for axis, value in case.lengths.items() if axis in used}


def by_module(
    case: Case, module: nn.Module | None = None, feedback: Mode = "teacher", also: Sequence[str] = ()
) -> Outcome:
    """The outcome of the compiled module."""
    module = module or compiled(case, feedback=feedback, also=also)
    inputs = arguments(module, case)
    outputs = module(**inputs, lengths=used_lengths(case, feedback, also))
    found = gradients(outputs, {**inputs, **dict(module.named_parameters())})
    rest = {n: torch.zeros_like(v) for n, v in case.inputs.items() if v.is_floating_point() and n not in found}
    return Outcome({name: value.detach() for name, value in outputs.items()}, {**found, **rest})
