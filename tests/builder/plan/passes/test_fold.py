"""Folding: arithmetic on numbers is done once, and what changes nothing is left out."""

from __future__ import annotations

from collections import Counter

import pytest

from leporello.builder.plan.passes.fold import fold
from leporello.graphs.problems import SpecError
from tests.support.rewriting import (
    assert_kept,
    blocks,
    model_of,
)


def test_numbers_are_worked_out() -> None:
    model = model_of("h: 2 * 3 * x - (4 - 6 / 2) * x * -(1 - 3)")
    after = fold(model)
    assert_kept(model, after)
    assert sorted(float(n.parameters["value"]) for n in after.graph if n.block == "number") == [2, 6]
    assert blocks(after) == Counter(multiply=2, number=2, input=1, subtract=1)


@pytest.mark.parametrize(
    "text", ["1 * tanh(x)", "tanh(x) * 1", "tanh(x) / 1", "tanh(x) + 0", "0 + tanh(x)", "tanh(x) - 0"]
)
def test_what_changes_nothing_is_left_out(text: str) -> None:
    model = model_of(f"a: {text}\nh: a * a")
    after = fold(model)
    assert_kept(model, after)
    assert blocks(after) == Counter(tanh=1, multiply=1, input=1)


@pytest.mark.parametrize(
    "text", ["0 - tanh(x)", "1 / (tanh(x) + 2)", "0 * tanh(x)", "tanh(x) * 0", "tanh(x) + 1", "2 * tanh(x)"]
)
def test_what_changes_something_stays(text: str) -> None:
    model = model_of(f"a: {text}\nh: a * a")
    after = fold(model)
    assert_kept(model, after)
    assert blocks(after) == blocks(model)


def test_a_neutral_number_that_makes_more_units_or_steps_stays() -> None:
    model = model_of("a: {value: 1 * s, axis: time}\nh: a * x", inputs="x: {features: 3}, s: {features: 3, axis: none}")
    assert "a" in fold(model).graph
    assert_kept(model, fold(model))


def test_numbers_that_run_on_an_axis_stay() -> None:
    model = model_of("j: {value: 1 + 2, axis: time}\nh: tanh(x)", "y: j, z: h")
    assert_kept(model, fold(model))
    assert fold(model).axes["j"].own == "time"


@pytest.mark.parametrize("text", ["1 / 0", "1e300 * 1e300 * 1e300", "2 - 1 / 0"])
def test_arithmetic_without_a_result_is_left_to_the_run(text: str) -> None:
    try:
        model = model_of(f"a: {text}\nh: x * a")
    except SpecError:
        return
    assert "number" in blocks(fold(model))


def test_folding_spares_nodes_that_are_kept_or_read_late() -> None:
    model = model_of("a: 1 * tanh(x)\nb: 2 * 3\nh: a * b", also=("a", "b"))
    after = fold(model, frozenset({"a", "b"}))
    assert (after.graph["a"].block, after.graph["b"].block) == ("multiply", "multiply")
    assert_kept(model, after, also=("a", "b"))
    late = model_of("a: {value: 1 * tanh(x), initial: 0.5}\nh: a + a(t-1)")
    assert fold(late).graph["a"].block == "multiply"
    assert_kept(late, fold(late))
