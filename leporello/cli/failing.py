"""How a command fails: problems one after another on stderr, exit code 2 for bad input, 1 for a failure."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NoReturn

import click

from leporello.graphs.problems import Problem, SpecError

MOST = 30
FAILURE, BAD_INPUT, STOPPED = 1, 2, 130
PATIENCE = 60
"""So many seconds a process waits for another to say why all end: their launcher ends all when the first has ended."""
EXTRAS = {
    "torch": "train",
    "numpy": "train",
    "safetensors": "train",
    "textual": "tui",
    "textual_serve": "serve",
    "pyarrow": "datasets",
}
"""The extra that brings each package which the plain install lacks; training and writing need torch and safetensors."""


@contextmanager
def reported() -> Iterator[None]:
    """Tell what went wrong instead of showing a traceback; faults of the program itself keep theirs."""
    try:
        yield
    except SpecError as error:
        from leporello.training.ranks import EchoedError  # late: most commands fail in nothing

        if isinstance(error, EchoedError):
            time.sleep(PATIENCE)
        else:
            tell(error.problems)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(STOPPED)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRAS:
            raise
        fail(lacking(missing))
    except MemoryError:
        fail(Problem("memory ran out", "a model, its data or its picture is too large for what this machine has free"))
    except Exception as error:
        problem = getattr(error, "problem", None)
        if not isinstance(problem, Problem):
            raise
        fail(problem)


def tell(problems: Sequence[Problem]) -> None:
    """Print problems on stderr, thirty at most."""
    if not problems:
        return
    from leporello.cli.colours import coloured_problem  # late: most commands have nothing to tell

    for problem in problems[:MOST]:
        click.echo(coloured_problem(problem), err=True)
    if len(problems) > MOST:
        click.echo(f"and {len(problems) - MOST} more", err=True)


def fail(problem: Problem) -> NoReturn:
    """End the command as a failure."""
    tell([problem])
    sys.exit(FAILURE)


def need(*packages: str) -> None:
    """End the command as a failure if one of these packages is not installed; none of them is loaded."""
    for package in packages:
        try:
            found = find_spec(package)
        except ModuleNotFoundError:
            found = None
        if found is None:
            fail(lacking(package))


def lacking(package: str) -> Problem:
    """The problem that a package of an extra is not installed."""
    from leporello.graphs.extras import LackingError

    return LackingError(package, EXTRAS[package], "this command").problem
