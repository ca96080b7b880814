"""Pruning: what is left of a model is what a check of it alone would find."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine, recheck
from leporello.graphs.edits.feedback import MODES, resolve
from leporello.graphs.edits.pruning import needed, with_outputs
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.paths import EXAMPLES
from tests.support.strategies import Sample, samples

SPARE = """\
spec: 1
name: spare
inputs: {x: {features: 8}, z: {features: 8}}
nodes:
  a: tanh(x + a(t-1))
  unread: z * unread(t-1)
  b: a + 1
  other: unread + b(t-1)
outputs: {y: b}
"""


def same(model: Checked) -> None:
    """What is known of a pruned model is what is found when all of it is checked again."""
    pruned = needed(model)
    again = recheck(pruned, pruned.graph)
    assert pruned == again
    assert list(pruned.values) == list(again.values)
    assert list(pruned.axes) == list(again.axes)


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_what_is_known_of_examples_in_each_mode_stays(name: str) -> None:
    checked = check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())
    for mode in MODES:
        same(resolve(checked, mode))


@given(samples())
def test_what_is_known_of_any_model_stays(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    same(checked)


def test_what_no_output_needs_is_gone() -> None:
    pruned = needed(check(read_spec(SPARE, registry()), registry()))
    assert [path for path in pruned.graph.index if "/" not in path] == ["x", "a", "b"]
    assert {path.partition("/")[0] for path in pruned.axes} == {"x", "a", "b"}
    same(with_outputs(check(read_spec(SPARE, registry()), registry()), "unread"))


def test_an_output_that_is_no_node_is_refused() -> None:
    with pytest.raises(SpecError, match="there is no inner node"):
        with_outputs(check(read_spec(SPARE, registry()), registry()), "c")
