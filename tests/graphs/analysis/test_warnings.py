"""Warnings: what is allowed, and probably not meant."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import examine
from leporello.graphs.specs import read_spec

TOKENS = """\
spec: 1
inputs: {x: {tokens: 20}, z: {features: 4}}
nodes:
  e: {block: embedding, input: x, units: 8}
  choice: {block: argmax, input: e}
  seen: e + {block}
outputs: {y: READ, other: seen, third: choice}
""".replace("{block}", "e(t-1)")


@pytest.mark.parametrize(
    ("read", "warned"), [("x", True), ("x(last)", True), ("e", False), ("choice", False), ("z", False)]
)
def test_tokens_that_nothing_is_made_of(read: str, warned: bool) -> None:
    checked, problems = examine(read_spec(TOKENS.replace("READ", read), registry()), registry())
    assert not problems
    found = [problem for problem in checked.warnings if "as they are" in problem.what]
    assert len(found) == warned
    if warned:
        assert found[0].what == "the output y gives the tokens of x as they are"
        assert "embed them first: e: {block: embedding, input: x" in found[0].hint
        assert found[0].mark is not None and found[0].mark.line == 7
