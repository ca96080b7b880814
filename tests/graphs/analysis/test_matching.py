"""Whether two models are one but for names: pairs that are found hold, and networkx finds no others."""

from __future__ import annotations

import random
from dataclasses import replace

import networkx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, examine, recheck
from leporello.graphs.analysis.matching import COMMUTATIVE, renaming
from leporello.graphs.nodes import Wire
from leporello.graphs.specs import check_spec, read_spec
from tests.support.command_line import EXAMPLES
from tests.support.strategies import Sample, samples

BASE = """
spec: 1
inputs:
  x: {features: 3}
nodes:
  U: {block: linear, input: x, units: 4}
  W: {block: linear, input: h(t-1), units: 4, bias: false}
  h: tanh(U + W)
outputs:
  y: h
"""


def model(text: str) -> Checked:
    """A spec, checked."""
    return check_spec(text, registry(), {})


def pairs(text: str) -> dict[str, str] | None:
    """How the model of the text matches the base."""
    return renaming(model(BASE), model(text))


def test_a_model_is_itself() -> None:
    for path in EXAMPLES.glob("*.yaml"):
        checked = model(path.read_text())
        found = renaming(checked, checked)
        assert found is not None
        assert all(name == other for name, other in found.items())


@pytest.mark.parametrize(
    ("text", "partner"),
    [
        (BASE.replace("h(t-1)", "s(t-1)").replace("  h:", "  s:").replace("y: h", "y: s"), "s"),
        (BASE.replace("U + W", "W + U"), "h"),
        (BASE.replace("y: h", "z: h"), "h"),
        (BASE.replace("  x:", "  word:").replace("input: x", "input: word"), "h"),
    ],
)
def test_names_and_the_order_of_a_sum_make_no_difference(text: str, partner: str) -> None:
    found = pairs(text)
    assert found is not None
    assert found["h"] == partner


def test_names_that_are_exchanged_are_seen_through() -> None:
    swapped = BASE.replace("U", "?").replace("W", "U").replace("?", "W")
    found = pairs(swapped)
    assert found is not None
    assert (found["U"], found["W"]) == ("W", "U")


@pytest.mark.parametrize(
    "text",
    [
        BASE.replace("tanh", "relu"),
        BASE.replace("t-1", "t-2"),
        BASE.replace("t-1", "t+1"),
        BASE.replace("bias: false", "bias: true"),
        BASE.replace("features: 3", "features: 2"),
        BASE.replace("units: 4", "units: 5"),
        BASE.replace("U + W", "U - W"),
        BASE.replace("tanh(U + W)", "{value: tanh(U + W), initial: learned}"),
        BASE.replace("tanh(U + W)", "{value: tanh(U + W), initial: 1}"),
        BASE.replace("y: h", "y: {from: h, predicts: z}").replace("nodes:", "  z: {features: 4}\nnodes:"),
        BASE.replace("U + W", "U + U"),
    ],
)
def test_what_makes_another_function_is_another(text: str) -> None:
    assert pairs(text) is None


def test_the_order_of_a_difference_counts() -> None:
    one = BASE.replace("U + W", "U - W")
    assert renaming(model(one), model(one.replace("U - W", "W - U"))) is None


def test_weights_of_ones_own_are_not_shared_weights() -> None:
    text = "{spec: 1, inputs: {x: {features: 3}}, nodes: {a: {block: linear, input: x, units: 3}, "
    text += "b: {block: linear, input: a, units: 3%s}}, outputs: {y: b}}"
    own, shared = model(text % ""), model(text % ", share: a")
    assert renaming(own, shared) is None
    assert renaming(shared, shared) is not None


def test_twins_are_paired_though_nothing_tells_them_apart() -> None:
    nodes = ", ".join(f"{name}: {{block: linear, input: x, units: 2}}" for name in "abcd")
    text = f"{{spec: 1, inputs: {{x: {{features: 2}}}}, nodes: {{{nodes}, s: tanh(a + b) + tanh(c + d)}}, "
    text += "outputs: {y: s}}"
    crossed = text.replace("a + b", "a + d").replace("c + d", "c + b")
    assert renaming(model(text), model(crossed)) is not None


@given(samples(broken=False), st.randoms(use_true_random=False))
@settings(suppress_health_check=list(HealthCheck))
def test_a_random_model_under_other_names_is_found(sample: Sample, chance: random.Random) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    inputs = {node.path for node in checked.graph.inputs}
    names = {path: path if path in inputs else f"n{index}" for index, path in enumerate(checked.graph.index)}
    chance.shuffle(order := list(checked.graph.nodes))

    def change(wire: Wire) -> Wire:
        return replace(wire, source=names[wire.source])

    shared = any(node.modifiers.share for node in order)
    assume(not shared)
    nodes = [replace(node.rewired(change), path=names[node.path]) for node in order]
    outputs = tuple(replace(output, wire=change(output.wire)) for output in checked.graph.outputs)
    other = recheck(checked, replace(checked.graph.with_nodes(nodes), outputs=outputs))
    assert renaming(checked, other) is not None
    assert alike(checked, other)


@given(samples(broken=False), samples(broken=False))
@settings(suppress_health_check=list(HealthCheck))
def test_what_is_not_found_is_not_there(one: Sample, other: Sample) -> None:
    models = [examine(read_spec(sample.text, registry()), registry()) for sample in (one, other)]
    assume(not models[0][1] and not models[1][1])
    (a, _), (b, _) = models
    if renaming(a, b) is None and len(a.graph) < 30:
        assert not alike(a, b)


def alike(a: Checked, b: Checked) -> bool:
    """Whether networkx finds the two graphs isomorphic, blocks, sizes, ports and times being labels."""
    return networkx.is_isomorphic(
        _drawn(a),
        _drawn(b),
        node_match=lambda one, other: one == other,
        edge_match=lambda one, other: (
            sorted(e["label"] for e in one.values()) == sorted(e["label"] for e in other.values())
        ),
    )


def _drawn(checked: Checked) -> networkx.MultiDiGraph[str]:
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    inputs = {node.path for node in checked.graph.inputs}
    for node in checked.graph.nodes:
        said = sorted((name, str(value)) for name, value in node.parameters.items())
        label = (node.block, said, str(checked.values[node.path, ""]), str(checked.axes[node.path]))
        initial = None if node.initial_wires else str(node.initial)
        graph.add_node(node.path, label=(*label, initial, node.path if node.path in inputs else ""))
    for node in checked.graph.nodes:
        ports = ["" if node.block in COMMUTATIVE else port for port, _ in node.inputs]
        wires = [*zip(ports, node.wires, strict=True), *((f"initial {i}", w) for i, w in enumerate(node.initial_wires))]
        for port, wire in wires:
            graph.add_edge(wire.source, node.path, label=(port, wire.port, str(wire.time)))
    for output in checked.graph.outputs:
        graph.add_node(("out", output.name), label=("output", output.name, output.loss))
        graph.add_edge(output.wire.source, ("out", output.name), label=("", output.wire.port, str(output.wire.time)))
        if output.predicts in checked.graph:
            graph.add_edge(output.predicts, ("out", output.name), label=("predicts", "", ""))
    return graph
