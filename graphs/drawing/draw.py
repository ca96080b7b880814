"""A picture of a graph in one call: folded or unfolded, as DOT, SVG or terminal text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from leporello.graphs.axes import Axes
from leporello.graphs.drawing.folding import folded
from leporello.graphs.drawing.unfolding import unfolded
from leporello.graphs.drawing.view import View
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse, suggest

Format = Literal["dot", "svg", "txt"]
STEPS = 4
_MOST_STEPS = 10**9


def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    unfold: Mapping[str, int] | int | None = None,
    format: Format = "txt",
    ascii_only: bool = False,
) -> str:
    """The picture of an opened `graph` as text in a `format`.

    Without `unfold` the folded picture; with a number that many steps of every axis, with a mapping the steps
    of each axis that it names and four of the others. More than 12 steps are drawn as the first and last three.
    SpecError for a format, an axis or a number of steps that does not exist, and for `svg` without Graphviz.
    """
    if format not in ("dot", "svg", "txt"):
        raise refuse(f"no picture in the format {format!r}", suggest(format, ("dot", "svg", "txt"), "formats"))
    view = folded(graph, axes)
    last = None if unfold is None else _steps(view, unfold)
    if format == "txt":
        from leporello.graphs.drawing.text import folded_text
        from leporello.graphs.drawing.text_unfolded import unfolded_text

        return folded_text(view, ascii_only) if last is None else unfolded_text(view, last, ascii_only)
    from leporello.graphs.drawing.dot import dot_text
    from leporello.graphs.drawing.svg import svg

    picture = view if last is None else unfolded(view, last)
    return svg(picture) if format == "svg" else dot_text(picture)


def _steps(view: View, unfold: Mapping[str, int] | int) -> dict[str, int]:
    """The number of steps of every axis."""
    if not isinstance(unfold, Mapping):
        return dict.fromkeys(view.axes, _number(unfold))
    for axis in unfold:
        if axis not in view.axes:
            raise refuse(f"{view.name} has no axis {axis!r} to unfold", suggest(axis, view.axes, "axes"))
    return {axis: _number(unfold.get(axis, STEPS)) for axis in view.axes}


def _number(steps: object) -> int:
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= _MOST_STEPS:
        raise refuse(f"cannot unfold over {steps!r} steps", f"a whole number from 1 to {_MOST_STEPS} is allowed")
    return steps
