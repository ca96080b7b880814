"""The program's own pictures: nothing lies on anything else, every column is the last one shifted, and no text acts."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.letters.lettering import label, words
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Rectangle, Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.facts import facts
from leporello.graphs.drawing.views.view import Box, Edge, View, style_of
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Time
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.pictures import faults
from tests.support.paths import EXAMPLES, PICTURES
from tests.support.strategies import Sample, samples, some, thinned

SPECS = sorted([*EXAMPLES.glob("*.yaml"), *PICTURES.glob("*.yaml")])
WAYS: list[tuple[int | None, bool]] = [(None, False), (1, False), (3, False), (40, False), (3, True)]


def model(path: Path) -> Checked:
    """A spec, checked."""
    return check(read_file(path, registry()), registry())


@pytest.mark.thinned
@pytest.mark.parametrize(("path", "steps", "both"), thinned([(path, *way) for path in SPECS for way in WAYS]))
def test_nothing_lies_on_anything_else(path: Path, steps: int | None, both: bool) -> None:
    checked = model(path)
    weights = ("wires", "boxes")[(SPECS.index(path) + WAYS.index((steps, both))) % 2]
    found = scene(folded(checked.graph, checked.axes), Options(steps, both, weights))  # type: ignore[arg-type]
    assert not faults(found)


@given(samples(broken=False), st.sampled_from(WAYS))
@some(40)
def test_nothing_lies_on_anything_else_in_random_models(sample: Sample, way: tuple[int | None, bool]) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    found = scene(folded(checked.graph, checked.axes), Options(*way))
    assert not faults(found)
    assert not list(forbidden(ElementTree.fromstring(svg_text(found))))


@st.composite
def views(sample: st.DrawFn) -> View:
    """A view with any wires: of the same step in the order written, late ones anywhere."""
    count = sample(st.integers(1, 9))
    names = [f"n{index}" for index in range(count)]
    kinds = st.sampled_from(["function", "layer", "state", "input", "feedback"])
    boxes = tuple(Box(name, sample(kinds), name * sample(st.sampled_from([1, 1, 5])), "time") for name in names)
    edges = set()
    for _ in range(sample(st.integers(0, 16))):
        source, target, offset = sample(st.tuples(*[st.integers(0, count - 1)] * 2, st.integers(-2, 2)))
        if offset or source < target:
            time = Time(offset=offset)
            edges.add(Edge(names[source], names[target], time, style_of(time)))
    return View("random", boxes, tuple(sorted(edges, key=str)), ("time",))


@given(views(), st.sampled_from(WAYS))
@some(20)
def test_nothing_lies_on_anything_else_in_random_views(view: View, way: tuple[int | None, bool]) -> None:
    found = scene(view, Options(*way))
    assert not faults(found)
    assert svg_text(found) == svg_text(scene(view, Options(*way)))


@given(views())
@some(40)
def test_every_wire_of_the_folded_picture_is_there(view: View) -> None:
    found = scene(view, Options(weights="boxes"))
    places = {figure.identity: figure for figure in found.figures}
    drawn = {line.title for line in found.lines}
    for edge in view.edges:
        reference = any(
            name.endswith(f"/{edge.source}{edge.time}") for name in places if name.startswith("references:")
        )
        assert f"{edge.source}{edge.time} to {edge.target}" in drawn or reference


GOLDEN = {
    "elman": (3, True),
    "lstm_equations": (None, False),
    "luong": (2, True),
    "mixed": (3, False),
    "tagger": (20, False),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_svg_is_the_golden_one(name: str) -> None:
    checked = model(PICTURES / f"{name}.yaml")
    steps, both = GOLDEN[name]
    path, drawn = (
        PICTURES / f"{name}.svg",
        draw(checked.graph, checked.axes, Options(steps, both), "svg"),
    )
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


def test_faults_are_found() -> None:
    box = Figure("a", "state", "box", Rectangle(50, 50, 40, 40), label("abcdefgh"), size=17)
    line = Line("n", ((0, 50), (100, 50), (110, 60)), "now", title="wire")
    note = Note(Rectangle(150, 50, 20, 20), words("word"), 12)
    found = faults(Scene(155, 100, "bad", "", (box, replace(box, identity="b")), (line,), (note,)))
    for said in ("a lies on b", "wire runs through a", "wire is slanted", "word is outside", "text of a is too wide"):
        assert any(said in fault for fault in found)


def columns(found: Scene) -> dict[str, dict[str, Figure]]:
    """The figures of every step."""
    by_step: dict[str, dict[str, Figure]] = {}
    for figure in found.figures:
        name, _, step = figure.identity.partition("@")
        if step:
            by_step.setdefault(step, {})[name] = figure
    return by_step


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_column_is_the_last_one_shifted(path: Path) -> None:
    checked = model(path)
    view = folded(checked.graph, checked.axes)
    by_step = columns(scene(view, Options(5)))
    axes = {box.path: box.axis for box in view.boxes}
    for here, after in zip("1234", "2345", strict=True):
        shifts: dict[str | None, set[tuple[float, float]]] = {}
        for name, figure in by_step[here].items():
            other = by_step[after][name].place
            moved = (round(other.x - figure.place.x, 6), round(other.y - figure.place.y, 6))
            shifts.setdefault(axes.get(name), set()).add(moved)
        assert all(len(moved) == 1 for axis, moved in shifts.items() if axis)
        assert all(y == 0 and x > 0 for moved in shifts.values() for x, y in moved)


def test_a_delay_is_a_wire_to_the_next_column_and_begins_with_the_initial_value() -> None:
    checked = model(EXAMPLES / "elman.yaml")
    found = scene(folded(checked.graph, checked.axes), Options(3))
    late = [line for line in found.lines if line.style == "delay"]
    places = columns(found)
    assert len(late) == 3
    assert all(len(line.points) == 2 for line in late)
    begins = sorted(line.points[0][0] for line in late)
    right = [places[step]["h"].place.x + places[step]["h"].place.width / 2 for step in "12"]
    assert begins[1:] == right
    assert "h0" in [note.label.text for note in found.notes]
    assert [note.label.text for note in found.notes].count("W") == 2


def test_many_steps_are_drawn_as_the_first_and_the_last() -> None:
    checked = model(EXAMPLES / "tagger.yaml")
    found = scene(folded(checked.graph, checked.axes), Options(1_000_000_000))
    assert set(columns(found)) == {"1", "2", "3", "999999998", "999999999", "1000000000"}
    assert "· · ·" in [note.label.text for note in found.notes]
    assert "h1000000001" in [note.label.text for note in found.notes]


def test_the_decoder_reads_all_steps_through_one_bar_and_starts_from_the_encoder() -> None:
    checked = model(EXAMPLES / "luong.yaml")
    found = scene(folded(checked.graph, checked.axes), Options({"source": 5, "target": 3}))
    assert [bar.label.text for bar in found.bars] == ["all steps of encoder"]
    assert sum(line.style == "all" for line in found.lines) == 5 + 3
    (start,) = [line for line in found.lines if line.style == "initial" and line.arrow]
    named = next(note for note in found.notes if note.label.text == "decoder0")
    assert abs(start.points[-1][1] - named.place.y) < 1


def test_hover_texts_say_path_size_parameters_and_line() -> None:
    checked = model(EXAMPLES / "elman.yaml")
    text = draw(checked.graph, checked.axes, Options(weights="boxes", facts=facts(checked)), "svg")
    root = ElementTree.fromstring(text)
    titles = {g.get("id"): g[0].text or "" for g in root.iter() if g.get("id")}
    assert "size 16, 144 parameters" in titles["U"]
    assert re.search(r"line \d+: U:", titles["U"])
    assert root.get("role") == "img"
    assert [child.tag.rpartition("}")[2] for child in root[:2]] == ["title", "desc"]


def test_colours_are_literal_and_change_in_the_dark() -> None:
    checked = model(EXAMPLES / "luong.yaml")
    text = draw(checked.graph, checked.axes, Options(3), "svg")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "var(" not in text.replace(style, "")
    assert style.startswith("<style>@supports (color:var(--c)){")
    assert "@media (prefers-color-scheme:dark){:root{" in style
    used = set(re.findall(r'(?:fill|stroke)="#(\w+)"', text))
    assert used <= set(re.findall(r"--c-(\w+):#", style))


@pytest.mark.parametrize("weights", ["wires", "boxes"])
def test_weights_stand_on_wires_or_in_boxes(weights: str) -> None:
    checked = model(EXAMPLES / "elman.yaml")
    found = scene(folded(checked.graph, checked.axes), Options(weights=weights))  # type: ignore[arg-type]
    figures, notes = {f.identity for f in found.figures}, {n.label.text for n in found.notes}
    assert ("U" in figures) == (weights == "boxes")
    assert ("U" in notes) == (weights == "wires")


def test_labels_are_wide_enough_for_every_letter() -> None:
    assert label("W_c", "12").width(10) > label("W", "12").width(10)
    assert words("漢字").width(10) >= 20
    assert label("x" * 100_000).width(10) < 300


def test_a_large_folded_model_is_drawn() -> None:
    boxes = tuple(Box(f"n{i}", "layer", f"n{i}", "time") for i in range(1000))
    edges = [Edge(f"n{i}", f"n{i + 1}") for i in range(999)] + [Edge(f"n{i}", f"n{i + 7}") for i in range(0, 990, 5)]
    found = scene(View("large", boxes, tuple(edges), ("time",)))
    assert len([figure for figure in found.figures if figure.kind == "layer"]) == 1000


def test_an_empty_model_is_an_empty_picture() -> None:
    for steps in (None, 3):
        assert "nothing" in draw(Graph("nothing"), {}, Options(steps), "svg")


def test_steps_that_do_not_exist_are_refused() -> None:
    checked = model(EXAMPLES / "luong.yaml")
    with pytest.raises(SpecError, match="did you mean source"):
        draw(checked.graph, checked.axes, Options({"sorce": 3}), "svg")
    with pytest.raises(SpecError, match="a whole number"):
        draw(checked.graph, checked.axes, Options(0), "svg")
