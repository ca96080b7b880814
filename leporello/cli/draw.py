"""`leporello draw`: a picture, folded or unfolded in time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from leporello.cli.options import decimal, read_graph, read_sizes, set_option, size_option, spec_argument
from leporello.cli.picture_options import given_in_vain, picture_options, read_options
from leporello.graphs.problems import refuse

INKED = ("pdf", "png", "svg")
"""The formats that have colours of ours."""


@click.command(short_help="A picture, folded or unfolded in time.")
@spec_argument
@click.option("-o", "--output", default="-", metavar="FILE", help="A file of a FORMAT; - for standard output.")
@click.option(
    "--format",
    "kind",
    metavar="FORMAT",
    help="dot, json, pdf, png, svg or txt; if not said, what FILE ends in, else txt.",
)
@picture_options
@click.option("--dark", is_flag=True, help="In dark colours: for .png and .pdf; an .svg has both without it.")
@click.option("--scale", metavar="N", help="Pixels of a .png for each pixel of the picture.")
@click.option("--positions", is_flag=True, help="For .dot: the places of our own picture, for `neato -n2`.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Plain ASCII instead of box-drawing characters.")
@set_option
@size_option
def command(
    spec: str,
    output: str,
    kind: str | None,
    dark: bool,
    scale: str | None,
    positions: bool,
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
    leporello draw elman.yaml --unfold 3 --both --dark --scale 2 -o elman.png
    leporello draw elman.yaml --format dot -o - | dot -Tpdf > elman.pdf
    leporello draw elman.yaml --format dot --positions -o - | neato -n2 -Tpdf > elman.pdf
    """
    from leporello.cli.waiting import waiting
    from leporello.cli.writing import STANDARD, suffix_of, write
    from leporello.graphs.drawing.draw import FORMATS, draw
    from leporello.graphs.drawing.writers.rendering import LEAST_SCALE, MOST_SCALE
    from leporello.training.models import Given, check_model
    from leporello.writing import refuse_reads

    format = kind or ("txt" if output == STANDARD else suffix_of(output, FORMATS))
    _refuse_in_vain(format, {option: _able(option) for option in given_in_vain(wanted)})
    _refuse_in_vain(format, {"--dark": INKED} if dark else {})
    _refuse_in_vain(format, {"--scale": ("png",)} if scale is not None else {})
    _refuse_in_vain(format, {"--ascii": ("txt",)} if ascii_only else {})
    _refuse_in_vain(format, {"--positions": ("dot",)} if positions else {})
    pixels = 1.0 if scale is None else decimal(scale, "--scale", LEAST_SCALE, MOST_SCALE)
    graph, given = read_graph(spec, overrides), Given(read_sizes(sizes))
    checked = check_model(graph, given, data=False)
    if wanted["schedule"] and checked.unbound:
        checked = check_model(graph, given)
    options = replace(read_options(checked, **wanted), dark=dark, scale=pixels, positions=positions)
    narrow = ascii_only or (output == STANDARD and not draws_boxes(sys.stdout.encoding))
    reads = [spec, *([wanted["values"]] if wanted["values"] else [])]
    if output != STANDARD:
        refuse_reads(Path(output), reads)
    with waiting() as watch:
        drawn = draw(checked.graph, checked.axes, options, format, narrow, watch=watch)
    write(drawn, output, reads)


def _able(option: str) -> tuple[str, ...]:
    """The formats in which an option of the picture can be seen."""
    if option == "--motion":
        return ("svg",)
    if option == "--cell":
        return ("json", *INKED, "txt")
    return INKED if option.startswith("--style") else ("json", *INKED)


def _refuse_in_vain(format: str, given: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse options that this format cannot follow; `given` says which formats can."""
    from leporello.graphs.drawing.draw import FORMATS

    for option, able in given.items():
        if format in FORMATS and format not in able:
            *some, last = [f".{name}" for name in able]
            listed = f"{', '.join(some)} and {last}" if some else last
            raise refuse(f"{option} is for {listed} only", f"add -o FILE{last}")


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
