"""Element-wise functions, operators, numbers and parts against their formulas, inside and outside loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from tests.support.comparing import Tensors, assert_same, differences
from tests.support.numerics import cut, outcome, randoms, stepwise
from tests.truth.test_cells import BATCH, RAGGED, STEPS, unrolled

FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": lambda a: 1 / (1 + torch.exp(-a)),
    "tanh": lambda a: (torch.exp(a) - torch.exp(-a)) / (torch.exp(a) + torch.exp(-a)),
    "relu": lambda a: torch.where(a > 0, a, torch.zeros_like(a)),
    "softplus": lambda a: torch.log1p(torch.exp(a)),
    "exp": lambda a: torch.e**a,
    "log": lambda a: torch.log2(a) / torch.log2(torch.tensor(torch.e, dtype=a.dtype)),
    "abs": lambda a: torch.where(a > 0, a, -a),
    "sqrt": lambda a: a**0.5,
    "square": lambda a: a * a,
    "sin": lambda a: torch.cos(a - torch.pi / 2),
    "cos": lambda a: torch.sin(a + torch.pi / 2),
    "gelu": lambda a: a * (1 + torch.erf(a / 2**0.5)) / 2,
    "silu": lambda a: a / (1 + torch.exp(-a)),
    "elu": lambda a: torch.where(a > 0, a, torch.exp(a) - 1),
    "leaky_relu": lambda a: torch.where(a > 0, a, 0.01 * a),
    "sign": lambda a: (a > 0).to(a.dtype) - (a < 0).to(a.dtype),
}


def test_every_function_has_its_formula() -> None:
    from leporello.blocks.arithmetic import FUNCTIONS as SHIPPED

    assert set(FUNCTIONS) == set(SHIPPED)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_inside_and_outside_a_loop(name: str) -> None:
    positive = name in ("log", "sqrt")
    argument = "square(s(t-1)) + square(x) + 0.5" if positive else "s(t-1) - x"
    text = (
        f"{{spec: 1, inputs: {{x: {{features: 2}}}}, nodes: {{s: 0.5 * {name}({argument}),"
        f" o: {name}({'square(x) + 0.1' if positive else 'x'})}}, outputs: {{s: s, o: o}}}}"
    )
    module = compile(text).double()
    x = randoms(3, BATCH, STEPS, 2)
    function = FUNCTIONS[name]

    def step(now: Tensor, s: Tensors, w: Tensors) -> Tensors:
        value = s["s"] * s["s"] + now * now + 0.5 if positive else s["s"] - now
        return {"s": 0.5 * function(value)}

    expected = unrolled(step, x, {"s": torch.zeros(BATCH, 2, dtype=torch.float64)}, {}, RAGGED)
    expected["o"] = cut(function(x * x + 0.1 if positive else x), RAGGED)
    lengths = {"time": torch.tensor(RAGGED)}
    found = outcome(module(x, lengths=lengths), {"x": x})
    assert_same(found, outcome(expected, {"x": x}))
    assert_same(outcome(interpret(module.checked, {"x": x}, {}, lengths), {"x": x}), found)


def test_split_negative_numbers_and_precedence() -> None:
    text = """
spec: 1
inputs: {x: {features: 6}}
nodes:
  parts: {block: split, input: x, into: [i, f, g]}
  a: -parts.i * (2 - parts.f) / (1 + square(parts.g)) - -3 + parts.i - (parts.f - parts.g) - 1
  b: 8 / 2 / (2 * square(parts.g) + 1) - 1 / (4 + parts.f * parts.f) * parts.i
  s: s(t-1) / 2 - (a - b)
outputs: {a: a, b: b, s: s, i: parts.i, bare: parts}
"""
    module = compile(text).double()
    x = randoms(1, 2, 4, 6)
    i, f, g = x[..., :2], x[..., 2:4], x[..., 4:]
    a = -i * (2 - f) / (1 + g * g) - -3 + i - (f - g) - 1
    b = 8 / 2 / (2 * g * g + 1) - 1 / (4 + f * f) * i
    s, rows = torch.zeros(2, 2, dtype=torch.float64), []
    for time in range(4):
        s = s / 2 - (a[:, time] - b[:, time])
        rows.append(s)
    expected = outcome({"a": a, "b": b, "s": torch.stack(rows, 1), "i": i, "bare": i}, {"x": x})
    assert_same(outcome(module(x), {"x": x}), expected)
    assert_same(outcome(stepwise(module, {"x": x})[0], {"x": x}), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_model_without_weights_starts_in_its_own_type(dtype: torch.dtype) -> None:
    text = "{spec: 1, inputs: {x: {features: 2}}, nodes: {s: {value: s(t-1) / 2 + x, initial: 0.1}}, outputs: {s: s}}"
    module = compile(text).to(dtype)
    assert module.state_dict() == {}
    x = randoms(1, 2, 4, 2, dtype=dtype)
    found, state = stepwise(module, {"x": x})
    assert state["s"].dtype == dtype
    assert not differences(found, module(x), 1e-15 if dtype == torch.float64 else 1e-6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x + 1e308 * 10", torch.inf),
        ("x + (1e308 * 10 - 1e308 * 10)", torch.nan),
        ("x - 1 / 0", -torch.inf),
        ("tanh(x / (1 / 0))", 0.0),
    ],
)
def test_numbers_that_are_not_finite_are_those_of_tensors(value: str, expected: float) -> None:
    module = compile(f"{{spec: 1, inputs: {{x: {{features: 2}}}}, nodes: {{y: {value}}}, outputs: {{y: y}}}}")
    x = torch.ones(1, 3, 2)
    torch.testing.assert_close(module(x)["y"], torch.full_like(x, expected), equal_nan=True)
    wanted = interpret(module.checked, {"x": x.double()}, module)["y"]  # type: ignore[arg-type]
    torch.testing.assert_close(module(x)["y"].double(), wanted, equal_nan=True)
