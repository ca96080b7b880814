"""Graphs as networkx graphs and node-link JSON: all of a graph survives, and whatever else comes is an error."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.composing.json_text import read_json
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.node_link import from_json, from_networkx, to_json, to_networkx
from leporello.graphs.nodes import Learned, Node, Output, Time, Wire
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.strategies import Sample, samples
from tests.support.written.spec_texts import SPECS

ELMAN: dict[str, Any] = {
    "spec": 1,
    "name": "elman",
    "nodes": [
        {"id": "x", "block": "input", "parameters": {"features": 8}},
        {"id": "U", "block": "linear", "parameters": {"units": 16}},
        {"id": "W", "block": "linear", "parameters": {"units": 16, "bias": False}},
        {"id": "s", "block": "add"},
        {"id": "h", "block": "tanh", "initial": "learned"},
        {"id": "o", "block": "linear", "parameters": {"units": "$words / 2"}},
    ],
    "edges": [
        {"source": "x", "target": "U", "port": "input"},
        {"source": "h", "target": "W", "port": "input", "offset": -1},
        {"source": "W", "target": "s", "port": "right"},
        {"source": "U", "target": "s", "port": "left"},
        {"source": "s", "target": "h"},
        {"source": "h", "target": "o"},
    ],
    "outputs": {"y": "o"},
}


def read(text: str) -> Graph:
    return read_spec(text, registry())


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The Elman network with one field changed, or taken away (`...`)."""
    data = copy.deepcopy(ELMAN)
    inner: Any = data
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return data


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("opened", [False, True])
def test_all_of_a_graph_survives(name: str, opened: bool) -> None:
    graph = read(SPECS[name])
    graph = open_graph(graph, registry()) if opened else graph
    text = to_json(graph)
    assert from_json(read_json(text), registry()) == graph
    assert to_json(from_json(read_json(text), registry())) == text
    assert Graph.from_networkx(graph.to_networkx(), registry()) == graph
    own = nx.node_link_graph(json.loads(text), edges="edges")
    assert from_networkx(own, registry()) == graph


@given(samples())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_random_graphs_survive(sample: Sample) -> None:
    try:
        graph = read(sample.text)
        opened = open_graph(graph, registry())
    except SpecError:
        return
    for one in (graph, opened):
        assert from_json(read_json(to_json(one)), registry()) == one
        assert from_networkx(to_networkx(one), registry()) == one


def test_networkx_sees_the_wires() -> None:
    graph = to_networkx(open_graph(read(SPECS["luong"]), registry()))
    assert isinstance(graph, nx.MultiDiGraph)
    assert not nx.is_directed_acyclic_graph(graph)
    late = [(a, b) for a, b, fields in graph.edges(data=True) if fields["time"] == "t" and fields["offset"]]
    graph.remove_edges_from([(a, b) for a, b in late])
    assert nx.is_directed_acyclic_graph(graph)
    starts = [(a, b, f["time"]) for a, b, f in graph.edges(data=True) if f["role"] == "initial"]
    assert ("encoder/1/forward/c", "decoder/1/forward/c", "last") in starts
    whole = [f for _, _, f in graph.edges(data=True) if f["time"] == "all"]
    assert {fields["scope"] for fields in whole} == {"attention"}


def test_a_graph_written_by_hand_needs_little() -> None:
    graph = from_json(read_json(json.dumps(ELMAN)), registry())
    assert graph["s"].inputs == (("left", Wire("U")), ("right", Wire("W")))
    assert graph["W"].wires == (Wire("h", "", Time("t", -1)),)
    assert graph["h"].initial == Learned()
    assert graph["x"].axis == "time"
    assert check(graph, registry(), {"words": 8}).parameters == 8 * 16 + 16 + 16 * 16 + 16 + 16 * 4 + 4
    text = """
spec: 1
name: elman
inputs:
  x: {features: 8}
nodes:
  U: {block: linear, input: x, units: 16}
  W: {block: linear, input: h(t-1), units: 16, bias: false}
  s: U + W
  h: {value: tanh(s), initial: learned}
  o: {block: linear, input: h, units: $words / 2}
outputs:
  y: o
"""
    assert graph == read(text)


