"""PNG, PDF and JSON of pictures: what is in them, their sizes, what is refused, and what the command line writes."""

from __future__ import annotations

import io
import json
import math
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import leporello
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.palette import DARK, GROUND, INK
from leporello.graphs.drawing.scene.scene import Rectangle, Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.rendering import MOST_PIXELS, rendered
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.problems import SpecError
from tests.support.command_line import ELMAN, EXAMPLES, LUONG, done, refused


def pixels(png: bytes) -> Any:
    """The picture in a PNG, `[height, width, colour]`."""
    import numpy
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return numpy.asarray(image.convert("RGB"))


def colour(text: str) -> list[int]:
    return [int({"white": "#ffffff"}.get(text, text)[i : i + 2], 16) for i in (1, 3, 5)]


@pytest.mark.parametrize("scale", [1, 2, 0.5])
def test_a_png_has_the_pixels_of_the_picture(scale: float) -> None:
    drawn = pixels(leporello.draw(ELMAN, "png", steps=3, scale=scale))
    size = ElementTree.fromstring(leporello.draw(ELMAN, steps=3))
    wide, high = (float(size.get(name, "0")) for name in ("width", "height"))
    assert drawn.shape == (round(math.ceil(high) * scale), round(math.ceil(wide) * scale), 3)


@pytest.mark.parametrize("dark", [False, True])
def test_a_png_is_light_or_dark(dark: bool) -> None:
    drawn = pixels(leporello.draw(ELMAN, "png", dark=dark))
    ground = colour(DARK[GROUND] if dark else GROUND)
    assert (drawn[2, 2] == ground).all()
    ink = colour(DARK[INK] if dark else INK)
    assert (abs(drawn.astype(int) - ink).sum(axis=2) < 30).any(), "the words are there, in the ink of the mode"


def test_every_word_is_drawn_without_any_font_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    compile = typst.compile
    monkeypatch.setattr(typst, "compile", lambda *a, **k: compile(*a, **k, ignore_system_fonts=True))
    with_words = pixels(leporello.draw(ELMAN, "png"))
    checked = leporello.check(ELMAN)
    found = scene(folded(checked.graph, checked.axes))
    for figure in found.figures:
        place = figure.place
        inside = with_words[
            int(place.y - 12) : int(place.y + 12), int(place.x - place.width / 3) : int(place.x + place.width / 3)
        ]
        assert (abs(inside.astype(int) - colour(INK)).sum(axis=2) < 60).any(), figure.identity


def test_the_text_of_a_pdf_is_text_and_its_page_has_the_size_of_the_picture() -> None:
    from pypdf import PdfReader

    pdf = leporello.draw(LUONG, "pdf", steps=2)
    read = PdfReader(io.BytesIO(pdf))
    size = ElementTree.fromstring(leporello.draw(LUONG, steps=2))
    (page,) = read.pages
    assert float(page.mediabox.width) == pytest.approx(0.75 * math.ceil(float(size.get("width", "0"))), abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(0.75 * math.ceil(float(size.get("height", "0"))), abs=0.1)
    text = page.extract_text()
    for word in ("encoder", "decoder", "attention", "attentional", "all steps of encoder", "source", "target"):
        assert word in text
    assert read.metadata is not None
    assert read.metadata.title == "luong, unfolded in time"


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "json", "dot", "txt"])
def test_the_same_model_gives_the_same_bytes(format: str) -> None:
    assert leporello.draw(ELMAN, format, steps=2) == leporello.draw(ELMAN, format, steps=2)


def test_dark_svg_is_dark_for_readers_without_style_sheets() -> None:
    light, dark = (ElementTree.fromstring(leporello.draw(LUONG, both=True, dark=dark)) for dark in (False, True))
    assert not list(forbidden(dark))
    assert not dark.findall(".//{*}style")
    for style in light.findall("{*}style"):
        light.remove(style)
    for one, other in zip(light.iter(), dark.iter(), strict=True):
        assert (one.tag, one.text) == (other.tag, other.text)
        for name in ("fill", "stroke"):
            assert other.get(name) == DARK.get(one.get(name, ""), one.get(name))


def test_json_says_where_everything_lies() -> None:
    checked = leporello.check(ELMAN)
    found = scene(folded(checked.graph, checked.axes), Options(3))
    told = json.loads(leporello.draw(ELMAN, "json", steps=3))
    assert told["leporello_picture"] == 1
    assert (told["width"], told["height"]) == (round(found.width, 1), round(found.height, 1))
    assert [figure["id"] for figure in told["figures"]] == [figure.identity for figure in found.figures]
    for figure, given in zip(told["figures"], found.figures, strict=True):
        place = Rectangle(figure["x"], figure["y"], figure["width"], figure["height"])
        assert abs(place.x - given.place.x) < 0.1
        assert figure["text"] == "".join(run["text"] for run in figure["runs"]) == given.label.text
    assert [len(wire["points"]) for wire in told["wires"]] == [len(line.points) for line in found.lines]
    assert len(told["notes"]) == len(found.notes)
    assert [axis["ticks"] for axis in told["axes"]] == [[round(x, 1) for x in a.ticks] for a in found.arrows]


