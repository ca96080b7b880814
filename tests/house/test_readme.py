"""The README as a new user would try it: every command and every line of Python in it runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import done
from tests.support.paths import ROOT
from tests.support.terminal import Terminal

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUICK = "--set training.updates=4 --set training.validate_every=4 --set training.batch=8 --set training.steps=10"


def block(language: str) -> str:
    """The first fenced block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def commands() -> list[str]:
    """The lines that call `leporello`, without their comments."""
    return [line.partition("   #")[0].strip() for line in README.splitlines() if line.startswith("    leporello ")]


def shown(arguments: list[str], folder: Path) -> int:
    """The exit code of the terminal UI, looked at and left."""
    terminal = Terminal([sys.executable, "-m", "leporello", *arguments], folder)
    try:
        terminal.until("━".encode())
        terminal.write(b"q")
        return terminal.wait()[0]
    finally:
        terminal.close()


@pytest.mark.slow
def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(commands()) >= 8
    for command in commands():
        arguments = shlex.split(command)[1:] + (shlex.split(QUICK) if " train " in command else [])
        if "--detach" in arguments:  # a run is no child of the process that watches it
            subprocess.run([sys.executable, "-m", "leporello", *arguments], check=True, capture_output=True)
        elif "tui" in arguments:
            assert shown(arguments, tmp_path) == 0
        else:
            done(*arguments)
    assert (tmp_path / "elman.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "runs" / "topics" / "status.json").exists()


def test_the_first_spec_is_the_example(tmp_path: Path) -> None:
    from leporello.blocks.registry import registry
    from leporello.graphs.specs import read_file, read_spec

    written = read_spec(block("yaml"), registry())
    example = read_file(ROOT / "examples" / "elman.yaml", registry())
    assert (written.nodes, written.outputs) == (example.nodes, example.outputs)


def test_the_python_lines_run(tmp_path: Path) -> None:
    (tmp_path / "elman.yaml").write_text(block("yaml"), encoding="utf-8")
    program = block("python") + "\nprint(tuple(y.shape), tuple(outputs['y'].shape), sorted(state))"
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert result.stdout.strip() == "(3, 20, 4) (3, 4) ['h']", result.stderr


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(targets) > 6
    assert [target for target in targets if not (ROOT / target).exists()] == []
