"""Pictures in words: descriptions that say what the picture shows, and hover texts that say what is known of a box."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.description import description
from leporello.graphs.drawing.views.facts import facts
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.nodes import Time
from leporello.graphs.specs import read_file, read_spec
from tests.graphs.drawing.test_pictures import HOSTILE, hostile
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import Sample, samples, some, thinned

SPECS = sorted([*(GOLDEN.parent.parent.parent / "examples").glob("*.yaml"), *GOLDEN.glob("*.yaml")])


@functools.cache
def model(path: Path) -> Checked:
    """A spec, checked."""
    return check(read_file(path, registry()), registry())


def said(name: str, steps: int | None = None) -> str:
    """The description in the SVG of a spec of the golden folder."""
    checked = model(GOLDEN / f"{name}.yaml")
    return ElementTree.fromstring(draw(checked.graph, checked.axes, Options(steps), "svg"))[1].text or ""


def test_a_recurrent_network_in_words() -> None:
    assert said("elman") == (
        "Inputs: x at every step of time. State h (tanh(U + W)) reads x through U and itself one step before "
        "through W, at first zeros. Output y reads h through o."
    )


def test_unfolded_the_steps_are_told() -> None:
    assert said("elman", 4).startswith(
        "Unfolded over 4 steps of time, one column for each. States go from column to column to the right. Inputs:"
    )
    assert "100 steps of time, of which the first 3 and the last 3 are shown" in said("elman", 100)
    assert "Unfolded over 1 step of time" in said("elman", 1)
    assert "to the left where the model reads backward" in said("tagger", 3)


def test_attention_feedback_and_initial_values_in_words() -> None:
    text = said("luong")
    assert "Attention attention reads decoder and all steps of encoder." in text
    assert "at first the last step of encoder." in text
    assert (
        "Feedback previous reads target one step before as truth and choice one step before as own (fed back)." in text
    )
    assert "Output words (predicts target) reads logits." in text
    mixed = said("mixed")
    assert "itself two steps before, at first a learned value." in mixed
    assert "itself one step after, at first 0.5." in mixed
    assert "the last step of f and the first step of b, once per sequence." in mixed


def test_of_many_boxes_the_rest_is_counted() -> None:
    boxes = tuple(Box(f"n{index}", "layer", f"n{index}", "time", "linear") for index in range(100))
    text = description(View("many", boxes, (), ("time",)))
    assert text.endswith("70 more boxes are in the picture.")
    assert len(text) < 4000


def test_what_only_runs_backward_goes_to_the_left() -> None:
    box = Box("b", "state", "b", "time", "rnn")
    view = View("m", (box,), (Edge("b", "b", Time(offset=1), "backward"),), ("time",))
    assert "to the left." in description(view, {"time": 3})
    assert "right" not in description(view, {"time": 3})


@given(samples(broken=False), st.sampled_from([None, 3, 40]))
@some(25)
def test_every_box_of_a_random_model_is_told(sample: Sample, steps: int | None) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    view = folded(checked.graph, checked.axes)
    text = scene(view, Options(steps, weights="boxes")).description
    assume(len(view.boxes) <= 30)
    assert all(box.label in text for box in view.boxes)
    assert not re.search(r" ,|  |\.\.|, at first [,.]", text.replace("...", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_acts_in_a_description(text: str) -> None:
    graph, axes = hostile(text)
    root = ElementTree.fromstring(draw(graph, axes, Options(2), "svg"))
    words = root[1].text or ""
    assert len(words) <= 4000
    assert words.isprintable()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@pytest.mark.parametrize("depth", [0, 2])
def test_a_hover_text_says_size_and_line_of_every_box(path: Path, depth: int) -> None:
    checked = model(path)
    grouping = opened(checked.graph, depth=depth)
    known = facts(checked, grouping)
    for figure in scene(folded(checked.graph, checked.axes, grouping), Options(grouping=grouping, facts=known)).figures:
        if not figure.identity.startswith("references:"):
            name = figure.identity.removeprefix("outputs/")
            assert figure.title.startswith(f"{name}: "), figure
            assert re.search(r"^size ", figure.title, re.MULTILINE), figure
            assert re.search(r"^line \d+: ", figure.title, re.MULTILINE), figure
            assert figure.kind != "layer" or "parameters" in figure.title, figure


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("path", "depth"),
    thinned([pytest.param(path, depth, id=f"{path.stem}-{depth}") for path in SPECS for depth in (0, 1, 3)]),
)
def test_the_parameters_of_all_boxes_are_those_of_the_model(path: Path, depth: int) -> None:
    checked = model(path)
    if checked.unbound:
        checked = check(read_file(path, registry()), registry(), dict.fromkeys(checked.unbound, 50))
    known = facts(checked, opened(checked.graph, depth=depth)).values()
    counts = [int(found[1]) for line in known if (found := re.search(r"(\d+) parameters", line))]
    assert sum(counts) == checked.parameters


def test_weights_on_a_wire_keep_their_hover_text() -> None:
    checked = model(GOLDEN / "elman.yaml")
    for steps in (None, 3):
        found = scene(folded(checked.graph, checked.axes), Options(steps, facts=facts(checked)))
        titles = [line.title for line in found.lines if line.title.startswith("x to h, U")]
        assert titles
        assert all(
            re.search(r"U: linear, at every step of time\nsize \d+, \d+ parameters\nline \d+: U:", t) for t in titles
        )
        letters = [note for note in found.notes if note.label.text == "U"]
        assert letters
        assert all("parameters" in note.title for note in letters)
