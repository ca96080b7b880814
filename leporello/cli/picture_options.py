"""The options that say what kind of picture is wanted, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import AnyCommand, pairs, whole

if TYPE_CHECKING:
    from leporello.graphs.checks import Checked
    from leporello.graphs.drawing.options import Options, Weights

_OPTIONS = (
    click.option("--unfold", metavar="N|AXIS=N,...", help="So many steps, of every axis or of each that is named."),
    click.option("--both", is_flag=True, help="The folded picture beside the unfolded one."),
    click.option(
        "--weights",
        type=click.Choice(["wires", "boxes"]),
        default="wires",
        help="Short linear layers as labels on wires, as in textbooks, or as boxes.",
    ),
    click.option("--open", "paths", multiple=True, metavar="PATH", help="A composite to draw open; may be repeated."),
    click.option("--depth", metavar="N", help="All composites open, down to so many levels."),
    click.option("--cell", metavar="PATH", help="One cell with its states as rails: a composite, or a node of a loop."),
)
PICTURES_ONLY = ("both", "cell")
"""What terminal text and DOT cannot show."""


def picture_options(command: AnyCommand) -> AnyCommand:
    """All options of `read_options`, in this order in the help."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_options(
    checked: Checked,
    *,
    unfold: str | None,
    both: bool,
    weights: Weights,
    paths: tuple[str, ...],
    depth: str | None,
    cell: str | None,
) -> Options:
    """The options of a command line as a value; SpecError for what is not in the model."""
    from leporello.graphs.drawing.facts import facts
    from leporello.graphs.drawing.opened import opened
    from leporello.graphs.drawing.options import Options

    return Options(
        steps=read_steps(unfold),
        both=both,
        weights=weights,
        grouping=opened(checked.graph, paths, 0 if depth is None else whole(depth, "--depth")),
        cell=cell or "",
        facts=facts(checked),
    )


def given_in_vain(given: Mapping[str, Any]) -> list[str]:
    """The options that only a picture with places can show, of those given."""
    return [f"--{name}" for name in PICTURES_ONLY if given[name]]


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
