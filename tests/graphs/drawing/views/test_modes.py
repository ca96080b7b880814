"""Modes of feedback in pictures: what a mode reads, what it cuts, and that the compiler cuts the same."""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.views.modes import MODES, Feedback, Mode, cut, in_mode, read_feedback, solid
from leporello.graphs.drawing.views.view import View
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.command_line import CHARACTERS, ELMAN, EXAMPLES, LUONG, done, refused
from tests.support.drawn.pictures import faults
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import Sample, samples

FED = ["char_lm", "luong", "own_cell"]


def model(name: str) -> Checked:
    """An example, checked."""
    return check(read_file(EXAMPLES / f"{name}.yaml", registry()), registry())


def seen(name: str, mode: Mode, probability: float | None = None) -> View:
    """The picture of an example in a mode."""
    checked = model(name)
    return in_mode(checked.graph, checked.axes, Feedback(mode, probability))


def compiled(checked: Checked, mode: Mode) -> set[str]:
    """The nodes that the compiler leaves in a mode, the coins aside."""
    return {path for path in needed(resolve(checked, mode)).graph.index if path in checked.graph}


@pytest.mark.parametrize("name", FED)
@pytest.mark.parametrize("mode", MODES)
def test_a_picture_of_a_mode_is_that_of_its_graph(name: str, mode: Mode) -> None:
    checked = model(name)
    assert set(cut(checked.graph, mode).index) == compiled(checked, mode)


