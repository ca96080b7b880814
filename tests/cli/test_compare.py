"""`leporello compare`: what it finds between two models, as text, JSON and picture, and what it refuses."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from leporello.blocks.registry import registry
from leporello.cli.reports.compare_report import difference
from leporello.graphs.drawing.folded.compare_scene import compare_scene
from leporello.graphs.drawing.views.differences import Differences
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.specs import check_spec
from tests.graphs.drawing.test_pictures import HOSTILE
from tests.support.command_line import CHARACTERS, ELMAN, EXAMPLES, LUONG, done, refused
from tests.support.drawn.pictures import faults
from tests.support.paths import PICTURES as GOLDEN
from tests.support.strategies import thinned

EQUATIONS = str(EXAMPLES / "lstm_from_equations.yaml")
OWN = str(EXAMPLES / "own_cell.yaml")
TAGGER = str(EXAMPLES / "tagger.yaml")
SHORT = """
spec: 1
name: short
inputs:
  x: {features: 8}
nodes:
  h: {block: lstm, input: x, units: 16}
  y: {block: linear, input: h, units: 4}
outputs:
  y: y
"""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A spec with an lstm as one node."""
    path = tmp_path / "short.yaml"
    path.write_text(SHORT)
    return path


def changed(text: str, *changes: tuple[str, str]) -> Differences:
    """What differs between a text and the text with changes."""
    other = text
    for old, new in changes:
        assert old in other
        other = other.replace(old, new)
    return difference(check_spec(text, registry(), {}), check_spec(other, registry(), {}))


def found(differences: Differences) -> dict[tuple[str | None, str | None], dict[str, tuple[str, str]]]:
    """The pairs that are not equal, with what changed."""
    return {(pair.a, pair.b): dict(pair.what) for pair in differences.pairs if not pair.equal}


@pytest.mark.thinned
def test_a_model_beside_itself_is_the_same_model() -> None:
    for path in thinned(sorted(EXAMPLES.glob("*.yaml")), every=4):
        said = done("compare", path, path)
        assert "A and B are the same model." in said
        told = json.loads(done("compare", path, path, "--json"))
        assert told["equal"]
        assert told["a"] == told["b"]


def test_an_lstm_is_found_in_its_equations(short: Path) -> None:
    told = json.loads(done("compare", EQUATIONS, short, "--json"))
    assert told["same_function"]
    assert not told["equal"]
    gates = ["W_i", "W_f", "W_g", "W_o", "i", "f", "g", "o", "c", "h"]
    assert told["spelled_out"] == [{"a": gates, "b": ["h"]}]
    assert told["starts_differently"] == gates[:4]
    said = done("compare", short, EQUATIONS)
    assert "the same function of the same weights, written differently" in said
    assert "h of A is W_i, W_f, W_g, W_o, i, f, g, o, c, h of B" in said


def test_numbers_of_both(short: Path, tmp_path: Path) -> None:
    gru = tmp_path / "gru.yaml"
    gru.write_text(SHORT.replace("lstm", "gru"))
    told = json.loads(done("compare", short, gru, "--json"))
    assert not told["same_function"]
    numbers: dict[str, Any] = {side: told[side] for side in ("a", "b")}
    assert numbers["a"]["parameters"] == 4 * (8 + 16 + 1) * 16 + 4 * 17
    assert numbers["a"]["operations"] == [
        {"axes": ["time"], "multiply_adds": 4 * (8 + 16) * 16 + 64, "elementwise": 9 * 16}
    ]
    assert numbers["b"]["operations"][0]["multiply_adds"] == 3 * (8 + 16) * 16 + 64
    assert [state["numbers"] for state in numbers["a"]["states"]] == [16, 16]
    assert [state["numbers"] for state in numbers["b"]["states"]] == [16]
    loops = {side: numbers[side]["loops"]["teacher"] for side in numbers}
    assert [loop["lowering"] for loop in (*loops["a"], *loops["b"])] == ["fused", "fused"]
    assert loops["a"][0]["operations"][0]["multiply_adds"] == 4 * (8 + 16) * 16
    said = done("compare", short, gru)
    assert re.search(r"! +h +lstm +gru +1,600 +1,216", said)
    assert re.search(r"multiply-adds a step of time +1,600 +1,216", said)


def test_what_changed_in_a_node() -> None:
    assert found(changed(SHORT, ("units: 16", "units: 32"))) == {("h", "h"): {"units": ("16", "32")}}
    assert found(changed(SHORT, ("units: 16", "units: 16, layers: 2"))) == {("h", "h"): {"layers": ("1", "2")}}
    assert found(changed(SHORT, ("input: x", "input: x(t-1)"))) == {("h", "h"): {"reads": ("x", "x(t-1)")}}
    assert found(changed(SHORT, ("block: lstm", "block: gru"))) == {("h", "h"): {"block": ("lstm", "gru")}}
    assert found(changed(SHORT, ("features: 8", "features: 9"))) == {("x", "x"): {"size": ("8", "9")}}
    text = Path(ELMAN).read_text()
    assert found(changed(text, ("tanh", "relu"))) == {("h", "h"): {"block": ("tanh(U + W)", "relu(U + W)")}}
    more = changed(text, ("y: o", "y: o\n  z: h"))
    assert found(more) == {(None, "outputs/z"): {}}


def test_a_node_under_another_name() -> None:
    text = Path(ELMAN).read_text()
    renamed = changed(text, ("h(t-1)", "s(t-1)"), ("h: tanh", "s: tanh"), ("input: h", "input: s"))
    assert renamed.same
    assert found(renamed) == {("h", "s"): {}}
    both = changed(
        text, ("h(t-1)", "s(t-1)"), ("h: tanh", "s: tanh"), ("input: h", "input: s"), ("units: 4", "units: 5")
    )
    assert not both.same
    assert found(both) == {("h", "s"): {}, ("o", "o"): {"units": ("4", "5")}}


