"""Grouping nodes into a block and opening it again is the identity."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.builder.names import dotted
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.composing.json_text import read_json
from leporello.graphs.edits.grouping import group
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.node_link import from_json, to_json, to_networkx
from leporello.graphs.nodes import Node, Time, Wire
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.graphs.writing.spec import write_spec
from tests.support.strategies import Sample, samples
from tests.support.written.spec_texts import SPECS

NODE_FIELDS = ("block", "parameters", "initial", "axis", "label")
EDGE_FIELDS = ("port", "order", "source_port", "time", "offset", "role", "state")


def read(text: str) -> Graph:
    return read_spec(text, registry())


def named(graph: Graph) -> list[str]:
    """The nodes that may be grouped."""
    return [node.path for node in graph if "/" not in node.path and node.block != "input"]


def ungrouped(path: str) -> str:
    """The path that a node of the group `grouped` had before."""
    return path.removeprefix("grouped/1/forward/").removeprefix("grouped/")


def as_before(graph: Graph) -> dict[str, Node]:
    """The nodes of an opened graph by their paths before grouping, without what says where they were written.

    Nodes that opening itself makes (for all steps of `x(t+1)`, read through a port) are called by what they read.
    """

    def name(path: str) -> str:
        made = graph[path].block == "identity" and graph[path].mark is None
        return f"= {moved(graph[path].wires[0])}" if made else ungrouped(path)

    def moved(wire: Wire) -> Wire:
        return replace(wire, source=name(wire.source), time=replace(wire.time, scope=""))

    def plainly(node: Node) -> Node:
        share = {key: ungrouped(target) for key, target in (node.modifiers.share or {}).items()}  # type: ignore[union-attr]
        modifiers = replace(node.modifiers, share=share or None)
        return replace(node.rewired(moved), path=name(node.path), body="", modifiers=modifiers)

    return {name(node.path): plainly(node) for node in graph}


def assert_the_same(graph: Graph, grouped: Graph) -> None:
    """Both open to the same nodes, wires and outputs."""
    before, after = open_graph(graph, registry()), open_graph(grouped, registry())
    assert as_before(after) == as_before(before)
    ends = [(output.name, output.predicts, ungrouped(output.wire.source), output.wire.port) for output in after.outputs]
    assert ends == [(output.name, output.predicts, output.wire.source, output.wire.port) for output in before.outputs]
    assert read(write_spec(grouped)) == grouped
    assert from_json(read_json(to_json(grouped)), registry()) == grouped


def same_fields(names: tuple[str, ...]) -> Any:
    return lambda a, b: all(a.get(name) == b.get(name) for name in names)


def same_edges(a: dict[int, Any], b: dict[int, Any]) -> bool:
    """Parallel edges say the same, in whatever order."""

    def said(edges: dict[int, Any]) -> list[str]:
        return sorted(str([fields[name] for name in EDGE_FIELDS]) for fields in edges.values())

    return said(a) == said(b)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("seed", range(4))
def test_grouping_and_opening_is_the_identity(name: str, seed: int) -> None:
    graph = read(SPECS[name])
    draw = random.Random(seed)
    names = named(graph)
    chosen = names if seed == 0 else draw.sample(names, draw.randint(1, len(names)))
    try:
        grouped = group(graph, chosen, "cell", "grouped", registry())
    except SpecError as error:
        assert "shares weights" in str(error)
        return
    assert grouped["grouped"].block == "cell"
    assert not set(chosen) & set(grouped.index)
    assert_the_same(graph, grouped)
    assert check(grouped, registry()).parameters == check(graph, registry()).parameters


@pytest.mark.parametrize("name", ["elman", "by_hand", "lines", "luong"])
def test_opened_graphs_are_isomorphic(name: str) -> None:
    """The same said by networkx, which knows nothing of our paths."""
    graph = read(SPECS[name])
    grouped = group(graph, named(graph)[::2], "cell", "grouped", registry())
    before, after = (to_networkx(open_graph(one, registry())) for one in (graph, grouped))
    for one in (before, after):  # the block alone leaves too many candidates to try
        for path, steps in nx.single_source_shortest_path_length(one, next(iter(one))).items():
            one.nodes[path]["steps"] = steps
    nodes = same_fields((*NODE_FIELDS, "steps"))
    assert nx.is_isomorphic(before, after, node_match=nodes, edge_match=same_edges)
    changed = next(iter(after.edges(data=True)))
    changed[2]["offset"] -= 1
    assert not nx.is_isomorphic(before, after, node_match=nodes, edge_match=same_edges)


@given(samples(), st.randoms(use_true_random=False))
@settings(suppress_health_check=list(HealthCheck))
def test_random_specs_group_and_open_again(sample: Sample, draw: random.Random) -> None:
    try:
        graph = read(sample.text)
        before = check(graph, registry())
    except SpecError:
        return
    chosen = draw.sample(named(graph), draw.randint(1, len(named(graph))))
    try:
        grouped = group(graph, chosen, "cell", "grouped", registry())
    except SpecError as error:
        assert "shares weights" in str(error)
        return
    assert_the_same(graph, grouped)
    after = check(grouped, registry())
    assert after.parameters == before.parameters
    assert axes_of(after) == axes_of(before)


def axes_of(checked: Checked) -> dict[str, str]:
    """The axes of all nodes but those that opening makes, by their paths before grouping."""
    return {ungrouped(n.path): str(checked.axes[n.path]) for n in checked.graph if n.mark is not None}


@given(samples(fed=False), st.randoms(use_true_random=False))
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_random_groups_compute_the_same_values(sample: Sample, draw: random.Random) -> None:
    from leporello.builder.interpret import interpret
    from tests.support.comparing import differences, make_case

    try:
        before = check(read(sample.text), registry())
        chosen = draw.sample(named(before.written), draw.randint(1, len(named(before.written))))
        after = check(group(before.written, chosen, "cell", "grouped", registry()), registry())
    except SpecError:
        return
    if any(node.block == "sample" for node in before.graph):
        return
    case = make_case(before, sample.lengths, sample.seed)
    weights = {
        dotted(f"{path}/{name}"): case.weights[dotted(f"{ungrouped(path)}/{name}")]
        for path, shapes in after.weights.items()
        for name in shapes
    }
    expected = interpret(before, case.inputs, case.weights, case.lengths)
    assert not differences(interpret(after, case.inputs, weights, case.lengths), expected)


def test_a_group_reads_as_a_block_written_by_hand() -> None:
    grouped = group(read(SPECS["elman"]), ["U", "W", "h"], "cell", "state", registry())
    text = write_spec(grouped)
    assert "  state: {block: cell, x: x}\n" in text
    assert "    outputs: [h]\n" in text
    assert "      W: {block: linear, input: h(t-1), units: 16, bias: false}\n" in text
    assert "  o: {block: linear, input: state, units: 4}\n" in text


def test_sizes_become_parameters_and_times_stay_outside() -> None:
    text = """
