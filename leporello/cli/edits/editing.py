"""A file edited: read, changed, and written in its place if it is still what was read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from pathlib import Path

import click

from leporello.blocks.registry import registry
from leporello.cli.reports.report import problem_value
from leporello.cli.writing import STANDARD, write
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import Tree
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.graph import Graph
from leporello.graphs.problems import Problem, SpecError, refuse, visible
from leporello.training.settings import read_settings
from leporello.writing import write_file


def edit_file(spec: str, change: Callable[[Draft], Edited], diff: bool, output: str | None, as_json: bool) -> None:
    """Change the spec in a file, and write it; with `diff` or `as_json` and no `output`, show it only.

    Raises:
        SpecError: for a file that cannot be read or written, and for an edit that is refused.
    """
    path = Path(spec)
    text = read_text(path)
    edited = change(Draft.read(text, registry(), spec, (_settings,)))
    if as_json:
        click.echo(json.dumps(_value(edited), indent=1))
    elif diff:
        click.echo(_diff(edited, spec), nl=False)
    elif output is None:
        _check_place(path, text)
        write_file(edited.text, spec, keep_mode=True)
    if output is not None:
        write(edited.text, output)
    if not as_json and output != STANDARD:
        _tell(edited, err=diff)


def value_of(text: str) -> Tree:
    """A value from the command line, read as YAML."""
    if not text.strip():
        raise refuse("an empty value", "write a value; unset and remove take things away")
    return compose(text, "<value>")


def _settings(graph: Graph) -> tuple[Problem, ...]:
    """What is wrong under `training:`."""
    try:
        read_settings(graph)
    except SpecError as error:
        return error.problems
    return ()


def _check_place(path: Path, text: str) -> None:
    """The file still holds what was read, and lies where it is named."""
    if path.resolve().parent != path.parent.resolve():
        raise refuse(f"{path} is a link that leaves its folder", f"edit {path.resolve()} itself, or write with -o")
    if read_text(path) != text:
        raise refuse(f"{path} was changed by something else meanwhile", "nothing was written: try again")


def _value(edited: Edited) -> dict[str, object]:
    weights = edited.weights
    return {
        "called": edited.called,
        "notes": list(edited.notes),
        "moved": dict(weights.moved),
        "gone": list(weights.gone),
        "new": list(weights.new),
        "problems": [problem_value(problem) for problem in edited.after.problems],
        "text": edited.text,
    }


def _diff(edited: Edited, spec: str) -> str:
    before, after = (text.splitlines(keepends=True) for text in (edited.before.text, edited.text))
    lines = difflib.unified_diff(before, after, spec, spec)
    return "".join(visible(line.rstrip("\r\n"), 10_000) + "\n" for line in lines)


def _tell(edited: Edited, err: bool) -> None:
    """What was done, and what that means for weights that were trained."""
    click.echo(visible(edited.called), err=err)
    for note in edited.notes:
        click.echo(f"  {visible(note)}", err=err)
    weights = edited.weights
    for what, paths in (("have another path", weights.moved), ("are gone", weights.gone), ("are new", weights.new)):
        if paths:
            click.echo(f"  {len(paths)} weights {what}; --json lists them", err=err)
