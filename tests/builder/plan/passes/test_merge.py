"""Merging: linears that read the same are one matrix product."""

from __future__ import annotations

from collections import Counter

import pytest

from leporello.builder.plan.passes.merge import merge
from leporello.builder.plan.schedule import schedule
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case
from tests.support.rewriting import (
    assert_kept,
    blocks,
    model_of,
    spec,
)


def test_linears_that_read_the_same_are_one_product() -> None:
    text = """
    a: {block: linear, input: x, units: 4}
    b: {block: linear, input: x, units: 4, bias: false}
    c: {block: linear, input: x, units: 4}
    h: tanh(a) * sigmoid(b) + c
    """
    model = model_of(text)
    after = merge(model)
    assert_kept(model, after)
    assert blocks(after) == Counter(product=1, split=1, tanh=1, sigmoid=1, multiply=1, add=1, input=1)
    (product,) = [node for node in after.graph if node.block == "product"]
    assert [row.weight.path for row in product.parameters["rows"]] == ["a/weight", "b/weight", "c/weight"]
    assert [row.bias is None for row in product.parameters["rows"]] == [False, True, False]


@pytest.mark.parametrize(
    "other",
    [
        "{block: linear, input: x(t-1), units: 4}",
        "{block: linear, input: x(t+1), units: 4}",
        "{block: linear, input: e, units: 4}",
        "{block: linear, input: x, units: 1}",
        "{block: linear, input: tanh(x), units: 4}",
    ],
)
def test_linears_that_differ_stay_apart(other: str) -> None:
    model = model_of(
        f"a: {{block: linear, input: x, units: 4}}\nb: {other}\nh: a * b", inputs="x: {features: 3}, e: {features: 3}"
    )
    assert blocks(merge(model)) == blocks(model)


def test_linears_of_different_loops_stay_apart() -> None:
    text = """
    a: {block: linear, input: x(t-1), units: 4}
    b: {block: linear, input: h(t-1), units: 4}
    c: {block: linear, input: h(t-1), units: 4}
    h: sigmoid(a + b) * 2
    d: {block: linear, input: [h, k(t-1)], units: 4}
    e: {block: linear, input: h(t-1), units: 4}
    k: sigmoid(d) + sigmoid(c) + sigmoid(e)
    """
    model = model_of(text, "y: k")
    after = merge(model)
    assert_kept(model, after)
    assert blocks(after)["product"] == 1
    assert {len(loop.nodes) for loop in after.loops} == {len(loop.nodes) for loop in model.loops}
    assert "b" in after.graph


def test_merging_spares_nodes_that_are_kept_read_late_or_outputs() -> None:
    lines = "".join(
        f"{k}: {{block: linear, input: x, units: 3, initial: {i}}}\n"
        for k, i in zip("abcd", (0, 0.5, 0, 0), strict=True)
    )
    lines = lines.replace(", initial: 0}", "}")
    model = model_of(lines + "h: a + b(t-1) + c + d", "y: h, c: c", also=("d",))
    after = merge(model, frozenset({"d"}))
    assert {"a", "b", "c", "d"} <= set(after.graph.index)
    assert_kept(model, after, also=("d",))


def test_a_static_linear_is_not_merged_with_one_that_has_a_clock() -> None:
    text = """
    a: {block: linear, input: s, units: 3, axis: time}
    b: {block: linear, input: s, units: 3}
    h: {value: tanh(a * h(t-1) + x), initial: b}
    """
    model = model_of(text, inputs="x: {features: 3}, s: {features: 2, axis: none}")
    assert_kept(model, merge(model))
    assert {"a", "b"} <= set(merge(model).graph.index)


def test_shared_weights_are_merged_under_their_owner() -> None:
    text = """
    a: {block: linear, input: x, units: 3}
    b: {block: linear, input: x, units: 3, share: {weight: a.weight}}
    h: tanh(a) * b
    """
    model = model_of(text)
    after = merge(model)
    assert_kept(model, after)
    (product,) = [node for node in after.graph if node.block == "product"]
    assert [row.weight.path for row in product.parameters["rows"]] == ["a/weight", "a/weight"]
    assert [row.bias.path for row in product.parameters["rows"]] == ["a/bias", "b/bias"]


def test_cells_over_linears_that_read_the_same() -> None:
    text = """
    a: {block: linear, input: x, units: 4}
    b: {block: linear, input: x, units: 4}
    h: {block: gru, input: a, units: 4}
    k: {block: lstm, input: [x, b], units: 4}
    """
    case = make_case(checked_spec(spec(text, "y: h, z: k")), {"time": (4, 2)}, 1)
    assert [stage.kind for stage in schedule(case.checked).loops] == ["fused", "fused"]
    assert_same(by_module(case), by_interpreter(case))


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    text = """
    W_a: {block: linear, input: x, units: 3}
    W_b: {block: linear, input: x, units: 3}
    W_ab: tanh(x)
    h: W_a * W_b + W_ab
    """
    model = model_of(text)
    assert_kept(model, merge(model))
    assert merge(model).graph["W_ab"].block == "tanh"
