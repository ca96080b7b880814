"""`leporello new`: a spec of one's own, begun from an example."""

from __future__ import annotations

from pathlib import Path

import click

DEFAULT = "char_lm"


@click.command(short_help="Begin a spec from an example.")
@click.argument("name", required=False)
@click.option("--from", "example", metavar="EXAMPLE", help="Which example to copy.")
def command(name: str | None, example: str | None) -> None:
    """Write a new spec NAME.yaml into this folder, copied from an example; without NAME, list the examples.

    Nothing is ever overwritten. Without --from it is the example called NAME, else char_lm.

    \b
    leporello new
    leporello new elman
    leporello new my_model --from lstm_from_equations
    """
    from leporello.cli.examples import describe, examples, renamed, safe_name
    from leporello.cli.tables import table
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
    path = write_new(Path(f"{name}.yaml"), renamed(known[chosen], name))
    click.echo(f"{visible(str(path))} is a copy of {chosen}; try: leporello check {path}")


def write_new(path: Path, text: str) -> Path:
    """Write a file that is not there yet; SpecError if it is, also under a name in other case."""
    from leporello.graphs.problems import refuse

    hint = "nothing is overwritten: choose another name"
    try:
        taken = [other.name for other in path.parent.iterdir() if other.name.lower() == path.name.lower()]
        if taken:
            raise refuse(f"{taken[0]} is there already", hint)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise refuse(f"{path.name} is there already", hint) from None
    except OSError as error:
        raise refuse(f"{path.name} cannot be written: {error.strerror}", "go to a folder that can be written") from None
    return path
