"""`leporello runs`: all runs in a folder, how far they are and how good."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.training.runs import Run


@click.command(short_help="List runs.")
@click.argument("folder", default="runs")
@json_option
def command(folder: str, as_json: bool) -> None:
    """List the runs in FOLDER (runs/ without it), the newest first, each with its best bits per character.

    \b
    leporello runs
    leporello runs --json
    """
    from leporello.graphs.problems import visible
    from leporello.training.runs import find_runs

    found = [entry for run in find_runs(Path(folder)) if (entry := listed(run))]
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found:
        click.echo(f"no runs in {visible(shlex.quote(folder))}; begin one: leporello train SPEC", err=True)
        return
    rows = [("run", "state", "update", "best", "spec"), *map(_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        click.echo("  ".join(visible(word.ljust(wide)) for word, wide in zip(row, widths, strict=True)).rstrip())


def listed(run: Run) -> dict[str, Any] | None:
    """What there is to say of a run; None for a folder whose files are damaged."""
    from leporello.graphs.problems import SpecError
    from leporello.training.following import Follower

    try:
        status, facts = run.status(), run.facts()
    except SpecError:
        return None
    follower = Follower(run)
    while follower.read():
        pass
    record = follower.record
    best = record.best[1] if record.best else None
    return {
        "run": str(run.folder),
        "name": facts.get("name", ""),
        "state": "died" if status.died else status.state,
        "pid": status.pid if status.state == "running" and not status.died else None,
        "update": max(status.update, record.update),
        "updates": record.updates,
        "best": best,
        "test": record.test,
    }


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    best = f"{entry['best']:.3f}" if entry["best"] is not None else ""
    return entry["run"], entry["state"], f"{entry['update']:,} of {entry['updates']:,}", best, str(entry["name"])
