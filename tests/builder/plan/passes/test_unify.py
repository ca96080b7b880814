"""Unifying and flattening: equal nodes are one, and so are lists in lists."""

from __future__ import annotations

from collections import Counter

from leporello.builder.plan.passes.flatten import flatten
from leporello.builder.plan.passes.unify import unify
from leporello.builder.plan.schedule import schedule
from tests.support.rewriting import (
    assert_kept,
    blocks,
    inside,
    model_of,
)


def test_equal_nodes_become_one() -> None:
    model = model_of("a: tanh(x) * sigmoid(x)\nb: tanh(x) * sigmoid(x)\nh: a - b / 2")
    after = unify(model)
    assert_kept(model, after)
    assert blocks(after) == Counter(tanh=1, sigmoid=1, multiply=1, subtract=1, divide=1, number=1, input=1)


def test_order_matters_where_it_does() -> None:
    model = model_of("a: x - tanh(x)\nb: tanh(x) - x\nc: [x, a]\nd: [a, x]\nh: [a, b, c, d]")
    after = unify(model)
    assert_kept(model, after)
    assert blocks(after)["subtract"] == 2
    assert blocks(after)["tanh"] == 1
    assert blocks(after)["concatenate"] == 3


def test_weights_chance_and_time_tell_nodes_apart() -> None:
    text = """
    a: {block: linear, input: x, units: 3}
    b: {block: linear, input: x, units: 3}
    c: {block: dropout, input: x, rate: 0.5}
    d: {block: dropout, input: x, rate: 0.5}
    e: {block: weight, units: 3}
    f: {block: weight, units: 3}
    g: tanh(x(t-1))
    i: tanh(x(t-2))
    j: tanh(x(t+1))
    h: a + b + c + d + e + f + g + i + j
    """
    model = model_of(text)
    assert blocks(unify(model)) == blocks(model)
    assert_kept(model, unify(model))


def test_initial_values_and_parameters_tell_nodes_apart() -> None:
    text = """
    a: {block: softmax, input: x, over: features}
    b: {block: split, input: w, into: [one, two]}
    c: {block: split, input: w, into: [two, one]}
    d: {block: split, input: w, into: [one, two]}
    h: a + b.one * c.one - d.two
    """
    model = model_of(text, inputs="x: {features: 3}, w: {features: 6}")
    after = unify(model)
    assert_kept(model, after)
    assert blocks(after)["split"] == 2


def test_unifying_spares_nodes_that_are_kept_read_late_or_outputs() -> None:
    text = """
    a: tanh(x)
    b: {value: tanh(x), initial: 0.5}
    c: tanh(x)
    d: tanh(x)
    e: tanh(x)
    h: a + b(t-1) + c + d + e
    """
    model = model_of(text, "y: h, c: c", also=("d",))
    after = unify(model, frozenset({"d"}))
    assert {"b", "c", "d"} <= set(after.graph.index)
    assert len({"a", "e"} & set(after.graph.index)) == 1
    assert_kept(model, after, also=("d",))


def test_what_a_node_that_is_kept_reads_from_stays_too() -> None:
    model = model_of("a: tanh(x)\nb: tanh(x)\nk: b * 2\nh: a + k", also=("b", "k"))
    after = unify(model, frozenset({"b", "k"}))
    assert after.graph["k"] == model.graph["k"]
    assert_kept(model, after, also=("b", "k"))


def test_a_state_keeps_its_name() -> None:
    model = model_of("a: tanh(x)\nb: tanh(x)\nh: a + b(t-1)")
    assert_kept(model, unify(model))
    assert "b" in unify(model).graph


def test_a_node_of_a_loop_does_not_stand_for_one_outside() -> None:
    text = """
    W: {block: linear, input: [x, h(t-1)], units: 4}
    h: tanh(W)
    o: {block: linear, input: [x, h(t-1)], units: 5}
    """
    model = model_of(text, "y: h, o: o")
    assert len(inside(unify(model))) == len(inside(model))
    assert [stage.kind for stage in schedule(model).loops] == ["fused"]
    assert_kept(model, unify(model))


def test_static_nodes_and_nodes_with_a_clock_are_apart() -> None:
    text = """
    a: {block: tanh, input: s, axis: time}
    b: {block: tanh, input: s}
    h: {value: tanh(a * h(t-1) + x), initial: b}
    """
    model = model_of(text, inputs="x: {features: 3}, s: {features: 3, axis: none}")
    assert {"a", "b"} <= set(unify(model).graph.index)
    assert_kept(model, unify(model))


def test_lists_in_lists_are_one_list() -> None:
    model = model_of("h: [[x, [tanh(x), x]], [x]]")
    after = flatten(model)
    assert_kept(model, after)
    assert blocks(after)["concatenate"] == 1
    assert len(after.graph["h"].inputs) == 4


def test_a_list_that_is_read_late_or_wanted_stays() -> None:
    model = model_of("a: {value: [x, x], initial: 0.5}\nb: [x, a(t-1)]\nc: [b, x]\nh: [c, b]", "y: h, b: b")
    after = flatten(model)
    assert_kept(model, after)
    assert {"a", "b", "h"} <= set(after.graph.index)
    assert "c" not in after.graph
    assert len(after.graph["h"].inputs) == 5
    kept = flatten(model, frozenset({"h", "c"}))
    assert kept.graph["h"] == model.graph["h"]
    assert_kept(model, kept)
