"""Names of initial values stand apart from words on wires that reach out of the first column, and from each other."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.specs import read_spec
from tests.support.drawn.pictures import faults

BESIDE_A_WORD = """\
spec: 1
inputs:
  x: {features: 4}
  g: {features: 1, axis: none}
nodes:
  k2: {block: argmax, input: x}
  l3: {block: attention, query: x, memory: x, units: 1}
  r4: {block: minimal_gru, input: l3.context(t-1), units: 1, layers: 2, initial: learned}
  W5: {block: linear, input: [h1(t-1), r4.state, x], units: 1, bias: false}
  h1: {value: tanh(W5), initial: learned}
outputs:
  o1: h1
  o2: k2
"""


@pytest.mark.parametrize("steps", [1, 2, 3, 40])
def test_the_name_of_an_initial_value_is_not_on_a_word(steps: int) -> None:
    checked = check(read_spec(BESIDE_A_WORD, registry()), registry())
    found = scene(folded(checked.graph, checked.axes), Options(steps))
    assert not faults(found)
    names = {"".join(run.text for run in note.label.runs) for note in found.notes}
    assert {"h1,0", "r4,0", "l3,0", "state"} <= names
