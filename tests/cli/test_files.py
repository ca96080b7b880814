"""What commands read and write: standard input, and never onto what was read; colours only where a terminal is."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from leporello.blocks.registry import registry
from leporello.cli.main import cli
from leporello.examples import examples, renamed
from leporello.graphs.interchange.node_link import to_json
from leporello.graphs.specs import read_file
from tests.support.command_line import ELMAN, done, refused
from tests.support.paths import EXAMPLES


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    path = tmp_path / "m.json"
    path.write_text(to_json(read_file(ELMAN, registry())))
    return path


def test_standard_input_stands_for_a_file() -> None:
    text = Path(ELMAN).read_text()
    told = CliRunner().invoke(cli, ["check", "-"], input=text)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[2:] == done("check", ELMAN).splitlines()[2:]
    drawn = CliRunner().invoke(cli, ["draw", "-", "-o", "-"], input=text)
    assert drawn.stdout == done("draw", ELMAN, "-o", "-")
    wrong = CliRunner().invoke(cli, ["check", "-"], input=text.replace("tanh", "tan"))
    assert wrong.exit_code == 2 and "<standard input>:" in wrong.stderr


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\0", b"a: 1" + b" " * 1_000_001])
def test_standard_input_that_is_no_text(data: bytes) -> None:
    told = CliRunner().invoke(cli, ["check", "-"], input=data)
    assert told.exit_code == 2 and "<standard input>:1:" in told.stderr and "Traceback" not in told.output


def test_no_command_writes_onto_what_it_reads(linked: Path, tmp_path: Path) -> None:
    text = linked.read_bytes()
    (tmp_path / "same.svg").symlink_to(linked)
    os.link(linked, tmp_path / "twin.json")
    values = tmp_path / "v.json"
    values.write_text("{}")
    for words in (
        ["draw", linked, "-o", linked],
        ["draw", linked, "-o", tmp_path / "twin.json"],
        ["draw", linked, "-o", tmp_path / "same.svg"],
        ["draw", ELMAN, "--unfold", "2", "--values", values, "-o", values],
        ["compare", linked, ELMAN, "-o", tmp_path / "same.svg"],
    ):
        assert "is what is read" in refused(*words)
    assert linked.read_bytes() == text and values.read_text() == "{}"


def test_a_source_is_not_written_onto_data(tmp_path: Path) -> None:
    data = tmp_path / "text.py"
    data.write_text("a b c d e f g " * 100)
    spec = EXAMPLES / "char_lm.yaml"
    assert "is what is read" in refused("code", spec, "--data", f"text={data}", "-o", data)
    assert data.read_text().startswith("a b c")


def test_a_copied_example_tells_of_its_own_files() -> None:
    for name, text in examples().items():
        copied = renamed(text, "mine")
        assert f"{name}.yaml" not in copied and f"{name}.values.json" not in copied
        assert copied.count("mine") >= 1 + text.count(f"{name}.yaml")


def on_a_terminal(*words: str, **more: str) -> str:
    """What a command prints where a terminal is."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "leporello", *words]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"} | more
    with subprocess.Popen(command, stdout=child, stderr=child, stdin=child, env=environment) as process:
        os.close(child)
        told = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:
                break
            if not piece:
                break
            told += piece
        process.wait()
    os.close(parent)
    return told.decode()


def test_colours_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    plain = done("check", ELMAN)
    assert "\x1b" not in plain
    coloured = on_a_terminal("check", ELMAN)
    assert "\x1b[1m" in coloured and "\x1b[32mfused" in coloured
    assert "\x1b" not in on_a_terminal("check", ELMAN, NO_COLOR="1")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(Path(ELMAN).read_text().replace("tanh", "tan"))
    assert "\x1b[31m" in on_a_terminal("check", str(wrong))


def test_the_shell_completes_commands() -> None:
    environment = {**os.environ, "_LEPORELLO_COMPLETE": "bash_source"}
    script = "from leporello.cli.main import main; main()"
    made = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert "_leporello_completion" in made.stdout
    assert "_LEPORELLO_COMPLETE=bash_source" in done("--help")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("{on: yes}", "on must be a whole number of at least 1, not 'yes'"),
        ("{n: 0}", "at least 1, not 0"),
        ("{n: -2.5}", ""),
    ],
)
def test_what_stands_at_the_top(tmp_path: Path, parameters: str, words: str) -> None:
    spec = tmp_path / "a.yaml"
    spec.write_text(
        f"spec: 1\ninputs: {{x: {{features: 3}}}}\nparameters: {parameters}\nnodes: {{h: tanh(x)}}\noutputs: {{y: h}}\n"
    )
    if words:
        assert words in refused("check", spec)
    else:
        done("check", spec)


def test_a_rate_at_the_top_is_a_number(tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    cell = "{block: gru, input: x, units: 3, layers: 2, dropout: $rate}"
    head = "spec: 1\ninputs: {x: {features: 3}}\nparameters: {rate: 0.5}\n"
    spec.write_text(head + f"nodes: {{h: {cell}}}\noutputs: {{y: h}}\n")
    assert "nn.Dropout" in done("code", spec) or "dropout(" in done("code", spec)


@pytest.mark.parametrize("name", ["last", "first", "all", "t", "none", "learned"])
def test_a_reserved_name_is_told_once(tmp_path: Path, name: str) -> None:
    spec = tmp_path / "a.yaml"
    nodes = f"nodes:\n  {name}: tanh(x)\n  a: {name} + {name}(t-1)\n  b: {{block: linear, input: {name}, units: 3}}\n"
    spec.write_text(f"spec: 1\ninputs: {{x: {{features: 3}}}}\n{nodes}outputs: {{y: a, z: b}}\n")
    told = refused("check", spec)
    assert told.count("error:") == 1 and f"'{name}' is a reserved name" in told
