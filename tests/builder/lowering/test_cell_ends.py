"""The cell state where each sequence ends: held there only where something reads it."""

from __future__ import annotations

import ast
from typing import TypeGuard

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.lowering.generate import source
from tests.support.comparing import checked_spec
from tests.support.faults.planting import CAUGHT, planted

LENGTHS = [5, 2, 1]

FORWARD = "{spec: 1, inputs: {x: {features: 3}}, nodes: {h: {block: lstm, input: x, units: 4}}, outputs: {y: h}}"
BOTH_WAYS = FORWARD.replace("units: 4", "units: 4, direction: both")
FINAL = FORWARD.replace("outputs: {y: h}", "outputs: {y: h, c: h.c(last)}")
BRIDGED = """
spec: 1
inputs: {source: {features: 3, axis: source}, x: {features: 3}}
nodes:
  encoder: {block: lstm, input: source, units: 4}
  h: {block: lstm, input: x, units: 4, initial: encoder.state}
outputs: {y: h}
"""


def inputs(module: nn.Module, rows: slice = slice(None), steps: int = 5) -> dict[str, Tensor]:
    """Random inputs for the sequences `rows`, `[batch, steps, features]`."""
    generator = torch.Generator().manual_seed(1)
    names = [node.path for node in module.graph.inputs]  # type: ignore[union-attr]
    return {name: torch.randn(3, 5, 3, generator=generator)[rows, :steps] for name in names}


def ragged(module: nn.Module) -> dict[str, Tensor]:
    """The lengths of every axis."""
    return {str(node.axis): torch.tensor(LENGTHS) for node in module.graph.inputs}  # type: ignore[union-attr]


def ends_are_those_of_the_sequences_alone() -> None:
    """What `run` hands on for a padded batch is what it hands on for its sequences one by one."""
    module = compile(FORWARD)
    state = module.run(**inputs(module), lengths=ragged(module))[1]  # type: ignore[operator]
    for i, length in enumerate(LENGTHS):
        alone = module.run(**inputs(module, slice(i, i + 1), length))[1]  # type: ignore[operator]
        assert state.keys() == alone.keys() == {"h/1/forward/c", "h/1/forward/h"}
        assert all(torch.allclose(state[key][i : i + 1], alone[key], atol=1e-6) for key in state)


def outputs_are_those_of_the_sequences_alone(text: str) -> None:
    """What `forward` gives for a padded batch is what it gives for its sequences one by one."""
    module = compile(text)
    together = module(**inputs(module), lengths=ragged(module))
    for i, length in enumerate(LENGTHS):
        alone = module(**inputs(module, slice(i, i + 1), length))
        for name, value in alone.items():
            ours = together[name][i : i + 1]
            assert torch.allclose(ours[:, :length] if value.dim() == 3 else ours, value, atol=1e-6)


def test_ends() -> None:
    ends_are_those_of_the_sequences_alone()


@pytest.mark.parametrize("text", [FORWARD, BOTH_WAYS, FINAL, BRIDGED])
def test_outputs(text: str) -> None:
    outputs_are_those_of_the_sequences_alone(text)


def test_an_end_that_nothing_reads_has_no_name() -> None:
    assert "h_h, _ = both_lstm(" in compile(BOTH_WAYS).source  # type: ignore[operator]
    assert "c_end = fused_lstm(" in compile(FORWARD).source  # type: ignore[operator]


def test_forward_leaves_the_state_out_and_changes_no_output() -> None:
    module = compile(FORWARD)
    outputs, state = module.run(**inputs(module), lengths=ragged(module), state_wanted=False)  # type: ignore[operator]
    whole, handed_on = module.run(**inputs(module), lengths=ragged(module))  # type: ignore[operator]
    assert state == {}
    assert handed_on
    assert torch.allclose(outputs["y"], whole["y"], atol=1e-6)
    assert torch.equal(outputs["y"], module(**inputs(module), lengths=ragged(module))["y"])


def masks(text: str) -> list[str]:
    """What each fused lstm of `run` takes as its mask."""
    tree = ast.parse(source(checked_spec(text)))
    (run,) = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "run"]
    calls = [node for node in ast.walk(run) if isinstance(node, ast.Call)]
    single = [call.args[1:] for call in calls if ast.unparse(call.func) == "fused_lstm"]
    double = [way.elts for call in calls if ast.unparse(call.func) == "both_lstm" for way in call.args if is_tuple(way)]
    return [ast.unparse(arguments[5]) for arguments in (*single, *double)]


def is_tuple(node: ast.expr) -> TypeGuard[ast.Tuple]:
    """Whether an argument is a tuple: what a direction is given."""
    return isinstance(node, ast.Tuple)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FORWARD, ["mask if state_wanted else None"]),
        (BOTH_WAYS, ["None", "None"]),
        (FINAL, ["mask"]),
        (BRIDGED, ["source_mask", "time_mask if state_wanted else None"]),
    ],
)
def test_c_is_held_only_where_something_reads_it(text: str, found: list[str]) -> None:
    assert masks(text) == found


def test_a_spec_may_call_its_own_nodes_so() -> None:
    text = FORWARD.replace("x: {features", "state_wanted: {features").replace("input: x", "input: state_wanted")
    module = compile(text)
    assert module(state_wanted_=torch.zeros(1, 2, 3))["y"].shape == (1, 2, 4)


def test_planted_faults_are_caught() -> None:
    with planted("lowering.fusing", "bool(readers) or any(", "False and any("), pytest.raises(CAUGHT):
        outputs_are_those_of_the_sequences_alone(BRIDGED)
    with (
        planted("lowering.fusing", " if {STATE_WANTED} else None", " if not {STATE_WANTED} else None"),
        pytest.raises(CAUGHT),
    ):
        ends_are_those_of_the_sequences_alone()