spec: 1
name: sizes
inputs:
  x: {features: $layers}
nodes:
  h: {block: linear, input: [x, x(t-1), x(t+2), x(last)], units: $layers * 2 + $n}
  k: h * 2 + x
outputs:
  y: k
"""
    grouped = group(read(text), ["h"], "cell", "h", registry())
    written = write_spec(grouped)
    assert (
        "  h: {block: cell, x: x, x_late1: x(t-1), x_ahead2: x(t+2), x_last: x(last), layers_2: $layers, n: $n}\n"
        in written
    )
    assert "units: $layers_2 * 2 + $n" in written
    assert read(written) == grouped
    assert grouped["k/1"].wires[0] == Wire("h")


def test_reads_of_all_steps_leave_the_block_and_come_in_again() -> None:
    graph = read(SPECS["by_hand"])
    grouped = group(graph, ["K", "energy", "score", "weights", "context"], "look", "grouped", registry())
    assert ("K_all", Wire("grouped", "", Time("all"))) in grouped["grouped"].inputs
    opened = open_graph(grouped, registry())
    whole = [wire for node in opened for wire in node.wires if wire.time.kind == "all"]
    assert [wire.time.scope for wire in whole] == ["", ""]
    check(grouped, registry())


def test_states_are_handed_over_through_the_block() -> None:
    grouped = group(read(SPECS["luong"]), ["e", "encoder"], "reader", "grouped", registry())
    assert grouped["decoder"].initial == (Wire("grouped"),)
    assert_the_same(read(SPECS["luong"]), grouped)


def test_late_reads_of_both_directions_find_their_initial_values() -> None:
    """`h(t-1)` of what runs both ways reads both parts late; joined first, it would start from zeros."""
    graph = read(
        """
