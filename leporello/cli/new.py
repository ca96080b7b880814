"""`leporello new`: a spec of one's own, begun from an example, from questions, or from nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from leporello.tui.session.questions import Question

DEFAULT = "char_lm"
TAKEN = "nothing is overwritten: choose another name"


@click.command(short_help="Begin a spec from an example.")
@click.argument("name", required=False)
@click.option("--from", "example", metavar="EXAMPLE", help="Which example to copy.")
@click.option("--wizard", is_flag=True, help="Asked: what goes in, what comes out, how large, from which file.")
@click.option("--empty", is_flag=True, help="A model of one node, to be written.")
def command(name: str | None, example: str | None, wizard: bool, empty: bool) -> None:
    """Write a new spec NAME.yaml into this folder, copied from an example; without NAME, list the examples.

    Where an example has values to be drawn with, they come along as NAME.values.json. Nothing is ever
    overwritten. Without --from it is the example called NAME, else char_lm.

    \b
    leporello new
    leporello new elman
    leporello new my_model --from lstm_from_equations
    leporello new --wizard
    """
    from leporello.cli.reports.tables import table
    from leporello.examples import describe, examples, renamed, safe_name, values_of
    from leporello.graphs.problems import refuse, suggest, visible

    given = [option for option, said in (("--from", example), ("--wizard", wizard), ("--empty", empty)) if said]
    if len(given) > 1:
        raise refuse(f"{' and '.join(given)} do not go together", "one of them is enough")
    if wizard:
        _ask(name)
        return
    if empty:
        _begin_empty(name)
        return
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
    first = "draw" if "origin:" in known[chosen] else "check"  # which reads the data, and these are to be had first
    click.echo(f"{visible(name)}.yaml is a copy of {chosen}; try: leporello {first} {name}.yaml")
    if values is not None:
        click.echo(f"{visible(name)}.values.json holds values to draw it with: leporello draw --values")


def _begin_empty(name: str | None) -> None:
    from leporello.examples import renamed, safe_name
    from leporello.tui.session.begun import EMPTY

    name = safe_name(name if name is not None else "model")
    write_new({Path(f"{name}.yaml"): renamed(EMPTY, name)})
    click.echo(f"{name}.yaml is a model of one node; try: leporello tui {name}.yaml")


def _ask(name: str | None) -> None:
    """Ask in the terminal, and write what was asked for."""
    from leporello.examples import safe_name
    from leporello.tui.session.begun import model_of
    from leporello.tui.session.questions import kind_of, next_question

    answers = {} if name is None else {"name": safe_name(name)}
    while (question := next_question(answers)) is not None:
        answers[question.key] = _answer(question)
    write_new({Path(f"{answers['name']}.yaml"): model_of(answers)})
    click.echo(f"{answers['name']}.yaml is a {kind_of(answers)}; try: leporello check {answers['name']}.yaml")
    click.echo(f"then: leporello train {answers['name']}.yaml")


def _answer(question: Question) -> str:
    """Ask until there is an answer."""
    from leporello.graphs.problems import SpecError
    from leporello.tui.session.questions import accept

    choices = list((question.choices or {}).items())
    click.echo("\n" + question.text + (f"   {question.hint}" if question.hint else ""))
    for number, (word, said) in enumerate(choices, 1):
        click.echo(f"  {number}  {said}" if said.startswith(word) else f"  {number}  {word:<12} {said}")
    while True:
        said = click.prompt("", default=question.default, show_default=bool(question.default), prompt_suffix="> ")
        try:
            found = accept(question, str(said), Path())
            if question.key == "name":
                check_new([Path(f"{found}.yaml")])
            return found
        except SpecError as error:
            click.echo(str(error), err=True)


def check_new(paths: Iterable[Path]) -> None:
    """SpecError where one of these files is there already, also in other case."""
    from leporello.graphs.problems import refuse

    taken = {path.name.lower(): path.name for path in Path().iterdir()}
    for path in paths:
        if path.name.lower() in taken:
            raise refuse(f"{taken[path.name.lower()]} is there already", TAKEN)


def write_new(texts: Mapping[Path, str]) -> None:
    """Write files of which none is there yet; SpecError, and nothing written, if one is, also in other case."""
    from leporello.graphs.problems import refuse

    try:
        check_new(texts)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError as error:
        raise refuse(f"{error.filename} is there already", TAKEN) from None
    except OSError as error:
        what = f"{error.filename} cannot be written: {error.strerror}"
        raise refuse(what, "go to a folder that can be written") from None