def test_the_identities_in_json_are_those_in_svg() -> None:
    drawn = ElementTree.fromstring(leporello.draw(LUONG, steps=2))
    told = json.loads(leporello.draw(LUONG, "json", steps=2))
    assert {figure["id"] for figure in told["figures"]} == {e.get("id") for e in drawn.iter() if e.get("id")}


def test_a_png_that_is_too_large_is_refused_with_the_scale_that_fits() -> None:
    with pytest.raises(SpecError, match="is more than 50 million") as caught:
        leporello.draw(ELMAN, "png", scale=80)
    scale = str(caught.value).partition("--scale ")[2].partition(" ")[0]
    huge = Scene(1e6, 1e6, "huge", "")
    assert 1 < float(scale) < 80
    with pytest.raises(SpecError, match="1,000,000 by 1,000,000 pixels"):
        rendered(svg_text(huge), huge, "png")


@pytest.mark.parametrize(("wide", "high"), [(704.2, 438.0), (9_000.0, 9_000.0)])
def test_the_scale_that_is_said_to_fit_fits(wide: float, high: float) -> None:
    found = Scene(wide, high, "", "")
    with pytest.raises(SpecError) as caught:
        rendered(svg_text(found), found, "png", 100.0)
    scale = float(str(caught.value).partition("--scale ")[2].partition(" ")[0])
    drawn = pixels(rendered(svg_text(found), found, "png", scale))
    assert 0.95 * MOST_PIXELS < drawn.shape[0] * drawn.shape[1] <= MOST_PIXELS


def test_a_pdf_of_a_long_picture_is_made_smaller() -> None:
    from pypdf import PdfReader

    long = Scene(100_000, 500, "long", "")
    page = PdfReader(io.BytesIO(rendered(svg_text(long), long, "pdf"))).pages[0]
    assert float(page.mediabox.width) == pytest.approx(14_400, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(72, abs=0.1)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), 1000, "2", None])
def test_a_scale_that_is_none_is_refused(scale: Any) -> None:
    with pytest.raises(SpecError, match="times its size"):
        leporello.draw(ELMAN, "png", scale=scale)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"stepz": 3}, "did you mean steps"),
        ({"weights": "wire"}, "did you mean wires"),
        ({"format": "pgn"}, "did you mean png"),
        ({"open": "h"}, "there is no composite"),
        ({"sizes": {"words": 3}}, "has no size"),
        ({"steps": 0}, "a whole number"),
        ({"style": "papr"}, "did you mean paper"),
        ({"grouping": None}, "no option 'grouping'"),
        ({"steps": 3, "focus": {"time": 1, "x": 2}}, "one step is allowed"),
        ({"steps": 3, "focus": {}}, "one step is allowed"),
        ({"steps": 3, "focus": "2"}, "one step is allowed"),
        ({"steps": 3, "focus": 4}, "from 1 to 3"),
        ({"feedback": "teecher"}, "did you mean teacher"),
        ({"steps": 3, "values": {"wrds": {}}}, "did you mean words"),
        ({"steps": 3, "values": "none.json"}, "none.json"),
        ({"depth": "a"}, "whole number"),
        ({"depth": -1}, "whole number"),
        ({"open": 5}, "paths are allowed"),
        ({"cell": 5}, "a path is allowed"),
        ({"both": "yes"}, "True or False"),
        ({"cell": "h", "key": True}, "its own key"),
        ({"schedule": True, "steps": 2}, "drawn folded"),
        ({"schedule": True, "both": True}, "drawn folded"),
        ({"cell": "hh"}, "can be drawn: h"),
    ],
)
def test_what_python_asks_for_in_vain_is_refused(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        leporello.draw(ELMAN, **wanted)


def test_python_draws_what_the_command_line_draws() -> None:
    assert leporello.draw(LUONG, "txt", open="attention") == done("draw", LUONG, "--open", "attention")
    assert leporello.draw(LUONG, "dot", depth=1) == done("draw", LUONG, "--depth", "1", "--format", "dot")
    assert leporello.draw(LUONG, steps={"source": 2}, both=True, weights="boxes") == done(
        "draw", LUONG, "--unfold", "source=2", "--both", "--weights", "boxes", "--format", "svg"
    )
    said = EXAMPLES / "attention.values.json"
    assert leporello.draw(
        str(EXAMPLES / "attention.yaml"),
        steps={"source": 6, "target": 5},
        focus={"target": 4},
        values=json.loads(said.read_text()),
        key=True,
        style="paper",
    ) == done(
        *("draw", str(EXAMPLES / "attention.yaml"), "--unfold", "source=6,target=5", "--focus", "target=4"),
        *("--values", str(said), "--key", "--style", "paper", "--format", "svg"),
    )
    assert leporello.draw(LUONG, cell="decoder/1") == done("draw", LUONG, "--cell", "decoder/1", "--format", "svg")
    assert leporello.draw(LUONG, schedule=True, feedback="free") == done(
        "draw", LUONG, "--schedule", "--feedback", "free", "--format", "svg"
    )


def process(*arguments: str | Path, **rest: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "leporello", *map(str, arguments)], timeout=60, check=False, **rest)


