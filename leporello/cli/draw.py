"""`leporello draw`: a picture, folded or unfolded in time."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import decimal, read_graph, read_sizes, set_option, size_option
from leporello.cli.picture_options import given_in_vain, picture_options, read_options
from leporello.graphs.problems import refuse

if TYPE_CHECKING:
    from leporello.graphs.analysis.checks import Checked

INKED = ("pdf", "png", "svg")
"""The formats that have colours of ours."""


@click.command(short_help="A picture, folded or unfolded in time.")
@click.argument("spec", required=False)
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
@click.option("--run", metavar="DIR", help="A trained model, in place of SPEC: what goes on in it for --input.")
@click.option("--input", "line", metavar="TEXT", help="A line of your own that the model of --run reads.")
@click.option("--show", multiple=True, metavar="PATH", help="A state or gate of it as a heat map; may be repeated.")
@set_option
@size_option
def command(
    spec: str | None,
    output: str,
    kind: str | None,
    dark: bool,
    scale: str | None,
    positions: bool,
    ascii_only: bool,
    run: str | None,
    line: str | None,
    show: tuple[str, ...],
    overrides: tuple[str, ...],
    sizes: tuple[str, ...],
    **wanted: Any,
) -> None:
    """Draw the model in the file SPEC: as it is written, or unfolded over some steps of time.

    With --run and --input a trained model is drawn with a line of your own: unfolded over its symbols, with what it
    writes, where its attention looks, and the values of the nodes of --show.

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
    leporello draw --run runs/dates --input "3rd of march, 99" --focus target=3 -o looked.svg
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
    if run is not None or line is not None:
        checked, wanted = _observed(run, line, show, [*([spec] if spec else []), *overrides, *sizes], wanted)
    else:
        graph, given = read_graph(_named(spec, show), overrides), Given(read_sizes(sizes))
        checked = check_model(graph, given, data=False)
        if wanted["schedule"] and checked.unbound:
            checked = check_model(graph, given)
    options = replace(read_options(checked, **wanted), dark=dark, scale=pixels, positions=positions)
    narrow = ascii_only or (output == STANDARD and not draws_boxes(sys.stdout.encoding))
    reads = [*([spec] if spec else []), *([wanted["values"]] if isinstance(wanted["values"], str) else [])]
    if output != STANDARD:
        refuse_reads(Path(output), reads)
    with waiting() as watch:
        drawn = draw(checked.graph, checked.axes, options, format, narrow, watch=watch)
    write(drawn, output, reads)


def _named(spec: str | None, show: Sequence[str]) -> str:
    """The file to draw."""
    if spec is None:
        raise refuse("there is nothing to draw", "name a spec, or a trained model: --run DIR --input TEXT")
    if show:
        raise refuse("--show is for trained models", "add --run DIR --input TEXT in place of the spec")
    return spec


def _observed(
    run: str | None, line: str | None, show: Sequence[str], vain: Sequence[str], wanted: dict[str, Any]
) -> tuple[Checked, dict[str, Any]]:
    """The model of a run, and what is wanted of its picture: unfolded over a line, with what goes on in it."""
    from leporello.cli.failing import need
    from leporello.training.models import read_kept
    from leporello.training.runs.run import Run

    if run is None or line is None:
        raise refuse(f"{'--input' if run is None else '--run'} stands alone", "give both: --run DIR --input TEXT")
    taken = [name for name in ("unfold", "values", "schedule") if wanted[name]]
    if vain or taken:
        what = f"--{taken[0]}" if taken else vain[0]
        raise refuse(
            f"{what} beside --run", "a run is drawn as it was trained, over the symbols of its line: leave it out"
        )
    trained = Run(Path(run))
    trained.facts()
    need("torch", "numpy", "safetensors")
    from leporello.training.using.observing import observe
    from leporello.training.using.trained import load_trained

    model = load_trained(trained, read_kept)
    seen = observe(model, line, show)
    unfold = ",".join(f"{axis}={steps}" for axis, steps in seen.steps.items())
    checked: Checked = model.module.checked  # type: ignore[assignment]
    return checked, {
        **wanted,
        "unfold": unfold if len(seen.steps) > 1 else unfold.partition("=")[2],
        "values": seen.values,
    }


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
