"""How a run is watched at a terminal: a bar that its events move, and what is said when it ends."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.graphs.problems import visible
from leporello.training.runs.following import Record

if TYPE_CHECKING:
    from leporello.training.recording import Outcome

Event = Mapping[str, Any]
Listener = Callable[[Event], None]


@contextmanager
def listener(as_json: bool = False) -> Iterator[Listener]:
    """What is to be told of each event: a bar at a terminal, lines elsewhere, or the events as JSON lines."""
    if as_json:
        yield lambda event: click.echo(json.dumps(event))
    elif sys.stderr.isatty():
        with _bar() as on_event:
            yield on_event
    else:
        yield _lines()


def _lines() -> Listener:
    record = Record()

    def on_event(event: Event) -> None:
        record.add(event)
        line = told(event, record)
        if line:
            click.echo(line, err=True)

    return on_event


def told(event: Event, record: Record) -> str:
    """An event in a line, empty for one that is not worth a line of its own; `record` has taken it in."""
    updates = record.updates
    match event["event"]:
        case "start":
            note = f"\n{visible(str(event['note']), 400)}" if event.get("note") else ""
            return f"{visible(str(event['name']))}: {event['weights']:,} parameters, {updates:,} updates{note}"
        case "from":
            return visible(f"begins with the weights of {event['run']} at update {event['at']:,}") + "".join(
                f"\n  {visible(line)}" for line in columns(event["weights"])
            )
        case "paused":
            return f"paused at update {event['update']:,}"
        case "continued":
            return "going on"
        case "resume":
            note = f"; {visible(str(event['note']))}" if event.get("note") else ""
            return f"going on after update {event['update']:,}{note}"
        case "validation":
            scored = f"{event[record.score]:.3f} {visible(record.words)} on unseen data"
            others = (one for one in record.scores[1:] if one["name"] in event)
            scored += "".join(f", {visible(str(one['words']))} {event[one['name']]:.3f}" for one in others)
            best = ", the best so far" if event.get("best") else ""
            return f"update {event['update']:,} of {updates:,}: {scored}{best}"
        case _:
            return ""


def columns(rows: Sequence[Sequence[str]], most: int = 40) -> list[str]:
    """Rows as lines whose parts stand below each other, so many at most.

    >>> columns([["taken", "a", "[2]"], ["not there", "bias", ""]])
    ['taken      a     [2]', 'not there  bias']
    """
    shown = rows[:most]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = ["  ".join(word.ljust(wide) for word, wide in zip(row, widths, strict=True)).rstrip() for row in shown]
    return lines + ([f"and {len(rows) - most} more"] if len(rows) > most else [])


@contextmanager
def _bar() -> Iterator[Listener]:
    """A bar on stderr; rich is told not to read what it shows as markup."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("training", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task, record = progress.add_task("", total=None), Record()

        def on_event(event: Event) -> None:
            record.add(event)
            if event["event"] == "start":
                progress.update(task, total=record.updates, completed=event["update"])
            elif event["event"] == "update":
                scored, words = event.get(record.score), visible(record.words)
                how = f"loss {event['loss']:.3f}" if scored is None else f"{scored:.2f} {words}"
                progress.update(task, completed=event["update"], description=f"{how}, {event['speed']:,} steps/s")
            line = told(event, record)
            if line:
                progress.console.print(line, markup=False, highlight=False)

        yield on_event


def ending(outcome: Outcome) -> str:
    """What is said when a run has ended: how well it predicts, where its files lie, how to go on."""
    folder = outcome.folder
    name = visible(shlex.quote(str(folder)))
    if outcome.state != "finished":
        return f"stopped after update {outcome.update:,}; go on with: leporello train --resume --run {name}"
    told = {str(score["name"]): str(score["words"]) for score in outcome.scores}
    first = next(iter(told), "")
    lines = [told.get(first, "")]
    scores = [("validation, at its best", outcome.best), ("test", outcome.test.get(first))]
    scores += [(f"test, {told[name]}", outcome.test.get(name)) for name in told if name != first]
    width = max(22, *(len(what) for what, score in scores if score is not None), 0)
    lines += [f"  {what:<{width}}  {score:.3f}" for what, score in scores if score is not None]
    lines += ["files", *(f"  {what:<24}{visible(str(path))}" for what, path in _places(folder))]
    if outcome.next:
        lines.append(f"{outcome.next} {name}")
    return "\n".join(lines if any(score is not None for _, score in scores) else lines[1:])


def _places(folder: Path) -> list[tuple[str, Path]]:
    from leporello.training.runs.run import CHECKPOINTS, EVENTS, SPEC

    named = (("spec, as trained", SPEC), ("events", EVENTS), ("weights", CHECKPOINTS))
    return [("run", folder), *((what, folder / name) for what, name in named)]
