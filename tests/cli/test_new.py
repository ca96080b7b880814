"""`leporello blocks` and `leporello new`: the vocabulary, and specs begun from examples."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from leporello.blocks.registry import registry
from leporello.cli.main import cli
from tests.support.command_line import EXAMPLES, done, refused, run
from tests.support.stand_ins import sources_for

OWN = EXAMPLES / "own_cell.yaml"
WRITABLE = sorted(name for name, kind in registry().items() if not kind.operator)


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list_has_a_line_for_each_block() -> None:
    told = done("blocks").partition("\nwhat may be said of any")[0]
    lines = [line.split() for line in told.splitlines() if line.startswith("  ")]
    assert sorted(line[0] for line in lines) == WRITABLE
    assert all(len(line) > 1 for line in lines)


@pytest.mark.parametrize("name", WRITABLE)
def test_each_block_is_shown_in_full(name: str) -> None:
    kind, shown, value = registry()[name], done("blocks", name), json.loads(done("blocks", name, "--json"))
    assert shown.startswith(f"{name}: {kind.help}")
    for port in kind.ports:
        assert f"\n  {port.name} " in shown
    for parameter in kind.parameters:
        assert parameter.name in shown
        assert parameter.allowed in shown
    assert kind.paper in shown
    assert value["name"] == name
    assert value["composite"] is kind.is_composite
    assert (value["body"] is not None) is kind.is_composite
    assert bool(value["weights"]) == ("weights, as init: names them" in shown)


def test_the_weights_that_init_can_name_are_shown() -> None:
    assert "\n  weight  $units x $input\n  bias    $units\n" in done("blocks", "linear")
    assert "\n  weight  of linear inside\n  bias    of linear inside\n" in done("blocks", "lstm")
    assert json.loads(done("blocks", "gru", "--json"))["weights"] == {"weight": ["linear"], "bias": ["linear"]}
    assert "as init: names them" not in done("blocks", "softmax")


def test_a_composite_shows_its_equations_and_its_body() -> None:
    shown = done("blocks", "lstm")
    assert "c: f * c(t-1) + i * g" in shown
    assert "default 128" in shown
    assert "one of separate, peephole, coupled" in shown


def test_json_lists_all() -> None:
    assert sorted(block["name"] for block in json.loads(done("blocks", "--json"))) == WRITABLE


def test_a_spec_brings_its_own_blocks() -> None:
    assert "my_gru" in done("blocks", "--spec", OWN)
    listed = {block["name"]: block for block in json.loads(done("blocks", "--json", "--spec", OWN))}
    assert listed["my_gru"]["body"].endswith("outputs: [h]")
    shown = done("blocks", "my_gru", "--spec", OWN)
    assert "default 16" in shown
    assert "n: tanh(W_n + sigmoid(W_r) * U_n)" in shown
    assert "previous:" not in shown
    assert "my_gru" not in done("blocks")


def test_an_unknown_block_is_answered_with_the_nearest() -> None:
    assert "did you mean lstm?" in refused("blocks", "lstn")
    assert "did you mean my_gru?" in refused("blocks", "my_gruu", "--spec", OWN)
    refused("blocks", "../../etc/passwd")
    refused("blocks", "--spec", "missing.yaml")


def test_new_lists_the_examples() -> None:
    shown = done("new")
    for path in EXAMPLES.glob("*.yaml"):
        assert f"\n{path.stem} " in "\n" + shown
    assert os.listdir() == []


def test_new_copies_an_example_under_another_name() -> None:
    assert "leporello check mine.yaml" in done("new", "mine", "--from", "elman")
    text = Path("mine.yaml").read_text()
    assert text == (EXAMPLES / "elman.yaml").read_text().replace("name: elman", "name: mine")
    assert done("check", "mine.yaml").startswith("mine ")


@pytest.mark.parametrize("example", [path.stem for path in EXAMPLES.glob("*.yaml")])
def test_a_copy_holds_as_the_example_does(example: str) -> None:
    done("new", "--from", example)
    assert Path(f"{example}.yaml").read_text() == (EXAMPLES / f"{example}.yaml").read_text()
    given = [word for name, path in sources_for(example).items() for word in ("--data", f"{name}={path}")]
    done("check", f"{example}.yaml", *given)


def test_values_to_draw_an_example_with_come_along() -> None:
    assert "mine.values.json holds values" in done("new", "mine", "--from", "attention")
    assert sorted(os.listdir()) == ["mine.values.json", "mine.yaml"]
    steps = ("--unfold", "source=6,target=5", "--focus", "target=4")
    done("draw", "mine.yaml", *steps, "--values", "mine.values.json", "-o", "mine.svg")
    assert "sehr" in Path("mine.svg").read_text()


@pytest.mark.parametrize("there", ["mine.yaml", "Mine.values.json"])
def test_where_one_of_two_files_is_there_neither_is_written(there: str) -> None:
    Path(there).write_text("precious")
    assert "there already" in refused("new", "mine", "--from", "attention")
    assert os.listdir() == [there]


def test_the_example_of_that_name_or_the_language_model() -> None:
    done("new", "elman")
    done("new", "something")
    assert "block: lstm" in Path("something.yaml").read_text()
    assert "block: lstm" not in Path("elman.yaml").read_text()


@pytest.mark.parametrize("name", ["mine", "Mine", "MINE"])
def test_nothing_is_overwritten(name: str) -> None:
    Path("mine.yaml").write_text("precious")
    assert "there already" in refused("new", name)
    assert Path("mine.yaml").read_text() == "precious"
    assert os.listdir() == ["mine.yaml"]


def test_not_even_a_link_to_nowhere() -> None:
    os.symlink("nowhere", "mine.yaml")
    refused("new", "mine")
    assert os.listdir() == ["mine.yaml"]


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "/tmp/x", "", ".", "CON", "nul", "com1", "x" * 300, "a b", "a\nb", "1x", "t", "last", "x.yaml"],
)
def test_names_that_are_not_safe(name: str) -> None:
    refused("new", name)
    assert os.listdir() == []


@pytest.mark.parametrize("example", ["elmann", "../examples/elman", "__init__", ""])
def test_examples_that_are_not_there(example: str) -> None:
    assert run("new", "mine", "--from", example).exit_code == 2
    assert os.listdir() == []


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "cannot be written" in refused("new", "mine")


def test_a_model_is_begun_from_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("said,meant\nab,up\n")
    said = "words\n9\nlabel\nmany\n12\nnope.csv\nt.csv\nsaid\nmeant\nmine\n"
    result = CliRunner().invoke(cli, ["new", "--wizard"], input=said, prog_name="leporello")
    assert result.exit_code == 0, result.output
    assert "mine.yaml is a classifier" in result.stdout
    assert all(wrong in result.stderr for wrong in ("'9' is no answer", "'many' is no number", "no file 'nope.csv'"))
    text = Path("mine.yaml").read_text()
    assert "units: 12" in text and "text: {file: t.csv, column: said, as: words}" in text
    again = CliRunner().invoke(cli, ["new", "mine", "--wizard"], input="\n" * 5, prog_name="leporello")
    assert again.exit_code == 2 and "there already" in again.stderr
    ended = CliRunner().invoke(cli, ["new", "other", "--wizard"], input="words\n", prog_name="leporello")
    assert ended.exit_code == 1 and not Path("other.yaml").exists()


def test_an_empty_model_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done("new", "mine", "--empty")
    assert "mine" in done("check", "mine.yaml")
    assert Path("mine.yaml").read_text().startswith("spec: 1\nname: mine\n")
    assert "do not go together" in refused("new", "b", "--empty", "--from", "elman")
