"""The options that say what kind of picture is wanted, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from leporello.cli.options import AnyCommand, pairs, whole
from leporello.graphs.problems import refuse
from leporello.pictures import options_for

if TYPE_CHECKING:
    from leporello.graphs.analysis.checks import Checked
    from leporello.graphs.drawing.options import Look, Options, Weights

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
    click.option(
        "--style",
        type=click.Choice(["colour", "paper", "textbook"]),
        default="colour",
        help="In colour, black on white for print, or in colour with loops as arcs.",
    ),
    click.option("--key", is_flag=True, help="A key to the signs beside the picture."),
    click.option("--focus", metavar="STEP|AXIS=STEP", help="One step of an unfolded picture, the others as ghosts."),
    click.option("--values", metavar="FILE", help="Words, attention and gates (.json) for an unfolded picture."),
    click.option("--motion", is_flag=True, help="The values' way through time, in an unfolded picture."),
    click.option("--cell", metavar="PATH", help="One cell with its states as rails: a composite, or a node of a loop."),
    click.option(
        "--feedback",
        metavar="MODE",
        help="What feedback reads: teacher, free, curriculum, or curriculum=P with the probability of the truth.",
    ),
    click.option("--schedule", is_flag=True, help="How it runs: fused, step by step, all at once or once, and why."),
)
PICTURES_ONLY = ("both", "key", "focus", "values", "motion", "cell")
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
    style: Look,
    key: bool,
    focus: str | None,
    values: str | Mapping[str, Any] | None,
    motion: bool,
    feedback: str | None,
    schedule: bool,
    cell: str | None,
) -> Options:
    """The options of a command line as a value; SpecError for what is not in the model."""
    if schedule and (both or unfold is not None):
        raise refuse("--schedule is drawn folded", f"leave {'--both' if both else '--unfold'} out")
    return options_for(
        checked,
        steps=read_steps(unfold),
        both=both,
        weights=weights,
        open=paths,
        depth=0 if depth is None else whole(depth, "--depth"),
        style=style,
        key=key,
        focus=_focus(focus),
        values=values,
        motion=motion,
        cell=cell or "",
        feedback=feedback,
        schedule=schedule,
    )


def _focus(text: str | None) -> int | Mapping[str, int] | None:
    """The step of `--focus`: a number, or one of an axis that is named."""
    if text is None:
        return None
    axis, equals, step = text.rpartition("=")
    return {axis.strip(): whole(step, "--focus")} if equals else whole(text, "--focus")


def given_in_vain(given: Mapping[str, Any]) -> list[str]:
    """The options that only a picture with places can show, of those given."""
    found = [f"--{name}" for name in PICTURES_ONLY if given[name]]
    return found if given["style"] == "colour" else [*found, f"--style {given['style']}"]


def read_steps(text: str | None) -> Mapping[str, int] | int | None:
    """The steps of `--unfold`: one number for all axes, or one for each axis that is named.

    >>> read_steps("4"), read_steps("source=6,target=5")
    (4, {'source': 6, 'target': 5})
    """
    if text is None:
        return None
    if "=" not in text and "," in text:
        raise refuse(f"--unfold {text!r} does not say of which axes", "such as --unfold source=6,target=5")
    if "=" not in text:
        return whole(text, "--unfold")
    named = pairs(text.split(","), "--unfold", "--unfold source=6,target=5")
    return {axis: whole(steps, f"--unfold {axis}") for axis, steps in named.items()}
