"""What all verbs of `leporello edit` have in common: where the text goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.graphs.edits.splices.draft import Draft, Edited

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])


def written(made: AnyCommand) -> AnyCommand:
    """The options that say where the text goes."""
    options: tuple[Callable[[Any], Any], ...] = (
        json_option,
        click.option("-o", "--output", metavar="FILE", help="Write to FILE instead; - for standard output."),
        click.option("--diff", is_flag=True, help="Show what would change, and write nothing."),
        click.pass_obj,
    )
    for option in options:
        made = option(made)
    return made


def apply(spec: str, change: Callable[[Draft], Edited], diff: bool, output: str | None, as_json: bool) -> None:
    """Make an edit of the spec in a file, and say what was done."""
    from leporello.cli.edits.editing import edit_file

    edit_file(spec, change, diff, output, as_json)
