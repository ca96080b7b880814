"""The print of a graph: a line for each node, whatever its names and labels hold."""

from __future__ import annotations

from leporello.blocks.registry import registry
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Learned, Node, Output, Time, Wire
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.specs import read_spec

ELMAN = """
spec: 1
name: elman
label: "a simple network"
parameters: {units: 16}
inputs:
  x: {features: 8}
nodes:
  U: {block: linear, input: x, units: $units}
  W: {block: linear, input: h(t-1), units: $units, bias: false, share: U}
  h: {value: tanh(U + W), initial: learned, label: state}
outputs:
  y: h
"""
STACKED = """
spec: 1
name: stacked
inputs:
  x: {features: 2}
nodes:
  h: {block: rnn, input: x, units: 3, layers: 2}
  k: {block: linear, input: h.state, units: 1}
outputs:
  y: {from: k, predicts: x}
"""


def test_a_graph_as_written_prints_one_line_a_node() -> None:
    assert str(read_spec(ELMAN, registry())) == "\n".join(
        [
            "elman, label a simple network",
            "sizes: $units = 16",
            "x: input, features 8, axis time",
            "U = linear(x), units $units",
            "W = linear(h(t-1)), units $units, bias false, share U",
            "h/1 = add(left: U, right: W)",
            "h = tanh(h/1), label state, initial learned",
            "-> y = h",
        ]
    )


def test_an_opened_graph_prints_its_composites_as_headings() -> None:
    lines = str(open_graph(read_spec(STACKED, registry()), registry())).split("\n")
    assert lines[2] == "h: rnn, units 3, activation tanh, bias true; h is h/2/forward/h"
    assert "  h/1/forward/h = tanh(h/1/forward/W)" in lines
    assert lines[-1] == "-> y = k, predicts x"
    bare = [line for line in lines if not line.startswith(" ")]
    assert [line.split(" ")[0] for line in bare if "=" in line] == ["k", "->"]


def test_the_print_is_the_same_every_time() -> None:
    prints = {str(open_graph(read_spec(STACKED, registry()), registry())) for _ in range(3)}
    assert len(prints) == 1


def test_control_characters_and_long_labels_are_made_visible_and_clipped() -> None:
    label = "a\x1b[2J\u202e\n\x00b" + "c" * 100_000
    node = Node("h", "tanh", (("input", Wire("h", "", Time("t", -1))),), initial=Learned(), label=label)
    shown = str(Graph("model", (node,), (Output("y", Wire("h")),)))
    assert {c for c in shown if not c.isprintable()} == {"\n"}
    assert len(shown) < 1000
    assert "a\\u001b[2J\\u202e" in shown
    assert shown.count("\n") == 2


def test_initial_values_and_times_are_said() -> None:
    places = (Wire("s", "", Time("last")), Wire("s", "", Time("last", -1)))
    node = Node("h", "identity", (("input", Wire("s", "c", Time("t", -2))),), initial=places)
    states = Node("d", "lstm", (("input", Wire("h")),), initial={"h": 1.0, "c": Learned()})
    shown = str(Graph("model", (node, states), ()))
    assert "h = identity(s.c(t-2)), initial [s(last), s(last-1)]" in shown.replace('"', "")
    assert "d = lstm(h), initial {h: 1.0, c: learned}" in shown


def test_a_graph_of_nothing_prints_its_name() -> None:
    assert str(Graph()) == "model"
