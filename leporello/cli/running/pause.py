"""`leporello pause`: let a run wait, its process and all."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command(short_help="Let a run wait.")
@click.argument("run")
def command(run: str) -> None:
    """Let the run in the folder RUN wait: it writes a checkpoint, and its process stays, but works no more.

    `leporello resume` lets it go on, `leporello stop` ends it. To give its memory back too, stop it.

    \b
    leporello pause runs/char_lm-1
    leporello resume runs/char_lm-1
    """
    from leporello.cli.running.stop import tell_state
    from leporello.training.runs.detached import pause
    from leporello.training.runs.run import Run

    tell_state(run, pause(Run(Path(run))), f"let it go on: leporello resume {shlex.quote(run)}")
