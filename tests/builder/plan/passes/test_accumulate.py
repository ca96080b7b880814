"""Accumulating: a product in a loop is added to another value in one operation."""

from __future__ import annotations

import pytest

from leporello.builder.lowering.generate import source
from leporello.builder.plan.passes.accumulate import accumulate
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case
from tests.support.rewriting import assert_kept, blocks, model_of, spec

ONTO = "U: {block: linear, input: x, units: 4}\nW: {block: linear, input: h(t-1), units: 4, bias: false}\n"

TAKEN = {
    "on the right": ONTO + "h: 2 * tanh(U + W)",
    "on the left": ONTO + "h: 2 * tanh(W + U)",
    "after a sum": ONTO + "h: 2 * tanh(U + U(t-1) + W)",
    "onto a learned vector": ONTO + "p: {block: weight, units: 4}\nh: 2 * tanh(p + W) + 0 * U",
    "onto a value of size one": ONTO + "u: {block: linear, input: x, units: 1}\nh: 2 * tanh(u + W)",
    "onto what is in the loop": ONTO + "h: 2 * tanh(U + h(t-2) + W)",
    "read late": ONTO + "a: U + W\nh: 2 * tanh(a) * a(t-1)",
    "backward": ONTO.replace("t-1", "t+1") + "h: 2 * tanh(U + W)",
    "with its weight turned round": ONTO + "V: {block: linear, input: k(t-1), units: 4, bias: false}\n"
    "k: 2 * tanh(V + U)\nh: k * tanh(U - W) * 2",
}

LEFT = {
    "a bias of its own": (ONTO.replace(", bias: false", "") + "h: 2 * tanh(U + W)", "y: h"),
    "read twice": (ONTO + "h: 2 * tanh(U + W) * W", "y: h"),
    "read late": (ONTO + "h: 2 * tanh(U + W(t-1))", "y: h"),
    "an output": (ONTO + "h: 2 * tanh(U + W)", "y: h, w: W"),
    "outside of loops": (ONTO.replace("h(t-1)", "x(t-1)") + "h: 2 * tanh(U + W)", "y: h"),
    "one for all units": (ONTO.replace("units: 4, bias", "units: 1, bias") + "h: 2 * tanh(U + W)", "y: h"),
    "onto a number": (ONTO + "h: 2 * tanh(1 + W) + 0 * U", "y: h"),
    "subtracted": (ONTO + "h: 2 * tanh(U - W)", "y: h"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_product_is_added_while_it_is_worked_out(name: str) -> None:
    model = model_of(TAKEN[name])
    after = accumulate(model)
    assert_kept(model, after)
    assert blocks(after)["accumulate"] == 1
    case = make_case(checked_spec(spec(TAKEN[name])), {"time": (4, 1, 3)}, 5)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("name", LEFT)
def test_what_stays_as_it_is(name: str) -> None:
    model = model_of(*LEFT[name])
    assert accumulate(model) is model


@pytest.mark.parametrize("path", ["W", "a"])
def test_nodes_that_are_kept_are_spared(path: str) -> None:
    model = model_of(TAKEN["read late"])
    assert path in model.graph
    assert accumulate(model, frozenset({path})) is model


def test_of_two_products_one_is_added_to_the_other() -> None:
    text = ONTO + "V: {block: linear, input: h(t-2), units: 4, bias: false}\nh: 2 * tanh(V + W) + U"
    model = model_of(text)
    after = accumulate(model)
    assert_kept(model, after)
    assert (blocks(after)["accumulate"], blocks(after)["linear"]) == (1, 2)


def test_values_that_carry_an_axis_are_no_matrices() -> None:
    inputs = "x: {features: 3}, m: {features: 4, axis: source}"
    text = """M: {block: linear, input: m, units: 4}
W: {block: linear, input: tanh(M(all) + h(t-1)), units: 4, bias: false}
u: {block: linear, input: x, units: 1}
h: mean(M(all) + W) * u"""
    model = model_of(text, inputs=inputs)
    assert accumulate(model) is model


def test_the_weight_is_turned_once_and_not_at_every_step() -> None:
    lines = source(checked_spec(spec(TAKEN["on the right"]))).split("\n")
    (turned,) = [i for i, line in enumerate(lines) if line.endswith(".t()")]
    (step,) = [i for i, line in enumerate(lines) if "torch.addmm(U_t, h_before, " in line]
    (loop,) = [i for i, line in enumerate(lines) if line.strip().startswith("for ") and "unbind" in line + lines[i + 1]]
    assert turned < loop < step


def test_what_has_no_batch_is_no_matrix() -> None:
    text = "U: {block: linear, input: x, units: 4}\np: {block: weight, units: 3}\nh: 2 * tanh(U + W)\n"
    text += "W: {block: linear, input: h(t-1), units: 4, bias: false}\nq: {block: linear, input: p, units: 4}\n"
    case = make_case(checked_spec(spec(text + "g: h + q * g(t-1)", outputs="y: g")), {"time": (3, 1)}, 2)
    assert_same(by_module(case), by_interpreter(case))
