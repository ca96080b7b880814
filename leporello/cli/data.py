"""`leporello data`: what a model is trained on, as the model will see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from leporello.cli.options import data_option, json_option, read_graph, read_sources, set_option, spec_argument

SHARES = 12


@click.command(short_help="Show the data as the model sees them.")
@spec_argument
@click.option("--first", type=click.IntRange(0, 1000), default=3, show_default=True, help="How many examples.")
@set_option
@data_option
@json_option
def command(spec: str, first: int, overrides: tuple[str, ...], data: tuple[str, ...], as_json: bool) -> None:
    """Show the data of the model in the file SPEC: the first examples as text and as numbers, lengths, vocabulary,
    the share of what is unknown in validation, and how often each label comes.

    \b
    leporello data char_lm.yaml
    leporello data modules.yaml --first 10
    leporello data char_lm.yaml --data text=shakespeare.txt --json
    """
    from leporello.graphs.problems import refuse, visible
    from leporello.training.data.columns import load_data, sizes_from
    from leporello.training.data.showing import shown
    from leporello.training.first_weights.vectors import check_vectors
    from leporello.training.models import Given, check_model

    graph, sources = read_graph(spec, overrides), read_sources(data)
    found = load_data(graph, sources)
    if not found.columns:
        raise refuse("this spec has no data", "add data: {INPUT: {file: input.txt}}, or give --data INPUT=PATH")
    if any(column.entry["vectors"] for column in found.columns.values()):
        check_vectors(check_model(graph, Given(sizes_from(graph, found)), data=False), sources, found)
    told = shown(found, first)
    if as_json:
        click.echo(json.dumps(told))
        return
    for number, said in enumerate(told):
        for line in [""] * bool(number) + list(_lines(said)):
            click.echo(visible(line, 400))


def _lines(said: dict[str, Any]) -> Iterator[str]:
    """What is said of one input, for people."""
    size = f"{said['size']:,} {'features' if said['as'] in ('numbers', 'notes', 'sound') else 'tokens'}"
    yield f"{said['input']}: {said['as']} of {said['source']}, {size}"
    for what in ("sequences", "steps"):
        if what in said:
            yield f"  {what:<12}" + ", ".join(f"{part} {count:,}" for part, count in said[what].items())
    if "lengths" in said:
        yield "  lengths     " + ", ".join(f"{which} {length:g}" for which, length in said["lengths"].items())
    if "symbols" in said:
        yield "  symbols     " + " ".join(map(_symbol, said["symbols"]))
        if said["unknown"] is not None:
            yield f"  unknown     {said['unknown']:.2%} in validation"
    if "labels" in said:
        shares = [f"{name} {share:.1%}" for name, share in list(said["labels"].items())[:SHARES]]
        more = len(said["labels"]) - len(shares)
        yield "  labels      " + ", ".join(shares) + (f", and {more} more" if more else "")
    if "mean" in said:
        yield "  mean        " + ", ".join(f"{value:g}" for value in said["mean"])
        yield "  deviation   " + ", ".join(f"{value:g}" for value in said["deviation"])
    for number, example in enumerate(said["examples"], 1):
        yield f"  example {number}   {_cut(example['text'])}"
        yield f"              {_cut(json.dumps(example['numbers']))}"


def _symbol(symbol: str) -> str:
    return repr(symbol) if symbol.isspace() else symbol


def _cut(text: str, most: int = 160) -> str:
    """A text in one line, its end left out where it is long."""
    line = text.replace("\n", "\\n")
    return line if len(line) <= most else line[:most] + " ..."
