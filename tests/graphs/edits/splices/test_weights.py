"""Weights carried along by an edit's map: the model afterwards gives what the model before gave."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.names import dotted
from leporello.graphs.analysis.checks import check
from leporello.graphs.edits.splices.block_naming import rename_block, rename_port
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.expanded import expand_node
from leporello.graphs.edits.splices.grouped import group_nodes
from leporello.graphs.edits.splices.naming import rename_node
from leporello.graphs.edits.splices.nodes import copy_node, remove_nodes
from leporello.graphs.edits.splices.replacing import replace_block
from leporello.graphs.edits.splices.settings import set_value
from leporello.graphs.problems import SpecError
from tests.support.comparing import Case, Tensors, differences, make_case
from tests.support.strategies import Sample, samples, some
from tests.support.written.random_edits import random_edit
from tests.support.written.spec_files import WRITTEN

SIZES = {"characters": 7, "letters": 9, "figures": 5, "words": 8, "tags": 4, "source_words": 7, "target_words": 6,
         "signs": 6, "states": 5}  # fmt: skip
LENGTHS = (4, 2)


def draft(name: str) -> Draft:
    return Draft.read(WRITTEN[name], registry())


def case_of(one: Draft, seed: int = 1) -> Case:
    known = {name: size for name, size in SIZES.items() if f"${name}" in one.text and name not in one.graph.parameters}
    checked = check(one.graph, registry(), known)
    axes = {node.axis for node in checked.graph.inputs} - {"none"}
    return make_case(checked, {str(axis): LENGTHS for axis in axes}, seed)


def carried(edited: Edited, before: Case, after: Case) -> Tensors:
    """The weights before under their names afterwards; none may be left over, none lacking."""
    moves = edited.weights
    names = {f"{path}/{name}" for path, shapes in before.checked.weights.items() for name in shapes}
    found = {
        dotted(moves.moved.get(name, name)): before.weights[dotted(name)] for name in names if name not in moves.gone
    }
    assert {name for name in after.weights if name not in found} == {dotted(name) for name in moves.new}
    assert set(found) <= set(after.weights)
    return found


def assert_goes_on(edited: Edited, inputs: dict[str, str] | None = None) -> None:
    """Interpreted in float64, and compiled, both models give the same with the weights carried along."""
    before, after = case_of(edited.before), case_of(edited.after)
    weights = carried(edited, before, after)
    assert weights.keys() == after.weights.keys()
    names = inputs or {}
    given_ = {names.get(name, name): value for name, value in before.inputs.items()}
    expected = interpret(before.checked, before.inputs, before.weights, before.lengths)
    found = interpret(after.checked, given_, weights, before.lengths)
    assert not differences(found, expected)
    module = compile(after.checked).double().eval()
    with torch.no_grad():
        module.load_state_dict(weights)
        taken = {name: value for name, value in given_.items() if name in module.forward.__code__.co_varnames}
        assert not differences(module(**taken, lengths=before.lengths), expected)


CASES: dict[str, Callable[[], Edited]] = {
    "rename a node": lambda: rename_node(draft("char_lm"), "h", "memory"),
    "rename a linear": lambda: rename_node(draft("elman"), "U", "V"),
    "rename within a block": lambda: rename_node(draft("own_cell"), "W_r", "reset", "my_gru"),
    "rename deep within blocks": lambda: rename_node(draft("subnetwork"), "W", "V", "cell"),
    "rename a block": lambda: rename_block(draft("own_cell"), "my_gru", "cell"),
    "rename a port": lambda: rename_port(draft("own_cell"), "my_gru", "x", "input"),
    "group equations": lambda: group_nodes(
        draft("lstm_from_equations"), ["W_i", "W_f", "W_g", "W_o", "i", "f", "g", "o", "c", "h"], "cell", "h"
    ),
    "group what has no state": lambda: group_nodes(draft("elman"), ["o"], "head", "out"),
    "group blocks": lambda: group_nodes(draft("tagger"), ["e", "h"], "reader", "r"),
    "expand an lstm": lambda: expand_node(draft("char_lm"), "h"),
    "expand layers and directions": lambda: expand_node(draft("tagger"), "h"),
    "expand one's own": lambda: expand_node(draft("own_cell"), "h"),
    "expand within a block": lambda: expand_node(draft("subnetwork"), "a", block="cell"),
    "expand blocks within": lambda: expand_node(draft("subnetwork"), "c"),
    "expand what others start from": lambda: expand_node(draft("luong"), "encoder"),
    "expand attention": lambda: expand_node(draft("attention"), "attention"),
    "expand both ways, read at its end": lambda: expand_node(draft("attention"), "encoder"),
    "expand what is started by another": lambda: expand_node(expand_node(draft("luong"), "encoder").after, "decoder"),
    "expand what shares": lambda: expand_node(draft("bidaf"), "Q"),
    "replace one's own by what is the same": lambda: replace_block(draft("own_cell"), "h", "gru"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_model_goes_on_under_its_new_spec(name: str) -> None:
    edited = CASES[name]()
    assert not edited.weights.gone and not edited.weights.new
    assert_goes_on(edited)


def test_an_input_has_another_name() -> None:
    assert_goes_on(rename_node(draft("elman"), "x", "z"), {"x": "z"})


def test_weights_are_told_that_are_gone_and_new() -> None:
    bigger = set_value(draft("elman"), ("nodes", "o", "units"), 8).weights
    assert set(bigger.gone) == set(bigger.new) == {"o/weight", "o/bias"}
    assert not bigger.moved
    copied = copy_node(draft("elman"), "U", "V").weights
    assert copied.new == ("V/weight", "V/bias") and not copied.gone
    assert not copy_node(draft("elman"), "U", "V", shared=True).weights
    assert remove_nodes(draft("elman"), ["o"], bypass=True).weights.gone == ("o/weight", "o/bias")
    other = replace_block(draft("char_lm"), "h", "gru").weights
    assert len(other.gone) == 8 and len(other.new) == 8
    learned = set_value(draft("elman"), ("nodes", "h", "initial"), "learned").weights
    assert learned.new == ("h/initial",)
    assert rename_node(
        set_value(draft("elman"), ("nodes", "h", "initial"), "learned").after, "h", "k"
    ).weights.moved == {"h/initial": "k/initial"}


def test_a_faulty_model_has_its_weights_too() -> None:
    text = WRITTEN["elman"].replace("tanh(U + W)", "tanh(U + nothing)")
    edited = rename_node(Draft.read(text, registry()), "W", "V")
    assert edited.weights.moved == {"W/weight": "V/weight"}


@given(samples(fed=False), st.randoms(use_true_random=False))
@settings(parent=some(25), suppress_health_check=list(HealthCheck))
def test_random_edits_carry_weights(sample: Sample, draw: random.Random) -> None:
    one = Draft.read(sample.text, registry())
    for _ in range(6):
        tried = random_edit(one, draw)
        if tried is None or tried.kind not in ("rename", "rename block", "rename port", "group", "expand"):
            continue
        try:
            edited = tried.do(one)
            before, after = check(one.graph, registry()), check(edited.after.graph, registry())
        except SpecError:
            continue
        if any(node.block in ("sample", "dropout") for node in before.graph):
            continue
        same_values(
            edited, make_case(before, sample.lengths, sample.seed), make_case(after, sample.lengths, sample.seed)
        )
        one = edited.after


def same_values(edited: Edited, before: Case, after: Case) -> None:
    if before.inputs.keys() != after.inputs.keys():
        return  # an input was renamed
    weights = carried(edited, before, after)
    expected = interpret(before.checked, before.inputs, before.weights, before.lengths)
    assert not differences(interpret(after.checked, before.inputs, weights, before.lengths), expected)
