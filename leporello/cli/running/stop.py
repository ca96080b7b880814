"""`leporello stop`: ask a run to write a checkpoint and end."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command(short_help="Stop a run that trains.")
@click.argument("run")
def command(run: str) -> None:
    """Stop the run in the folder RUN: its process writes a checkpoint and ends, and it can go on from there.

    \b
    leporello stop runs/char_lm-1
    leporello train --resume --run runs/char_lm-1
    """
    from leporello.cli.failing import fail
    from leporello.graphs.problems import Problem, visible
    from leporello.training.detached import stop
    from leporello.training.runs import Run

    status = stop(Run(Path(run)))
    name = visible(shlex.quote(run))
    if status.state == "running":
        hint = f"go on from its newest checkpoint: leporello train --resume --run {name}"
        fail(Problem(f"process {status.pid} of {name} ended without a word", hint))
    click.echo(f"{name} is {status.state} at update {status.update:,}")
    if status.state == "interrupted":
        click.echo(f"go on with: leporello train --resume --run {name}")
