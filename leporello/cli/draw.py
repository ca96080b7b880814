"""`leporello draw`: a picture, folded or unfolded in time."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from leporello.cli.options import pairs, read_sizes, set_option, size_option, spec_argument, whole

FORMATS = ("dot", "svg", "txt")


@click.command(short_help="A picture, folded or unfolded in time.")
@spec_argument
@click.option("--unfold", metavar="N|AXIS=N,...", help="So many steps, of every axis or of each that is named.")
@click.option("-o", "--output", default="-", metavar="FILE", help="A .dot, .svg or .txt file; - for standard output.")
@click.option("--format", "kind", metavar="FORMAT", help="dot, svg or txt; without it, what FILE ends in, else txt.")
@click.option("--both", is_flag=True, help="The folded picture beside the unfolded one (.svg).")
@click.option(
    "--weights",
    type=click.Choice(["wires", "boxes"]),
    default="wires",
    help="Short linear layers as labels on wires, as in textbooks, or as boxes (.svg).",
)
@click.option("--open", "paths", multiple=True, metavar="PATH", help="A composite to draw open; may be repeated.")
@click.option("--depth", metavar="N", help="All composites open, down to so many levels.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Plain ASCII instead of box-drawing characters.")
@set_option
@size_option
def command(
    spec: str,
    unfold: str | None,
    output: str,
    kind: str | None,
    both: bool,
    weights: str,
    paths: tuple[str, ...],
    depth: str | None,
    ascii_only: bool,
    overrides: tuple[str, ...],
    sizes: tuple[str, ...],
) -> None:
    """Draw the model in the file SPEC: as it is written, or unfolded over some steps of time.

    \b
    leporello draw elman.yaml
    leporello draw elman.yaml --unfold 4
    leporello draw luong.yaml --unfold source=6,target=5 -o luong.svg
    leporello draw elman.yaml --unfold 3 --both -o elman.svg
    leporello draw luong.yaml --open attention --open decoder/1 -o luong.svg
    leporello draw elman.yaml --format dot -o - | dot -Tpdf > elman.pdf
    """
    from leporello.cli.models import Given, check_model, read_model
    from leporello.cli.writing import STANDARD, suffix_of, write_text
    from leporello.graphs.drawing.draw import draw, draw_svg
    from leporello.graphs.drawing.facts import facts
    from leporello.graphs.drawing.opened import opened
    from leporello.graphs.problems import refuse

    format = kind or ("txt" if output == STANDARD else suffix_of(output, FORMATS))
    steps = read_steps(unfold)
    checked = check_model(read_model(spec, overrides), Given(read_sizes(sizes)), data=False)
    grouping = opened(checked.graph, paths, 0 if depth is None else whole(depth, "--depth"))
    if format == "svg":
        text = draw_svg(checked.graph, checked.axes, steps, both, weights, facts(checked), grouping)  # type: ignore[arg-type]
        write_text(text, output)
        return
    if both:
        raise refuse("--both is for .svg only", "add -o FILE.svg")
    narrow = ascii_only or (output == STANDARD and not draws_boxes(sys.stdout.encoding))
    write_text(draw(checked.graph, checked.axes, steps, format, narrow, grouping), output)  # type: ignore[arg-type]


def read_steps(text: str | None) -> Mapping[str, int] | int | None:
    """The steps of `--unfold`: one number for all axes, or one for each axis that is named.

    >>> read_steps("4"), read_steps("source=6,target=5")
    (4, {'source': 6, 'target': 5})
    """
    if text is None:
        return None
    if "=" not in text:
        return whole(text, "--unfold")
    named = pairs(text.split(","), "--unfold", "--unfold source=6,target=5")
    return {axis: whole(steps, f"--unfold {axis}") for axis, steps in named.items()}


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
