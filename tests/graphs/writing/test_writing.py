"""Writing a spec: reading it gives the graph back, and what was opened computes the same values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.builder.names import dotted
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import plain
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.node_link import from_json
from leporello.graphs.nodes import Learned, Modifiers, Node, Output, Time, Wire
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.graphs.writing.flattening import flatten
from leporello.graphs.writing.nodes import WrittenNodes
from leporello.graphs.writing.spec import write_spec
from leporello.graphs.writing.yaml_text import flow
from tests.support.strategies import Sample, samples
from tests.support.written.spec_texts import SPECS

TEXTS = pytest.mark.parametrize("name", SPECS)


def read(text: str) -> Graph:
    return read_spec(text, registry())


def names_of(graph: Graph) -> dict[str, str]:
    """The name under which a node of an opened graph is written."""
    flat = flatten(graph)
    return WrittenNodes(flat.nodes, tuple(output.wire for output in flat.outputs)).spelling.names


@TEXTS
def test_reading_what_was_written_gives_the_same_graph(name: str) -> None:
    graph = read(SPECS[name])
    text = write_spec(graph)
    assert read(text) == graph
    assert write_spec(read(text)) == text


def test_a_spec_in_the_house_style_is_written_as_it_stands() -> None:
    text = SPECS["luong"].replace("2e-3", "0.002").lstrip("\n")
    assert write_spec(read(text)) == text


def test_graphs_that_differ_are_not_equal() -> None:
    """Equality looks into the bodies of blocks, or the round trips above would say little."""
    text = SPECS["blocks"]
    for old, new in (("h + h(t-1) / 2", "h"), ("n + h(t-1) / 2", "n + h(t-1) / 3"), ("high: 10", "high: 11")):
        if old in text:
            assert read(text.replace(old, new)) != read(text)
    assert read(text) == read(text)


@TEXTS
def test_an_opened_graph_is_written_with_its_primitives(name: str) -> None:
    graph = read(SPECS[name])
    model = check(graph, registry())
    text = write_spec(open_graph(graph, registry()))
    flat = check(read(text), registry())
    assert write_spec(read(text)) == text
    assert flat.parameters == model.parameters
    assert all(not registry()[node.block].is_composite for node in flat.written)
    assert {name: sorted(shapes.values(), key=str) for name, shapes in flat.weights.items()} == {
        names_of(model.graph)[path]: sorted(shapes.values(), key=str) for path, shapes in model.weights.items()
    }


@given(samples())
@settings(suppress_health_check=list(HealthCheck))
def test_random_specs_survive_writing(sample: Sample) -> None:
    model = _accepted(sample)
    if model is None:
        return
    assert read(write_spec(model.written)) == model.written
    text = write_spec(open_graph(model.written, registry()))
    assert write_spec(read(text)) == text
    assert check(read(text), registry()).parameters == model.parameters


@given(samples(fed=False))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_random_opened_specs_compute_the_same_values_when_written(sample: Sample) -> None:
    model = _accepted(sample)
    if model is None or any(node.block == "sample" for node in model.graph):
        return
    flat = check(read(write_spec(open_graph(model.written, registry()))), registry())
    _assert_same_values(model, flat, names_of(model.graph), sample.lengths, sample.seed)


@pytest.mark.parametrize("steps", [1, 2, 3, 6])
def test_delay_lines_of_opened_graphs_compute_the_same_values(steps: int) -> None:
    """With sequences shorter than the line, and longer."""
    graph = read(SPECS["lines"])
    model = check(graph, registry())
    assert any(len(node.initial_wires) > 1 for node in model.graph)
    flat = check(read(write_spec(open_graph(graph, registry()))), registry())
    lengths = {"source": (steps, 1), "target": (3, steps)}
    _assert_same_values(model, flat, names_of(model.graph), lengths, steps)


def _accepted(sample: Sample) -> Checked | None:
    try:
        return check(read(sample.text), registry())
    except SpecError:
        return None


def _assert_same_values(model: Checked, flat: Checked, names: dict[str, str], lengths: Any, seed: int) -> None:
    from leporello.builder.interpret import interpret
    from tests.support.comparing import differences, make_case

    case = make_case(model, lengths, seed)
    weights = {
        f"{names[path]}.{name}": case.weights[dotted(f"{path}/{name}")]
        for path, shapes in model.weights.items()
        for name in shapes
    }
    expected = interpret(model, case.inputs, case.weights, case.lengths)
    assert not differences(interpret(flat, case.inputs, weights, case.lengths), expected)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_plain_values_are_quoted_where_yaml_needs_it(value: Any) -> None:
    assert plain(compose(f"a: {flow(value)}", "<test>").get("a")) == value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "010",
        "0x8",
        "1e3",
        "~",
        "",
        "null",
        "yes",
        "a: b",
        "a #b",
        "- a",
        "---",
        "*a",
        "&a",
        "!a",
        "<<",
        "{",
        "\x85",
        "\ufeff",
        "\U0001f600",
        "a\tb",
        ".5",
        "1_0",
        "'",
        '"',
        "\\",
        "%",
        "@",
        "`",
        "=",
        "? a",
        " a",
        "a ",
    ],
)
def test_texts_that_yaml_takes_for_something_else(text: str) -> None:
    assert plain(compose(f"{flow(text)}: [{flow(text)}, {flow({text: text})}]", "<test>")) == {
        text: [text, {text: text}]
    }


def test_what_is_no_expression_of_its_reader_gets_a_name() -> None:
    """Nodes assembled by hand: read twice, read late, with a value of their own, in a circle."""
    x = Node("x", "input", parameters={"features": 2}, axis="time")
    twice = Node("h/1", "tanh", (("input", Wire("x")),))
    late = Node("h/2", "tanh", (("input", Wire("x")),))
    said = Node("h/3", "tanh", (("input", Wire("x")),), label="inner")
    taken = Node("h_1", "add", (("left", Wire("h/1")), ("right", Wire("h/2", "", Time("t", -1)))))
    h = Node("h", "add", (("left", Wire("h/1")), ("right", Wire("h/3"))))
    around = Node("c/1", "tanh", (("input", Wire("c/2", "", Time("t", -1))),), axis="time")
    circle = Node("c/2", "negative", (("input", Wire("c/1")),))
    graph = Graph(
        "model", (x, twice, late, said, taken, h, around, circle), (Output("y", Wire("h")), Output("z", Wire("h_1")))
    )
    text = write_spec(graph)
    assert "  h_1_2: tanh(x)\n" in text
    assert "  h_1: h_1_2 + h_2(t-1)\n" in text
    assert "  h_3: {value: tanh(x), label: inner}\n" in text
    assert "  c_1: {value: tanh(c_2(t-1)), axis: time}\n" in text
    assert write_spec(read(text)) == text


@pytest.mark.parametrize("block", ["add", "tanh", "negative"])
def test_expressions_too_large_to_read_are_cut(block: str) -> None:
    ports = ("left", "right") if block == "add" else ("input",)
    nodes = [Node("x", "input", parameters={"features": 2}, axis="time")]
    for i in range(500, 0, -1):
        inner = Wire(f"h/{i + 1}") if i < 500 else Wire("x")
        wires = tuple((port, inner if port != "left" else Wire("x")) for port in ports)
        nodes.append(Node(f"h/{i}", block, wires))
    nodes.append(Node("h", "tanh", (("input", Wire("h/1")),)))
    graph = Graph("deep", tuple(nodes), (Output("y", Wire("h")),))
    text = write_spec(graph)
    again = read(text)
    assert len(again) == len(graph)
    assert write_spec(again) == text
    assert 1 < text.count("\n") < 30


def test_names_that_a_spec_cannot_read_are_changed() -> None:
    x = Node("sum", "input", parameters={"features": 2}, axis="time")
    h = Node("tanh", "tanh", (("input", Wire("sum", "", Time("t", -1))),), initial=(Wire("zeros"),))
    zeros = Node("zeros", "weight", parameters={"units": 2})
    k = Node("k", "tanh", (("input", Wire("tanh", "", Time("t", -1))),))
    graph = Graph("model", (x, h, zeros, k), (Output("y", Wire("k")),))
    again = read(write_spec(graph))
    assert again["tanh_2"].initial == (Wire("zeros"),)
    assert again["k"].wires == (Wire("tanh_2", "", Time("t", -1)),)
    assert again["tanh_2"].wires[0].source == "sum"
    check(again, registry())


def test_modifiers_of_an_operator() -> None:
    x = Node("x", "input", parameters={"features": 2}, axis="time")
    wires = (("left", Wire("x")), ("right", Wire("h", "", Time("t", -1))))
    frozen = Node("h", "add", wires, initial=Learned(), modifiers=Modifiers(frozen=True))
    graph = Graph("model", (x, frozen), (Output("y", Wire("h")),))
    assert "h: {block: identity, input: x + h(t-1), frozen: true, initial: learned}" in write_spec(graph)
    check(read(write_spec(graph)), registry())
    plainly = graph.with_nodes((x, replace(frozen, initial=None)))
    assert "  h: x + h(t-1)\n" in write_spec(plainly)
    with pytest.raises(SpecError, match="h, an operator, has modifiers"):
        write_spec(graph.with_nodes((x, replace(frozen, modifiers=Modifiers(layers=2)))))


def test_several_carried_axes_keep_the_one_that_a_sum_closes() -> None:
    text = """
