"""Splitting: what ignores the state leaves the loop, and its columns go with it."""

from __future__ import annotations

import pytest

from leporello.builder.plan.passes.split import split
from leporello.builder.plan.schedule import rewritten
from leporello.graphs.nodes import Learned
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case
from tests.support.rewriting import (
    NONE,
    assert_kept,
    blocks,
    inside,
    model_of,
    spec,
)


def test_what_ignores_the_state_leaves_the_loop() -> None:
    model = model_of("W: {block: linear, input: [x, h(t-1)], units: 4}\nh: 2 * tanh(W)")
    after = split(model)
    assert_kept(model, after)
    products = [node for node in after.graph if node.block == "product"]
    assert [(node.path in inside(after), node.parameters["rows"][0].weight.columns) for node in products] == [
        (False, (0, 3)),
        (True, (3, 7)),
    ]
    assert [row.parameters["rows"][0].bias is None for row in products] == [False, True]
    assert after.graph["W"].block == "add"


@pytest.mark.parametrize(
    ("listed", "outside", "within"),
    [
        ("x, h(t-1)", [(0, 3)], [(3, 7)]),
        ("h(t-1), x", [(4, 7)], [(0, 4)]),
        ("x, e, h(t-1)", [(0, 5)], [(5, 9)]),
        ("x, h(t-1), e", [(0, 3), (7, 9)], [(3, 7)]),
        ("h(t-1), x, k(t-1), e", [(4, 7), (11, 13)], [(0, 4), (7, 11)]),
        ("h(t-1), k(t-1), x, e", [(8, 13)], [(0, 8)]),
        ("s, x(t-2), h(t-1)", [(0, 5)], [(5, 9)]),
    ],
)
def test_columns_go_where_their_readings_are(
    listed: str, outside: list[tuple[int, int]], within: list[tuple[int, int]]
) -> None:
    text = f"W: {{block: linear, input: [{listed}], units: 4}}\nk: sigmoid(W)\nh: 2 * tanh(W) * k(t-1)"
    model = model_of(text, inputs="x: {features: 3}, e: {features: 2}, s: {features: 2, axis: none}")
    after = split(model)
    assert_kept(model, after)
    found: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for node in after.graph:
        if node.block == "product":
            found[node.path in inside(after)].append(node.parameters["rows"][0].weight.columns)
    assert (sorted(found[False]), sorted(found[True])) == (outside, within)
    biased = [n for n in after.graph if n.block == "product" and n.parameters["rows"][0].bias]
    assert len(biased) == 1


def test_a_merged_product_is_split_too() -> None:
    text = "".join(f"W_{k}: {{block: linear, input: [x, h(t-1)], units: 4}}\n" for k in "abc")
    model = model_of(text + "h: sigmoid(W_a) * W_b + 2 * W_c")
    after = rewritten(model, NONE)
    assert_kept(model, after)
    assert (blocks(after)["product"], blocks(after)["accumulate"], blocks(after)["linear"]) == (1, 1, 0)
    assert [after.graph[path].block for path in inside(after) if "rows" in after.graph[path].parameters] == [
        "accumulate"
    ]


def test_nothing_is_split_outside_of_loops_or_where_all_depends_on_the_state() -> None:
    for text in (
        "h: {block: linear, input: [x, x(t-1)], units: 4}",
        "W: {block: linear, input: [h(t-1), k(t-1)], units: 4}\n"
        "k: {value: tanh(W) + 1, axis: time}\nh: sigmoid(W) * x(last)",
    ):
        model = model_of(text, inputs="x: {features: 4}")
        assert split(model) is model


def test_splitting_spares_nodes_that_are_kept() -> None:
    model = model_of("W: {block: linear, input: [x, h(t-1)], units: 4}\nh: 2 * tanh(W)", also=("W",))
    assert split(model, frozenset({"W"})) is model
    assert_kept(model, split(model), also=("W",))


def test_a_linear_that_is_the_state_keeps_its_name_and_first_value() -> None:
    model = model_of("W: {block: linear, input: [x, W(t-1)], units: 4, initial: learned}\nh: tanh(W)")
    after = split(model)
    assert_kept(model, after)
    assert isinstance(after.graph["W"].initial, Learned)
    assert after.weights["W"] == {"initial": (4,)}


def test_a_user_may_call_nodes_as_the_pass_would() -> None:
    text = """
    W: {block: linear, input: [x, h(t-1)], units: 4}
    W_outside: {block: linear, input: x, units: 4}
    W_outside_2: tanh(W_outside)
    h: tanh(W) * W_outside_2
    """
    model = model_of(text, also=("W_outside",))
    assert_kept(model, split(model), also=("W_outside",))
    case = make_case(checked_spec(spec(text)), {"time": (4, 2)}, 1)
    assert_same(by_module(case), by_interpreter(case))


COMPOSITE = """
spec: 1
blocks:
  foo: {inputs: [x], nodes: {inside: {block: linear, input: x, units: 6}, p: tanh(inside)}, outputs: [p]}
inputs: {x: {features: 2}}
nodes:
  W_ab: {block: foo, x: x}
  W_a: {block: linear, input: [x, h(t-1)], units: 3}
  W_b: {block: linear, input: [x, h(t-1)], units: 3}
  h: tanh(W_a) * W_b
  z: {block: linear, input: W_ab, units: 3}
  y: h + z
outputs: {y: y}
"""


def test_a_user_may_call_a_composite_as_a_pass_would_call_a_product() -> None:
    case = make_case(checked_spec(COMPOSITE), {"time": (4, 2)}, 1)
    assert_same(by_module(case), by_interpreter(case))
