"""`leporello runs`: all runs in a folder, how far they are and how good."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.training.listing import Listed


@click.command(short_help="List runs.")
@click.argument("folder", default="runs")
@json_option
def command(folder: str, as_json: bool) -> None:
    """List the runs in FOLDER (runs/ without it), the newest first, each with its best score.

    \b
    leporello runs
    leporello runs --json
    """
    from leporello.graphs.problems import visible
    from leporello.training.listing import listed

    found = listed(Path(folder))
    if as_json:
        click.echo(json.dumps([_value(entry) for entry in found if entry.state != "damaged"]))
        return
    if not found:
        click.echo(f"no runs in {visible(shlex.quote(folder))}; begin one: leporello train SPEC", err=True)
        return
    rows = [("run", "state", "update", "best", "spec"), *map(_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        click.echo("  ".join(visible(word.ljust(wide)) for word, wide in zip(row, widths, strict=True)).rstrip())


def _value(entry: Listed) -> dict[str, Any]:
    return {
        "run": entry.folder,
        "name": entry.name,
        "state": entry.state,
        "pid": entry.pid,
        "update": entry.update,
        "updates": entry.updates,
        "score": entry.score,
        "best": entry.best,
        "test": entry.test,
    }


def _row(entry: Listed) -> tuple[str, ...]:
    best = f"{entry.best:.3f} {entry.score}" if entry.best is not None else ""
    return entry.folder, entry.state, f"{entry.update:,} of {entry.updates:,}", best, entry.name