def test_names_that_are_exchanged() -> None:
    text = Path(ELMAN).read_text()
    swapped = changed(text, ("U:", "?:"), ("W:", "U:"), ("?:", "W:"), ("tanh(U + W)", "tanh(W + U)"))
    assert swapped.same
    assert found(swapped) == {("U", "W"): {}, ("W", "U"): {}}


def test_first_values_are_no_part_of_the_function_but_are_told() -> None:
    other = changed(SHORT, ("units: 4", "units: 4, init: zeros"))
    assert other.same
    assert not other.equal
    assert other.starts == ("y",)


def test_the_modes_of_feedback_have_their_own_loops() -> None:
    said = done("compare", CHARACTERS, OWN)
    assert "loops, learning from the truth:" in said
    assert "loops, running freely:" in said
    assert "each step reads what the model chose before it (choice)" in " ".join(said.split())


def test_loops_of_the_same_model_are_told_once() -> None:
    said = done("compare", CHARACTERS, CHARACTERS)
    assert said.count("  =  h/1/forward (10 nodes)\n") == 1
    assert "  A  h/1" not in said
    assert "an lstm that torch has a kernel for" in said


def test_the_text_is_of_a_readable_width() -> None:
    for pair in ((CHARACTERS, OWN), (LUONG, TAGGER), (ELMAN, EQUATIONS)):
        assert max(map(len, done("compare", *pair).splitlines())) <= 100


def test_sizes_that_are_open_stay_formulas(tmp_path: Path) -> None:
    spec = tmp_path / "open.yaml"
    spec.write_text(SHORT.replace("units: 16", "units: $units"))
    told = json.loads(done("compare", spec, spec, "--json"))
    assert told["a"]["unbound"] == ["units"]
    assert told["a"]["operations"][0]["multiply_adds"] == "36 * $units + 4 * $units * $units"
    assert json.loads(done("compare", spec, spec, "--size", "units=16", "--json"))["a"]["parameters"] == 1668
    assert "did you mean $units?" in refused("compare", spec, spec, "--size", "unit=16").replace("units?", "$units?")


def test_text_that_cannot_be_read_leaves_sizes_open(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(Path(CHARACTERS).read_text().replace("builtin: python_topics", "file: missing.txt"))
    assert "$characters" in done("compare", spec, CHARACTERS)


def test_both_specs_are_told_what_is_wrong(tmp_path: Path) -> None:
    for name, text in (("a", SHORT.replace("input: h", "input: hh")), ("b", SHORT.replace("lstm", "lstn"))):
        (tmp_path / f"{name}.yaml").write_text(text)
    said = refused("compare", tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert "a.yaml:8" in said
    assert "'hh'" in said
    assert "b.yaml:7" in said
    assert "lstm?" in said


def test_files_that_are_missing(tmp_path: Path, short: Path) -> None:
    assert "no_such.yaml" in refused("compare", short, tmp_path / "no_such.yaml")
    said = refused("compare", tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert "one.yaml" in said
    assert "two.yaml" in said
    assert "ends in .png" in refused("compare", short, short, "-o", tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "a", "b"), [("equations", EQUATIONS, SHORT), ("cells", CHARACTERS, OWN), ("far", LUONG, TAGGER)]
)
def test_the_picture(name: str, a: str, b: str) -> None:
    models = check_spec(a, registry(), {}), check_spec(b, registry(), {})
    scene = compare_scene(*models, difference(*models))
    assert not faults(scene)
    strong = {figure.identity for figure in scene.figures if figure.strong}
    pale = {figure.identity for figure in scene.figures if figure.opacity < 1}
    if name == "cells":
        assert strong == {"a/h", "b/h"}
    if name == "equations":
        assert pale == {"a/x", "a/y", "a/outputs/y", "b/x", "b/y", "b/outputs/y"}
    assert strong | pale == ({figure.identity for figure in scene.figures} if pale else set())


def test_boxes_that_both_have_stand_at_one_height() -> None:
    models = check_spec(CHARACTERS, registry(), {}), check_spec(OWN, registry(), {})
    scene = compare_scene(*models, difference(*models))
    heights = {figure.identity: figure.place.y for figure in scene.figures}
    assert heights["a/text"] == heights["b/text"]
    assert heights["a/outputs/next"] == heights["b/outputs/next"]


def test_the_picture_is_the_golden_one(tmp_path: Path) -> None:
    path, drawn = GOLDEN / "compare.svg", tmp_path / "compare.svg"
    assert done("compare", CHARACTERS, OWN, "-o", drawn) == ""
    text = drawn.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes the new picture; look at the difference"


def quoted(label: str) -> str:
    """The label as YAML, which knows no escapes of two halves for one character."""
    return json.dumps(label, ensure_ascii=max(map(ord, label), default=0) < 0x10000)


@pytest.mark.parametrize("label", HOSTILE)
def test_no_text_of_a_spec_can_act(label: str, tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(SHORT.replace("units: 4", f"units: 4, label: {quoted(label)}"))
    other.write_text(SHORT.replace("units: 4", f"units: 5, label: {quoted(label[::-1])}"))
    drawn = tmp_path / "compare.svg"
    done("compare", one, other, "-o", drawn)
    assert not list(forbidden(ElementTree.fromstring(drawn.read_text(encoding="utf-8"))))
    assert "\x1b" not in done("compare", one, other)
