"""`leporello generate`: text that a trained model writes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from leporello.cli.options import json_option


@click.command(short_help="Let a trained model write.")
@click.argument("run")
@click.option("--prompt", default="", help="Text that the model reads first.")
@click.option("--length", type=int, default=400, show_default=True, help="Characters at most.")
@click.option("--temperature", type=float, default=1.0, show_default=True, help="Above 1 is bolder, below 1 safer.")
@click.option("--top-k", type=int, default=0, help="Choose among the K most likely characters only; 0 for all.")
@click.option("--top-p", type=float, default=1.0, help="Choose among the fewest that have this probability together.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="The same seed writes the same text.")
@click.option("--checkpoint", type=int, metavar="UPDATE", help="The weights of this update instead of the best.")
@json_option
def command(
    run: str,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int,
    top_p: float,
    seed: int | None,
    checkpoint: int | None,
    as_json: bool,
) -> None:
    """Let the model of the run in the folder RUN write.

    \b
    leporello generate runs/char_lm-1
    leporello generate runs/char_lm-1 --prompt "The class" --length 1000 --seed 1
    leporello generate runs/char_lm-1 --temperature 0.7 --top-k 20
    """
    from leporello.cli.failing import need, tell
    from leporello.training.models import read_kept
    from leporello.training.runs.run import Run

    trained = Run(Path(run))
    trained.facts()
    need("torch", "numpy", "safetensors")
    from leporello.training.generating.characters import generate
    from leporello.training.using.trained import load_trained

    model = load_trained(trained, read_kept, checkpoint)
    characters = generate(
        model.writer,
        model.vocabulary,
        prompt,
        length,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
        warn=lambda problem: tell([problem]),
    )
    if as_json:
        click.echo(json.dumps({"run": run, "update": model.update, "prompt": prompt, "text": "".join(characters)}))
        return
    click.echo(shown(prompt), nl=False)
    for character in characters:
        click.echo(shown(character), nl=False)
    click.echo()


def shown(text: str) -> str:
    """Text as a terminal may show it: line ends and tabs stay, other control characters are made visible.

    >>> shown("a\\tb\\x1b[2J")
    'a\\tb\\\\x1b[2J'
    """
    from leporello.graphs.problems import visible

    return "\t".join(visible(part, len(part)) for part in text.split("\t"))