def test_a_graph_assembled_in_networkx_needs_little() -> None:
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(outputs={"y": "d.c(t-1)"})
    made.add_node("x", block="input", parameters={"features": 2})
    made.add_node("a", block="weight", parameters={"units": 3})
    made.add_node("j", block="concatenate")
    made.add_node("d", block="lstm", parameters={"units": 3}, initial={"h": "learned", "c": "a"})
    made.add_edge("x", "j")
    made.add_edge("x", "j", offset=-2)
    made.add_edge("j", "d")
    graph = Graph.from_networkx(made, registry())
    assert graph["j"].inputs == (("1", Wire("x")), ("2", Wire("x", "", Time("t", -2))))
    assert graph["d"].initial == {"h": Learned(), "c": (Wire("a"),)}
    assert graph.outputs == (Output("y", Wire("d", "c", Time("t", -1))),)
    simple: nx.DiGraph[str] = nx.DiGraph(made)
    assert len(from_networkx(simple, registry())["j"].inputs) == 1


def test_every_command_reads_json(tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(ELMAN), encoding="utf-8")
    graph = read_file(file, registry())
    assert graph.file == str(file)
    assert len(graph) == 6


def test_blocks_in_files_beside_the_graph(tmp_path: Path) -> None:
    (tmp_path / "cell.yaml").write_text("inputs: [x]\nnodes:\n  h: tanh(x + h(t-1))\noutputs: [h]\n", encoding="utf-8")
    data = changed(("blocks",), {"cell": "cell.yaml"})
    data["nodes"].append({"id": "c", "block": "cell"})
    data["edges"].append({"source": "x", "target": "c"})
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert len(open_graph(read_file(file, registry()), registry())) == 8
    for name in ("../cell.yaml", "/etc/passwd", "none.yaml"):
        file.write_text(json.dumps(changed(("blocks",), {"cell": name})), encoding="utf-8")
        with pytest.raises(SpecError, match=r"graph\.json:1:[0-9]+: error: "):
            read_file(file, registry())
    with pytest.raises(SpecError, match="is in a file, but this graph is in none"):
        from_json(data, registry())


