"""The command as users start it: a process of its own, its exit code, what it loads, and terminals of all kinds."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from leporello.cli.failing import EXTRAS
from leporello.cli.main import COMMANDS
from tests.support.command_line import CHARACTERS, ELMAN, EXAMPLES, done, refused, run

WITHOUT = """
import runpy, sys
class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Lacking())
sys.argv[0] = "leporello"
runpy.run_module("leporello", run_name="__main__")
"""

BAD = [["check", "missing.yaml"], ["chek"], ["draw", ELMAN, "--unfold", "0"], ["check"]]
PLAIN = [["check", ELMAN], ["draw", CHARACTERS], ["code", CHARACTERS], ["blocks"], ["new"]]


def started(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a process did that ran `python -m leporello`, or `code`, with these arguments."""
    how = ["-c", code] if code else ["-m", "leporello"]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    finished = subprocess.run([sys.executable, *how, *arguments], capture_output=True, timeout=120, env=surroundings)
    assert b"Traceback" not in finished.stderr, finished.stderr.decode()
    return finished


def test_it_runs_as_a_module() -> None:
    finished = started("check", ELMAN)
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert finished.stdout.decode() == done("check", ELMAN)


@pytest.mark.parametrize("arguments", BAD)
def test_bad_input_ends_with_2(arguments: list[str]) -> None:
    finished = started(*arguments)
    assert (finished.returncode, finished.stdout) == (2, b"")
    assert b"rror: " in finished.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command: str) -> None:
    for option in ("--help", "-h"):
        shown = done(command, option)
        assert re.search(rf"^ +leporello {command}", shown, re.MULTILINE)
        assert max(map(len, shown.splitlines())) <= 100
    summary = re.search(rf"^  {command} +(.*)$", done("--help"), re.MULTILINE)
    assert summary is not None
    assert summary[1].endswith(".")
    assert "..." not in summary[1]


def test_a_wrong_command_is_answered_with_the_nearest() -> None:
    assert "did you mean check?" in refused("chek")
    said = refused("\x1b[2J")
    assert "\x1b" not in said


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"leporello \d+\.\d+\.\d+\n", done("--version"))


@pytest.mark.parametrize("package", ["torch", "safetensors", "numpy"])
def test_a_missing_extra_is_named(package: str, tmp_path: Path) -> None:
    missing = {"torch", "numpy", "safetensors"} if package == "torch" else {package}
    code = WITHOUT.format(missing=missing)
    finished = started("train", CHARACTERS, "--run", str(tmp_path / "run"), "--set", "training.updates=1", code=code)
    said = finished.stderr.decode()
    assert finished.returncode == 1, said
    assert f'pip install "leporello[{EXTRAS[package]}]"' in said
    assert f'in a clone of Leporello: pip install -e ".[{EXTRAS[package]}]"' in said
    assert not (tmp_path / "run").exists()


def test_without_torch_python_is_told_what_the_command_line_is_told() -> None:
    code = WITHOUT.format(missing={"torch"}).partition("sys.argv")[0]
    code += (
        "import leporello\n"
        f"assert leporello.check({ELMAN!r}).parameters == 468\n"
        f"try:\n    leporello.compile({ELMAN!r})\nexcept ImportError as error:\n    print(error)\n"
    )
    said = started(code=code).stdout.decode()
    assert said == (
        "error: leporello.compile needs torch, which is not installed\n"
        '  pip install "leporello[torch]", or in a clone of Leporello: pip install -e ".[torch]"\n'
    )


@pytest.mark.parametrize("arguments", PLAIN)
def test_the_plain_install_does_all_but_train(arguments: list[str]) -> None:
    code = WITHOUT.format(missing={"torch", "numpy", "safetensors", "textual", "rich"})
    assert started(*arguments, code=code).returncode == 0


def test_a_terminal_without_utf8_gets_ascii() -> None:
    plain = started("draw", ELMAN, "--unfold", "2", PYTHONIOENCODING="ascii")
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.decode("ascii") == done("draw", ELMAN, "--unfold", "2", "--ascii")
    assert started("blocks", "attention", PYTHONIOENCODING="ascii").returncode == 0


def test_a_terminal_gets_a_bar(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("the quick brown fox jumps over the lazy dog; " * 60)
    settings = ["training.updates=3", "training.batch=4", "training.steps=9", "training.report_every=1"]
    given = ["--data", f"text={tmp_path / 'text.txt'}", *(part for one in settings for part in ("--set", one))]
    command = [sys.executable, "-m", "leporello", "train", CHARACTERS, "--run", str(tmp_path / "run"), *given]
    ours, theirs = os.openpty()
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=surroundings) as process:
        os.close(theirs)
        assert process.stdout is not None
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
            while part := os.read(ours, 4096):
                shown += part
        printed = process.stdout.read().decode()
    os.close(ours)
    assert process.returncode == 0, shown
    assert b"3/3" in shown
    assert b"bits per character on unseen data" in shown
    assert printed.startswith("bits per character\n")


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = [sys.executable, "-m", "leporello", "blocks", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        process.wait(timeout=60)


def test_a_file_name_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J [red]\u202e.yaml"
    path.write_text(Path(ELMAN).read_text())
    assert "\x1b" not in done("check", path)
    path.write_text("spec: 1\n")
    assert "\x1b" not in refused("check", path)


def test_node_link_json_stands_in_for_yaml(tmp_path: Path) -> None:
    from leporello.blocks.registry import registry
    from leporello.graphs.interchange.node_link import to_json
    from leporello.graphs.specs import read_file

    path = tmp_path / "elman.json"
    path.write_text(to_json(read_file(ELMAN, registry())))
    one, other = (json.loads(done("check", "--json", file)) for file in (ELMAN, path))
    assert one | {"file": "", "problems": []} == other | {"file": "", "problems": []}
    assert done("draw", path) == done("draw", ELMAN)
    assert done("code", path)
    assert run("train", path).exit_code == 2


def test_bad_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    for text in ["", "{", '{"nodes": 1}', '{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100_000, "null"]:
        path.write_text(text)
        for command in ("check", "draw", "code", "train"):
            refused(command, path)


def test_every_example_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = done("new")
    assert all(path.stem in listed for path in EXAMPLES.glob("*.yaml"))
