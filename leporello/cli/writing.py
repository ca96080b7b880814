"""Where a command's text or picture goes: standard output for `-`, else a file, which is whole or not written."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from leporello.graphs.problems import refuse, suggest
from leporello.writing import write_file

STANDARD = "-"


def suffix_of(output: str, allowed: tuple[str, ...]) -> str:
    """The format that a file's name asks for, without its dot.

    Raises SpecError for a name that ends in none of those allowed.

    >>> suffix_of("folded.SVG", ("dot", "svg", "txt"))
    'svg'
    """
    suffix = Path(output).suffix.lower().removeprefix(".")
    if suffix not in allowed:
        named = [f".{name}" for name in allowed]
        what = f"{output!r} ends in .{suffix}" if suffix else f"{output!r} does not say its format"
        raise refuse(what, f"{suggest('.' + suffix, named, 'allowed')}, or - for standard output")
    return suffix


def write(what: str | bytes, output: str, reads: Iterable[str | Path] = ()) -> None:
    """Print text, or write it to the file `output`, which is none of those that were read.

    Raises SpecError where no file can be written, and where bytes would go to a terminal.
    """
    if output != STANDARD:
        write_file(what, output, reads)
    elif isinstance(what, str):
        click.echo(what, nl=not what.endswith("\n"))
    elif sys.stdout.isatty():
        raise refuse("a terminal cannot show this format", "add -o FILE, or send it to another program")
    else:
        click.echo(what, nl=False)
