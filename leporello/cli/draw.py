"""`leporello draw`: a picture, folded or unfolded in time."""

from __future__ import annotations

import sys
from typing import Any

import click

from leporello.cli.options import read_sizes, set_option, size_option, spec_argument
from leporello.cli.picture_options import given_in_vain, picture_options, read_options


@click.command(short_help="A picture, folded or unfolded in time.")
@spec_argument
@click.option("-o", "--output", default="-", metavar="FILE", help="A .dot, .svg or .txt file; - for standard output.")
@click.option("--format", "kind", metavar="FORMAT", help="dot, svg or txt; without it, what FILE ends in, else txt.")
@picture_options
@click.option("--ascii", "ascii_only", is_flag=True, help="Plain ASCII instead of box-drawing characters.")
@set_option
@size_option
def command(
    spec: str,
    output: str,
    kind: str | None,
    ascii_only: bool,
    overrides: tuple[str, ...],
    sizes: tuple[str, ...],
    **wanted: Any,
) -> None:
    """Draw the model in the file SPEC: as it is written, or unfolded over some steps of time.

    \b
    leporello draw elman.yaml
    leporello draw elman.yaml --unfold 4
    leporello draw luong.yaml --unfold source=6,target=5 -o luong.svg
    leporello draw elman.yaml --unfold 3 --both -o elman.svg
    leporello draw elman.yaml --unfold 5 --motion -o elman.svg
    leporello draw luong.yaml --open attention --open decoder/1 -o luong.svg
    leporello draw luong.yaml --schedule --feedback free -o luong.svg
    leporello draw luong.yaml --cell decoder/1 -o cell.svg
    leporello draw elman.yaml --format dot -o - | dot -Tpdf > elman.pdf
    """
    from leporello.cli.models import Given, check_model, read_model
    from leporello.cli.writing import STANDARD, suffix_of, write_text
    from leporello.graphs.drawing.draw import FORMATS, draw
    from leporello.graphs.problems import refuse

    format = kind or ("txt" if output == STANDARD else suffix_of(output, FORMATS))
    graph, given = read_model(spec, overrides), Given(read_sizes(sizes))
    checked = check_model(graph, given, data=False)
    if wanted["schedule"] and checked.unbound:
        checked = check_model(graph, given)
    options = read_options(checked, **wanted)
    vain = given_in_vain(wanted) if format in ("dot", "txt") else []
    if vain:
        raise refuse(f"{vain[0]} is for .svg only", "add -o FILE.svg")
    narrow = ascii_only or (output == STANDARD and not draws_boxes(sys.stdout.encoding))
    write_text(draw(checked.graph, checked.axes, options, format, narrow), output)  # type: ignore[arg-type]


def draws_boxes(encoding: str | None) -> bool:
    """Whether text in this encoding can hold the characters of a picture.

    >>> draws_boxes("utf-8"), draws_boxes("ascii")
    (True, False)
    """
    try:
        "┌─┐◀".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
