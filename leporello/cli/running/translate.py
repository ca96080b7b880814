"""`leporello translate`: lines that a trained encoder and decoder make of lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.training.generating.translating import Translation

TOGETHER = 32


@click.command(short_help="Let a trained model translate lines.")
@click.argument("run", nargs=1)
@click.argument("files", nargs=-1)
@click.option(
    "--with", "others", metavar="RUN", multiple=True, help="Another run of the same vocabularies, to decide together."
)
@click.option(
    "--beam",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Candidates kept at each step; 1 is greedy.",
)
@click.option(
    "--n-best", "best", type=click.IntRange(1, 1000), default=1, show_default=True, help="Translations of each line."
)
@click.option(
    "--length-penalty",
    "length",
    type=float,
    default=0.6,
    show_default=True,
    help="How far length is made up for in a beam; 0: not.",
)
@click.option(
    "--coverage-penalty",
    "coverage",
    type=float,
    default=0.0,
    show_default=True,
    help="How dear it is to leave out parts of the source.",
)
@click.option("--longest", type=click.IntRange(1), help="Symbols of a translation at most.")
@click.option("--scores", is_flag=True, help="The score and a tab before each line.")
@click.option(
    "--attention",
    metavar="FILE",
    help="Write where the model looked: a moving picture of each of the first lines (.svg), else JSON lines.",
)
@click.option("--checkpoint", type=int, metavar="UPDATE", help="The weights of this update instead of the best.")
@click.option("--each", is_flag=True, help="Answer each line before the next one is read.")
@json_option
def command(run: str, files: tuple[str, ...], each: bool, as_json: bool, **options: Any) -> None:
    """Translate the lines of FILES, or of standard input as they come, by the model of the run in the folder RUN.

    \b
    echo "3rd of march, 99" | leporello translate runs/dates-1
    leporello translate runs/translate-1 test.de --beam 5 > test.en
    leporello translate runs/translate-1 test.de --beam 5 --n-best 3 --scores
    echo "3rd of march, 99" | leporello translate runs/dates-1 --attention looked.svg
    """
    from leporello.cli.running.lines import read_lines
    from leporello.training.using.predicting import together

    translate, close = _translating([run, *options["others"]], options)
    try:
        each = each or (not files and sys.stdin.isatty())
        for lines in together(read_lines(files), 1 if each else TOGETHER):
            for several in translate(lines):
                _print(several, options["scores"], as_json)
    finally:
        close()


def _translating(runs: list[str], options: dict[str, Any]) -> tuple[Any, Any]:
    """What translates lines and takes down where the model looked, and what is to be called at the end."""
    from leporello.cli.failing import need
    from leporello.cli.running.looks import looks_for
    from leporello.graphs.problems import refuse
    from leporello.training.models import read_kept
    from leporello.training.runs.run import Run

    for folder in runs:
        Run(Path(folder)).facts()
    need("torch", "numpy", "safetensors")
    from leporello.training.generating.penalties import Penalties
    from leporello.training.generating.translating import Translator
    from leporello.training.using.trained import load_trained

    models = [load_trained(Run(Path(folder)), read_kept, options["checkpoint"]) for folder in runs]
    for folder, model in zip(runs, models, strict=True):
        if model.encoders != models[0].encoders:
            raise refuse(
                f"{folder} has other words than {runs[0]}", "models that decide together are trained on the same data"
            )
    translator = Translator([model.module for model in models], models[0].encoders)
    penalties = Penalties(options["length"], options["coverage"])
    looked = looks_for(options["attention"], models, translator.attention)
    beam = max(options["beam"], options["best"])

    def translate(lines: list[str]) -> list[list[Translation]]:
        found = translator.translate(
            lines, beam=beam, best=options["best"], penalties=penalties, longest=options["longest"]
        )
        if looked:
            for line, several in zip(lines, found, strict=True):
                looked.take(line, several)
        return found

    return translate, looked.close if looked else lambda: None


def _print(several: list[Translation], scores: bool, as_json: bool) -> None:
    from leporello.cli.running.generate import shown

    for one in several:
        if as_json:
            click.echo(json.dumps(one.to_json(), ensure_ascii=False))
        else:
            click.echo((f"{one.score:.4f}\t" if scores else "") + shown(one.text.replace("\n", " ")))
