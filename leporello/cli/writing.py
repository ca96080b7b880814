"""Where a command's text or picture goes: standard output for `-`, else a file, which is whole or not written."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import click

from leporello.graphs.problems import refuse, suggest

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


def write_text(text: str, output: str, keep_mode: bool = False) -> None:
    """Print `text`, or write it to the file `output` in place of what that held, with its permissions if `keep_mode`.

    Raises SpecError where no file can be written: no such folder, a folder or a device of that name, no leave.
    """
    if output == STANDARD:
        click.echo(text, nl=not text.endswith("\n"))
        return
    _write(text.encode("utf-8", "backslashreplace"), output, keep_mode)


def write(what: str | bytes, output: str) -> None:
    """The same of text or of bytes, which a terminal does not get."""
    if isinstance(what, str):
        write_text(what, output)
    elif output != STANDARD:
        _write(what, output)
    elif sys.stdout.isatty():
        raise refuse("a terminal cannot show this format", "add -o FILE, or send it to another program")
    else:
        click.echo(what, nl=False)


def _write(data: bytes, output: str, keep_mode: bool = False) -> None:
    path = Path(output)
    try:
        _refuse_other_than_file(path)
        _replace(path, data, keep_mode)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"{output} cannot be written: {reason}", "name a file in a folder that can be written") from None


def _refuse_other_than_file(path: Path) -> None:
    if not path.parent.is_dir():
        raise refuse(f"there is no folder {path.parent}", "make it first, or name a file in a folder that is there")
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise refuse(f"{path} is {kind}", "name a file")


def _replace(path: Path, data: bytes, keep_mode: bool) -> None:
    # A neighbour that takes the file's place: who watches the picture never sees half of one. Its name is short,
    # so that any name that the file may have will do.
    target = path.resolve()
    partial = target.with_name(f".leporello.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        if keep_mode:
            partial.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
