"""What is told of a text while it is written: it always has findings, and a picture as far as it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.drawing.column.effort import BEST, FIRST
from leporello.graphs.drawing.views.closing import folded, time_axes
from leporello.graphs.drawing.views.opened import CLOSED
from leporello.tui.pictures.drawing import cells
from leporello.tui.pictures.findings import Model, about, findings, loops, matches, read
from leporello.tui.pictures.wanted import Shown
from leporello.tui.words import loops_words
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.yaml"))}
LSTM = TEXTS["lstm_from_equations"]


def model(text: str) -> Model:
    return read(text, str(EXAMPLES / "x.yaml"), {})


@given(
    st.sampled_from(sorted(TEXTS)),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.sampled_from([0, 1, 2, 5, 20, 80]),
            st.sampled_from(["", "x", "(t-1)", ": ", "[", "{", "\n", "h", "$", "block: lstm"]),
        ),
        min_size=1,
        max_size=3,
    ),
)
@some(40)
def test_a_text_that_is_being_written_has_findings_and_a_picture(
    name: str, edits: list[tuple[float, int, str]]
) -> None:
    text = TEXTS[name]
    for at, count, new in edits:
        start = int(at * len(text))
        text = text[:start] + new + text[start + count :]
    found = model(text)
    told = findings(7, found)
    assert told.serial == 7
    assert found.valid is (not told.errors)
    assert not found.valid or all(loop.nodes for loop in loops(found))
    for shown in (Shown(), Shown(3), Shown(None, ("h", "decoder"), "free", True)):
        picture = cells(found.checked, shown, found.valid, FIRST)
        assert len(picture.rows(0, picture.height)) == picture.height
    for box in folded(found.checked.graph, found.checked.axes, CLOSED).boxes[:5]:
        assert about(found, box.path).path == box.path


def test_an_lstm_is_recognised_as_one_and_what_it_lacks_is_told() -> None:
    assert loops_words(tuple(loops(model(LSTM)))) == "this loop is an lstm: runs fused"
    (told,) = loops(model(LSTM.replace("o * tanh(c)", "tanh(c)")))
    assert loops_words([told]) == "scanned, not an lstm: the output gate is missing"
    assert "the output gate is missing" in told.why
    assert loops_words(tuple(loops(model(TEXTS["luong"])))) == "2 loops fused, 1 scanned"


def test_sizes_come_from_the_data_and_what_is_wrong_with_these_is_told(tmp_path: Path) -> None:
    told = findings(1, model(TEXTS["char_lm"]))
    assert not told.problems
    assert told.weights == "326,570"
    text = TEXTS["char_lm"].replace("{builtin: python_topics, split: [0.9, 0.05, 0.05]}", "{file: nothing.txt}")
    told = findings(2, model(text))
    assert "nothing.txt" in told.errors[0].what
    assert told.errors[0].mark is not None
    wrong = findings(3, model(TEXTS["char_lm"].replace("updates: 1200", "updates: many")))
    assert "training.updates is" in wrong.errors[0].what


def test_everything_about_a_box() -> None:
    found = model(TEXTS["char_lm"])
    h = about(found, "h")
    assert {row.name: row.said for row in h.rows} == {
        "block": "lstm",
        "runs on": "time",
        "size": "256",
        "weights": "295,936",
    }
    assert [(row.name, row.said, row.more) for row in h.ports] == [("input", "e", "32")]
    assert len(h.equations) == 6
    assert h.runs == ("fused, forward along time: an lstm that torch has a kernel for",)
    assert (h.line, h.composite) == (14, True)
    gate = about(found, "h/1/forward/i")
    assert gate.line == 14
    assert not gate.composite
    assert about(found, "nobody").rows == ()


@pytest.mark.parametrize("text", ["", "\n", "nodes:", "[1, 2]", "{", "\x1b[2J", "spec: 1\nnodes: 3", "a: b: c"])
def test_texts_that_are_no_specs_have_problems_and_no_picture(text: str) -> None:
    told = findings(1, model(text))
    assert told.errors


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_axes_are_those_of_the_picture(name: str) -> None:
    checked = model(TEXTS[name]).checked
    assert time_axes(checked.graph, checked.axes) == folded(checked.graph, checked.axes, CLOSED).axes


@pytest.mark.parametrize(
    ("cut", "what", "hint"),
    [
        ((), "", ""),
        ((", predicts: text",), "no output predicts an input", "next: {from: logits, predicts: text}"),
        (
            ("data:\n  text: {builtin: python_topics, split: [0.9, 0.05, 0.05]}\n",),
            "there is no data for the input 'text'",
            "text: {file: input.txt}",
        ),
    ],
)
def test_why_nothing_can_be_trained_is_known_before_it_is_tried(cut: tuple[str, ...], what: str, hint: str) -> None:
    text = TEXTS["char_lm"]
    for piece in cut:
        assert piece in text
        text = text.replace(piece, "")
    told = findings(1, model(text))
    assert not told.errors and (told.untrained is None) is (not cut)
    if told.untrained is not None:
        assert what in told.untrained.what and hint in told.untrained.hint


def test_outputs_are_found_by_their_names_too() -> None:
    assert matches(model(TEXTS["elman"]), "y") == ("outputs/y",)


OWN = """spec: 1
inputs: {x: {features: 4}}
blocks:
  cell:
    inputs: [x]
    nodes:
      f: {block: linear, input: [x, h(t-1)], units: 4}
      h: f * x
    outputs: [h]
nodes:
  a: {block: cell, x: x}
outputs: {y: a}
"""


def test_what_is_found_has_a_box_and_what_is_called_so_comes_first() -> None:
    found = matches(model(OWN), "f")
    assert found and found[0].endswith("/f")
    for letters in ("f", "h", "o", "1", "r"):
        for path in matches(model(OWN), letters):
            opened = tuple("/".join(path.split("/")[:count]) for count in range(1, path.count("/") + 1))
            picture = cells(model(OWN).checked, Shown(opened=opened), True, BEST)
            assert picture.place(Owner("box", path)), path


@pytest.mark.parametrize("block", ["lstm, layers: 2", "encoder, cell: lstm"])
def test_boxes_inside_of_shipped_blocks_are_found_too(block: str) -> None:
    node = f"{{block: {block}, input: x, units: 4}}"
    text = f"spec: 1\ninputs: {{x: {{features: 4}}}}\nnodes: {{a: {node}}}\noutputs: {{y: a}}\n"
    for letters in ("c", "a", "o", "w"):
        for path in matches(model(text), letters)[:6]:
            opened = tuple("/".join(path.split("/")[:count]) for count in range(1, path.count("/") + 1))
            assert cells(model(text).checked, Shown(opened=opened), True, BEST).place(Owner("box", path)), path


def test_a_box_is_found_by_what_it_is_called_in_the_picture() -> None:
    found = model(TEXTS["attention"])
    for letter, path in (("c", "attention"), ("s", "decoder"), ("h", "encoder")):
        assert matches(found, letter)[0] == path and matches(found, path)[0] == path