@given(samples(broken=False))
@settings(suppress_health_check=list(HealthCheck))
def test_a_mode_cuts_what_the_compiler_cuts(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    aimed = {output.predicts for output in checked.graph.outputs}
    for mode in MODES:
        assert set(cut(checked.graph, mode).index) - aimed == compiled(checked, mode) - aimed


def wires(view: View) -> set[tuple[str, str, str, str]]:
    """The wires between the boxes of a language model's ends, as they are drawn."""
    return {(e.source, e.label, e.style, "pale" if e.faint else "dark") for e in view.edges if e.target == "previous"}


def test_each_mode_reads_one_port_and_a_curriculum_both() -> None:
    assert wires(seen("char_lm", "teacher")) == {
        ("text", "truth", "delay", "dark"),
        ("choice", "own", "fed_back", "pale"),
    }
    assert wires(seen("char_lm", "free")) == {("text", "truth", "delay", "pale"), ("choice", "own", "delay", "dark")}
    assert wires(seen("char_lm", "curriculum", 0.7)) == {
        ("text", "truth 0.7", "fed_back", "dark"),
        ("choice", "own 0.3", "fed_back", "dark"),
    }
    assert {label for _, label, _, _ in wires(seen("char_lm", "curriculum"))} == {"truth p", "own 1-p"}


def test_what_a_mode_does_without_is_pale() -> None:
    pale = {mode: {box.path for box in seen("luong", mode).boxes if box.faint} for mode in MODES}
    assert pale == {"teacher": {"choice"}, "free": {"target"}, "curriculum": set()}
    left = solid(seen("luong", "teacher"))
    assert "choice" not in {path for edge in left.edges for path in (edge.source, edge.target)}


def test_what_is_only_predicted_stays() -> None:
    text = """
spec: 1
inputs: {x: {tokens: 5}, y: {tokens: 3}}
nodes:
  previous: {block: feedback, truth: x(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 4}
  logits: {block: linear, input: e, units: 5}
  scores: {block: linear, input: e, units: 3}
  choice: {block: argmax, input: logits}
outputs:
  next: {from: logits, predicts: x}
  label: {from: scores, predicts: y}
"""
    checked = check(read_spec(text, registry()), registry())
    view = in_mode(checked.graph, checked.axes, Feedback("free"))
    assert {box.path for box in view.boxes if box.faint} == {"x"}
    assert [edge.target for edge in view.edges if edge.style == "predicts" and not edge.faint] == ["y"]


def test_modes_are_laid_out_alike() -> None:
    places = []
    for mode in ("teacher", "free"):
        found = scene(seen("luong", mode))
        places.append({figure.identity: (figure.place.x, figure.place.y) for figure in found.figures})
    assert places[0] == places[1]


@pytest.mark.parametrize("name", FED)
@pytest.mark.parametrize("mode", ["teacher", "free", "curriculum=0.25"])
@pytest.mark.parametrize("steps", [None, 3])
def test_nothing_lies_on_anything_else(name: str, mode: str, steps: int | None) -> None:
    checked = model(name)
    view = in_mode(checked.graph, checked.axes, read_feedback(mode))
    assert not faults(scene(view, Options(steps)))


@pytest.mark.parametrize(
    ("ending", "mode", "steps"),
    [
        ("curriculum.svg", "curriculum=0.75", 3),
        ("teacher.svg", "teacher", None),
        ("free.folded.txt", "free", None),
        ("curriculum.unfolded.txt", "curriculum=0.75", 3),
        ("teacher.folded.dot", "teacher", None),
        ("curriculum.unfolded.dot", "curriculum=0.75", 2),
    ],
)
def test_the_picture_is_the_golden_one(ending: str, mode: str, steps: int | None) -> None:
    checked, path = model("char_lm"), GOLDEN / f"char_lm.{ending}"
    options = Options(steps, feedback=read_feedback(mode))
    drawn = draw(checked.graph, checked.axes, options, ending.rpartition(".")[2])  # type: ignore[arg-type]
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


def test_every_format_says_the_same() -> None:
    options = ("--feedback", "curriculum=0.75")
    for unfold in ((), ("--unfold", "2")):
        forms = ("svg", "dot", "txt")
        svg, dot, txt = (done("draw", CHARACTERS, *options, *unfold, "--format", form) for form in forms)
        words = re.sub(r"<[^>]*>", "", svg)
        for said in ("truth 0.75", "own 0.25", "curriculum (truth 0.75)"):
            assert said in words
            assert said in dot
            assert said in txt
    assert "choice" in done("draw", LUONG, "--feedback", "teacher", "--format", "dot")
    assert "choice" not in done("draw", LUONG, "--feedback", "teacher")


def test_pale_things_are_pale_in_svg() -> None:
    root = ElementTree.fromstring(done("draw", CHARACTERS, "--feedback", "teacher", "--format", "svg"))
    pale = {element.get("id") for element in root.iter() if element.get("opacity") == "0.30" and element.get("id")}
    assert pale == {"choice"}


@pytest.mark.parametrize(
    ("mode", "hint"),
    [
        ("fre", "did you mean free?"),
        ("step", "modes:"),
        ("", "modes:"),
        ("teacher=0.5", "takes no probability"),
        ("curriculum=", "from 0 to 1"),
        ("curriculum=.", "from 0 to 1"),
        ("curriculum=1.01", "from 0 to 1"),
        ("curriculum=-0.5", "from 0 to 1"),
        ("curriculum=nan", "from 0 to 1"),
        ("curriculum=1e-3", "from 0 to 1"),
        ("curriculum=½", "from 0 to 1"),
        ("curriculum=" + "9" * 5000, "from 0 to 1"),
        ("curriculum=0.5=0.5", "from 0 to 1"),
        ("\x1b[2Jfree", "\\x1b"),
    ],
)
def test_modes_that_will_not_do(mode: str, hint: str) -> None:
    assert hint in refused("draw", CHARACTERS, "--feedback", mode)


def test_a_model_without_feedback_has_no_modes() -> None:
    assert "no feedback" in refused("draw", ELMAN, "--feedback", "free")
    checked = model("tagger")
    with pytest.raises(SpecError, match="no feedback"):
        draw(checked.graph, checked.axes, Options(feedback=Feedback("teacher")))


@pytest.mark.parametrize("text", ["0", "1", "0.5", ".5", "0.000001"])
def test_probabilities(text: str) -> None:
    assert read_feedback(f"curriculum={text}") == Feedback("curriculum", float(text))
