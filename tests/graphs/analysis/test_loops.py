"""Loops: what has to run step by step, in which direction, and cycles that cannot run."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.analysis.loops import Loop
from leporello.graphs.components import strong_components
from tests.support.asking import model, refused, spec


def loops(nodes: str, outputs: str = "y: h") -> list[Loop]:
    return list(model(spec(nodes, outputs=outputs)).loops)


@pytest.mark.parametrize(
    ("nodes", "found"),
    [
        ("h: tanh(x)", []),
        ("h: tanh(x(t-1))", []),
        ("h: x + h(t-1)", [Loop(("h",), 1, 1)]),
        ("h: x + h(t+2)", [Loop(("h",), -1, 2)]),
        ("h: tanh(k)\nk: x + h(t-3)", [Loop(("k", "h"), 1, 3)]),
        ("h: x + h(t-1)\nk: h + k(t+1)", [Loop(("h",), 1, 1), Loop(("k",), -1, 1)]),
        ("h: x + k(last)\nk: x + k(t-1)", [Loop(("k",), 1, 1)]),
        ("h: {value: x + h(t-1), initial: k(last)}\nk: x + k(t-1)", [Loop(("k",), 1, 1), Loop(("h",), 1, 1)]),
    ],
)
def test_loops_are_found(nodes: str, found: list[Loop]) -> None:
    assert loops(nodes, "y: h\nz: k" if "k:" in nodes else "y: h") == found


def test_parts_stand_in_an_order_in_which_they_can_run() -> None:
    checked = model(spec("h: tanh(k + a)\nk: x + k(t-1)\na: sum(m(all) * k)\nm: tanh(x)"))
    order = [path for part in checked.parts for path in (part.nodes if isinstance(part, Loop) else part)]
    for node in checked.graph:
        for wire in node.wires:
            if not wire.time.offset:
                assert order.index(wire.source) < order.index(node.path)


def test_the_smallest_loop_of_an_lstm_leaves_out_what_does_not_depend_on_the_state() -> None:
    checked = model(spec("h: {block: gru, input: x, units: 4}"))
    (loop,) = checked.loops
    assert "h/1/forward/W_n" not in loop.nodes and "h/1/forward/U_n" in loop.nodes


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("@h: h", ["a cycle without a delay: h -> h", "h(t-1)"]),
        ("@h: tanh(h)", ["a cycle without a delay: h -> h"]),
        ("h: tanh(@x + h)", ["a cycle without a delay: h -> h"]),
        ("@h: tanh(b)\nb: tanh(c)\nc: h + x", ["a cycle without a delay: h -> c -> b -> h"]),
        ("h: tanh(h(t-1) + @h(t+1) + x)", ["both ways in time: h reads h(t-1), h reads h(t+1)", "two loops"]),
        ("@h: x + k(t-1)\nk: x + @h(t+1)", ["both ways in time: h reads k(t-1), k reads h(t+1)"]),
        ("h: tanh(@h(last) + x)", ["h reads h(last), which depends on it"]),
        ("h: tanh(@h(first) + x)", ["h reads h(first), which depends on it"]),
        ("a: sum(@h(all))\nh: x + a", ["a reads h(all), which depends on it", "h -> a -> h", "h(t-1)"]),
        ("h: {value: h(t-1) + x, initial: @h(last)}", ["the initial value of h depends on h itself"]),
        ("h: {value: h(t-1) + x, initial: @k}\nk: h(last)", ["the initial value of h depends on h itself"]),
        ("h: {block: lstm, input: [x, k], units: 4}\n@k: tanh(h)", ["a cycle without a delay", "h -> k -> h"]),
    ],
)
def test_cycles_that_cannot_run(nodes: str, words: list[str]) -> None:
    if nodes.count("@") > 1:
        nodes = nodes.replace("@", "", 1)
    if "h -> k -> h" in words:
        nodes = nodes.replace("@", "")
    refused(spec(nodes), *words)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_components_are_those_of_networkx_and_in_an_order_that_runs(edges: list[tuple[int, int]]) -> None:
    sources = {str(i): [str(a) for a, b in edges if b == i] for i in range(10)}
    found = strong_components(sources)
    graph = networkx.DiGraph([(str(a), str(b)) for a, b in edges])
    graph.add_nodes_from(sources)
    assert {frozenset(c) for c in found} == {frozenset(c) for c in networkx.strongly_connected_components(graph)}
    place = {name: i for i, component in enumerate(found) for name in component}
    assert all(place[str(a)] <= place[str(b)] for a, b in edges)


def test_a_long_chain_is_no_recursion() -> None:
    chain = {str(i): [str(i + 1)] for i in range(50_000)} | {"50000": []}
    assert len(strong_components(chain)) == 50_001
    assert len(strong_components({**chain, "50000": ["0"]})) == 1
