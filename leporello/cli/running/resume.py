"""`leporello resume`: let a run go on that was paused."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command(short_help="Let a paused run go on.")
@click.argument("run")
def command(run: str) -> None:
    """Let the run in the folder RUN go on that `leporello pause` made wait.

    One whose process has ended goes on by `leporello train --resume --run RUN`.

    \b
    leporello resume runs/char_lm-1
    """
    from leporello.cli.running.stop import tell_state
    from leporello.training.runs.detached import go_on
    from leporello.training.runs.run import Run

    tell_state(run, go_on(Run(Path(run))), f"follow it: leporello watch {shlex.quote(run)}")