def test_problems_tell_the_line_of_their_node(tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(changed(("nodes", 2, "block"), "linaer"), indent=1), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_file(file, registry())
    lines = file.read_text(encoding="utf-8").split("\n")
    mark = caught.value.problems[0].mark
    assert mark is not None
    assert lines[mark.line - 1][mark.column - 1 :].startswith('"linaer"')
    assert "did you mean linear?" in str(caught.value)


FAULTS: list[tuple[tuple[Any, ...], Any, str]] = [
    (("spec",), ..., "does not say its version"),
    (("spec",), 2, "a newer Leporello wrote it"),
    (("spec",), 0, "spec: 0 is not known"),
    (("spec",), "1", "spec: must be a version number"),
    (("spec",), True, "spec: must be a version number"),
    (("specs",), 1, "this graph has no key 'specs'"),
    (("name",), "a b", "'a b' is not a model's name"),
    (("name",), 3, "'3' is not a model's name"),
    (("graph",), {"name": "b"}, "'name' stands under graph and beside nodes"),
    (("graph",), [], "graph of this graph must be a mapping, not a list"),
    (("directed",), False, "not directed"),
    (("directed",), "yes", "directed of this graph must be true or false"),
    (("nodes",), {}, "nodes of this graph must be a list, not a mapping"),
    (("nodes",), 3, "nodes of this graph must be a list, not 3"),
    (("nodes", 0), "x", "node 1 must be a mapping"),
    (("nodes", 0, "id"), ..., "node 1 does not say its id"),
    (("nodes", 0, "id"), ["x"], "id of node 1 must be a text, not ['x']"),
    (("nodes", 0, "id"), "last", "'last' is a reserved name"),
    (("nodes", 0, "id"), "../x", "'..' is not a node's name"),
    (("nodes", 0, "id"), "x/$y", "is no path"),
    (("nodes", 0, "id"), "x" * 101, "name of 101 characters"),
    (("nodes", 0, "id"), "state", "'state' is a reserved name"),
    (("nodes", 1, "id"), "x", "two nodes have the id 'x'"),
    (("nodes", 1, "blocks"), "linear", "node 'U' has no key 'blocks'"),
    (("nodes", 1, "block"), "liner", "did you mean linear?"),
    (("nodes", 1, "block"), ..., "node 'U' does not say its block"),
    (("nodes", 1, "block"), None, "node 'U' does not say its block"),
    (("nodes", 1, "block"), 7, "block of node 'U' must be a text, not 7"),
    (("nodes", 1, "label"), 7, "label of node 'U' must be a text, not 7"),
    (("nodes", 1, "label"), "\ud800", "holds half of a character"),
    (("nodes", 1, "axis"), "1", "is not an axis's name"),
    (("nodes", 1, "axis"), {}, "axis of node 'U' must be a text"),
    (("nodes", 1, "body"), "a//b", "is no path"),
    (("nodes", 1, "parameters"), [1], "parameters of node 'U' must be a mapping, not a list"),
    (("nodes", 1, "parameters", "units"), 0, "units must be a whole number of at least 1, not 0"),
    (("nodes", 1, "parameters", "units"), True, "not true"),
    (("nodes", 1, "parameters", "units"), "$", "a size is $ and a name"),
    (("nodes", 1, "parameters", "units"), {"size": "$a / 0"}, "divides by zero"),
    (("nodes", 1, "parameters", "units"), {"size": "1 / $a"}, "cannot be worked out"),
    (("nodes", 1, "parameters", "units"), {"siz": "1"}, "not a mapping"),
    (("nodes", 1, "parameters", "unit"), 3, "did you mean units?"),
    (("nodes", 0, "parameters", "tokens"), 3, "says features: or tokens:, one of them"),
    (("nodes", 0, "parameters", "features"), -1, "at least 1"),
    (("nodes", 0, "initial"), 1, "input x has no key 'initial'"),
    (("nodes", 4, "initial"), [1], "what h/initial reads is 1, which is no read of a node"),
    (("nodes", 4, "initial"), {"h": None}, "initial: must be a value"),
    (("nodes", 4, "initial"), "a b", "is no read of a node"),
    (("nodes", 4, "initial"), float("nan"), "nodes holds nan"),
    (("nodes", 4, "initial"), {"h": {"h": 1}}, "an initial value within an initial value"),
    (("nodes", 4, "modifiers"), {"layer": 2}, "did you mean layers?"),
    (("nodes", 4, "modifiers"), {"layers": "two"}, "layers must be a whole number"),
    (("nodes", 4, "modifiers"), {"dropout": 2}, "from 0 to 1"),
    (("nodes", 4, "modifiers"), {"direction": "up"}, "direction must be one of forward, backward, both, not 'up'"),
    (("nodes", 4, "modifiers"), {"share": [1]}, "share: must be a text"),
    (("nodes", 4, "modifiers"), {"frozen": "yes"}, "must be true or false, not 'yes'"),
    (("nodes", 4, "modifiers"), {"init": {"a": float("inf")}}, "holds inf"),
    (("edges",), None, "U lacks its port input"),
    (("edges",), "x", "edges of this graph must be a list"),
    (("edges", 0), [], "edge 1 must be a mapping"),
    (("edges", 0, "source"), ..., "edge 1 does not say its source"),
    (("edges", 0, "source"), "xx", "source of edge 1 is 'xx', which is no node"),
    (("edges", 0, "target"), "u", "target of edge 1 is 'u', which is no node"),
    (("edges", 0, "port"), "inputs", "U, a linear, has no port 'inputs'"),
    (("edges", 2, "port"), ..., "is read by the edge from W at no port"),
    (("edges", 2, "port"), "left", "two edges go into the port left of s"),
    (("edges", 0, "time"), "never", "time of edge 1 must be one of t, first, last, all, not 'never'"),
    (("edges", 0, "time"), 1, "time of edge 1 must be one of t, first, last, all, not 1"),
    (("edges", 0, "offset"), "-1", "offset of edge 1 must be a whole number"),
    (("edges", 0, "offset"), 10**6, "offset of edge 1 must be a whole number"),
    (("edges", 0, "order"), 1.5, "order of edge 1 must be a whole number"),
    (("edges", 0, "role"), "output", "role of edge 1 must be one of input, initial, not 'output'"),
    (("edges", 0, "state"), "h", "names a state, but is no initial value"),
    (("edges", 0, "scope"), "a", "scope of edge 1 must be the path of the body"),
    (("edges", 0, "source_port"), "c", "x has no port 'c'"),
    (("edges", 0, "source_port"), "<x", "must be a port's name"),
    (("outputs",), ..., "the spec has no outputs:"),
    (("outputs",), ["o"], "outputs: must be a mapping"),
    (("outputs", "y"), "p", "output y reads 'p', which is no node"),
    (("outputs", "y"), "o(t-)", "what output y reads is 'o(t-)', which is no read of a node"),
    (("outputs", "y"), 3, "what output y reads is 3, which is no read of a node"),
    (("outputs", "y"), {"from": "o", "predicts": "h"}, "predicts: 'h' is no input"),
    (("outputs", "y"), {"from": "o", "predicts": "x", "loss": "l1"}, "loss must be one of cross_entropy"),
    (("outputs", "y"), {"predicts": "x"}, "output y does not say what it gives"),
    (("outputs", "a-b"), "o", "'a-b' is not an output's name"),
    (("parameters",), {"a b": 1}, "'a b' is not a parameter's name"),
    (("parameters",), {"a": [1]}, "a must be a whole number"),
    (("training",), [1], "training: must be a mapping"),
    (("data",), {"text": {1: 2}}, "text has a key that is no text: 1"),
    (("blocks",), {"lstm": {}}, "the block lstm ships with the program"),
    (("blocks",), {"cell": 3}, "block cell must be a mapping"),
    (("blocks",), {"cell": {"nodes": {"h": "tanh(z)"}, "outputs": ["h"]}}, "unknown name 'z'"),
    (("composites",), [{}], "composite 1 does not say its path"),
    (("composites",), [{"path": "a", "block": "lstm", "ports": {"h": ["b"]}}], "a/h reads 'b', which is no node"),
    (("composites",), [{"path": "a", "block": "lstm", "ports": {"h": "o"}}], "must be a list of what it reads"),
    (("composites",), [{"path": "a", "block": "lstm", "parameters": {"u": 1}}], "has no parameter 'u'"),
]


@pytest.mark.parametrize(("path", "value", "words"), FAULTS)
def test_every_fault_is_named(path: tuple[Any, ...], value: Any, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        from_json(changed(path, value), registry(), "graph.json")
    assert words in str(caught.value)
    assert "graph.json:1:1: error: " in str(caught.value)


OPENED: list[tuple[tuple[Any, ...], Any, str]] = [
    (("nodes", 1, "parameters", "units"), ..., "U does not say its parameter units"),
    (("nodes", 1, "parameters", "bias"), ..., "U does not say its parameter bias"),
    (("nodes", 1, "parameters", "units"), "$n", "U says units by an expression"),
    (("nodes", 1, "modifiers"), {"layers": 2}, "U has layers"),
    (("nodes", 1, "modifiers"), {"share": "W"}, "U shares what is no node's"),
    (("nodes", 1, "modifiers"), {"share": {"*": "V"}}, "U shares what is no node's"),
    (("nodes", 1, "modifiers"), {"share": {"weight": "W"}}, "U shares what is no node's"),
    (("nodes", 1, "initial"), {"h": 1}, "U has initial values by state"),
    (("nodes", 1, "block"), "rnn", "U is an rnn, which opens to others"),
]


@pytest.mark.parametrize(("path", "value", "words"), OPENED)
def test_a_graph_that_says_it_was_opened_is(path: tuple[Any, ...], value: Any, words: str) -> None:
    data = changed(("nodes", 1, "parameters", "bias"), True)
    data["nodes"][5]["parameters"].update(units=4, bias=True)
    data["composites"] = [{"path": "cell", "block": "rnn"}]
    assert len(from_json(data, registry()).composites) == 1
    inner: Any = data
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    with pytest.raises(SpecError) as caught:
        from_json(data, registry())
    assert words in str(caught.value)


def test_all_faults_are_named_at_once() -> None:
    data = changed(("nodes", 1, "block"), "liner")
    data["edges"][1]["source"] = "q"
    data["outputs"]["y"] = {"from": "o", "predicts": "h"}
    with pytest.raises(SpecError) as caught:
        from_json(data, registry())
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("data", [None, 3, "x", [], [{}], {}, {"spec": 1}, {"nodes": []}])
def test_what_is_no_graph(data: Any) -> None:
    with pytest.raises(SpecError):
        from_json(data, registry())


def test_limits() -> None:
    nodes = [{"id": f"x{i}", "block": "input", "parameters": {"features": 1}} for i in range(10_001)]
    with pytest.raises(SpecError, match="10001 nodes"):
        from_json({"spec": 1, "nodes": nodes, "outputs": {"y": "x1"}}, registry())
    assert len(from_json({"spec": 1, "nodes": nodes[:10_000], "outputs": {"y": "x1"}}, registry())) == 10_000
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(SpecError, match="nested deeper"):
        from_json(changed(("training",), {"a": deep}), registry())
    with pytest.raises(SpecError) as caught:
        from_json(changed(("edges",), [{"source": "q", "target": "r"}] * 10_000), registry())
    assert len(caught.value.problems) <= 102


def test_graphs_of_networkx_that_are_no_models() -> None:
    undirected: nx.Graph[str] = nx.Graph(outputs={"y": "x"})
    with pytest.raises(SpecError, match="not directed"):
        from_networkx(undirected, registry())  # type: ignore[arg-type]
    numbers: nx.DiGraph[int] = nx.path_graph(3, create_using=nx.DiGraph)
    with pytest.raises(SpecError, match="id of node 1 must be a text, not 0"):
        from_networkx(numbers, registry())
    foreign: nx.DiGraph[str] = nx.DiGraph()
    foreign.add_node("x", block="input", parameters={"features": object()})
    with pytest.raises(SpecError, match="holds object"):
        from_networkx(foreign, registry())


def test_an_initial_value_within_an_initial_value_is_no_json() -> None:
    node = Node("d", "lstm", (("input", Wire("x")),), initial={"h": {"h": 1.0}})
    with pytest.raises(SpecError, match="an initial value within an initial value"):
        to_json(Graph(nodes=(node,)))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["x", "h", "h.state", "$n", "all", "t", "linear", "lstm", "concatenate", "number", "learned", "?"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(sorted(SPECS)), st.booleans(), st.data())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_spoilt_graphs_are_refused_or_read_and_never_crash(name: str, opened: bool, draw: st.DataObject) -> None:
    graph = read(SPECS[name])
    data = json.loads(to_json(open_graph(graph, registry()) if opened else graph))
    inner: Any = data
    while True:
        keys = sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = draw.draw(st.sampled_from(keys))
        if not isinstance(inner[key], dict | list) or not inner[key] or draw.draw(st.integers(0, 5)) == 0:
            break
        inner = inner[key]
    inner[key] = draw.draw(JSON)
    try:
        spoilt = from_json(data, registry())
        str(spoilt)
        assert from_json(read_json(to_json(spoilt)), registry()) == spoilt
        check(spoilt, registry())
    except SpecError as error:
        assert str(error)
