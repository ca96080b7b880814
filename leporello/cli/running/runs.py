"""`leporello runs`: all runs in a folder, how far they are and how good; their curves; deleting them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.training.runs.listing import Listed
    from leporello.training.runs.run import Run


@click.command(short_help="List runs, draw their curves, delete them.")
@click.argument("folders", metavar="[FOLDER]...", nargs=-1)
@click.option("--plot", metavar="FILE", help="Draw their curves instead, in one picture; - for standard output.")
@click.option("--delete", "deleting", is_flag=True, help="Delete the runs in these folders, after a question.")
@click.option("--yes", is_flag=True, help="With --delete: ask no question.")
@json_option
def command(folders: tuple[str, ...], plot: str | None, deleting: bool, yes: bool, as_json: bool) -> None:
    """List the runs in each FOLDER (runs/ without one), the newest first, each with its best score.

    A FOLDER may be a run itself.

    \b
    leporello runs
    leporello runs --json
    leporello runs runs/small runs/wide --plot curves.svg
    leporello runs --delete runs/small
    """
    from leporello.graphs.problems import refuse, visible

    if sum([plot is not None, deleting, as_json]) > 1:
        raise refuse("--plot, --delete and --json ask for several things", "leave all but one of them out")
    if deleting:
        _delete(folders, yes)
        return
    found = [run for folder in folders or ("runs",) for run in _runs(folder)]
    if plot is not None:
        _plot(found, plot)
        return
    from leporello.training.runs.following import Follower
    from leporello.training.runs.listing import listed_run

    entries = [listed_run(Follower(run)) for run in found]
    if as_json:
        click.echo(json.dumps([_value(entry) for entry in entries if entry.state != "damaged"]))
        return
    if not entries:
        where = ", ".join(map(shlex.quote, folders)) or "runs"
        click.echo(f"no runs in {visible(where)}; begin one: leporello train SPEC", err=True)
        return
    rows = [("run", "state", "update", "best", "spec"), *map(_row, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        click.echo("  ".join(visible(word.ljust(wide)) for word, wide in zip(row, widths, strict=True)).rstrip())


def _runs(folder: str) -> list[Run]:
    """The run that a folder is, or the runs in it."""
    from leporello.training.runs.run import FACTS, Run, find_runs

    path = Path(folder)
    return [Run(path)] if (path / FACTS).exists() else find_runs(path)


def _plot(runs: Sequence[Run], output: str) -> None:
    from leporello.cli.writing import STANDARD, suffix_of, write
    from leporello.training.runs.plotting import plotted
    from leporello.training.runs.run import EVENTS

    if output != STANDARD:
        suffix_of(output, ("svg",))
    write(plotted(runs), output, [run.folder / EVENTS for run in runs])


def _delete(folders: Sequence[str], yes: bool) -> None:
    """Delete runs one by one, each after a question."""
    from leporello.graphs.problems import refuse, visible
    from leporello.training.runs.listing import delete
    from leporello.training.runs.run import Run

    if not folders:
        raise refuse("there is no run to delete", "name its folder, such as leporello runs --delete runs/small")
    for folder in folders:
        run = Run(Path(folder))
        run.facts()
        status, name = run.status(), visible(shlex.quote(folder))
        if not yes and not click.confirm(f"delete {name}, {status.told} at update {status.update:,}?", err=True):
            click.echo(f"{name} stays")
            continue
        delete(run)
        click.echo(f"{name} is deleted")


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
