"""`leporello draw` and `leporello code`: what they write, where, and what they refuse."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leporello.cli.draw import draws_boxes
from tests.support.command_line import CHARACTERS, ELMAN, LUONG, done, refused


def test_the_terminal_gets_text() -> None:
    folded, unfolded = done("draw", ELMAN), done("draw", ELMAN, "--unfold", "3")
    assert "(t-1)" in folded
    assert "h₃" in unfolded
    assert "h₄" not in unfolded
    assert done("draw", ELMAN, "-o", "-") == folded


def test_ascii_has_nothing_else() -> None:
    assert done("draw", LUONG, "--unfold", "2", "--ascii").isascii()
    assert not draws_boxes("latin-1")
    assert not draws_boxes(None)


@pytest.mark.parametrize("ending", ["txt", "dot", "DOT"])
def test_a_file_gets_the_format_that_it_ends_in(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"picture.{ending}"
    assert done("draw", ELMAN, "-o", path) == ""
    assert path.read_text(encoding="utf-8") == done("draw", ELMAN, "--format", ending.lower())
    assert os.listdir(tmp_path) == [path.name]


def test_svg_is_xml(tmp_path: Path) -> None:
    done("draw", ELMAN, "--unfold", "2", "-o", tmp_path / "a.svg")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")


def test_each_axis_has_its_own_number_of_steps() -> None:
    shown = done("draw", LUONG, "--unfold", "source=2,target=3")
    assert "source₂" in shown
    assert "source₃" not in shown
    assert "target₃" in shown


def test_steps_of_several_axes_are_named() -> None:
    assert "source=6,target=5" in refused("draw", LUONG, "--unfold", "3,4")
    assert ".txt only" in refused("draw", LUONG, "--ascii", "--format", "svg")


def test_many_steps_are_elided() -> None:
    assert len(done("draw", ELMAN, "--unfold", "1000000")) < 20_000


def test_a_picture_needs_no_data(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(Path(CHARACTERS).read_text().replace("builtin: python_topics", "file: missing.txt"))
    assert "choice" in done("draw", spec)
    assert "missing.txt" in refused("check", spec)


@pytest.mark.parametrize("steps", ["0", "-1", "1.5", "x", "", "1e3", "9" * 400, "²", "source=x", "source=0", "source"])
def test_steps_that_are_no_number(steps: str) -> None:
    assert "from 1 to" in refused("draw", LUONG, f"--unfold={steps}")


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        ("sorce=3", "did you mean source?"),
        ("source=3,source=4", "twice"),
        ("source=3,4", "NAME=VALUE"),
        ("source=3,", "NAME=VALUE"),
        ("=3", "NAME=VALUE"),
        ("source=", "NAME=VALUE"),
    ],
)
def test_axes_that_are_not_there(steps: str, hint: str) -> None:
    assert hint in refused("draw", LUONG, "--unfold", steps)


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("picture.gif", ".svg"),
        ("picture", ".svg"),
        ("no/such/folder/picture.txt", "there is no folder"),
        ("folder.txt", "a folder"),
        ("pipe.txt", "not a regular file"),
        ("a" * 300 + ".txt", "cannot be written"),
        ("a\0b.txt", "cannot be written"),
    ],
)
@pytest.mark.usefixtures("in_folder")
def test_files_that_cannot_be_written(output: str, hint: str) -> None:
    os.mkdir("folder.txt")
    os.mkfifo("pipe.txt")
    assert hint in refused("draw", ELMAN, "-o", output)
    assert sorted(os.listdir()) == ["folder.txt", "pipe.txt"]


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", ["draw", "code"])
def test_a_spec_that_does_not_hold_is_refused(command: str, tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    assert "there is no such file" in refused(command, spec)
    spec.write_text("spec: 1\ninputs:\n  x: {features: 2}\nnodes:\n  h: tanh(h + x)\noutputs:\n  y: h\n")
    assert "h(t-1)" in refused(command, spec)
    assert "a folder" in refused(command, tmp_path)


def test_an_unknown_format_is_refused() -> None:
    assert "svg" in refused("draw", ELMAN, "--format", "gif")


def test_code_is_python_in_each_mode(tmp_path: Path) -> None:
    source = done("code", ELMAN)
    compile(source, "elman.py", "exec")
    assert "class" in source
    assert done("code", ELMAN, "-o", tmp_path / "elman.py") == ""
    assert (tmp_path / "elman.py").read_text() == source
    assert done("code", LUONG, "--feedback", "free") != done("code", LUONG)
    assert done("code", ELMAN, "--also", "U") != source


def test_code_needs_every_size(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    text = Path(CHARACTERS).read_text()
    spec.write_text(text[: text.index("data:")])
    assert "--size characters=" in refused("code", spec)
    assert "40" in done("code", spec, "--size", "characters=40")


def test_code_never_takes_the_place_of_a_spec(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(Path(ELMAN).read_text())
    assert ".py" in refused("code", spec, "-o", spec)
    assert spec.read_text() == Path(ELMAN).read_text()


@pytest.mark.parametrize("arguments", [["--feedback", "curriculm"], ["--also", "no_such_node"], ["--also", ""]])
def test_options_of_code_that_will_not_do(arguments: list[str]) -> None:
    refused("code", ELMAN, *arguments)
