"""`leporello stop`: ask a run to write a checkpoint and end."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from leporello.training.runs.run import Status


@click.command(short_help="Stop a run that trains.")
@click.argument("run")
def command(run: str) -> None:
    """Stop the run in the folder RUN: its process writes a checkpoint and ends, and it can go on from there.

    \b
    leporello stop runs/char_lm-1
    leporello train --resume --run runs/char_lm-1
    """
    from leporello.training.runs.detached import stop
    from leporello.training.runs.run import Run

    tell_state(run, stop(Run(Path(run))), "")


def tell_state(run: str, status: Status, hint: str) -> None:
    """Say what a run does that was asked for something, and what a person may do next.

    Ends as a failure where its process died instead.
    """
    from leporello.cli.failing import fail
    from leporello.graphs.problems import Problem, visible

    name = visible(shlex.quote(run))
    going_on = f"leporello train --resume --run {name}"
    if status.died:
        what = f"process {status.pid} of {name} ended without a word"
        fail(Problem(what, f"go on from its newest checkpoint: {going_on}"))
    click.echo(f"{name} is {status.told} at update {status.update:,}")
    if status.state == "interrupted":
        click.echo(f"go on with: {going_on}")
    elif status.state == "running":
        click.echo(visible(hint, 400))
