"""`leporello observe`: what goes on inside a trained model while it reads lines, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command(short_help="What goes on inside a trained model while it reads a line.")
@click.argument("run")
@click.option("--show", multiple=True, metavar="PATH", help="A state or gate to be told too; may be repeated.")
@click.option("--inner", is_flag=True, help="All states and gates whose values lie between -1 and 1.")
@click.option("--checkpoint", type=int, metavar="UPDATE", help="The weights of this update instead of the best.")
def command(run: str, show: tuple[str, ...], inner: bool, checkpoint: int | None) -> None:
    """Let the model of the run in the folder RUN read lines of standard input as they come.

    Each is answered by a line of JSON: the `steps` of each axis, the `words` at each step, where its `attention` looks,
    the values of `gates`, and on which of the `axes` each of these is.

    \b
    echo "3rd of march, 99" | leporello observe runs/dates-1
    leporello observe runs/char_lm-1 --inner < lines.txt
    """
    from leporello.cli.failing import need
    from leporello.cli.running.lines import read_lines
    from leporello.training.models import read_kept
    from leporello.training.runs.run import Run

    trained = Run(Path(run))
    trained.facts()
    need("torch", "numpy", "safetensors")
    from leporello.training.using.observing import observe
    from leporello.training.using.trained import load_trained

    model = load_trained(trained, read_kept, checkpoint)
    for line in read_lines(()):
        seen = observe(model, line, show, inner=inner)
        told = {"line": line, "steps": seen.steps, "axes": seen.axes, **seen.values}
        click.echo(json.dumps(told, ensure_ascii=False))
        sys.stdout.flush()
