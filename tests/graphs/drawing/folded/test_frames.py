"""Frames around composites drawn open: each holds its own boxes and no others, and lies on nothing."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.scene.scene import Rectangle, Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.pictures import faults
from tests.support.paths import EXAMPLES
from tests.support.strategies import Sample, samples, some, thinned


def picture(checked: Checked, *paths: str, depth: int = 0) -> Scene:
    """The folded picture with composites open."""
    return scene(folded(checked.graph, checked.axes, opened(checked.graph, paths, depth)))


def example(name: str) -> Checked:
    """An example, checked."""
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def holds(outer: Rectangle, inner: Rectangle) -> bool:
    """Whether a place lies within another."""
    wide = abs(outer.x - inner.x) * 2 <= outer.width - inner.width
    return wide and abs(outer.y - inner.y) * 2 <= outer.height - inner.height


def framed(found: Scene) -> dict[str, Rectangle]:
    """The frames by their names, which stand in the smallest frame around them."""
    frames = [panel.place for panel in found.panels if panel.cell]
    names = {}
    for frame in frames:
        inside = [note for note in found.notes if note.bold and note.anchor == "start" and holds(frame, note.place)]
        own = [
            note
            for note in inside
            if not any(holds(other, note.place) for other in frames if other != frame and holds(frame, other))
        ]
        (name,) = own
        names[name.label.text] = frame
    return names


def assert_framed(found: Scene) -> None:
    """Frames hold what is theirs, and nothing lies across them."""
    assert not faults(found)
    frames = framed(found)
    places = [figure.place for figure in found.figures]
    places += [note.place for note in found.notes]
    for path, frame in frames.items():
        inside = {figure.identity for figure in found.figures if frame.meets(figure.place)}
        assert inside == {f.identity for f in found.figures if f.identity.startswith(path + "/")}
        assert all(holds(frame, place) or not frame.meets(place) for place in places)
        for other, inner in frames.items():
            if other.startswith(path + "/"):
                assert holds(frame, inner)
            elif other != path and not path.startswith(other + "/"):
                assert not frame.meets(inner)


@pytest.mark.parametrize(
    ("name", "path", "frames"),
    [
        ("char_lm", "h", {"h"}),
        ("own_cell", "h", {"h"}),
        ("luong", "encoder/1", {"encoder", "encoder/1"}),
        ("luong", "attention", set()),
    ],
)
def test_an_open_composite_is_framed_where_its_boxes_stand_together(name: str, path: str, frames: set[str]) -> None:
    found = picture(example(name), path)
    assert_framed(found)
    assert set(framed(found)) == frames


def test_layers_are_framed_inside_out() -> None:
    frames = framed(picture(example("tagger"), depth=3))
    assert {"h", "h/1", "h/2"} <= set(frames)
    assert holds(frames["h"], frames["h/1"])
    assert holds(frames["h"], frames["h/2"])


def test_nothing_is_framed_where_nothing_is_open() -> None:
    assert not framed(picture(example("luong")))


NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


@pytest.mark.thinned
@pytest.mark.parametrize(("depth", "name"), thinned([(depth, name) for name in NAMES for depth in (1, 2, 9)]))
def test_frames_of_the_examples(depth: int, name: str) -> None:
    assert_framed(picture(example(name), depth=depth))


@given(samples(broken=False))
@some(20)
def test_frames_of_random_models(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    assert_framed(picture(checked, depth=9))


def weights_of(found: Scene) -> list[tuple[Rectangle, Rectangle]]:
    """The places of the weights beside wires of framed composites, each with the frame of its own."""
    written = [(note.title.partition(":")[0], note.place) for note in found.notes if ": linear" in note.title]
    return [
        (place, frame)
        for path, place in written
        for composite, frame in framed(found).items()
        if path.startswith(composite + "/")
    ]


CELL = """
spec: 1
name: weights
inputs:
  x: {features: 8}
  k: {features: 8}
nodes:
  c: {block: cell, x: x, k: k}
  z: tanh(c)
outputs:
  y: z
blocks:
  cell:
    inputs: {x: {}, k: {}}
    nodes:
      W: {block: linear, input: x, units: 8}
      U: {block: linear, input: h(t-1), units: 8}
      V: {block: linear, input: k, units: 8}
      g: sigmoid(V)
      h: tanh(W + U * g)
      O: {block: linear, input: h, units: 8}
    outputs: {h: O}
"""


def test_weights_stand_in_the_frame_of_their_composite() -> None:
    checked = check(read_spec(CELL, registry()), registry())
    found = picture(checked, depth=1)
    assert_framed(found)
    stands = {note.label.text: note.title.partition(":")[0] for note in found.notes if ": linear" in note.title}
    assert stands == {name: f"c/1/forward/{name}" for name in "WUO"}
    assert len(weights_of(found)) == 3
    assert all(holds(frame, place) for place, frame in weights_of(found))


def test_weights_of_the_examples_stand_in_their_frames_where_there_is_room() -> None:
    pictures = [picture(example(name), depth=2) for name in ("own_cell", "attention", "dates", "curriculum")]
    found = [pair for one in pictures for pair in weights_of(one)]
    outside = [pair for pair in found if not holds(pair[1], pair[0])]
    assert len(found) > 10
    assert len(outside) <= 1
