"""A node that could not be read: what is written there stands in its box, among its neighbours."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.drawing.views.closing import folded, time_axes
from leporello.graphs.drawing.views.view import View
from leporello.graphs.specs import try_check

LOOP = """\
spec: 1
inputs:
  x: {features: 8}
nodes:
  F: {block: linear, input: [x, h(t-1)], unit: 16}
  f: sigmod(F)
  h: f * h(t-1) + tanh(F)
outputs:
  y: h
"""
TWO = """\
spec: 1
inputs:
  a: {features: 8, axis: source}
  b: {features: 8, axis: target}
nodes:
  memory: {block: gru, input: a, unit: 4}
  bad: sigmod(b)
  h: bad + b
outputs:
  y: h
  z: memory
"""


def view_of(text: str) -> View:
    checked, problems = try_check(text, registry())
    assert problems
    assert time_axes(checked.graph, checked.axes) == folded(checked.graph, checked.axes).axes
    return folded(checked.graph, checked.axes)


def test_what_is_written_stands_there() -> None:
    said = {box.path: box.block for box in view_of(LOOP).boxes}
    assert (said["F"], said["f"]) == ("linear", "sigmod(F)")
    said = {box.path: box.block for box in view_of(LOOP.replace("sigmod(F)", '"sig\\emod(F)"')).boxes}
    assert "\x1b" not in said["f"] and "mod(F)" in said["f"]


@pytest.mark.parametrize("written", ["", "{value: {a: b}}", "{block: {a: b}}"])
def test_where_nothing_can_be_told_there_is_a_question_mark(written: str) -> None:
    said = {box.path: box.block for box in view_of(LOOP.replace("sigmod(F)", written)).boxes}
    assert said["f"] == "?"


def test_it_has_no_axis_of_its_own() -> None:
    view = view_of(LOOP)
    assert view.axes == ("time",)
    assert not [edge for edge in view.edges if edge.style == "all"]
    view = view_of(TWO)
    axes = {box.path: box.axis for box in view.boxes}
    assert [axes[name] for name in ("memory", "bad", "h")] == ["source", "target", "target"]
    assert not [edge for edge in view.edges if edge.style == "all"]
