"""Every device that there is, in 32 bits and under autocast: as near to truth as its numbers are fine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import nn

from tests.support.comparing import (
    Case,
    Outcome,
    Tensors,
    arguments,
    assert_same,
    by_interpreter,
    compiled,
    gradients,
    make_case,
    used_lengths,
)
from tests.support.sources import NAMES, model_of

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")

STEPS = (5, 1, 3)
EXACT, SINGLE, HALF = 1e-9, 2e-4, 0.1
"""What outputs and gradients may differ by, of one plus their size: in 64 bits, in 32, with products of bfloat16."""


@pytest.fixture(autouse=True)
def _products_of_32_bits() -> Iterator[None]:
    """A card's layers round what they multiply to fewer bits unless they are told not to."""
    before, torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.allow_tf32, False
    yield
    torch.backends.cudnn.allow_tf32 = before


@cache
def case_of(name: str) -> Case:
    """A model of the house with ragged inputs, its weights no larger than those of a model that learns."""
    checked = model_of(name)
    axes = {str(node.axis) for node in checked.graph.inputs if node.axis != "none"}
    case = make_case(checked, dict.fromkeys(axes, STEPS), 1)
    return replace(case, weights={n: w / max(w.shape[-1], 1) ** 0.5 for n, w in case.weights.items()})


@cache
def truth_of(name: str) -> Outcome:
    """Outputs and gradients by definition."""
    return by_interpreter(case_of(name))


def moved(values: Tensors, device: str, dtype: torch.dtype) -> Tensors:
    """Tensors on a device, its fractions in a precision, ready to be differentiated."""
    found = {n: v.detach().to(device, dtype if v.is_floating_point() else v.dtype) for n, v in values.items()}
    return {n: v.requires_grad_(v.is_floating_point()) for n, v in found.items()}


def on(device: str, dtype: torch.dtype, case: Case, module: nn.Module, half: bool = False) -> Outcome:
    """What a module gives there, brought home in 64 bits."""
    module = module.to(device, dtype)
    inputs = moved(arguments(module, case), device, dtype)
    lengths = {axis: steps.to(device) for axis, steps in used_lengths(case).items()}
    with torch.autocast(device, torch.bfloat16) if half else nullcontext():
        outputs = module(**inputs, lengths=lengths)
    assert {value.device.type for value in outputs.values()} == {device}
    home = {name: value.cpu().double() for name, value in outputs.items()}
    found = gradients(home, {**inputs, **dict(module.named_parameters())})
    rest = {n: torch.zeros_like(v) for n, v in case.inputs.items() if v.is_floating_point() and n not in found}
    back = {name: value.cpu().double() for name, value in found.items()}
    return Outcome({name: value.detach() for name, value in home.items()}, {**back, **rest})


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, EXACT), (torch.float32, SINGLE)], ids=["64 bits", "32 bits"]
)
@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_near_to_truth(name: str, dtype: torch.dtype, tolerance: float, device: str) -> None:
    case = case_of(name)
    assert_same(on(device, dtype, case, compiled(case)), truth_of(name), tolerance)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", NAMES)
def test_products_of_16_bits_are_near_too(name: str, device: str) -> None:
    case = case_of(name)
    assert_same(on(device, torch.float32, case, compiled(case), half=True), truth_of(name), HALF)
