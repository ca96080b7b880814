"""`leporello new`: a spec of one's own, begun from an example."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

DEFAULT = "char_lm"


@click.command(short_help="Begin a spec from an example.")
@click.argument("name", required=False)
@click.option("--from", "example", metavar="EXAMPLE", help="Which example to copy.")
def command(name: str | None, example: str | None) -> None:
    """Write a new spec NAME.yaml into this folder, copied from an example; without NAME, list the examples.

    Where an example has values to be drawn with, they come along as NAME.values.json. Nothing is ever
    overwritten. Without --from it is the example called NAME, else char_lm.

    \b
    leporello new
    leporello new elman
    leporello new my_model --from lstm_from_equations
    """
    from leporello.cli.reports.tables import table
    from leporello.examples import describe, examples, renamed, safe_name, values_of
    from leporello.graphs.problems import refuse, suggest, visible

    known = examples()
    if name is None and example is None:
        click.echo("\n".join(table([(one, describe(text)) for one, text in known.items()])))
        click.echo("\n`leporello new NAME --from EXAMPLE` copies one to NAME.yaml")
        return
    chosen = example if example is not None else name if name in known else DEFAULT
    assert chosen is not None
    if chosen not in known:
        raise refuse(f"there is no example {chosen!r}", suggest(chosen, known, "examples"))
    name = safe_name(name if name is not None else chosen)
    wanted, values = {f"{name}.yaml": renamed(known[chosen], name)}, values_of(chosen)
    if values is not None:
        wanted[f"{name}.values.json"] = values
    write_new({Path(file): text for file, text in wanted.items()})
    click.echo(f"{visible(name)}.yaml is a copy of {chosen}; try: leporello check {name}.yaml")
    if values is not None:
        click.echo(f"{visible(name)}.values.json holds values to draw it with: leporello draw --values")


def write_new(texts: Mapping[Path, str]) -> None:
    """Write files of which none is there yet; SpecError, and nothing written, if one is, also in other case."""
    from leporello.graphs.problems import refuse

    hint = "nothing is overwritten: choose another name"
    try:
        taken = {path.name.lower(): path.name for path in Path().iterdir()}
        for path in texts:
            if path.name.lower() in taken:
                raise refuse(f"{taken[path.name.lower()]} is there already", hint)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError as error:
        raise refuse(f"{error.filename} is there already", hint) from None
    except OSError as error:
        what = f"{error.filename} cannot be written: {error.strerror}"
        raise refuse(what, "go to a folder that can be written") from None
