"""What a command loads, and that the contract on imports catches what it is there to catch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

FOLDERS = ["graphs", "blocks", "builder", "training", "tui"]
HEAVY = {"torch", "textual", "numpy"}

PROBE = """
import json, runpy, sys
status = 0
try:
    exec(sys.argv.pop(1))
except SystemExit as stopped:
    status = stopped.code or 0
print()
print(json.dumps([status, sorted(name for name in sys.modules if "." not in name)]))
"""
RUN = "runpy.run_module('leporello', run_name='__main__')"


def probe(statement: str, *arguments: str) -> tuple[int, set[str]]:
    """The exit status of `statement` in an interpreter of its own, and the packages that it loaded."""
    command = [sys.executable, "-c", PROBE, statement, *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert "Traceback" not in finished.stderr, finished.stderr
    status, modules = json.loads(finished.stdout.splitlines()[-1])
    return status, set(modules)


def test_the_probe_sees_what_is_loaded() -> None:
    assert "numpy" in probe("import numpy")[1]


def test_importing_the_package_loads_nothing_heavy() -> None:
    _, modules = probe("import leporello")
    assert "leporello" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "--help"],
        ["blocks"],
        ["check", "examples/elman.yaml"],
        ["code", "examples/elman.yaml"],
        ["draw", "examples/elman.yaml", "-o", "-"],
        ["draw", "examples/elman.yaml", "--unfold", "3", "-o", "-"],
    ],
    ids=" ".join,
)
def test_commands_without_tensors_load_nothing_heavy(arguments: list[str]) -> None:
    status, modules = probe(RUN, *arguments)
    assert status == 0
    assert not modules & HEAVY


@pytest.mark.parametrize(
    "arguments",
    [["check", "examples/no_such_file.yaml"], ["check", "Makefile"], ["no_such_command"]],
    ids=" ".join,
)
def test_bad_input_is_refused_without_loading_anything_heavy(arguments: list[str]) -> None:
    status, modules = probe(RUN, *arguments)
    assert status == 2
    assert not modules & HEAVY


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package as one tree, which a test may spoil."""
    kept = shutil.ignore_patterns("__pycache__", "*.yaml")
    shutil.copytree(ROOT / "leporello", tmp_path / "leporello", ignore=kept)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / "leporello" / folder, ignore=kept)
    return tmp_path


def broken_contracts(tree: Path) -> list[str]:
    """The names of the contracts that the tree breaks."""
    linter = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"]
    command = [sys.executable, "-c", linter, *options]
    printed = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=120).stdout
    assert "Contracts: " in printed, printed
    return [line.removesuffix(" BROKEN") for line in printed.splitlines() if line.endswith(" BROKEN")]


def test_the_contract_holds(tree: Path) -> None:
    assert broken_contracts(tree) == []


@pytest.mark.parametrize(
    ("file", "statement", "contract"),
    [
        ("graphs/problems.py", "import torch", "graphs reach neither torch nor textual"),
        ("graphs/problems.py", "def late():\n    import textual", "graphs reach neither torch nor textual"),
        ("graphs/graph.py", "import leporello.blocks", "imports go one way"),
        ("blocks/__init__.py", "import leporello.builder", "imports go one way"),
        ("builder/__init__.py", "import leporello.training", "imports go one way"),
        ("training/__init__.py", "import leporello.tui", "imports go one way"),
        ("tui/__init__.py", "import leporello.cli.main", "imports go one way"),
        ("training/__init__.py", "import textual", "only the terminal UI imports textual"),
        ("tui/__init__.py", "import torch", "leave torch to the layers below"),
    ],
)
def test_the_contract_refuses(tree: Path, file: str, statement: str, contract: str) -> None:
    with (tree / "leporello" / file).open("a") as spoilt:
        spoilt.write(f"\n{statement}\n")
    assert any(contract in name for name in broken_contracts(tree))
