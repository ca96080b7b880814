"""Diagnoses: the cell that a loop is nearest to, and what keeps it from being one, in the names of the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.builder.lowering.generate import source
from leporello.builder.plan.nearest import Diagnoses
from leporello.builder.plan.schedule import Stage, schedule
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.edits.pruning import needed
from leporello.graphs.expressions.wording import owner
from leporello.graphs.nodes import Node, Time, Wire
from leporello.graphs.problems import SpecError
from tests.support.comparing import checked_spec
from tests.support.faults.near_misses import NEAR
from tests.support.paths import EXAMPLES
from tests.support.strategies import Sample, samples, some
from tests.support.written.spellings import SPELLINGS, Spelling, linears

GATES = ("sigmoid", "tanh", "relu")
SWAPPED = {"sigmoid": "tanh", "tanh": "sigmoid", "relu": "sin"}


def scanned(checked: Checked) -> list[Stage]:
    """The loops that have no kernel."""
    return [stage for stage in schedule(checked).loops if stage.kind == "scanned"]


def changes(checked: Checked) -> Iterator[tuple[str, Node]]:
    """Every node of a loop with one thing changed: a side dropped, another function or none, twice the delay."""
    inside = {path for loop in checked.loops for path in loop.nodes}
    for node in (checked.graph[path] for path in sorted(inside)):
        if node.block in ("add", "multiply", "subtract"):
            for side, wire in zip(("left", "right"), node.wires, strict=True):
                yield f"only the {side} of {node.path}", replace(node, block="identity", inputs=(("input", wire),))
        if node.block in GATES:
            yield f"another function at {node.path}", replace(node, block=SWAPPED[node.block])
            yield f"no function at {node.path}", replace(node, block="identity")
        for i, wire in enumerate(node.wires):
            if wire.source in inside and wire.time.offset:
                late = replace(wire, time=Time("t", 2 * wire.time.offset))
                inputs = tuple((port, late if i == j else read) for j, (port, read) in enumerate(node.inputs))
                yield f"twice the delay at {node.path}", replace(node, inputs=inputs)


CASES = [(name, i) for name, spelling in SPELLINGS.items() for i, _ in enumerate(changes(spelling.checked))]


FLAT = [
    name
    for name, spelling in [*SPELLINGS.items(), *((name, near) for name, (near, _) in NEAR.items())]
    if not any(node.body or node.modifiers.share for node in spelling.checked.graph)
]
"""The cells that name no others, so that there can be copies of them."""


def copies(model: Checked, count: int) -> Checked:
    """So many copies of a model beside each other, each under names of its own."""
    graph = model.graph
    nodes, outputs = [], []
    for i in range(count):

        def copied(wire: Wire, name: str = f"copy{i}_") -> Wire:
            return replace(wire, source=name + wire.source)

        nodes += [node.rewired(copied).changed(path=f"copy{i}_{node.path}") for node in graph]
        outputs += [replace(output, name=f"{output.name}_{i}", wire=copied(output.wire)) for output in graph.outputs]
    return check(replace(graph, nodes=tuple(nodes), outputs=tuple(outputs), composites=()), registry())


def gates_of(checked: Checked, cell: set[str]) -> int:
    """How many gates, and functions beside them, of a cell are in loops."""
    model = needed(checked)
    return sum(model.graph[path].block in GATES for loop in model.loops for path in loop.nodes if path in cell)


def ambiguous(node: Node, checked: Checked) -> bool:
    """Whether a gate with another function is what the other factor of its product was."""
    readers = [reader for reader, _ in checked.graph.readers[node.path] if reader.block == "multiply"]
    return node.block in GATES and any(
        checked.graph[wire.source].block == node.block for reader in readers for wire in reader.wires
    )


@given(st.sampled_from(CASES))
def test_a_cell_with_one_thing_changed_is_nearest_to_itself_and_the_change_is_named(case: tuple[str, int]) -> None:
    """Unless most of the cell is gone with what was dropped: nobody could know what it was."""
    name, i = case
    spelling = SPELLINGS[name]
    what, changed = list(changes(spelling.checked))[i]
    graph = spelling.checked.graph
    try:
        checked = check(graph.with_nodes(changed if node.path == changed.path else node for node in graph), registry())
    except SpecError:
        return
    cell = {path for loop in spelling.checked.loops if changed.path in loop.nodes for path in loop.nodes}
    kept = gates_of(checked, cell) >= max(1, gates_of(spelling.checked, cell) / 2 - ("no function" in what))
    for stage in scanned(checked):
        if kept and any(
            changed.path in part.nodes for part in needed(checked).loops if set(part.nodes) & set(stage.nodes)
        ):
            assert stage.nearest is not None, (what, stage.reason)
            assert stage.nearest.kernel == spelling.kernel.replace("relu", "rnn"), (what, stage.reason)
            named = {path for difference in stage.nearest.differences for path in difference.nodes}
            assert owner(graph[changed.path]) in named or ambiguous(changed, checked), (what, stage.reason)


@pytest.mark.parametrize("name", NEAR)
def test_a_diagnosis_is_a_value_that_names_nodes_of_the_spec(name: str) -> None:
    spelling, told = NEAR[name]
    checked = spelling.checked
    (stage,) = scanned(checked)
    nearest = stage.nearest
    assert nearest is not None and str(nearest) == stage.reason == f"nearest to {told}"
    assert nearest.differences == scanned(spelling.checked)[0].nearest.differences  # type: ignore[union-attr]
    for difference in nearest.differences:
        assert difference.nodes and all(owner(checked.graph[path]) == path for path in difference.nodes)
        assert any(re.search(rf"\b{path}\b", str(difference)) for path in difference.nodes)
    with pytest.raises(FrozenInstanceError):
        nearest.kernel = "gru"  # type: ignore[misc]


def test_more_than_one_difference_is_told_each_with_its_node() -> None:
    (stage,) = scanned(NEAR["more than one thing"][0].checked)
    assert stage.nearest is not None
    found = [(difference.sort, difference.nodes) for difference in stage.nearest.differences]
    assert found == [("missing", ("h",)), ("other", ("c",)), ("returned", ("c",))]


MINE = """
mine:
  inputs: [x]
  nodes:
    W_r: {block: linear, input: [x, h(t-1)], units: 4}
    W_z: {block: linear, input: [x, h(t-1)], units: 4}
    W_n: {block: linear, input: x, units: 4}
    U_n: {block: linear, input: h(t-1), units: 4}
    n: tanh(W_n + tanh(W_r) * U_n)
    h: (1 - sigmoid(W_z)) * n + sigmoid(W_z) * h(t-1)
  outputs: [h]
