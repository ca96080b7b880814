"""No name in a picture is read as another's, or as another's value at a step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.cell.picture import cell_at
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.letters.alike import mistakable
from leporello.graphs.drawing.letters.lettering import Label, label
from leporello.graphs.drawing.letters.typed import as_typed
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.specs import read_spec


def letters(text: Label) -> str:
    """What is seen of a label, lowered letters in brackets."""
    return "".join(f"[{run.text}]" if run.level else run.text for run in text.runs).replace("][", "")


PARTS = st.tuples(
    st.sampled_from(["s", "h", "x", "pi", "enc", "W"]),
    st.sampled_from(["", "0", "1", "12", "_0", "_1", "_t", "_first", "_a"]),
)


@given(st.sets(PARTS, max_size=6), st.sets(PARTS, max_size=6))
def test_names_differ_from_each_other_and_from_values_at_steps(
    one: set[tuple[str, str]], other: set[tuple[str, str]]
) -> None:
    stepped, timeless = {"".join(name) for name in one}, {"".join(name) for name in other - one}
    upright = mistakable(stepped, timeless)
    seen = {name: letters(label(name, upright=name in upright)) for name in stepped | timeless}
    assert len(set(seen.values())) == len(seen)
    steps = ("0", "1", "12", "t", "first")
    values = {letters(label(name, step, upright=name in upright)) for name in stepped for step in steps}
    assert not values.intersection(seen[name] for name in timeless)


MODEL = """
spec: 1
name: initials
inputs:
  x: {{features: 8}}
nodes:
  {first}: {{block: linear, input: x(first), units: 8}}
  s: tanh(x + s(t-1) + {first})
  c: {{block: cell, x: s}}
outputs:
  y: c
blocks:
  cell:
    inputs: {{x: {{}}}}
    nodes:
      h0: {{block: linear, input: x(first), units: 8}}
      h: tanh(x + h(t-1) * h0)
    outputs: {{h: h}}
"""


@pytest.mark.parametrize("first", ["s0", "s_0", "s1", "s_2", "s_t", "x_first"])
@pytest.mark.parametrize("steps", [None, 3])
def test_a_node_is_not_lettered_as_a_value_of_another(first: str, steps: int | None) -> None:
    checked = check(read_spec(MODEL.format(first=first), registry()), registry())
    grouping = opened(checked.graph, (), 1)
    view = folded(checked.graph, checked.axes, grouping)
    found = scene(view, Options(steps))
    names = {figure.identity: letters(figure.label) for figure in found.figures}
    assert names[first] == first
    assert names["c/1/forward/h0"] == "h0"
    others = [letters(note.label) for note in found.notes] + [name for path, name in names.items() if path != first]
    assert first not in others
    told = "\n".join(as_typed(line) for line in equations(view))
    assert "h0" in told
    assert "h_0" not in told
    text = draw(checked.graph, checked.axes, Options(steps, grouping=grouping))
    assert first in text
    assert ("s\N{SUBSCRIPT ZERO}" in text) is (steps is not None)
    assert first in as_typed_cell(checked.graph, checked.axes)


def as_typed_cell(graph: object, axes: object) -> str:
    """The equations of the cell around s."""
    return "\n".join(as_typed(line) for line in cell_at(graph, axes, "s")[1])  # type: ignore[arg-type]


def test_what_gives_the_initial_value_is_that_value() -> None:
    text = MODEL.format(first="s0").replace(
        "s: tanh(x + s(t-1) + s0)", "s: {block: tanh, input: x + s(t-1), initial: s0}"
    )
    checked = check(read_spec(text, registry()), registry())
    found = scene(folded(checked.graph, checked.axes), Options(3))
    assert [letters(figure.label) for figure in found.figures if figure.identity == "s0"] == ["s[0]"]
    assert "s[0]" in [letters(note.label) for note in found.notes]
