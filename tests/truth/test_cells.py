"""Cells that torch lacks, against their formulas in plain torch operations, outputs and gradients, ragged both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.names import dotted
from leporello.graphs.problems import SpecError
from tests.support.comparing import Outcome, Tensors, assert_same, differences
from tests.support.models.formulas import affine
from tests.support.numerics import cut, outcome, randoms, spread, stepwise

UNITS, FEATURES, BATCH, STEPS = 4, 3, 3, 5
RAGGED = [5, 1, 3]
Step = Callable[[Tensor, Tensors, Tensors], Tensors]
sigmoid, tanh = torch.sigmoid, torch.tanh


def peephole(x: Tensor, s: Tensors, w: Tensors) -> Tensors:
    """Gers and Schmidhuber 2000."""
    i = sigmoid(affine(w, "W_i", x, s["h"]) + w["p_i.value"] * s["c"])
    f = sigmoid(affine(w, "W_f", x, s["h"]) + w["p_f.value"] * s["c"])
    c = f * s["c"] + i * tanh(affine(w, "W_g", x, s["h"]))
    o = sigmoid(affine(w, "W_o", x, s["h"]) + w["p_o.value"] * c)
    return {"h": o * tanh(c), "c": c}


def coupled(x: Tensor, s: Tensors, w: Tensors) -> Tensors:
    """Greff et al. 2015, CIFG."""
    f = sigmoid(affine(w, "W_f", x, s["h"]))
    c = f * s["c"] + (1 - f) * tanh(affine(w, "W_g", x, s["h"]))
    return {"h": sigmoid(affine(w, "W_o", x, s["h"])) * tanh(c), "c": c}


def reset_before(x: Tensor, s: Tensors, w: Tensors) -> Tensors:
    """Cho et al. 2014."""
    r, z = sigmoid(affine(w, "W_r", x, s["h"])), sigmoid(affine(w, "W_z", x, s["h"]))
    n = tanh(affine(w, "W_n", x, r * s["h"]))
    return {"h": z * s["h"] + (1 - z) * n}


def minimal(x: Tensor, s: Tensors, w: Tensors) -> Tensors:
    """Zhou et al. 2016."""
    f = sigmoid(affine(w, "W_f", x, s["h"]))
    return {"h": (1 - f) * s["h"] + f * tanh(affine(w, "W_n", x, f * s["h"]))}


CELLS: Mapping[str, tuple[str, Step, tuple[str, ...]]] = {
    "peephole": ("lstm, gates: peephole", peephole, ("h", "c")),
    "coupled": ("lstm, gates: coupled", coupled, ("h", "c")),
    "reset before": ("gru, reset: before", reset_before, ("h",)),
    "minimal": ("minimal_gru", minimal, ("h",)),
}


def text_of(said: str, states: tuple[str, ...], rest: str = "") -> str:
    """The spec of one cell, its states given and given back."""
    starts = "".join(f", {s}0: {{features: {UNITS}, axis: none}}" for s in states)
    initial = ", ".join(f"{s}: {s}0" for s in states)
    outputs = ", ".join(f"{s}: h.{s}" for s in states)
    return (
        f"{{spec: 1, inputs: {{x: {{features: {FEATURES}}}{starts}}}, nodes: {{h: {{block: {said}, input: x,"
        f" units: {UNITS}, initial: {{{initial}}}{rest}}}}}, outputs: {{{outputs}}}}}"
    )


def unrolled(
    step: Step, x: Tensor, starts: Tensors, weights: Tensors, lengths: list[int], backward: bool = False
) -> Tensors:
    """The formulas, one sequence and one step at a time; zero in the padding."""
    rows: dict[str, list[Tensor]] = {name: [] for name in starts}
    for row, length in enumerate(lengths):
        state = {name: value[row] for name, value in starts.items()}
        found: dict[int, Tensors] = {}
        for time in reversed(range(length)) if backward else range(length):
            state = found[time] = step(x[row, time], state, weights)
        for name in starts:
            steps = [found[time][name] for time in range(length)]
            rows[name].append(torch.stack([*steps, *[torch.zeros_like(steps[0])] * (x.shape[1] - length)]))
    return {name: torch.stack(values) for name, values in rows.items()}


def short(weights: Mapping[str, Tensor], prefix: str) -> Tensors:
    """The weights of one copy under their short names."""
    return {name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)}


@pytest.mark.parametrize(
    ("name", "direction", "lengths", "bias"),
    list(product(CELLS, ("forward", "backward"), (None, RAGGED), (True, False))),
)
def test_cell_is_its_formulas(name: str, direction: str, lengths: list[int] | None, bias: bool) -> None:
    said, step, states = CELLS[name]
    rest = f", direction: {direction}, bias: {str(bias).lower()}"
    module = spread(compile(text_of(said, states, rest)).double())
    weights = dict(module.named_parameters())
    assert any(key.endswith("bias") for key in weights) == bias
    inputs = {"x": randoms(1, BATCH, STEPS, FEATURES)}
    inputs |= {f"{s}0": randoms(2 + i, BATCH, UNITS) for i, s in enumerate(states)}
    leaves = {**inputs, **weights}
    given = None if lengths is None else {"time": torch.tensor(lengths)}
    own = short(weights, dotted(f"h/1/{direction}") + ".")
    starts = {s: inputs[f"{s}0"] for s in states}
    expected = outcome(
        unrolled(step, inputs["x"], starts, own, lengths or [STEPS] * BATCH, direction == "backward"), leaves
    )
    assert all(value.abs().sum() > 0 for value in expected.gradients.values())
    assert_same(outcome(module(**inputs, lengths=given), leaves), expected)
    assert_same(outcome(interpret(module.checked, inputs, weights, given), leaves), expected)


@pytest.mark.parametrize("name", CELLS)
def test_cell_step_by_step(name: str) -> None:
    said, step, states = CELLS[name]
    module = spread(compile(text_of(said, states)).double())
    x = randoms(1, BATCH, STEPS, FEATURES)
    starts = {s: randoms(2 + i, BATCH, UNITS) for i, s in enumerate(states)}
    state = module.start(**{f"{s}0": value for s, value in starts.items()})
    assert set(state) == {f"h/1/forward/{s}" for s in states}
    found, last = stepwise(module, {"x": x}, state)
    expected = unrolled(step, x, starts, short(dict(module.named_parameters()), "h.1.forward_."), [STEPS] * BATCH)
    leaves = {"x": x, **starts, **dict(module.named_parameters())}
    assert_same(outcome(found, leaves), outcome(expected, leaves))
    assert not differences({k: last[f"h/1/forward/{k}"] for k in states}, {k: v[:, -1] for k, v in expected.items()})


@pytest.mark.parametrize("name", CELLS)
def test_two_layers_both_ways(name: str) -> None:
    said, step, states = CELLS[name]
    text = (
        f"{{spec: 1, inputs: {{x: {{features: {FEATURES}}}}}, nodes: {{h: {{block: {said}, input: x, units: {UNITS},"
        " layers: 2, direction: both}}, outputs: {y: h, final: h.final}}"
    )
    module = spread(compile(text.replace("}}, outputs", "}}, outputs")).double())
    weights, x = dict(module.named_parameters()), randoms(1, BATCH, STEPS, FEATURES)
    zeros = {s: torch.zeros(BATCH, UNITS, dtype=torch.float64) for s in states}
    value, ends = x, []
    for layer in (1, 2):
        forth = unrolled(step, value, zeros, short(weights, f"h.{layer}.forward_."), RAGGED)["h"]
        back = unrolled(step, value, zeros, short(weights, f"h.{layer}.backward."), RAGGED, True)["h"]
        ends = [torch.stack([forth[row, length - 1] for row, length in enumerate(RAGGED)]), back[:, 0]]
        value = torch.cat([forth, back], -1)
    leaves = {"x": x, **weights}
    found = outcome(module(x, lengths={"time": torch.tensor(RAGGED)}), leaves)
    assert_same(found, outcome({"y": value, "final": torch.cat(ends, -1)}, leaves))


@pytest.mark.parametrize(("sizes", "residual"), [((4, 4, 4), 1), ((4, 4, 4), 2), ((4, 4, 4), 3)])
def test_residual_layers(sizes: tuple[int, ...], residual: int) -> None:
    text = (
        "{spec: 1, inputs: {x: {features: 4}}, nodes: {h: {block: gru, input: x, units: 4, layers: 3,"
        f" residual: {residual}}}}}, outputs: {{y: h}}}}"
    )
    module = spread(compile(text).double())
    weights, value = dict(module.named_parameters()), randoms(1, BATCH, STEPS, 4)
    x = value

    def gru(now: Tensor, s: Tensors, w: Tensors) -> Tensors:
        r, z = sigmoid(affine(w, "W_r", now, s["h"])), sigmoid(affine(w, "W_z", now, s["h"]))
        n = tanh(affine(w, "W_n", now) + r * affine(w, "U_n", s["h"]))
        return {"h": (1 - z) * n + z * s["h"]}

    zeros = {"h": torch.zeros(BATCH, 4, dtype=torch.float64)}
    for layer in range(1, len(sizes) + 1):
        h = unrolled(gru, value, zeros, short(weights, f"h.{layer}.forward_."), RAGGED)["h"]
        value = h + value if layer >= residual else h
    leaves = {"x": x, **weights}
    found = module(x, lengths={"time": torch.tensor(RAGGED)})
    assert_same(outcome(found, leaves), outcome({"y": cut(value, RAGGED)}, leaves))


def test_layer_norm_inside_an_own_cell() -> None:
    text = """