spec: 1
name: both
inputs:
  x: {features: 2}
nodes:
  h: {block: rnn, input: x, units: 3, direction: both, initial: 1}
  k: {block: linear, input: h(t-1), units: 2}
outputs:
  y: k
"""
    )
    opened = open_graph(graph, registry())
    (read_late,) = opened["k"].wires
    assert read_late.time == Time()
    late = Time("t", -1)
    assert opened[read_late.source].wires == (Wire("h/1/forward/h", "", late), Wire("h/1/backward/h", "", late))
    assert_the_same(graph, group(graph, ["h"], "cell", "grouped", registry()))


def test_grouping_twice_nests_blocks() -> None:
    graph = read(SPECS["elman"])
    once = group(graph, ["W", "h"], "inner", "inside", registry())
    twice = group(once, ["U", "inside"], "outer", "outside", registry())
    opened = open_graph(twice, registry())
    assert len(opened) == len(open_graph(graph, registry()))
    assert "outside/1/forward/inside/1/forward/h" in opened
    assert read(write_spec(twice)) == twice
    assert check(twice, registry()).parameters == check(graph, registry()).parameters


def test_names_in_a_block_do_not_clash() -> None:
    text = """
spec: 1
name: clash
inputs:
  label: {features: $x}
  x: {features: 2}
nodes:
  value: x + x(t-1)
  x_late1: value(t-1) * label
  state: x_late1 + x
outputs:
  y: state
  block: value
"""
    graph = read(text)
    for chosen in (["value"], ["x_late1"], ["state", "value"], ["x_late1", "state"], named(graph)):
        assert_the_same(graph, group(graph, chosen, "cell", "grouped", registry()))


SHARED = """
spec: 1
name: shared
inputs:
  x: {features: 2}
nodes:
  a: {block: linear, input: x, units: 2}
  b: {block: linear, input: a, units: 2, share: a}
  c: {block: linear, input: b, units: 2, share: {weight: a.weight}}
outputs:
  y: c
"""


@pytest.mark.parametrize("chosen", [["a"], ["b"], ["a", "b"], ["c"], ["b", "c"]])
def test_weights_shared_across_the_border_are_refused(chosen: list[str]) -> None:
    with pytest.raises(SpecError, match="shares weights of a, and only one of them would be in the block"):
        group(read(SHARED), chosen, "cell", "grouped", registry())


def test_weights_shared_inside_stay_shared() -> None:
    assert_the_same(read(SHARED), group(read(SHARED), ["a", "b", "c"], "cell", "grouped", registry()))


@pytest.mark.parametrize(
    ("names", "block", "node", "words"),
    [
        (["x"], "cell", "g", "x is an input"),
        (["q"], "cell", "g", "there is no node 'q'"),
        (["h/1"], "cell", "g", "there is no node 'h/1'"),
        ([], "cell", "g", "no nodes are named"),
        (["h"], "lstm", "g", "there is a block lstm already"),
        (["h"], "linear", "g", "there is a block linear already"),
        (["h"], "a b", "g", "'a b' is not a block's name"),
        (["h"], "cell", "last", "'last' is a reserved name"),
        (["h"], "cell", "o", "there is a node o already"),
        (["h"], "cell", "x", "there is a node x already"),
    ],
)
def test_what_cannot_be_grouped(names: list[str], block: str, node: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        group(read(SPECS["elman"]), names, block, node, registry())


def test_an_opened_graph_is_not_grouped() -> None:
    with pytest.raises(SpecError, match="an opened graph has no nodes to group"):
        group(open_graph(read(SPECS["luong"]), registry()), ["W_c"], "cell", "grouped", registry())


def test_the_block_of_an_unknown_registry_may_not_hide_one_in_use() -> None:
    with pytest.raises(SpecError, match="there is a block linear already"):
        group(read(SPECS["elman"]), ["h"], "linear", "grouped")