spec: 1
name: both
inputs:
  a: {features: 2, axis: a}
  b: {features: 2, axis: b}
  c: {features: 2, axis: c}
blocks:
  look:
    inputs: [query, memory]
    nodes:
      score: query * memory(all)
      closed: sum(score)
    outputs: [closed]
nodes:
  wide: a + b(all)
  seen: {block: look, query: wide, memory: c}
  whole: mean(seen)
outputs:
  y: whole
"""
    graph = read(text)
    model = check(graph, registry())
    flat = check(read(write_spec(open_graph(graph, registry()))), registry())
    over = {node.path: axes.over[0] for node, axes in ((n, model.axes[n.path]) for n in model.graph) if axes.over}
    assert over == {"seen/closed": "c", "whole": "b"}
    assert {path: axes.over[0] for path, axes in flat.axes.items() if axes.over} == {"seen_closed": "c", "whole": "b"}


def test_sizes_stay_expressions() -> None:
    text = """
spec: 1
name: sizes
inputs:
  x: {features: $n}
nodes:
  h: {block: rnn, input: x, units: ($n + 1) * $m / 2 - 3}
outputs:
  y: h
"""
    graph = read(text)
    opened = open_graph(graph, registry())
    units = opened["h/1/forward/W"].parameters["units"]
    flat = open_graph(read(write_spec(opened)), registry())
    assert flat["h_1_forward_W"].parameters["units"] == units
    assert read(write_spec(graph)) == graph


def test_a_graph_from_json_with_strange_texts_is_written_readably() -> None:
    data = {
        "spec": 1,
        "name": "model",
        "nodes": [
            {
                "id": "x",
                "block": "input",
                "parameters": {"features": 1},
                "label": "a: {b} # \u202e\x1b\x00 'q' \"d\" \n",
            },
            {"id": "h", "block": "tanh", "label": "- x"},
        ],
        "edges": [{"source": "x", "target": "h"}],
        "outputs": {"y": "h"},
        "training": {"<<": ["*a", "&b", "!!python/object", "010", "yes", "1:30"], "": None},
    }
    graph = from_json(data, registry())
    assert read(write_spec(graph)) == graph


def test_what_stands_at_a_port_is_no_part_of_a_node_that_shares() -> None:
    """The list at `b` and at `s` makes a node below their paths; what they share has none there."""
    text = """
spec: 1
name: shares
inputs:
  x: {features: 4}
  y: {features: 2}
nodes:
  a: {block: linear, input: x, units: 2}
  b: {block: linear, input: [y, a], units: 2, share: a}
  r: {block: rnn, input: x, units: 2}
  s: {block: rnn, input: [a, b], units: 2, share: r}
outputs:
  y: s
  z: r
"""
    model = check(read(text), registry())
    assert model.parameters == (4 * 2 + 2) + (6 * 2 + 2)
    flat = check(read(write_spec(open_graph(read(text), registry()))), registry())
    assert flat.parameters == model.parameters
