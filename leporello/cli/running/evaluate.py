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
@click.option(
    "--beam",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Candidates kept at each step of a translation; 1 is greedy.",
)
@click.option(
    "--attention",
    metavar="FILE",
    help="Write where a translator looked: a moving picture of each of the first lines (.svg), else JSON lines.",
)
@data_option
@json_option
def command(
    run: str,
    part: str,
    checkpoint: int | None,
    beam: int,
    attention: str | None,
    data: tuple[str, ...],
    as_json: bool,
) -> None:
    """Score the model of the run in the folder RUN; with --data on all of other files, of every input.

    Translations are compared with what they should be by BLEU and chrF too, where sacrebleu is installed
    (leporello[scores]); behind each stands its signature, by which others know how it was counted.

    \b
    leporello evaluate runs/char_lm-1
    leporello evaluate runs/sentiment-1 --part valid
    leporello evaluate runs/translate-1 --beam 5 --attention looked.svg
    leporello evaluate runs/translate-1 --data source=new.de --data target=new.en
    """
    from leporello.cli.failing import need
    from leporello.training.models import read_kept
    from leporello.training.runs.run import Run

    sources = read_sources(data)
    trained = Run(Path(run))
    trained.facts()
    need("torch", "numpy", "safetensors")
    from leporello.cli.running.looks import looks_for
    from leporello.training.using.evaluating import evaluate_trained, looked_at
    from leporello.training.using.trained import load_trained

    model = load_trained(trained, read_kept, checkpoint)
    looks = looks_for(attention, [model], looked_at(model)) if attention else None
    found = evaluate_trained(model, part, sources, beam, looks.take if looks else None)
    if looks:
        looks.close()
    if as_json:
        said = {"run": run, "update": model.update, "part": "" if sources else part, **found.scores}
        click.echo(json.dumps({**said, **({"signatures": dict(found.signatures)} if found.signatures else {})}))
        return
    width = max(map(len, found.scores))
    for name, value in found.scores.items():
        click.echo(f"{name:<{width}}  {value:.4f}  {found.signatures.get(name, '')}".rstrip())
