"""What a step computes and keeps, against formulas counted by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import examine
from leporello.graphs.analysis.operation_counts import Work, states, work
from leporello.graphs.size import Size
from leporello.graphs.specs import check_spec, read_spec
from tests.support.strategies import Sample, samples


def step(nodes: str, features: Any = 8, output: str = "y", **sizes: int) -> dict[tuple[str, ...], Work]:
    """The work of a model with an input `x` of so many features."""
    text = f"{{spec: 1, inputs: {{x: {{features: {features}}}}}, nodes: {{{nodes}}}, outputs: {{out: {output}}}}}"
    return work(check_spec(text, registry(), sizes))


sizes = st.integers(1, 40)


@given(sizes, sizes)
def test_a_linear_layer_is_in_times_out(read: int, made: int) -> None:
    assert step(f"y: {{block: linear, input: x, units: {made}}}", read) == {("time",): Work(read * made, 0)}


@given(sizes, sizes)
def test_recurrent_layers(read: int, units: int) -> None:
    products = (read + units) * units
    assert step(f"y: {{block: rnn, input: x, units: {units}}}", read)["time",].multiply_adds == products
    assert step(f"y: {{block: gru, input: x, units: {units}}}", read)["time",].multiply_adds == 3 * products
    # Four activations, tanh(c), f * c + i * g, o * tanh(c).
    assert step(f"y: {{block: lstm, input: x, units: {units}}}", read) == {("time",): Work(4 * products, 9 * units)}


@given(sizes, sizes)
def test_layers_and_directions_add_up(read: int, units: int) -> None:
    found = step(f"y: {{block: lstm, input: x, units: {units}, layers: 2, direction: both}}", read)
    first, second = 2 * 4 * (read + units) * units, 2 * 4 * (2 * units + units) * units
    assert found == {("time",): Work(first + second, 4 * 9 * units)}


def test_sizes_that_are_open_give_formulas() -> None:
    found = step("y: {block: linear, input: x, units: $units}")
    assert found["time",].multiply_adds == 8 * Size.named("units")
    assert str(found["time",].multiply_adds) == "8 * $units"
    assert step("y: {block: linear, input: x, units: $units}", units=5)["time",].multiply_adds == 40


def test_choosing_rows_and_joining_lists_costs_nothing() -> None:
    text = """
spec: 1
inputs: {x: {tokens: 100}}
nodes:
  e: {block: embedding, input: x, units: 7}
  y: {block: dropout, input: [e, e(t-1)]}
outputs: {y: y}
"""
    assert work(check_spec(text, registry(), {})) == {}


@pytest.mark.parametrize(
    ("nodes", "operations"),
    [
        ("y: tanh(x) * 2 + x", 3 * 8),
        ("y: -x", 8),
        ("y: {block: softmax, input: x}", 3 * 8),
        ("y: {block: layer_norm, input: x}", 7 * 8),
        ("s: {block: linear, input: x, units: 1}, y: x * s", 8),
    ],
)
def test_operations_on_single_features(nodes: str, operations: int) -> None:
    assert step(nodes)["time",].elementwise == operations


def test_what_runs_once_and_what_carries_an_axis_stands_apart() -> None:
    text = """
spec: 1
inputs:
  source: {features: 4, axis: source}
  target: {features: 6, axis: target}
nodes:
  K: {block: linear, input: source, units: 5}
  Q: {block: linear, input: target, units: 5}
  energy: tanh(Q + K(all))
  score: {block: linear, input: energy, units: 1}
  weights: {block: softmax, input: score}
  context: sum(weights * source(all))
  end: {block: linear, input: target(last), units: 3}
outputs: {context: context, end: end}
"""
    assert work(check_spec(text, registry(), {})) == {
        ("source",): Work(4 * 5, 0),
        ("target",): Work(6 * 5, 0),
        # tanh and + on 5 features, softmax on 1, * and sum on 4.
        ("target", "source*"): Work(5, 5 + 5 + 3 + 4 + 4),
        (): Work(6 * 3, 0),
    }


def test_states_are_delay_lines() -> None:
    text = (
        "{spec: 1, inputs: {x: {features: 3}, w: {tokens: 9}}, nodes: {e: {block: embedding, input: w(t-1), units: 3}, "
    )
    text += "f: tanh(x + f(t-1) + f(t-3) + e), b: tanh(x + b(t+1))}, outputs: {f: f, b: b}}"
    found = {one.path: (one.steps, one.size, one.numbers) for one in states(check_spec(text, registry(), {}))}
    assert found == {"w": (1, 1, 1), "f": (3, 3, 9), "b": (1, 3, 3)}


@given(samples(broken=False))
@settings(suppress_health_check=list(HealthCheck))
def test_products_are_as_many_as_the_weights_that_they_use(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems and not checked.unbound)
    used = 0
    for node in checked.graph.nodes:
        if node.block == "linear":
            used += node.parameters["units"] * checked.value(node.wires[0]).size
    assert sum(done.multiply_adds for done in work(checked).values()) == used
