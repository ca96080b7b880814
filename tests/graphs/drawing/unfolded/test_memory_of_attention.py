"""What stands between two time axes leaves an attention its bar and its fan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Point, Rectangle, Scene
from leporello.graphs.drawing.unfolded.focus import Focus
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.view import Box, Edge, View, style_of
from leporello.graphs.nodes import Time
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.pictures import faults, segments, touches, uneven
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

BETWEEN = {
    "bridge": "{block: linear, input: encoder.final, units: 128}",
    "mean": "{block: linear, input: mean(encoder(all)), units: 128}",
    "both": "tanh(end + sum(encoder(all)))\n  end: {block: linear, input: encoder(last), units: 1}",
}
STEPS = [{"source": 6, "target": 5}, {"source": 1, "target": 1}, {"source": 2, "target": 30}, 40]


def example(name: str) -> Checked:
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def between(start: str) -> Checked:
    """The translator whose decoder begins with what is computed from the encoder."""
    text = (EXAMPLES / "attention.yaml").read_text(encoding="utf-8")
    text = text.replace("initial: encoder.final", "initial: start")
    return check(read_spec(text.replace("  previous:", f"  start: {start}\n  previous:"), registry()), registry())


def well_laid(view: View, options: Options) -> Scene:
    """The view as a scene in which nothing lies on anything else and every column is the last one shifted."""
    found = scene(view, options)
    assert not [*faults(found), *uneven(found, {box.path: box.axis for box in view.boxes})]
    return found


def bars(found: Scene) -> list[str]:
    return [bar.label.text for bar in found.bars]


@pytest.mark.parametrize("steps", STEPS, ids=str)
@pytest.mark.parametrize("start", BETWEEN.values(), ids=BETWEEN)
def test_what_a_decoder_begins_with_does_not_part_it_from_its_memory(start: str, steps: object) -> None:
    weights = "boxes" if STEPS.index(steps) % 2 else "wires"  # type: ignore[arg-type]
    checked = between(start)
    view = folded(checked.graph, checked.axes)
    assert [part.axis for part in stretches(view)] == ["source", None, "target"]
    found = well_laid(view, Options(steps, weights=weights))  # type: ignore[arg-type]
    assert bars(found) == ["all steps of h"]
    focus = Focus(1, "target")
    assert [line for line in well_laid(view, Options(steps, focus=focus)).lines if line.curved]  # type: ignore[arg-type]


@pytest.mark.parametrize("steps", STEPS, ids=str)
@pytest.mark.parametrize(
    ("name", "paths", "depth", "memory"),
    [
        ("attention", ("encoder",), 0, "layer 1"),
        ("attention", (), 1, "layer 1"),
        ("luong", ("encoder",), 0, "layer 2"),
        ("luong", (), 1, "layer 2"),
        ("luong", (), 2, "h"),
    ],
)
def test_opened_examples_have_a_bar(name: str, paths: tuple[str, ...], depth: int, memory: str, steps: object) -> None:
    checked = example(name)
    grouping = opened(checked.graph, paths, depth)
    found = well_laid(folded(checked.graph, checked.axes, grouping), Options(steps, grouping=grouping))  # type: ignore[arg-type]
    assert bars(found) == [f"all steps of {memory}"]


@pytest.mark.parametrize("name", ["attention", "luong"])
def test_opened_encoders_have_a_fan(name: str) -> None:
    checked = example(name)
    grouping = opened(checked.graph, ("encoder",))
    view = folded(checked.graph, checked.axes, grouping)
    found = well_laid(view, Options({"source": 6, "target": 5}, grouping=grouping, focus=Focus(4, "target")))
    assert len([line for line in found.lines if line.curved]) == 6


def test_a_box_between_two_axes_stands_to_the_left_of_the_bar_and_reads_it_from_there() -> None:
    checked = between(BETWEEN["mean"])
    found = scene(folded(checked.graph, checked.axes), Options({"source": 6, "target": 5}))
    (start,) = [figure.place for figure in found.figures if figure.identity == "start.input"]
    (bar,) = [bar.place for bar in found.bars]
    assert start.x + start.width / 2 < bar.x - bar.width / 2
    (wire,) = [line for line in found.lines if line.ends[1] == "start.input"]
    assert (wire.style, wire.points[0][1]) == ("all", bar.y)
    lowest = max(line.points[0][1] for line in found.lines if line.ends[0].startswith("encoder@") and not line.ends[1])
    assert start.y + start.height / 2 < bar.y < lowest


UPWARD = {
    "ss": [Time(), Time(offset=-1)],
    "sm": [Time("all"), Time("first"), Time("last")],
    "st": [Time("all"), Time("first"), Time("last")],
    "mm": [Time()],
    "mt": [Time()],
    "tt": [Time()],
}
"""When boxes of two axes and without one (m) read each other, from the lower to the upper."""


@st.composite
def parted(sample: st.DrawFn) -> View:
    """A view of two axes and boxes without one between them, all wires upward, those that make it so among them."""
    names = {side: [f"{side}{index}" for index in range(sample(st.integers(1, 4)))] for side in "smt"}
    axes, kinds = {"s": "source", "m": None, "t": "target"}, st.sampled_from(["function", "layer", "state"])
    boxes = tuple(Box(name, sample(kinds), name, axes[side]) for side in "smt" for name in names[side])
    edges = {Edge("s0", "t0", Time("all"), "all"), Edge("s0", "m0", Time("last"), "ends"), Edge("m0", "t0")}
    for (home, reader), times in UPWARD.items():
        for _ in range(sample(st.integers(0, 4))):
            source, target = sample(st.sampled_from(names[home])), sample(st.sampled_from(names[reader]))
            time = sample(st.sampled_from(times))
            begins = reader == "t" != home and sample(st.integers(0, 3)) == 3
            if source < target:
                edges.add(Edge(source, target, time, "initial" if begins else style_of(time)))
            if begins:
                edges.add(Edge(target, target, Time(offset=-1), "delay"))
    return View("parted", boxes, tuple(sorted(edges, key=str)), ("source", "target"))


def loose(found: Scene) -> list[str]:
    """The pieces of wires between strips that end nowhere: at no box, no bar, no words, and no piece of their own."""
    lines = [line for line in found.lines if line.net.startswith("bus ")]
    places = [figure.place for figure in found.figures]
    said = [replace(note.place, width=note.place.width + 12) for note in found.notes]
    faults = []
    for line in lines:
        own = [piece for other in lines if other is not line and other.net == line.net for piece in segments(other)]
        known = [*places, *said, *(bar.place for bar in found.bars if bar.net == line.net)]
        for end in (line.points[0], line.points[-1]):
            if not any(touches(end, place) for place in (*known, *(between_ends(*piece) for piece in own))):
                faults.append(f"{line.title} ends at {end}")
    return faults


def between_ends(start: Point, end: Point) -> Rectangle:
    return Rectangle((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, abs(start[0] - end[0]), abs(start[1] - end[1]))


@given(parted(), st.sampled_from([1, 3, 40]))
@some(24)
def test_whatever_stands_between_two_axes_the_memory_has_its_bar(view: View, steps: int) -> None:
    assert [part.axis for part in stretches(view)][-3:] == ["source", None, "target"]
    found = well_laid(view, Options(steps))
    assert len(found.bars) == 1
    assert not loose(found)
    drawn = {line.title for line in found.lines}
    assert all(f"{edge.source}{edge.time} to {edge.target}" in drawn for edge in view.edges if edge.style != "initial")


@given(parted(), st.integers(1, 20))
@some(24)
def test_whatever_stands_between_two_axes_the_fan_has_room(view: View, step: int) -> None:
    attends = tuple(replace(box, kind="attention") if box.path == "t0" else box for box in view.boxes)
    found = well_laid(replace(view, boxes=attends), Options(20, focus=Focus(step, "target")))
    assert not loose(found)
    if [e.target for e in view.edges if e.source == "s0" and e.time.kind == "all" and e.target[0] == "t"] == ["t0"]:
        assert [line for line in found.lines if line.curved]


def test_what_is_wider_than_a_column_or_two_parts_the_axes_as_ever() -> None:
    middle = tuple(Box(f"m{index}", "function", "wide box") for index in range(12))
    boxes = (Box("s", "state", "s", "source"), *middle, Box("t", "attention", "t", "target"))
    edges = [Edge("s", "t", Time("all"), "all"), *(Edge("s", box.path, Time("last"), "ends") for box in middle)]
    edges += [Edge(box.path, "t") for box in middle]
    assert not well_laid(View("wide", boxes, tuple(edges), ("source", "target")), Options(3)).bars
