"""Arguments and options that several commands share, and how their texts are read."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leporello.graphs.problems import refuse

if TYPE_CHECKING:
    from leporello.graphs.graph import Graph

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])

spec_argument = click.argument("spec")
set_option = click.option(
    "--set", "overrides", metavar="A.B=C", multiple=True, help="Another value for training.*, data.*.* or parameters.*."
)
size_option = click.option(
    "--size", "sizes", metavar="NAME=N", multiple=True, help="The value of a $NAME that the spec leaves open."
)
data_option = click.option(
    "--data", "data", metavar="NAME=PATH", multiple=True, help="Another text for the input NAME; any file."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def model_options(command: AnyCommand) -> AnyCommand:
    """The argument SPEC and the options that change what it says."""
    for option in (data_option, size_option, set_option, spec_argument):
        command = option(command)
    return command


def read_graph(spec: str, overrides: Sequence[str] = ()) -> Graph:
    """The graph in the file that the argument SPEC names, or in standard input (`-`), with what `--set` says in place.

    Raises SpecError with every problem in it, or for a setting that does not exist.
    """
    from leporello.graphs.composing.texts import SIZE_LIMIT, decode
    from leporello.training.models import read_kept, read_model

    if spec != "-":
        return read_model(Path(spec), overrides)
    text = decode(sys.stdin.buffer.read(SIZE_LIMIT + 1), "<standard input>")
    return read_model(read_kept(text, "<standard input>"), overrides)


def pairs(given: Iterable[str], option: str, example: str) -> dict[str, str]:
    """The `name=value` texts of an option as a mapping.

    >>> pairs(["a=1", "b=x=y"], "--data", "--data text=input.txt")
    {'a': '1', 'b': 'x=y'}

    Raises SpecError for a text of another form and for a name that stands twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            raise refuse(f"{option} {text!r} is not of the form NAME=VALUE", f"such as {example}")
        if name in found:
            raise refuse(f"{option} gives {name} twice", "say it once")
        found[name] = value
    return found


def whole(text: str, what: str, most: int = 10**9) -> int:
    """A whole number of at least 1, written in digits; SpecError for anything else.

    >>> whole("12", "steps")
    12
    """
    plain = text.strip()
    # Digits other than 0 to 9, and numbers too long to be meant, are refused before they are turned into one.
    if not re.fullmatch("[0-9]{1,18}", plain) or not 1 <= int(plain) <= most:
        raise refuse(f"{what} is {text[:80]!r}", f"a whole number from 1 to {most:,} is allowed")
    return int(plain)


def decimal(text: str, what: str, least: float, most: float) -> float:
    """A number written with digits and at most one point; SpecError for anything else.

    >>> decimal("1.5", "--scale", 0.1, 100)
    1.5
    """
    plain = text.strip()
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", plain) or not least <= float(plain) <= most:
        raise refuse(f"{what} is {text[:80]!r}", f"a number from {least:g} to {most:g} is allowed")
    return float(plain)


def read_sizes(given: Iterable[str]) -> dict[str, int]:
    """The sizes of `--size name=value`; a `$` before the name is taken away."""
    named = pairs(given, "--size", "--size words=1000")
    return {name.removeprefix("$"): whole(value, f"--size {name}") for name, value in named.items()}


def read_sources(given: Iterable[str]) -> Mapping[str, str]:
    """The files of `--data name=path`."""
    named = pairs(given, "--data", "--data text=input.txt")
    return {name: os.path.expanduser(path) for name, path in named.items()}
