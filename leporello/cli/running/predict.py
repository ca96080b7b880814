"""`leporello predict`: what a trained model says of lines or tables: labels, tags, numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.training.data.entries import Entry
    from leporello.training.using.predicting import Prediction

TOGETHER = 32


@click.command(short_help="Let a trained model label lines, or go on with a table.")
@click.argument("run")
@click.argument("file", required=False)
@click.option("--scores", is_flag=True, help="How probable it is, and a tab, before each.")
@click.option("--ahead", type=int, metavar="N", help="The N steps that follow on a series, one said from the other.")
@click.option("--checkpoint", type=int, metavar="UPDATE", help="The weights of this update instead of the best.")
@json_option
def command(run: str, file: str | None, scores: bool, ahead: int | None, checkpoint: int | None, as_json: bool) -> None:
    """What the model of the run in the folder RUN says of FILE, or of standard input line by line.

    A file is read as the model's data are: lines of text, columns of a table, numbers step by step. A model of several
    inputs takes each from its own columns of the file.

    \b
    echo "a lovely film" | leporello predict runs/sentiment-1
    leporello predict runs/sentiment-1 reviews.csv --scores
    leporello predict runs/forecast-1 series.csv --json
    leporello predict runs/forecast-1 series.csv --ahead 24
    """
    from leporello.cli.failing import need
    from leporello.graphs.problems import refuse
    from leporello.training.models import read_kept
    from leporello.training.roles import use_of
    from leporello.training.runs.run import Run

    trained = Run(Path(run))
    trained.facts()
    need("torch", "numpy", "safetensors")
    from leporello.training.using.forecasting import forecast
    from leporello.training.using.predicting import predict, read_inputs, together
    from leporello.training.using.trained import load_trained

    if use_of(trained) == "translate":
        raise refuse(f"{run} writes sequences, step by step", f"it translates: leporello translate {run}")
    model = load_trained(trained, read_kept, checkpoint)
    rows = _rows(read_inputs(model), file)
    if ahead is not None:
        for row in rows:
            _print(forecast(model, row, ahead), scores, as_json)
        return
    for group in together(rows, TOGETHER if file else 1):
        for prediction in predict(model, group):
            _print(prediction, scores, as_json)


def _rows(entries: Sequence[Entry], file: str | None) -> Iterator[dict[str, Any]]:
    """The rows of a file, by input, or of standard input as they come."""
    from leporello.cli.running.lines import read_lines
    from leporello.graphs.problems import refuse

    if file is None:
        if len(entries) > 1 or not entries[0].tokens:
            what = "numbers are" if len(entries) == 1 else f"{', '.join(entry.name for entry in entries)} are"
            raise refuse(f"{what} read from a table", "name its file, such as series.csv")
        return ({entries[0].name: line} for line in read_lines(()))
    found = {entry.name: _read(entry, file) for entry in entries}
    counts = {name: len(rows) for name, rows in found.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise refuse(f"{file} has rows that do not belong together: {told}", "one of each for every row")
    return (dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True))


def _read(entry: Entry, file: str) -> list[Any]:
    from leporello.training.data.sources import read_source

    _, found = read_source(Path(file), file, entry, whole=False)
    return [row for rows in found.values() for row in rows] if isinstance(found, dict) else list(found)


def _print(prediction: Prediction, scores: bool, as_json: bool) -> None:
    from leporello.cli.running.generate import shown

    if as_json:
        click.echo(json.dumps(prediction.to_json(), ensure_ascii=False))
        return
    for name, value in prediction.values.items():
        sure = prediction.sure[name]
        if isinstance(value, list) and value and isinstance(value[0], list):  # numbers or notes, a line a step
            click.echo("\n".join(",".join(f"{one:g}" for one in step) for step in value))
            continue
        line = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        least = min(sure) if isinstance(sure, list) else sure
        click.echo((f"{least:.4f}\t" if scores and least is not None else "") + shown(line))
