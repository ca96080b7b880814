"""`leporello watch`: follow a run that trains in a process of its own."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.training.runs.run import Listener, Run, Status

PAUSE = 0.2


@click.command(short_help="Follow a run.")
@click.argument("run")
@json_option
def command(run: str, as_json: bool) -> None:
    """Follow the run in the folder RUN until it ends; Ctrl-C ends the watching, not the run.

    The exit code is that of the run; 1 if its process is gone.

    \b
    leporello watch runs/char_lm-1
    leporello watch runs/char_lm-1 --json
    """
    from leporello.cli.running.progress import listener
    from leporello.training.runs.run import Run

    watched = Run(Path(run))
    watched.facts()
    try:
        with listener(as_json) as on_event:
            ended = _followed(watched, on_event)
    except KeyboardInterrupt:
        click.echo("the run goes on", err=True)
        sys.exit(130)
    sys.exit(_say_ending(run, ended))


def _followed(run: Run, on_event: Listener) -> Status:
    """Tell all events, those that are there and those that come, until the run is no longer running."""
    from leporello.training.runs.following import Follower

    follower = Follower(run)
    while True:
        status = run.status()
        ended = status.state != "running" or status.died
        while events := follower.read():
            for event in events:
                on_event(event)
        if ended:
            return status
        time.sleep(PAUSE)


def _say_ending(run: str, status: Status) -> int:
    """Say on stderr how a run ended; its exit code."""
    from leporello.graphs.problems import visible
    from leporello.training.runs.detached import words_of_the_dead
    from leporello.training.runs.run import Run

    name = visible(shlex.quote(run))
    how = "died" if status.died else status.state
    click.echo(f"{name} {how} at update {status.update:,}", err=True)
    if status.state == "failed":
        click.echo(visible(status.message, 2000), err=True)
    elif status.died:
        click.echo(visible(words_of_the_dead(Run(Path(run))), 2000), err=True)
    if how != "finished":
        click.echo(f"go on with: leporello train --resume --run {name}", err=True)
    return 1 if status.exit is None else status.exit
