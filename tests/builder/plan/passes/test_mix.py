"""Mixing: what a gate mixes of two values takes one multiplication."""

from __future__ import annotations

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.builder.lowering.generate import source
from leporello.builder.plan.passes.mix import mix
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case
from tests.support.rewriting import assert_kept, blocks, model_of, spec

GATE = "U: {block: linear, input: [x, h(t-1)], units: 4}\nz: sigmoid(U)\nn: tanh(U)\n"

MIXED = {
    "as a gru": "h: z * h(t-1) + (1 - z) * n",
    "terms commuted": "h: (1 - z) * n + z * h(t-1)",
    "factors commuted": "h: n * (1 - z) + h(t-1) * z",
    "the candidate by the gate": "h: (1 - z) * h(t-1) + z * n",
    "a gate of yesterday": "h: z(t-1) * h(t-1) + (1 - z(t-1)) * n",
    "a state of two steps before": "h: z * h(t-2) + (1 - z) * n",
    "two candidates": "h: z * n + (1 - z) * sigmoid(U)",
    "with names": "rest: 1 - z\nnew: rest * n\nh: new + z * h(t-1)",
    "a gate for all units": "v: {block: linear, input: h(t-1), units: 1}\nu: sigmoid(v)\nh: u * h(t-1) + (1 - u) * n",
    "backward": "h: z * h(t+1) + (1 - z) * n",
}

APART = {
    "outside of loops": "h: z * tanh(x(t-1)) + (1 - z) * tanh(x)",
    "a value without bounds": "h: z * h(t-1) + (1 - z) * U",
    "a gate without bounds": "h: U * h(t-1) + (1 - U) * n",
    "a number": "h: z * h(t-1) + (1 - z) * -1000000000",
    "another state": "k: tanh(h(t-1)) * 1000\nh: z * k(t-1) + (1 - z) * n",
    "another gate": "h: z * h(t-1) + (1 - n) * n",
    "a gate of another step": "h: z(t-1) * h(t-1) + (1 - z) * n",
    "not from one": "h: z * h(t-1) + (2 - z) * n",
    "the other way round": "h: z * h(t-1) + (z - 1) * n",
    "a difference": "h: z * h(t-1) - (1 - z) * n",
    "the rest read twice": "r: 1 - z\nh: z * h(t-1) + r * n + r",
    "the rest read late": "r: 1 - z\nh: z * h(t-1) + r(t-1) * n",
    "a product read twice": "p: z * h(t-1)\nk: tanh(U + p)\nh: p + (1 - z) * k",
    "a product read late": "p: z * h(t-1)\nh: p(t-1) + (1 - z) * n",
    "a gate that leaves the loop": "g: sigmoid(x)\nm: tanh(2 * x)\nh: g * h(t-1) + (1 - g) * m",
    "of size one": "h: z * h(t-1) + (1 - z) * n",
}


def nodes_of(name: str, text: str) -> str:
    """The nodes of a case: a gate, a candidate and what is made of them."""
    if name == "of size one":
        return "s: {block: linear, input: x, units: 1}\nz: sigmoid(s + h(t-1))\nn: tanh(s + h(t-1))\n" + text
    if name == "a gate that leaves the loop":
        return text
    if name == "outside of loops":
        return "z: sigmoid(x)\n" + text
    return (GATE.replace("t-1", "t+1") if name == "backward" else GATE) + text


@pytest.mark.parametrize("name", MIXED)
def test_two_products_become_one(name: str) -> None:
    text = nodes_of(name, MIXED[name])
    model = model_of(text)
    after = mix(model)
    assert_kept(model, after)
    assert (blocks(model)["multiply"], blocks(after)["multiply"]) == (2, 1)
    assert mix(after) is after
    case = make_case(checked_spec(spec(text)), {"time": (4, 1, 3)}, 5)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("name", APART)
def test_what_stays_as_it_is(name: str) -> None:
    model = model_of(nodes_of(name, APART[name]))
    assert mix(model) is model


@pytest.mark.parametrize("path", ["rest", "new", "h"])
def test_nodes_that_are_kept_are_spared(path: str) -> None:
    model = model_of(GATE + MIXED["with names"])
    assert mix(model, frozenset({path})) is model


def test_outputs_are_spared() -> None:
    model = model_of(GATE + MIXED["with names"], outputs="y: h, r: rest")
    assert mix(model) is model


def test_the_source_tells_the_equation_of_the_spec() -> None:
    printed = source(checked_spec(spec(GATE + MIXED["as a gru"])))
    assert "h_t = n_t + z_t * (h_before - n_t)  # [batch, 4]; h: z * h(t-1) + (1 - z) * n" in printed


def test_a_mask_of_a_large_number_keeps_what_it_lets_through() -> None:
    text = GATE + "m: sigmoid(1000 * U)\nh: tanh(m * n + (1 - m) * -1000000000) + n"
    module = compile(spec(text)).eval()
    with torch.no_grad():
        module.get_parameter("U.weight").fill_(1.0)
    assert torch.allclose(module(torch.ones(1, 1, 3))["y"], 2 * torch.tanh(torch.tensor(3.0)), atol=0.5)
