"""Opened composites where time is unfolded: one frame in every column, lying on nothing, and the equations once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Panel, Rectangle, Scene
from leporello.graphs.drawing.unfolded.focus import Focus
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.modes import Feedback
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import View
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.pictures import faults, uneven
from tests.support.paths import EXAMPLES, LARGE
from tests.support.strategies import Sample, samples, some, thinned

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


def example(name: str) -> Checked:
    """An example, checked."""
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def view_of(checked: Checked, depth: int) -> View:
    """The view of a model with composites open down to a depth."""
    return folded(checked.graph, checked.axes, opened(checked.graph, (), depth))


def holds(outer: Rectangle, inner: Rectangle) -> bool:
    """Whether a place lies within another."""
    wide = abs(outer.x - inner.x) * 2 <= outer.width - inner.width + 1e-6
    return wide and abs(outer.y - inner.y) * 2 <= outer.height - inner.height + 1e-6


def framed(found: Scene) -> dict[str, dict[str, Panel]]:
    """The frames by the path of their composite and the step of their column, each holding all its boxes alone."""
    copies = {figure.identity: figure.place for figure in found.figures}
    frames: dict[str, dict[str, Panel]] = {}
    for panel in found.panels:
        if panel.cell:
            inside = [name for name, place in copies.items() if panel.place.meets(place)]
            assert all(holds(panel.place, copies[name]) for name in inside)
            path, step = _composite(inside, copies)
            assert step not in frames.setdefault(path, {})
            frames[path][step] = panel
    return frames


def _composite(inside: list[str], copies: dict[str, Rectangle]) -> tuple[str, str]:
    """The outermost composite all of whose boxes at one step are those in a frame, and no others."""
    (step,) = {name.partition("@")[2] for name in inside}
    parts = inside[0].split("/")
    for count in range(1, len(parts)):
        path = "/".join(parts[:count])
        own = [n for n in copies if n.startswith(path + "/") and n.partition("@")[2] in (step, "")]
        if sorted(own) == sorted(inside):
            return path, step
    raise AssertionError(f"a frame around {inside}")


def assert_framed(found: Scene) -> None:
    """Every composite that is framed is so at every step that is shown, in the same way, with its name once."""
    frames = framed(found)
    steps: dict[str, list[str]] = {}
    for figure in found.figures:
        steps.setdefault(figure.identity.partition("@")[0], []).append(figure.identity.partition("@")[2])
    titles = [note for note in found.notes if note.bold and note.anchor == "start" and note.size == 12]
    assert sorted(note.label.text for note in titles) == sorted(frames)
    for path, by_step in frames.items():
        inside = next(name for name in steps if name.startswith(path + "/"))
        assert list(by_step) == steps[inside]
        first = next(iter(by_step.values())).place
        assert len({(p.place.y, p.place.width, p.place.height) for p in by_step.values()}) == 1
        assert holds(first, next(note.place for note in titles if note.label.text == path))
    _assert_apart([panel.place for by_step in frames.values() for panel in by_step.values()], found)


def _assert_apart(places: list[Rectangle], found: Scene) -> None:
    """Frames lie within each other or apart, and across no words, no bar, and no ground's border."""
    others = [note.place for note in found.notes] + [bar.place for bar in found.bars]
    for place in places:
        assert all(holds(place, other) or not place.meets(other) for other in others)
        assert all(not place.meets(p) or holds(place, p) or holds(p, place) for p in places)
        assert all(not place.meets(g.place) or holds(g.place, place) for g in found.panels if not (g.cell or g.focus))
        assert place.x - place.width / 2 > 0
        assert place.x + place.width / 2 < found.width


def written(found: Scene) -> list[str]:
    """The lines below the heading of the equations."""
    texts = [note.label.text for note in found.notes]
    assert texts.count("One step") <= 1
    return texts[texts.index("One step") + 1 :] if "One step" in texts else []


