"""`leporello evaluate`: how good a trained model is, on a part of its data or on other data."""

from __future__ import annotations

import json
from pathlib import Path

import click

from leporello.cli.options import data_option, json_option, read_sources


@click.command(short_help="Score a trained model.")
@click.argument("run")
@click.option(
    "--part",
    type=click.Choice(["train", "valid", "test"]),
    default="test",
    show_default=True,
    help="Which part of its data.",
)
@click.option("--checkpoint", type=int, metavar="UPDATE", help="The weights of this update instead of the best.")
@data_option
@json_option
def command(run: str, part: str, checkpoint: int | None, data: tuple[str, ...], as_json: bool) -> None:
    """Score the model of the run in the folder RUN; with --data on all of other files, of every input.

    \b
    leporello evaluate runs/char_lm-1
    leporello evaluate runs/sentiment-1 --part valid
    leporello evaluate runs/translate-1 --data source=new.de --data target=new.en
    """
    from leporello.cli.failing import need
    from leporello.training.models import read_kept
    from leporello.training.runs import Run

    sources = read_sources(data)
    trained = Run(Path(run))
    trained.facts()
    need("torch", "numpy", "safetensors")
    from leporello.training.using.evaluating import evaluate_trained
    from leporello.training.using.trained import load_trained

    model = load_trained(trained, read_kept, checkpoint)
    scores = evaluate_trained(model, part, sources)
    if as_json:
        click.echo(json.dumps({"run": run, "update": model.update, "part": "" if sources else part, **scores}))
        return
    width = max(map(len, scores))
    for name, value in scores.items():
        click.echo(f"{name:<{width}}  {value:.4f}")
