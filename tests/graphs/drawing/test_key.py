"""The key: it explains every sign of a picture and no other, beside or below it, and lies on nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.key import entries, with_key
from leporello.graphs.drawing.letters.lettering import label, words
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Figure, Rectangle, Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.specs import read_file, read_spec
from tests.support.command_line import ELMAN, done, refused
from tests.support.drawn.pictures import faults
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import Sample, samples, some, thinned

SPECS = sorted([*(GOLDEN.parent.parent.parent / "examples").glob("*.yaml"), *GOLDEN.glob("*.yaml")])
WAYS = [(None, False), (3, False), (3, True), (40, False)]


def drawn(path: Path, options: Options) -> Scene:
    """The scene of a spec."""
    checked = check(read_file(path, registry()), registry())
    return scene(folded(checked.graph, checked.axes), options)


def meanings(found: Scene) -> list[str]:
    """What the key of a scene says."""
    return [entry.meaning for entry in entries(found)]


def test_the_key_says_what_occurs_and_nothing_else() -> None:
    assert meanings(drawn(GOLDEN / "elman.yaml", Options())) == [
        "input",
        "output",
        "state: read at another step",
        "value of the same step",
        "passed forward in time",
        "learned weights of a wire",
    ]
    boxes = meanings(drawn(GOLDEN / "elman.yaml", Options(weights="boxes")))
    assert "learned layer" in boxes
    assert "learned weights of a wire" not in boxes


def test_every_kind_of_wire_has_its_line() -> None:
    luong = meanings(drawn(GOLDEN / "luong.yaml", Options(3)))
    assert {"all steps, gathered", "all steps at once", "output fed back", "initial value"} <= set(luong)
    assert "passed backward in time" not in luong
    assert {"passed backward in time", "the first or the last step"} <= set(
        meanings(drawn(GOLDEN / "mixed.yaml", Options()))
    )


def test_a_delay_stands_in_the_key_as_it_stands_in_the_picture() -> None:
    def signs(options: Options) -> list[str]:
        entry = next(e for e in entries(drawn(GOLDEN / "elman.yaml", options)) if e.meaning == "passed forward in time")
        return [part.label.text for part in entry.sample if hasattr(part, "label")]

    assert signs(Options()) == ["z\N{MINUS SIGN}1"]
    assert signs(Options(3)) == []
    assert signs(Options(3, both=True)) == ["z\N{MINUS SIGN}1"]


def test_the_key_is_beside_a_high_picture_and_below_a_wide_one() -> None:
    high, wide = drawn(GOLDEN / "elman.yaml", Options()), drawn(GOLDEN / "elman.yaml", Options(9))
    assert with_key(high).width > high.width
    assert with_key(wide).width == wide.width
    assert with_key(wide).height > wide.height


def test_the_picture_itself_stays_as_it_is() -> None:
    before = drawn(GOLDEN / "luong.yaml", Options())
    after = drawn(GOLDEN / "luong.yaml", Options(key=True))
    assert after == with_key(before)
    assert after.figures[: len(before.figures)] == before.figures
    assert after.lines[: len(before.lines)] == before.lines
    assert all(figure.identity.startswith("key/") for figure in after.figures[len(before.figures) :])


def test_without_signs_there_is_no_key() -> None:
    empty = Scene(100, 100, "empty", "nothing")
    assert with_key(empty) is empty


def test_a_node_that_is_called_key_keeps_its_name() -> None:
    node = Figure("key/input", "input", "circle", Rectangle(50, 50, 54, 54), label("x"))
    text = svg_text(with_key(Scene(100, 100, "a", "b", (node,))))
    names = [element.get("id") for element in ElementTree.fromstring(text).iter() if element.get("id")]
    assert names[0] == "key/input"
    assert len(set(names)) == len(names) == 2


@pytest.mark.thinned
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@pytest.mark.parametrize("turn", thinned([0, 1]))
def test_the_key_lies_on_nothing(path: Path, turn: int) -> None:
    way = WAYS[(SPECS.index(path) + 2 * turn) % len(WAYS)]
    found = drawn(path, Options(*way, key=True))
    assert not faults(found)
    assert not list(forbidden(ElementTree.fromstring(svg_text(found))))


@given(samples(broken=False), st.sampled_from(WAYS))
@some(15)
def test_the_key_of_a_random_model_lies_on_nothing(sample: Sample, way: tuple[int | None, bool]) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    found = scene(folded(checked.graph, checked.axes), Options(*way, key=True))
    assert not faults(found)
    assert len(set(meanings(found))) == len(meanings(found))


def test_a_pale_picture_has_a_clear_key() -> None:
    before = drawn(GOLDEN / "elman.yaml", Options())
    pale = replace(before, notes=tuple(replace(note, opacity=0.3) for note in before.notes))
    assert all(note.opacity == 1 for note in with_key(pale).notes[len(pale.notes) :])


def test_the_key_is_the_golden_one() -> None:
    checked = check(read_file(GOLDEN / "char_lm.yaml", registry()), registry())
    path = GOLDEN / "char_lm.key.svg"
    text = draw(checked.graph, checked.axes, Options(key=True), "svg")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


def test_text_has_no_key(tmp_path: Path) -> None:
    assert "--key is for .json, .pdf, .png and .svg only" in refused("draw", ELMAN, "--key")
    done("draw", ELMAN, "--key", "-o", tmp_path / "a.svg")
    assert ">Key<" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_beside_equations_the_key_has_its_place_above_or_below_them() -> None:
    checked = check(read_file(GOLDEN / "luong.yaml", registry()), registry())
    grouping = opened(checked.graph, depth=1)
    view = folded(checked.graph, checked.axes, grouping)
    before, after = scene(view, Options(grouping=grouping)), scene(view, Options(grouping=grouping, key=True))
    equations = [note.place for note in before.notes if note.style == "ink" and note.anchor == "start"]
    assert equations
    (heading,) = [note.place for note in after.notes if note.label.text == "Key"]
    assert abs(heading.x - heading.width / 2 - min(place.x - place.width / 2 for place in equations)) < 0.01
    assert after.height == before.height


def test_what_is_pale_everywhere_is_not_explained() -> None:
    before = drawn(GOLDEN / "char_lm.yaml", Options())
    lines = tuple(replace(one, opacity=0.3) if one.style == "fed_back" else one for one in before.lines)
    assert "output fed back" in meanings(before)
    assert "output fed back" not in meanings(replace(before, lines=lines))


def test_a_box_that_is_no_delay_is_none_in_the_key() -> None:
    before = drawn(GOLDEN / "luong.yaml", Options())
    numbers = tuple(replace(note, label=words("1")) if note.boxed else note for note in before.notes)
    entry = next(e for e in entries(replace(before, notes=numbers)) if e.meaning == "passed forward in time")
    assert len(entry.sample) == 1
