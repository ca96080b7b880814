"""Truth at the door: what is no model is refused however it was made, and never ends in a traceback."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check, examine
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Output, Time, Wire
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from tests.support.strategies import Sample, samples, some
from tests.support.written.spec_texts import SPECS

X = Node("x", "input", parameters={"features": 3}, axis="time")
W = Node("W", "linear", (("input", Wire("x")),), {"units": 3})
H = Node("h", "add", (("left", Wire("W")), ("right", Wire("h", "", Time("t", -1)))))
Y = Output("y", Wire("h"))


def graph(*nodes: Node, output: Output = Y) -> Graph:
    """A small network in which nodes stand in place of those of the same name."""
    known = {node.path: node for node in (X, W, H)} | {node.path: node for node in nodes}
    return Graph("small", tuple(known.values()), (output,))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (graph(replace(W, inputs=(("input", Wire("q")),))), ["W reads 'q', which is no node", "nodes: "]),
        (graph(replace(W, block="liner")), ["unknown block 'liner'", "did you mean linear?"]),
        (graph(replace(W, block="a/b")), ["'a'"]),
        (graph(replace(W, inputs=(("inputs", Wire("x")),))), ["has no port 'inputs'", "did you mean input?"]),
        (graph(replace(W, inputs=())), ["W lacks its port input", "a linear reads: input"]),
        (graph(replace(W, inputs=(("input", Wire("x")),) * 2)), ["given 2 values at its port input"]),
        (graph(replace(W, inputs=(("input", Wire("x", "c")),))), ["x has no port 'c'"]),
        (graph(replace(W, parameters={"unit": 3})), ["has no parameter 'unit'", "did you mean units?"]),
        (graph(replace(H, initial=(Wire("q"),))), ["the initial value of h reads 'q'"]),
        (graph(output=Output("y", Wire("q"))), ["output y reads 'q'"]),
        (graph(output=Output("y", Wire("h", "c"))), ["h has no port 'c'"]),
        (graph(output=Output("y", Wire("h"), predicts="z")), ["predicts: 'z' is no input"]),
        (Graph("two", (X, W, H, W), (Y,)), ["two nodes are called W"]),
    ],
)
def test_what_refers_to_nothing_is_refused(wrong: Graph, words: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        check(wrong, registry())
    for word in words:
        assert word in str(caught.value)


def test_the_small_network_itself_is_a_model() -> None:
    assert check(graph(), registry()).parameters == 12


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("opened", [False, True])
def test_what_was_read_is_well_formed(name: str, opened: bool) -> None:
    found = read_spec(SPECS[name], registry())
    found = open_graph(found, registry()) if opened else found
    assert not examine(found, registry())[1]


def spoilt(found: Graph, draw: st.DataObject) -> Graph:
    """The graph with one part of one node exchanged."""
    node = draw.draw(st.sampled_from(found.nodes))
    wire = Wire(
        draw.draw(st.sampled_from(["q", "?", node.path, "x/y"])), draw.draw(st.sampled_from(["", "c", "state"]))
    )
    changes: dict[str, Any] = {
        "block": draw.draw(st.sampled_from(["q", "?", "lstm", "number", "input", "split", "p/q"])),
        "inputs": tuple((port, wire) for port, _ in node.inputs) or (("input", wire),),
        "initial": (wire,),
        "path": draw.draw(st.sampled_from([other.path for other in found.nodes])),
        "parameters": {"units": draw.draw(st.sampled_from([0, -1, "a", None, 2.5, 3]))},
        "axis": draw.draw(st.sampled_from(["q", "none", ""])),
    }
    name = draw.draw(st.sampled_from(sorted(changes)))
    changed = replace(node, **{name: changes[name]})
    return found.with_nodes(changed if other is node else other for other in found.nodes)


@given(samples(), st.booleans(), st.data())
@some(60)
def test_any_graph_is_a_model_or_refused(sample: Sample, opened: bool, draw: st.DataObject) -> None:
    try:
        found = read_spec(sample.text, registry())
        found = open_graph(found, registry()) if opened else found
    except SpecError:
        return
    wrong = spoilt(copy.copy(found), draw)
    try:
        check(wrong, registry())
    except SpecError as error:
        assert error.problems and all(problem.what for problem in error.problems)
