"""Hints that say what to write: what they say is written into the spec, and it holds."""

from __future__ import annotations

import re

import pytest

from leporello.graphs.problems import Problem
from tests.support.asking import model, problems, spec

IN = "x: {features: 3, axis: source}\ny: {features: 3}"
BRIDGES = {
    "directions against layers": """
        e: {block: lstm, input: x, units: 4, direction: both}
        d: {block: lstm, input: y, units: 7, layers: 2, initial: e.state}
    """,
    "gru against lstm": """
        e: {block: gru, input: x, units: 4}
        d: {block: lstm, input: y, units: 7, initial: e.state}
    """,
    "layers that are too few": """
        e: {block: gru, input: x, units: 7}
        d: {block: gru, input: y, units: 7, layers: 3, initial: e.state}
    """,
    "sizes of one layer": """
        e: {block: lstm, input: x, units: 4}
        d: {block: lstm, input: y, units: 7, initial: e.state}
    """,
    "sizes of two layers": """
        e: {block: lstm, input: x, units: 4, layers: 2}
        d: {block: lstm, input: y, units: 7, layers: 2, initial: e.state}
    """,
    "sizes of two directions": """
        e: {block: gru, input: x, units: 4, direction: both}
        d: {block: gru, input: y, units: 7, direction: both, initial: e.state}
    """,
    "one reference for two states": """
        e: {block: linear, input: x(last), units: 7}
        d: {block: lstm, input: y, units: 7, initial: e}
    """,
    "one reference for four states": """
        e: {block: linear, input: x(last), units: 7}
        d: {block: lstm, input: y, units: 7, layers: 2, initial: e}
    """,
    "one name for two states": """
        e: {block: linear, input: x(last), units: 7}
        d: {block: gru, input: y, units: 7, layers: 2, initial: {h: e}}
    """,
    "a size of a node": """
        e: {block: linear, input: x(last), units: 4}
        W: {block: linear, input: [y, d(t-1)], units: 7}
        d: {value: tanh(W), initial: e}
    """,
}


def mended(text: str, problem: Problem) -> str:
    """The spec with what a hint says: nodes of its own, and what stands at `initial:` of the node d."""
    for name, node in re.findall(r"(\w+): (\{block: [^{}]*\})", problem.hint):
        text = text.replace("nodes:\n", f"nodes:\n  {name}: {node}\n", 1)
    if "says bridge: dense" in problem.hint:
        return re.sub(r"(  d: \{.*)\}", r"\1, bridge: dense}", text)
    said = re.search(r"initial: (\{[^{}]*\})", problem.hint)
    value = said[1] if said else "bridge"
    return re.sub(r"(  d: .*initial: )(\{[^{}]*\}|[\w.]+)", lambda found: found[1] + value, text)


@pytest.mark.parametrize("name", BRIDGES)
def test_what_a_hint_says_holds_when_it_is_written(name: str) -> None:
    text = spec(BRIDGES[name], IN, "o: d")
    (found,) = problems(text)
    changed = mended(text, found)
    assert changed != text
    model(changed)


FINAL = """
    e: {block: lstm, input: x, units: 4, direction: both, layers: 2}
    a: {block: linear, input: e.final, units: 4}
    b: {block: linear, input: e.c_final, units: 4}
    k: {block: gru, input: x, units: 3}
    g: k.h_final
"""


def test_every_output_has_a_name_where_its_loop_ends() -> None:
    checked = model(spec(FINAL, IN, "o: [a, b]\np: g"))
    reads = {node.path: node.wires for node in checked.graph.nodes}
    ends = [str(wire) for wire in reads["e/c_final"]]
    assert ends == ["e/2/forward/c(last)", "e/2/backward/c(first)"]
    assert [str(wire) for wire in reads["e/final"]] == ["e/2/forward/h(last)", "e/2/backward/h(first)"]
    assert checked.axes["g"].own is None


def test_the_trap_names_the_reader_and_the_end_of_the_port() -> None:
    checked = model(
        spec("e: {block: lstm, input: x, units: 4, direction: both}\ny: tanh(e.c(last))", "x: {features: 3}", "o: y")
    )
    (warning,) = checked.warnings
    assert str(warning) == (
        "spec.yaml:6:11: warning: y reads e.c(last), which runs backward and has seen one step there\n"
        "  read e.c_final, where its loop ends"
    )


@pytest.mark.parametrize("name", ["final", "h_finals", "d_final"])
def test_ends_that_are_none(name: str) -> None:
    text = spec(f"e: {{block: gru, input: x, units: 4}}\ny: e.{name}", "x: {features: 3}", "o: y")
    if name == "final":
        model(text)
    else:
        assert "has no port" in str(problems(text)[0]) and "h_final" in str(problems(text)[0])


@pytest.mark.parametrize(
    ("nodes", "dead"),
    [
        ("e: {block: linear, input: x, units: 3, initial: 3}", "e"),
        ("e: {value: tanh(x), initial: 5}", "e"),
        ("e: {value: tanh(x + e(t-1)), initial: 5}", ""),
        ("e: {value: tanh(x), initial: 5}\nf: e(t-2) + x", ""),
        ("e: {block: gru, input: x, units: 3, initial: learned}", ""),
    ],
)
def test_an_initial_value_that_nothing_reads_is_told(nodes: str, dead: str) -> None:
    outputs = "o: e" + ("\np: f" if "f:" in nodes else "")
    found = [str(w) for w in model(spec(nodes, "x: {features: 3}", outputs)).warnings if "initial value" in str(w)]
    assert len(found) == bool(dead)
    assert all(f"the initial value of {dead} is never read" in warning for warning in found)