spec: 1
inputs: {x: {features: 3}}
blocks:
  normed:
    inputs: [x]
    parameters: {units: 4}
    nodes:
      W: {block: linear, input: [x, h(t-1)], units: $units, bias: false}
      n: {block: layer_norm, input: W, epsilon: 0.01}
      h: {value: elu(n) - silu(h(t-1)) / 2, initial: learned}
    outputs: [h]
nodes:
  h: {block: normed, x: x}
outputs: {y: h}
"""
    module = spread(compile(text).double())
    weights, x = dict(module.named_parameters()), randoms(1, BATCH, STEPS, FEATURES)
    own = short(weights, "h.1.forward_.")

    def step(now: Tensor, s: Tensors, w: Tensors) -> Tensors:
        product = affine(w, "W", now, s["h"])
        spread_out = (product - product.mean()) / torch.sqrt(product.var(unbiased=False) + 0.01)
        n = spread_out * w["n.weight"] + w["n.bias"]
        h = s["h"]
        return {"h": torch.where(n > 0, n, torch.exp(n) - 1) - h * sigmoid(h) / 2}

    starts = {"h": own["h.initial"].expand(BATCH, -1)}
    leaves = {"x": x, **weights}
    found = outcome(module(x, lengths={"time": torch.tensor(RAGGED)}), leaves)
    assert_same(found, outcome({"y": unrolled(step, x, starts, own, RAGGED)["h"]}, leaves))


def test_an_lstm_cell_of_torch_stepped_by_hand_is_the_scanned_one() -> None:
    cell = nn.LSTMCell(FEATURES, UNITS).double()
    layer = nn.LSTM(FEATURES, UNITS, batch_first=True).double()
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    text = (
        "{spec: 1, inputs: {x: {features: 3}}, nodes: {h: {block: lstm, input: x, units: 4}}, outputs: {y: h, c: h.c}}"
    )
    module = compile(text).double()
    module.from_torch("h", layer)
    x, state, found = randoms(1, BATCH, STEPS, FEATURES), None, []
    for time in range(STEPS):
        state = cell(x[:, time], state)
        found.append(state)
    expected = {"y": torch.stack([h for h, _ in found], 1), "c": torch.stack([c for _, c in found], 1)}
    assert_same(outcome(module(x), {"x": x}), outcome(expected, {"x": x}))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("lstm, gates: peephol", "peephole"),
        ("lstm, gates: peephole, projection: 2", "projection"),
        ("gru, reset: befor", "before"),
        ("minimal_gru, gates: coupled", "gates"),
        ("rnn, activation: sigmoid", "tanh"),
        ("minimal_gruu", "minimal_gru"),
    ],
)
def test_unknown_variants_name_the_known(said: str, told: str) -> None:
    text = (
        f"{{spec: 1, inputs: {{x: {{features: 3}}}},"
        f" nodes: {{h: {{block: {said}, input: x, units: 4}}}},"
        f" outputs: {{y: h}}}}"
    )
    with pytest.raises(SpecError, match=told):
        compile(text)


def test_inputs_that_do_not_fit_are_named() -> None:
    said, _, states = CELLS["minimal"]
    module = compile(text_of(said, states))
    x, h0 = torch.zeros(2, 4, FEATURES), torch.zeros(2, UNITS)
    for wrong in (torch.zeros(2, 4, FEATURES + 1), torch.zeros(4, FEATURES), torch.zeros(2, 4, 1, FEATURES)):
        with pytest.raises(ValueError, match=r"x .*batch, time, 3"):
            module(wrong, h0=h0)
    for wrong in (torch.zeros(2, UNITS - 1), torch.zeros(3, UNITS), torch.zeros(1, UNITS), torch.zeros(2, 4, UNITS)):
        with pytest.raises(ValueError, match=r"h0 .*batch, 4"):
            module(x, h0=wrong)
    with pytest.raises(TypeError, match="h0"):
        module(x)
    with pytest.raises(TypeError, match="h1"):
        module(x, h0=h0, h1=h0)
    with pytest.raises(TypeError, match="x"):
        module([[0.0] * FEATURES], h0=h0)


def test_outcomes_tell_a_wrong_sign_apart() -> None:
    x = randoms(1, 2, 3)
    with pytest.raises(AssertionError, match="gradient of x"):
        assert_same(outcome({"y": (x - x.detach()) + 1}, {"x": x}), outcome({"y": -(x - x.detach()) + 1}, {"x": x}))
    assert_same(outcome({"y": x}, {"x": x}), Outcome({"y": x.detach()}, outcome({"y": x}, {"x": x}).gradients))