"""


def test_in_a_block_of_ones_own_names_are_those_of_its_body() -> None:
    text = Spelling("", "k: {block: mine, x: x, layers: 2, direction: both}", "y: k", blocks=MINE).text
    stages = scanned(checked_spec(text))
    bodies = ["k/1/forward", "k/1/backward", "k/2/forward", "k/2/backward"]
    found = [stage.nearest.differences[0].nodes for stage in stages if stage.nearest]
    assert found == [(f"{body}/n",) for body in bodies]
    assert {stage.reason for stage in stages} == {
        "nearest to a gru: the reset gate differs: n has tanh(W_r), where a gru has sigmoid(W_r)"
    }


def test_a_cell_in_a_larger_loop_says_where_it_stands() -> None:
    for example, told in {
        "luong": "nearest to an lstm in decoder/1/forward: W_i, W_f, W_g and W_o read attentional(t-1), where",
        "attention": "nearest to a gru in decoder/1/forward: W_r, W_z and W_n read attention, where",
    }.items():
        (stage,) = scanned(checked_spec((EXAMPLES / f"{example}.yaml").read_text()))
        assert stage.reason.startswith(told)


FAR = {
    "h: {value: 3.7 * h(t-1) * (1 - h(t-1)), axis: time, initial: 0.5}\ny: h * x": "h is 3.7 * h(t-1) * (1 - h(t-1))",
    "h: h(t-1) + x - 2 * h(t-1) * x": "h is h(t-1) + x - 2 * h(t-1) * x",
    "h: {block: softmax, input: h(t-1) * x}": "h is a softmax",
    "h: exp(-abs(x)) * h(t-1) / (1 + square(x))": "h is exp(-abs(x)) * h(t-1) / (1 + square(x))",
}


def test_what_is_far_from_every_cell_is_told_by_what_it_is() -> None:
    for nodes, told in FAR.items():
        (stage,) = scanned(Spelling("", nodes, "y: h", "x: {features: 4}").checked)
        assert (stage.nearest, stage.reason) == (None, f"a loop that no kernel computes: {told}")


def test_what_the_model_chose_is_the_reason_before_all_others() -> None:
    nodes = "e: {block: embedding, input: c(t-1), units: 4}\nW: {block: linear, input: [x, e], units: 4}\n"
    (stage,) = scanned(Spelling("", nodes + "h: tanh(W)\nc: {block: argmax, input: h}", "y: h").checked)
    assert (stage.nearest, stage.reason) == (None, "each step reads what the model chose before it (c)")


def test_a_sum_of_very_many_products_is_no_cell() -> None:
    """One that is cut off must not be taken for the whole of it."""
    terms = "".join(f"b{i}: {{block: weight, units: 4}}\n" for i in range(1100)) + linears("W", "[x, h(t-1)]")
    sums = "s0: W + b0\n" + "".join(f"s{i}: s{i - 1} + b{i}\n" for i in range(1, 1100))
    checked = Spelling("", terms + sums + "h: tanh(s1099)").checked
    (stage,) = schedule(checked).loops
    assert stage.kind == "scanned"
    assert "adds more than 1,000 terms" in stage.reason


def test_sums_and_lists_that_double_again_and_again_are_no_trap() -> None:
    """Read as a tree they would have 2 ** 60 terms."""
    doubled = "".join(f"a{i}: a{i - 1} + a{i - 1}\n" for i in range(1, 60))
    nodes = linears("W", "[x, h(t-1)]") + "a0: W + W\n" + doubled + "h: tanh(a59)"
    (stage,) = scanned(Spelling("", nodes).checked)
    assert "more than 1,000 terms" in stage.reason
    listed = "".join(f"a{i}: [a{i - 1}, a{i - 1}]\n" for i in range(1, 26))
    nodes = "a0: [x, x]\n" + listed + "W: {block: linear, input: [a25, h(t-1)], units: 4}\nh: tanh(W)"
    (stage,) = scanned(Spelling("", nodes, inputs="x: {features: 1}").checked)
    assert stage.reason.startswith("nearest to an rnn: W reads [a25, h(t-1)], where")


def test_long_texts_are_cut() -> None:
    nodes = linears("U", "x") + linears("W", "h(t-1)") + f"h: tanh(U + W + {' * '.join(['sin(U)'] * 40)})"
    (stage,) = scanned(Spelling("", nodes).checked)
    assert "…" in stage.reason and len(stage.reason) < 250


def test_compiling_diagnoses_nothing() -> None:
    checked = NEAR["peephole"][0].checked
    source(checked)
    (stage,) = scanned(checked)
    assert stage.unfit is not None and "_told" not in vars(stage.unfit)
    assert stage.nearest is not None and "_told" in vars(stage.unfit)


@some(60)
@given(samples())
def test_every_loop_has_a_reason_and_what_it_names_is_there(sample: Sample) -> None:
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        return
    for stage in scanned(checked):
        assert stage.reason and len(stage.reason) < 1_500
        for difference in stage.nearest.differences if stage.nearest else ():
            assert all(path in checked.graph for path in difference.nodes)
            assert difference.found and difference.wanted
            for path, name in zip(difference.nodes, difference.names, strict=False):
                assert path.endswith(name)


def test_two_delays_of_one_node_are_one_difference() -> None:
    nodes = linears("U", "x") + linears("W", "[h(t-2), h(t-3)]") + "h: tanh(U + W)"
    (stage,) = scanned(Spelling("", nodes).checked)
    assert stage.reason == ("nearest to an rnn: W reads h(t-2) and h(t-3), where an rnn reads h(t-1)")
    assert Wire("h", "", Time("t", -2)) in checked_spec(Spelling("", nodes).text).graph["W/input"].wires


@some(20)
@given(st.sampled_from(FLAT), st.data())
def test_loops_that_are_alike_are_told_as_each_alone(name: str, data: st.DataObject) -> None:
    """Copies of a cell, one of which has one more thing changed: what one is nearest to is not what the next one is."""
    model = copies((NEAR[name][0] if name in NEAR else SPELLINGS[name]).checked, 3)
    name, node = data.draw(st.sampled_from(list(changes(model))))
    graph = model.graph.with_nodes(node if other.path == node.path else other for other in model.graph)
    try:
        model = check(graph, registry())
    except SpecError:
        return
    together = Diagnoses(model)
    assert [str(together.of(loop)) for loop in model.loops] == [str(Diagnoses(model).of(loop)) for loop in model.loops]