def looks() -> Iterator[Options]:
    """Ways to unfold: few steps, more of them, and some left out."""
    yield Options(3)
    yield Options(9)
    yield Options(40, weights="boxes")


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("name", "depth"),
    thinned([(name, depth) for name in NAMES for depth in ([1] if name in LARGE else [1, 2])], every=5),
)
def test_frames_and_equations_of_the_examples(name: str, depth: int) -> None:
    checked = example(name)
    view = view_of(checked, depth)
    lines = [line.text for line in equations(view)]
    assert written(scene(view)) == lines
    for options in looks():
        found = scene(view, options)
        assert_framed(found)
        assert not [*faults(found), *uneven(found, {box.path: box.axis for box in view.boxes})]
        assert not list(forbidden(ElementTree.fromstring(svg_text(found))))
        assert written(found) == lines


@pytest.mark.parametrize(
    ("name", "depth", "steps", "frames"),
    [
        ("char_lm", 1, 3, {"h"}),
        ("own_cell", 1, 9, {"h"}),
        ("luong", 1, 3, {"encoder", "decoder"}),
        ("luong", 2, 3, {"encoder", "encoder/1", "encoder/2", "decoder", "decoder/1", "decoder/2"}),
        ("tagger", 1, 3, {"h"}),
        ("tagger", 2, 40, {"h", "h/1", "h/2"}),
        ("attention", 2, 3, {"decoder", "encoder/1"}),
        ("char_lm", 0, 3, set()),
    ],
)
def test_what_is_framed(name: str, depth: int, steps: int, frames: set[str]) -> None:
    found = framed(scene(view_of(example(name), depth), Options(steps)))
    assert set(found) == frames
    assert all(len(by_step) == min(steps, 9 if steps == 9 else 6) for by_step in found.values() if steps > 3)


def test_frames_lie_within_each_other() -> None:
    frames = framed(scene(view_of(example("tagger"), 2), Options(3)))
    for step, outer in frames["h"].items():
        assert holds(outer.place, frames["h/1"][step].place)
        assert holds(outer.place, frames["h/2"][step].place)


def test_folded_and_unfolded_the_equations_stand_once() -> None:
    view = view_of(example("char_lm"), 1)
    both = scene(view, Options(3, both=True))
    assert not faults(both)
    assert sum(panel.cell for panel in both.panels) == 1 + 3
    assert written(both) == [line.text for line in equations(view)]
    drawn = max(figure.place.x + figure.place.width / 2 for figure in both.figures)
    assert next(note for note in both.notes if note.label.text == "One step").place.x > drawn


def test_what_is_closed_has_no_equations() -> None:
    assert not written(scene(view_of(example("luong"), 0), Options(3)))


@pytest.mark.parametrize("step", [1, 20, 50])
def test_frames_of_other_steps_are_pale_and_the_band_lies_below(step: int) -> None:
    found = scene(view_of(example("char_lm"), 1), Options(50, focus=Focus(step)))
    assert_framed(found)
    frames = framed(found)["h"]
    assert {at for at, panel in frames.items() if panel.opacity == 1} == {str(step)}
    band = next(panel for panel in found.panels if panel.focus)
    assert holds(band.place, frames[str(step)].place)
    assert found.panels.index(band) < found.panels.index(frames[str(step)])
    assert "opacity" in svg_text(found)


@pytest.mark.parametrize("mode", ["teacher", "free"])
def test_a_mode_of_feedback_in_motion_is_framed(mode: Literal["teacher", "free"]) -> None:
    checked = example("char_lm")
    grouping = opened(checked.graph, (), 1)
    options = Options(4, motion=True, feedback=Feedback(mode), grouping=grouping, key=True)
    svg = draw(checked.graph, checked.axes, options, "svg")
    assert svg.count('rx="26"') == 4
    assert svg == draw(checked.graph, checked.axes, options, "svg")


def test_positions_hold_the_frames() -> None:
    checked = example("char_lm")
    grouping = opened(checked.graph, (), 1)
    said = json.loads(draw(checked.graph, checked.axes, Options(4, grouping=grouping), "json"))
    assert len(said["panels"]) == 4
    assert "One step" in json.dumps(said["notes"])


@given(samples(broken=False), st.sampled_from([1, 2, 3, 13]), st.integers(1, 9))
@some(16)
def test_frames_of_random_models(sample: Sample, steps: int, depth: int) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    found = scene(view_of(checked, depth), Options(steps))
    assert_framed(found)
    assert not faults(found)
