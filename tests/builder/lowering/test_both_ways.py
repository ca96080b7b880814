"""Cells that run over the same values one each way are one call of torch's kernel, where nothing is lost by it."""

from __future__ import annotations

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.plan.pairs import pairs
from leporello.builder.plan.schedule import schedule
from tests.support.comparing import assert_same, checked_spec
from tests.support.faults.planting import CAUGHT, planted
from tests.support.numerics import outcome, randoms, spread

BOTH = "h: {{block: {}, input: x, units: 4, direction: both}}"
CELLS = ("rnn", "rnn, activation: relu", "lstm", "lstm, projection: 2", "gru", "gru, bias: false", "gru, layers: 2")
BY_HAND = """\
a: {block: lstm, input: x, units: 4}
  b: {block: lstm, input: x, units: 4, direction: backward}
"""
LAST = "  b: {block: lstm, input: x, units: 4, direction: backward}\n"
FIRST = LAST.lstrip() + "  "
PAIRED = {
    "a direction is read alone": (BOTH.format("gru") + "\n  f: h.h(t-1)", "y: h, f: f, l: h(last)"),
    "ends of both": (BOTH.format("lstm"), "y: h, s: h.state, f: h.final"),
    "an end of one": (BY_HAND, "y: [a, b], c: a.c(last)"),
    "the other order": (BY_HAND, "y: [b, a]"),
    "no list": (BY_HAND, "y: a, z: b"),
    "written backward first": (FIRST + BY_HAND.replace(LAST, ""), "y: [a, b]"),
    "given starts": (BY_HAND.replace("units: 4", "units: 4, initial: learned"), "y: [a, b]"),
}
APART = {
    "sizes that differ": (BY_HAND.replace("units: 4,", "units: 3,"), "y: [a, b]"),
    "cells that differ": (BY_HAND.replace("lstm", "gru", 1), "y: [a, b]"),
    "only one has a bias": (BY_HAND.replace("units: 4}", "units: 4, bias: false}"), "y: [a, b]"),
    "one begins where the other ends": (BY_HAND.replace("backward}", "backward, initial: a.state}"), "y: [a, b]"),
    "one reads the other": (BY_HAND.replace("b: {block: lstm, input: x", "b: {block: lstm, input: a"), "y: [a, b]"),
    "both forward": (BY_HAND.replace(", direction: backward", ""), "y: [a, b]"),
    "inputs that differ": (BY_HAND.replace("input: x", "input: x(t-1)", 1), "y: [a, b]"),
}


def text(nodes: str, outputs: str) -> str:
    """A spec of some nodes that read x."""
    return f"spec: 1\ninputs: {{x: {{features: 3}}}}\nnodes:\n  {nodes}\noutputs: {{{outputs}}}\n"


def found(spec: str) -> int:
    """How many pairs there are."""
    plan = schedule(checked_spec(spec))
    return len(pairs(plan.stages, plan.model))


def agrees(spec: str) -> None:
    """Outputs and gradients are those of the unfolded graph, where all steps are valid and where they are not."""
    module = spread(compile(spec).double(), 0.5)
    for lengths in (None, {"time": torch.tensor([5, 5, 5])}, {"time": torch.tensor([5, 1, 3])}):
        x, weights = randoms(1, 3, 5, 3), dict(module.named_parameters())
        ours = outcome(module(x, lengths=lengths), {"x": x, **weights})
        truth = outcome(interpret(module.checked, {"x": x}, weights, lengths), {"x": x, **weights})
        assert_same(ours, truth)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("cell", CELLS)
def test_a_block_of_both_directions_is_one_call_a_layer(cell: str) -> None:
    spec = text(BOTH.format(cell), "y: h")
    assert found(spec) == 1 + ("layers" in cell)
    assert "forward_h = " not in compile(spec).source  # type: ignore[operator]
    agrees(spec)


@pytest.mark.parametrize("name", PAIRED)
def test_pairs(name: str) -> None:
    spec = text(*PAIRED[name])
    assert found(spec) == 1
    agrees(spec)


@pytest.mark.parametrize("name", APART)
def test_what_is_no_pair(name: str) -> None:
    spec = text(*APART[name])
    assert found(spec) == 0
    agrees(spec)


def test_of_three_cells_two_are_a_pair() -> None:
    third = BY_HAND + "  d: {block: lstm, input: x, units: 4, direction: backward}\n"
    assert found(text(third, "y: [a, b], z: d")) == 1
    agrees(text(third, "y: [a, b], z: d"))


@pytest.mark.parametrize(
    ("place", "right", "wrong"),
    [
        ("lowering.both_ways", "key=lambda fused: fused.cell.backward", "key=lambda fused: not fused.cell.backward"),
        ("lowering.both_ways", "{x.text}, {length}", "{x.text}, None"),
        ("lowering.both_ways", "= {name}.chunk(2, -1)", "= {name}.chunk(2, -1)[::-1]"),
        ("plan.pairs", "if free and", "if True and"),
    ],
)
def test_planted_faults_are_caught(place: str, right: str, wrong: str) -> None:
    third = BY_HAND + "  d: {block: lstm, input: x, units: 4, direction: backward}\n"
    with planted(place, right, wrong), pytest.raises(CAUGHT):
        agrees(text(BOTH.format("gru"), "y: h"))
        agrees(text(*PAIRED["no list"]))
        test_of_three_cells_two_are_a_pair()
        agrees(text(third, "y: [a, b], z: d"))
