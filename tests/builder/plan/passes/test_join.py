"""Joining: one function of all parts of a product is worked out of the whole."""

from __future__ import annotations

import pytest

from leporello.builder.lowering.generate import source
from leporello.builder.plan.passes.join import join
from leporello.builder.plan.passes.merge import merge
from leporello.builder.plan.passes.unify import unify
from leporello.graphs.analysis.checks import Checked
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case
from tests.support.rewriting import assert_kept, blocks, model_of, spec

TWO = "".join(f"{name}: {{block: linear, input: [x, h(t-1)], units: 4}}\n" for name in ("A", "B"))

PARTED = "W: {block: linear, input: [x, h(t-1)], units: 8}\np: {block: split, input: W, into: [a, b]}\n"

STATIC = """v: {block: weight, units: 3}
A: {block: linear, input: v, units: 4}
B: {block: linear, input: v, units: 4}
b: sigmoid(B)
a: {value: sigmoid(A), axis: time}
c: {block: linear, input: b, units: 4, axis: none}
"""

JOINED = {
    "with names": TWO + "a: sigmoid(A)\nb: sigmoid(B)\nh: a * h(t-1) + b",
    "pieces of an expression": TWO + "h: sigmoid(A) * h(t-1) + sigmoid(B)",
    "some with names": TWO + "a: relu(A)\nh: a - relu(B) + h(t-1)",
    "in another order": TWO + "b: tanh(B)\na: tanh(A)\nh: b - 2 * a + h(t-1)",
    "backward": (TWO + "a: gelu(A)\nb: gelu(B)\nh: a - b").replace("t-1", "t+1"),
    "outside of loops": TWO.replace("[x, h(t-1)]", "x") + "a: silu(A)\nb: silu(B)\nh: a - b",
    "of a split that is written": PARTED + "h: sigmoid(p.a) * h(t-1) + sigmoid(p.b)",
    "of a split of a function": PARTED.replace("input: W", "input: V")
    + "V: tanh(W)\nh: sigmoid(p.a) * h(t-1) + sigmoid(p.b)",
    "of a split of a cell": "g: {block: rnn, input: x, units: 8}\np: {block: split, input: g, into: [a, b]}\n"
    "h: exp(p.a) * exp(p.b) + 0 * h(t-1)",
    "of a split of what is late": "e: {block: linear, input: x, units: 8}\n"
    "p: {block: split, input: h(t-1), into: [a, b]}\nc: [tanh(p.a), tanh(p.b)]\nh: c + e",
    "with a name that is taken": TWO + "a_b: 2 * x\na: exp(A)\nb: exp(B)\nh: tanh(a - b) + 0 * h(t-1)\nq: a_b",
}

APART = {
    "different functions": (TWO + "h: sigmoid(A) * h(t-1) + tanh(B)", "y: h"),
    "a part read twice": (TWO + "p: A + h(t-1)\na: sigmoid(A)\nh: a * p + sigmoid(B)", "y: h"),
    "a part read late": (PARTED + "h: sigmoid(p.a(t-1)) * h(t-1) + sigmoid(p.b)", "y: h"),
    "a function as output": (TWO + "a: sigmoid(A)\nh: a * h(t-1) + sigmoid(B)", "y: h, a: a"),
    "a function read late": (TWO + "a: sigmoid(A)\nh: a * a(t-1) + sigmoid(B)", "y: h"),
    "a part that runs on no axis": (STATIC + "h: b + a * c + h(t-1)", "y: h"),
    "a part that no function reads": (TWO + "h: sigmoid(A) + B * h(t-1)", "y: h"),
}


def merged(nodes: str, outputs: str = "y: h") -> Checked:
    """A model whose two linears are one product."""
    model = merge(unify(model_of(nodes, outputs)))
    assert blocks(model)["split"] == 1
    return model


@pytest.mark.parametrize("name", JOINED)
def test_one_function_of_all_parts_is_one_operation(name: str) -> None:
    outputs = "y: h, q: q" if "taken" in name else "y: h"
    model = merged(JOINED[name], outputs)
    after = join(model)
    assert_kept(model_of(JOINED[name], outputs), after)
    function = next(block for block in blocks(model) if blocks(model)[block] > blocks(after)[block])
    assert (blocks(model)[function], blocks(after)[function]) == (2, 1)
    assert join(after) is after
    case = make_case(checked_spec(spec(JOINED[name], outputs)), {"time": (4, 1, 3)}, 5)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("name", APART)
def test_what_stays_as_it_is(name: str) -> None:
    model = merged(*APART[name])
    assert join(model) is model


@pytest.mark.parametrize("path", ["a", "b"])
def test_nodes_that_are_kept_are_spared(path: str) -> None:
    model = merged(JOINED["with names"])
    assert path in model.graph
    assert join(model, frozenset({path})) is model


def test_functions_of_functions_are_joined_to_the_end() -> None:
    text = TWO + "h: exp(tanh(A)) * h(t-1) + exp(tanh(B))"
    after = join(merged(text))
    assert_kept(model_of(text), after)
    assert (blocks(after)["tanh"], blocks(after)["exp"]) == (1, 1)


def test_the_source_names_the_parts_as_the_spec_does() -> None:
    printed = source(checked_spec(spec(JOINED["with names"])))
    assert "a_b_t = torch.sigmoid(A_B_t)  # [batch, 8]" in printed
    assert "a_t, b_t = a_b_t.chunk(2, -1)  # sigmoid of a linear of [x, h(t-1)]" in printed
    pieces = source(checked_spec(spec(JOINED["pieces of an expression"])))
    assert "A_B_sigmoid_t = torch.sigmoid(A_B_t)  # [batch, 8]" in pieces


def test_a_split_that_is_an_output_stays() -> None:
    text = PARTED + "h: sigmoid(p.a) * h(t-1) + sigmoid(p.b)"
    model = model_of(text, "y: h, p: p")
    assert_kept(model, join(model))
    case = make_case(checked_spec(spec(text, "y: h, p: p")), {"time": (4, 2)}, 1)
    assert_same(by_module(case), by_interpreter(case))
