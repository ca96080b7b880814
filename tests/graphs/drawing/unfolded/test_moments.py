"""Motion: every value comes after those that it is computed from, and without motion the picture is the still one."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.unfolded.moments import moments
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.unfolded_view import unfolded
from leporello.graphs.drawing.views.view import Box, Edge, View, style_of
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.drawing.writers.svg_motion import LONGEST, PAUSE
from leporello.graphs.nodes import Time
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file
from tests.support.command_line import ELMAN, done, refused
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import some

SPECS = sorted([*(GOLDEN.parent.parent.parent / "examples").glob("*.yaml"), *GOLDEN.glob("*.yaml")])
MOVING = re.compile(r'<g class="(?:dots|glows)".*?\n</g>\n', re.DOTALL)
RULES = re.compile(r"@media screen and \(prefers-reduced-motion:no-preference\)\{.*?\}\}\}(?=<)", re.DOTALL)


def view_of(name: str) -> View:
    """The folded picture of a spec of the golden folder."""
    checked = check(read_file(GOLDEN / f"{name}.yaml", registry()), registry())
    return folded(checked.graph, checked.axes)


def when(name: str, **steps: int) -> dict[str, int]:
    """The moments of a spec's copies."""
    view = view_of(name)
    return moments(unfolded(view, Options(steps or 4).last(view)))


def moving(name: str, steps: int) -> Scene:
    """A spec's picture in motion."""
    return scene(view_of(name), Options(steps, motion=True))


def test_a_state_goes_from_step_to_step_and_its_input_comes_just_in_time() -> None:
    found = when("elman", time=4)
    states = [found[f"h@{step}"] for step in (1, 2, 3, 4)]
    assert all(after > before for before, after in itertools.pairwise(states))
    assert all(found[f"outputs/y@{step}"] > found[f"h@{step}"] > found[f"x@{step}"] for step in (1, 2, 3, 4))
    starts = [found[f"x@{step}"] for step in (1, 2, 3, 4)]
    assert starts == sorted(set(starts)), "an input comes with its step"


def test_what_runs_backward_comes_from_the_right() -> None:
    found = when("mixed", time=4)
    assert found["b@4"] < found["b@3"] < found["b@2"] < found["b@1"]
    assert found["f@1"] < found["f@2"] < found["f@3"] < found["f@4"]
    assert found["summary"] > max(found["f@4"], found["b@1"])


def test_both_directions_of_one_box_run_at_once() -> None:
    found = when("tagger", time=4)
    assert [found[f"h@{step} delay"] for step in (1, 2, 3, 4)] == [found[f"h@{step} backward"] for step in (4, 3, 2, 1)]
    assert found["h@1"] == found["h@1 backward"] == found["h@4"] == found["h@4 delay"]
    assert found["h@2"] < found["h@1"]


def test_the_decoder_waits_for_the_encoder_and_attention_for_all_of_it() -> None:
    found = when("luong", source=5, target=3)
    assert found["encoder@5"] < found["decoder@before"] < found["decoder@1"]
    assert found["encoder@5"] < found["encoder@all"] < found["attention@1"]
    assert found["choice@1"] < found["previous@2"] < found["decoder@2"]


def test_a_dot_arrives_when_its_reader_lights_up() -> None:
    for name, steps in (("elman", 4), ("luong", 3), ("mixed", 3), ("tagger", 20)):
        found = moving(name, steps)
        lit = {figure.identity: figure.moment for figure in found.figures}
        both = {line.ends[1] for line in found.lines if line.style == "backward"} if name == "tagger" else set()
        for line in found.lines:
            source, target = (lit.get(end) for end in line.ends)
            if target is None or line.style == "predicts":
                continue
            assert line.moment is not None
            assert line.moment <= target - 1
            assert line.moment == target - 1 or line.ends[1] in both
            assert source is None or line.moment >= source or line.ends[0] in both


def test_steps_that_are_left_out_take_their_time() -> None:
    found = moving("elman", 100)
    lit = {figure.identity: figure.moment for figure in found.figures}
    sets_out = {line.ends: line.moment for line in found.lines}
    third, after = lit["h@3"], lit["h@98"]
    assert third is not None
    assert after == third + 2
    assert sets_out["h@3", "h@4"] == third
    assert sets_out["h@97", "h@98"] == third + 1


