"""A step in focus: what is strong and what is pale, attention as a fan, and steps that are left out around it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.unfolded.focus import GHOST, Focus
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import CLOSED, opened
from leporello.graphs.drawing.views.shown_values import ShownValues, read_values
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.unfolded_view import shown
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.command_line import done, refused
from tests.support.drawn.pictures import faults
from tests.support.paths import EXAMPLES, PICTURES
from tests.support.strategies import Sample, samples, some, thinned

GOLDEN = PICTURES / "attention.focus.svg"


def model(name: str) -> Checked:
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def given_by_hand() -> ShownValues:
    known = {"words": ["x", "words"], "attention": ["attention"]}
    return read_values(json.loads((EXAMPLES / "attention.values.json").read_text()), known)


SVG = ("--format", "svg")


def attention(values: ShownValues) -> Options:
    return Options({"source": 6, "target": 5}, focus=Focus(4, "target"), values=values, key=True)


NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


@pytest.mark.thinned
@pytest.mark.parametrize(("steps", "name"), thinned([(steps, name) for steps in (3, 30) for name in NAMES]))
def test_every_example_with_a_step_in_focus_lies_well(steps: int, name: str) -> None:
    checked = model(name)
    view = folded(checked.graph, checked.axes)
    for axis in view.axes:
        for step in (1, 2, steps // 2 + 1, steps):
            found = scene(view, Options(steps, focus=Focus(step, axis)))
            assert not faults(found)
            assert any(figure.strong for figure in found.figures)


@given(samples(broken=False), st.integers(1, 20), st.integers(1, 20))
@some(15)
def test_random_models_with_a_step_in_focus_lie_well(sample: Sample, steps: int, step: int) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems and step <= steps)
    view = folded(checked.graph, checked.axes)
    assume(view.axes)
    found = scene(view, Options(steps, focus=Focus(step, view.axes[-1])))
    assert not faults(found)
    assert not list(forbidden(ElementTree.fromstring(svg_text(found))))


def test_the_column_is_strong_the_others_are_pale_and_other_axes_stay() -> None:
    checked = model("luong")
    options = Options({"source": 3, "target": 3}, focus=Focus(2, "target"))
    figures = {f.identity: f for f in scene(folded(checked.graph, checked.axes), options).figures}
    assert figures["decoder@2"].strong
    assert figures["decoder@2"].opacity == 1
    assert figures["decoder@1"].opacity == figures["decoder@3"].opacity == GHOST
    assert figures["encoder@1"].opacity == 1
    assert not figures["encoder@1"].strong


def test_wires_of_the_step_stay_and_those_of_others_are_pale() -> None:
    checked = model("elman")
    lines = {line.ends: line for line in scene(folded(checked.graph, checked.axes), Options(4, focus=Focus(3))).lines}
    assert lines["h@2", "h@3"].opacity == lines["x@3", "h@3"].opacity == 1
    assert lines["h@1", "h@2"].opacity == lines["x@2", "h@2"].opacity == GHOST


@given(st.integers(13, 400), st.data())
def test_the_step_in_focus_and_its_neighbours_are_shown(length: int, data: st.DataObject) -> None:
    focus = data.draw(st.integers(1, length))
    steps = shown(length, focus)
    assert {focus, max(1, focus - 1), min(length, focus + 1), 1, length} <= set(steps)
    assert list(steps) == sorted(set(steps))
    assert len(steps) <= 9
    assert all(b - a != 2 for a, b in pairwise(steps))


def test_attention_is_as_wide_as_its_weight() -> None:
    checked = model("attention")
    found = scene(folded(checked.graph, checked.axes), attention(given_by_hand()))
    fan = {line.title: line for line in found.lines if line.curved and line.style == "all"}
    assert len(fan) == 6
    assert fan["step 5, weight 0.48"].weight > fan["step 4, weight 0.44"].weight > fan["step 1, weight 0.01"].weight
    assert fan["step 5, weight 0.48"].opacity > fan["step 3, weight 0.03"].opacity
    said = [note.label.text for note in found.notes]
    assert {".44", ".48", "tiny", "sehr"} <= set(said)
    assert [bar.label.text for bar in found.bars if not bar.net.startswith("key")] == [
        "α4,j = softmaxj score( s3, hj )"
    ]
    strong = {figure.identity for figure in found.figures if figure.strong and figure.identity.startswith("encoder")}
    assert strong == {"encoder@4", "encoder@5"}


def test_attention_that_is_drawn_open_has_its_fan_and_its_words_too() -> None:
    checked = model("attention")
    grouping = opened(checked.graph, ["attention"])
    view = folded(checked.graph, checked.axes, grouping)
    found, closed = (
        scene(one, replace(attention(given_by_hand()), grouping=how))
        for one, how in ((view, grouping), (folded(checked.graph, checked.axes), CLOSED))
    )
    fans = [
        {line.title: line.weight for line in one.lines if line.curved and line.style == "all"}
        for one in (found, closed)
    ]
    assert fans[0] == fans[1]
    (mine,), (other,) = found.grids, closed.grids
    assert (mine.columns, mine.looked) == (other.columns, other.looked)
    assert {figure.identity for figure in found.figures if figure.strong} >= {"encoder@4", "encoder@5"}
    bare = scene(view, replace(attention(ShownValues()), grouping=grouping))
    assert not [line for line in bare.lines if line.curved]


def test_attention_without_weights_reads_every_step_alike() -> None:
    checked = model("attention")
    found = scene(folded(checked.graph, checked.axes), attention(ShownValues()))
    curves = [line for line in found.lines if line.curved]
    assert len(curves) == 6
    assert len({(line.weight, line.opacity) for line in curves}) == 1
    assert not found.grids


def test_wires_do_not_grow_with_the_square_of_the_steps() -> None:
    checked = model("attention")
    options = Options({"source": 1000, "target": 1000}, focus=Focus(500, "target"))
    found = scene(folded(checked.graph, checked.axes), options)
    assert len([line for line in found.lines if line.curved]) <= 12


def test_the_attention_picture_is_the_golden_one() -> None:
    checked = model("attention")
    drawn = draw(checked.graph, checked.axes, attention(given_by_hand()), "svg")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(drawn, encoding="utf-8")
    assert drawn == GOLDEN.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


@pytest.mark.parametrize(
    ("options", "wrong", "allowed"),
    [
        (Options(4, focus=Focus(5, "target")), "target has no step 5", "from 1 to 4"),
        (Options(4, focus=Focus(1, "targte")), "no axis 'targte'", "target"),
        (Options(4, focus=Focus(1)), "of which axis", "--focus target=1"),
        (Options(focus=Focus(1, "target")), "unfolded", "--unfold"),
        (Options(4, focus=Focus(1, "target"), motion=True), "stands still", "--motion"),
    ],
)
def test_a_focus_that_is_nowhere_is_refused(options: Options, wrong: str, allowed: str) -> None:
    checked = model("luong")
    with pytest.raises(SpecError) as error:
        draw(checked.graph, checked.axes, options, "svg")
    assert wrong in str(error.value)
    assert allowed in str(error.value)


def test_a_value_without_an_axis_does_not_part_an_attention_from_what_it_looks_at() -> None:
    text = (
        (EXAMPLES / "attention.yaml")
        .read_text()
        .replace("  y: {tokens", "  g: {features: 4, axis: none}\n  y: {tokens")
    )
    text = text.replace("input: [d, attention.context]", "input: [d, attention.context, g]")
    checked, problems = examine(read_spec(text, registry()), registry())
    assert not problems
    view = folded(checked.graph, checked.axes)
    assert [part.axis for part in stretches(view)] == [None, "source", "target"]
    options = Options({"source": 6, "target": 5}, focus=Focus(4, "target"))
    assert [line for line in scene(view, options).lines if line.curved]


@pytest.mark.parametrize(
    ("steps", "more", "said"),
    [
        ("source=6,target=4", {}, "words of words: 5 for 4 steps of target"),
        ("source=5,target=5", {}, "words of x: 6 for 5 steps of source"),
        ("source=6,target=4", {"words": {}}, "attention of attention: 5 for 4 steps of target"),
        ("source=7,target=5", {"words": {}}, "each row of attention: 6 for 7 steps of source"),
        ("source=6,target=5", {"gates": {"decoder": [[0.5, 0.1]]}}, "each row of decoder: 2 for 5 steps of target"),
        ("source=6,target=5", {"gates": {"attention": [[0.5]]}}, "each row of attention: 1 for 5 steps of target"),
    ],
)
def test_values_are_for_as_many_steps_as_are_drawn(tmp_path: Path, steps: str, more: dict[str, Any], said: str) -> None:
    given = json.loads((EXAMPLES / "attention.values.json").read_text()) | more
    (tmp_path / "values.json").write_text(json.dumps(given))
    told = refused("draw", EXAMPLES / "attention.yaml", "--unfold", steps, "--values", tmp_path / "values.json", *SVG)
    assert said in told
    assert "\n  give as many, or unfold " in told


def test_values_of_an_opened_attention_are_counted_too() -> None:
    file = EXAMPLES / "attention.values.json"
    given = ("draw", EXAMPLES / "attention.yaml", "--open", "attention", "--values", file, *SVG)
    assert "<svg" in done(*given, "--unfold", "source=6,target=5")
    assert "5 for 3 steps" in refused(*given, "--unfold", "source=6,target=3")


def test_heat_maps_come_along_beside_the_folded_picture() -> None:
    values = given_by_hand()
    alone, both = (
        scene(
            folded(model("attention").graph, model("attention").axes),
            Options({"source": 6, "target": 5}, both, values=values),
        )
        for both in (False, True)
    )
    (one,), (other,) = alone.grids, both.grids
    assert other.rows == one.rows
    assert both.width - other.left == pytest.approx(alone.width - one.left)
