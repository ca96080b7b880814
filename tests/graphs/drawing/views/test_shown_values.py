"""ShownValues in a picture: read with clear errors, drawn as heat maps and words, and never more than words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from leporello.cli.main import cli
from leporello.graphs.drawing.draw import draw, scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.palette import COLOUR
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.shown_values import ShownValues, read_values
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg_heat_maps import STRONG, shade
from leporello.graphs.problems import SpecError
from tests.graphs.drawing.test_pictures import contrast
from tests.graphs.drawing.unfolded.test_focus import model
from tests.support.drawn.pictures import faults
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

KNOWN = {"words": ["x"], "attention": ["attention"], "gates": ["h", "encoder"]}


@pytest.mark.parametrize(
    ("data", "wrong", "allowed"),
    [
        ([], "an empty list", "an object"),
        (None, "nothing", "an object"),
        ({"word": {}}, "'word'", "words"),
        ({"words": []}, "an empty list", "names to values"),
        ({"words": {"y": ["a"]}}, "words of 'y'", "x"),
        ({"words": {"x": "abc"}}, "a text", "list of texts"),
        ({"words": {"x": ["a", 3]}}, "a number", "list of texts"),
        ({"attention": {"attention": [[0.5], [0.5, 0.5]]}}, "row 2", "as many as the first"),
        ({"attention": {"attention": [[0.5, 1.5]]}}, "1.5", "from 0 to 1"),
        ({"attention": {"attention": [[-0.1]]}}, "-0.1", "from 0 to 1"),
        ({"attention": {"attention": [[float("nan")]]}}, "nan", "from 0 to 1"),
        ({"attention": {"attention": [[True]]}}, "True", "from 0 to 1"),
        ({"attention": {"attention": [[]]}}, "a list", "rows of numbers"),
        ({"attention": {"atention": [[1]]}}, "'atention'", "attention"),
        ({"gates": {"h": [[-1.5]]}}, "-1.5", "from -1 to 1"),
    ],
)
def test_other_values_are_refused(data: Any, wrong: str, allowed: str) -> None:
    with pytest.raises(SpecError) as error:
        read_values(data, KNOWN, "given.json")
    assert "given.json: " in str(error.value)
    assert wrong in str(error.value)
    assert allowed in str(error.value)


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=60), min_size=1, max_size=60))
@some(20)
def test_heat_maps_of_any_size_lie_well(rows: list[list[float]]) -> None:
    wide = min(map(len, rows))
    matrix = tuple(tuple(row[:wide]) for row in rows)
    checked = model("attention")
    values = ShownValues(attention={"attention": matrix}, gates={"encoder": matrix})
    found = scene(folded(checked.graph, checked.axes), Options(3, values=values))
    assert not faults(found)
    for grid in found.grids:
        assert grid.left + grid.size * len(grid.rows[0]) <= found.width
        assert grid.top + grid.size * len(grid.rows) <= found.height
        assert max(len(grid.rows), len(grid.rows[0])) <= 48


@given(st.floats(0, 1))
def test_numbers_on_cells_can_be_read_in_light_and_dark(value: float) -> None:
    for turn in (lambda colour: colour, COLOUR.dark.__getitem__):
        ground, mark = turn(COLOUR.ground).replace("white", "#ffffff"), turn(COLOUR.lines["all"])
        text = ground if value >= STRONG else turn(COLOUR.ink)
        assert contrast(text, mixed(mark, ground, shade(value))) >= 4.5


def mixed(colour: str, ground: str, opacity: float) -> str:
    """A colour of some opacity on a ground."""
    parts = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, ground)]
    return "#" + "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in zip(*parts, strict=True))


def test_stronger_is_never_paler() -> None:
    shades = [shade(step / 100) for step in range(101)]
    assert shades == sorted(shades)


@pytest.mark.parametrize(
    "word", ["<script>alert(1)</script>", "]]>", "a\x1b[31mb", "\u202eevil", "&amp;", "x" * 100_000]
)
def test_words_are_text_and_nothing_else(word: str) -> None:
    checked = model("elman")
    values = ShownValues(words={"x": (word, "b"), "y": (word, "c")}, gates={"h": ((0.5, -0.5),)})
    text = draw(checked.graph, checked.axes, Options(2, values=values), "svg")
    assert not list(forbidden(ElementTree.fromstring(text)))
    assert "<script" not in text
    assert "\x1b" not in text
    assert len(text) < 40_000


def test_the_command_reads_values_from_a_file(tmp_path: Path) -> None:
    spec = EXAMPLES / "attention.yaml"
    given_file, picture = tmp_path / "values.json", tmp_path / "a.svg"
    given_file.write_text(json.dumps({"words": {"x": ["der", "Hund"]}}))
    wanted = [
        "draw",
        str(spec),
        "--unfold",
        "2",
        "--focus",
        "target=2",
        "--values",
        str(given_file),
        "-o",
        str(picture),
    ]
    done = CliRunner().invoke(cli, wanted)
    assert done.exit_code == 0, done.output
    assert "Hund" in picture.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not JSON"), ('{"words": {"z": []}}', "words of 'z'"), ('{"words": {}, "words": {}}', "stands here again")],
)
def test_the_command_refuses_other_files(tmp_path: Path, text: str, said: str) -> None:
    given_file = tmp_path / "values.json"
    given_file.write_text(text)
    spec = EXAMPLES / "attention.yaml"
    done = CliRunner().invoke(cli, ["draw", str(spec), "--unfold", "2", "--values", str(given_file), "-o", "x.svg"])
    assert done.exit_code == 2
    assert said in done.output
    assert "values.json" in done.output
    assert "Traceback" not in done.output