@st.composite
def forward_views(sample: st.DrawFn) -> View:
    """A view whose wires go up or forward in time."""
    names = [f"n{index}" for index in range(sample(st.integers(1, 7)))]
    kinds = st.sampled_from(["function", "layer", "state", "input", "feedback"])
    boxes = tuple(Box(name, sample(kinds), name, sample(st.sampled_from(["time", "time", None]))) for name in names)
    clock = {box.path: box.axis for box in boxes}
    edges = set()
    for _ in range(sample(st.integers(0, 14))):
        source, target = (sample(st.integers(0, len(names) - 1)) for _ in range(2))
        time = Time(offset=sample(st.integers(-2, 0)))
        if not clock[names[source]] or not clock[names[target]]:
            time = Time("all") if clock[names[source]] else Time()
            if (not clock[names[source]] and source % 2) or (not clock[names[target]] and target % 2 == 0):
                continue  # What is once per sequence is read by steps, or reads steps: not both, which may go round.
        if source < target or (time.kind == "t" and time.offset):
            edges.add(Edge(names[source], names[target], time, style_of(time)))
    return View("random", boxes, tuple(sorted(edges, key=str)), ("time",))


@given(forward_views(), st.sampled_from([1, 3, 20]))
@some(50)
def test_every_value_comes_after_those_that_it_is_computed_from(view: View, steps: int) -> None:
    picture = unfolded(view, {"time": steps})
    found = moments(picture)
    for edge in picture.edges:
        if edge.source in found and edge.target in found:
            assert found[edge.target] > found[edge.source], edge
    moved = scene(view, Options(steps, motion=True))
    assert min([one.moment for one in moved.figures if one.moment is not None], default=0) >= 0
    assert all(line.moment is not None for line in moved.lines)


def test_boxes_that_read_each_other_at_the_same_step_move_too() -> None:
    wires = [("a", "b"), ("b", "a"), ("b", "c")]
    view = View("knot", tuple(Box(p, "composite", p, "time") for p in "abc"), tuple(Edge(*w) for w in wires), ("time",))
    found = moments(unfolded(view, {"time": 2}))
    assert found["a@1"] < found["b@1"] < found["c@1"]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_without_motion_it_is_the_still_picture(path: Path) -> None:
    steps, both = [(3, False), (40, False), (3, True)][SPECS.index(path) % 3]
    checked = check(read_file(path, registry()), registry())
    still, moved = (
        draw(checked.graph, checked.axes, Options(steps, both, motion=motion), "svg") for motion in (False, True)
    )
    assert still != moved
    assert RULES.sub("", MOVING.sub("", moved)) == still
    for group in MOVING.findall(moved):
        assert 'display="none"' in group.partition(">")[0]


def test_only_style_sheets_move_and_only_for_who_wants_it() -> None:
    text = svg_text(moving("luong", 3))
    root = ElementTree.fromstring(text)
    assert not list(forbidden(root))
    rules = RULES.findall(text)
    assert len(rules) == 1
    assert "animation" not in text.replace(rules[0], "")
    assert "display:inline" not in text.replace(rules[0], "")


def test_every_moment_has_its_delay_and_the_whole_is_not_too_long() -> None:
    text = svg_text(moving("luong", 12))
    used = set(re.findall(r'class="(m\d+) ', text)) - {"m0"}
    delays = {name: float(delay) for name, delay in re.findall(r"\.(m\d+)\{animation-delay:([\d.]+)s\}", text)}
    assert used == set(delays)
    (period,) = {float(seconds) for seconds in re.findall(r"animation-duration:([\d.]+)s", text)}
    assert max(delays.values()) + PAUSE < period <= LONGEST + PAUSE
    assert sorted(delays, key=lambda name: int(name[1:])) == sorted(delays, key=delays.__getitem__)


def test_a_folded_picture_has_no_motion() -> None:
    view = view_of("elman")
    lines = scene(view, Options(3, both=True, motion=True)).lines
    assert all(line.moment is None for line in lines if line.net.startswith("folded"))
    checked = check(read_file(GOLDEN / "elman.yaml", registry()), registry())
    with pytest.raises(SpecError, match="unfolded"):
        draw(checked.graph, checked.axes, Options(motion=True), "svg")


def test_motion_is_for_unfolded_svg(tmp_path: Path) -> None:
    assert "--motion is for .svg only" in refused("draw", ELMAN, "--unfold", "3", "--motion")
    assert "add --unfold" in refused("draw", ELMAN, "--motion", "-o", tmp_path / "a.svg")
    done("draw", ELMAN, "--unfold", "3", "--motion", "-o", tmp_path / "a.svg")
    assert "@keyframes run" in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "rule", ["@import 'x'", "a{b:url(x)}", "</style><script>", "@font-face{}", "a{b:expression(1)}", "@\\69mport 'x'"]
)
def test_a_style_sheet_reads_nothing_from_elsewhere(rule: str) -> None:
    style = ElementTree.Element("style")
    style.text = rule
    assert list(forbidden(style))


def test_motion_is_the_golden_one() -> None:
    path, text = GOLDEN / "elman.motion.svg", svg_text(moving("elman", 3))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"
