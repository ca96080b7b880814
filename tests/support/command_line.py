"""The command line in tests: run in this process, with what it printed and how it ended."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from leporello.cli.main import cli
from tests.support.paths import EXAMPLES

ELMAN = str(EXAMPLES / "elman.yaml")
LUONG = str(EXAMPLES / "luong.yaml")
CHARACTERS = str(EXAMPLES / "char_lm.yaml")


def run(*arguments: str | Path) -> Result:
    """Run `leporello` with these arguments; an exception that would reach the user fails the test."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="leporello")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def done(*arguments: str | Path) -> str:
    """What a command prints that has to succeed."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str | Path) -> str:
    """What a command says on stderr that has to be refused as bad input, printing nothing else."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "rror: " in result.stderr
    return result.stderr
