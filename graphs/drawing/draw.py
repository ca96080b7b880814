"""A picture of a graph in one call: folded, unfolded or both, as SVG, DOT or terminal text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from leporello.graphs.axes import Axes
from leporello.graphs.drawing.folding import folded
from leporello.graphs.drawing.opened import CLOSED, Grouping
from leporello.graphs.drawing.scene import Scene
from leporello.graphs.drawing.unfolding import unfolded
from leporello.graphs.drawing.view import View
from leporello.graphs.graph import EMPTY, Graph
from leporello.graphs.problems import refuse, suggest

Format = Literal["dot", "svg", "txt"]
Weights = Literal["wires", "boxes"]
STEPS = 4
_MOST_STEPS = 10**9


def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    unfold: Mapping[str, int] | int | None = None,
    format: Format = "txt",
    ascii_only: bool = False,
    grouping: Grouping = CLOSED,
) -> str:
    """The picture of an opened `graph` as text in a `format`.

    Without `unfold` the folded picture; with a number that many steps of every axis, with a mapping the steps
    of each axis that it names and four of the others. More than 12 steps are drawn as the first and last three.
    `grouping` opens composites. SpecError for a format, an axis or a number of steps that does not exist.
    """
    if format not in ("dot", "svg", "txt"):
        raise refuse(f"no picture in the format {format!r}", suggest(format, ("dot", "svg", "txt"), "formats"))
    view = folded(graph, axes, grouping)
    last = None if unfold is None else _steps(view, unfold)
    if format == "txt":
        from leporello.graphs.drawing.text import folded_text
        from leporello.graphs.drawing.text_unfolded import unfolded_text

        return folded_text(view, ascii_only) if last is None else unfolded_text(view, last, ascii_only)
    if format == "svg":
        return draw_svg(graph, axes, unfold, grouping=grouping)
    from leporello.graphs.drawing.dot import dot_text

    return dot_text(view if last is None else unfolded(view, last))


def draw_svg(
    graph: Graph,
    axes: Mapping[str, Axes],
    unfold: Mapping[str, int] | int | None = None,
    both: bool = False,
    weights: Weights = "wires",
    facts: Mapping[str, str] = EMPTY,
    grouping: Grouping = CLOSED,
) -> str:
    """The picture of an opened `graph` as SVG, placed, routed and written here.

    With `both` the folded picture stands beside the unfolded one. `weights` says where short linear layers are
    drawn: on the wires, as textbooks do, or as boxes. `facts` adds a line to the hover text of a box,
    `grouping` (see `opened.opened`) opens composites.
    """
    from leporello.graphs.drawing.svg import svg_text

    return svg_text(scene(folded(graph, axes, grouping), unfold, both, weights, facts))


def scene(
    view: View,
    unfold: Mapping[str, int] | int | None = None,
    both: bool = False,
    weights: Weights = "wires",
    facts: Mapping[str, str] = EMPTY,
) -> Scene:
    """The picture of a folded view with all its places, before it is written."""
    from leporello.graphs.drawing.equations import equations, with_equations
    from leporello.graphs.drawing.folded_scene import folded_scene
    from leporello.graphs.drawing.side_by_side import side_by_side
    from leporello.graphs.drawing.textbook import textbook
    from leporello.graphs.drawing.unfolded_scene import unfolded_scene

    shown = textbook(view) if weights == "wires" else view
    if unfold is None and not both:
        return with_equations(folded_scene(shown, facts), equations(view))
    pulled = unfolded_scene(shown, _steps(view, STEPS if unfold is None else unfold), facts)
    return side_by_side(folded_scene(shown, facts), pulled) if both else pulled


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