@pytest.mark.parametrize(("format", "begins"), [("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("json", b"{\n")])
def test_formats_go_to_files_and_to_pipes(format: str, begins: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{format}"
    written = process("draw", ELMAN, "--unfold", "2", "-o", path, capture_output=True)
    piped = process("draw", ELMAN, "--unfold", "2", "--format", format, capture_output=True)
    assert (written.returncode, written.stdout, written.stderr) == (0, b"", b"")
    assert (piped.returncode, piped.stderr) == (0, b"")
    assert piped.stdout == path.read_bytes()
    assert piped.stdout.startswith(begins)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_a_terminal_gets_no_bytes(format: str) -> None:
    master, slave = pty.openpty()
    try:
        ended = process("draw", ELMAN, "--format", format, stdout=slave, stderr=subprocess.PIPE)
    finally:
        os.close(slave)
        os.close(master)
    assert ended.returncode == 2
    assert b"add -o FILE" in ended.stderr


WITHOUT = "import sys; sys.modules['typst'] = None; from leporello.cli.main import main; main()"


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_without_the_extra_it_is_named(format: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, "draw", ELMAN, "-o", f"picture.{format}"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert 'pip install "leporello[pictures]"' in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not os.listdir(tmp_path)


def test_other_formats_do_not_load_the_extra(tmp_path: Path) -> None:
    for format in ("svg", "json", "dot", "txt"):
        command = [sys.executable, "-c", WITHOUT, "draw", ELMAN, "-o", str(tmp_path / f"picture.{format}")]
        assert subprocess.run(command, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dark"], "--dark is for .pdf, .png and .svg only"),
        (["--dark", "--format", "json"], "--dark is for .pdf, .png and .svg only"),
        (["--scale", "2", "--format", "svg"], "--scale is for .png only"),
        (["--both", "--unfold", "2"], "--both is for .json, .pdf, .png and .svg only"),
        (["--scale", "0", "--format", "png"], "a number from 0.05 to 100"),
        (["--scale", "1e3", "--format", "png"], "a number from 0.05 to 100"),
        (["--scale", "nan", "--format", "png"], "a number from 0.05 to 100"),
        (["--scale", "9" * 400, "--format", "png"], "a number from 0.05 to 100"),
        (["--scale", "90", "--format", "png"], "--scale 23.6"),
        (["--format", "jpg"], "formats: "),
        (["-o", "picture.jpeg"], ".json"),
        (["-o", "picture.pgn"], "did you mean .png"),
    ],
)
def test_what_a_format_cannot_do_is_refused(arguments: list[str], said: str) -> None:
    assert said in refused("draw", ELMAN, *arguments)


@pytest.mark.parametrize("name", ["CON", "con.png", "nul.svg", "x" * 251 + ".svg", "a b.svg", "é.svg", "-.svg"])
def test_the_name_that_is_given_is_the_name_that_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = [] if "." in name else ["--format", "svg"]
    assert done("draw", ELMAN, *options, f"--output={name}") == ""
    assert os.listdir(tmp_path) == [name]


def test_names_that_differ_in_case_only_are_two(tmp_path: Path) -> None:
    done("draw", ELMAN, "-o", tmp_path / "h.svg")
    if (tmp_path / "H.svg").exists():
        pytest.skip("this file system does not know upper case")
    done("draw", LUONG, "-o", tmp_path / "H.svg")
    assert b"elman" in (tmp_path / "h.svg").read_bytes()
    assert b"luong" in (tmp_path / "H.svg").read_bytes()


def test_a_file_elsewhere_is_written_as_named_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    done("draw", ELMAN, "-o", "../x.svg")
    assert sorted(os.listdir(tmp_path)) == ["inside", "x.svg"]
    assert not os.listdir(tmp_path / "inside")
    assert "cannot be written" in refused("draw", ELMAN, "-o", "x" * 300 + ".svg")
    assert not os.listdir(tmp_path / "inside")
