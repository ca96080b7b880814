"""A picture of a graph in one call: folded, unfolded or both, as SVG, DOT or terminal text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from leporello.graphs.axes import Axes
from leporello.graphs.drawing.folding import folded
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene import Scene
from leporello.graphs.drawing.unfolding import unfolded
from leporello.graphs.drawing.view import View
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse, suggest

Format = Literal["dot", "svg", "txt"]
FORMATS: tuple[Format, ...] = ("dot", "svg", "txt")


def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    options: Options | None = None,
    format: Format = "txt",
    ascii_only: bool = False,
) -> str:
    """The picture of an opened `graph` as text in a `format`.

    Without `options` the folded picture. More than 12 steps are drawn as the first and last three. SpecError for
    a format, an axis or a number of steps that does not exist.
    """
    options = options or Options()
    if format not in FORMATS:
        raise refuse(f"no picture in the format {format!r}", suggest(format, FORMATS, "formats"))
    if options.cell:
        return _cell(graph, axes, options, format)
    view = folded(graph, axes, options.grouping)
    last = options.last(view) if options.unfolds else None
    if format == "svg":
        from leporello.graphs.drawing.svg import svg_text

        return svg_text(scene(view, options))
    if format == "dot":
        from leporello.graphs.drawing.dot import dot_text

        return dot_text(view if last is None else unfolded(view, last))
    from leporello.graphs.drawing.text import folded_text
    from leporello.graphs.drawing.text_unfolded import unfolded_text

    return folded_text(view, ascii_only) if last is None else unfolded_text(view, last, ascii_only)


def _cell(graph: Graph, axes: Mapping[str, Axes], options: Options, format: Format) -> str:
    from leporello.graphs.drawing.cell_view import cell_picture
    from leporello.graphs.drawing.svg import svg_text

    if format != "svg":
        raise refuse(f"a cell is not drawn as {format}", "it is drawn as svg")
    if options.unfolds or options.grouping.opened:
        raise refuse("a cell is drawn alone, at one step t", "leave out what unfolds or opens the model")
    return svg_text(cell_picture(graph, axes, options.cell))


def scene(view: View, options: Options | None = None) -> Scene:
    """The picture of a folded view with all its places, before it is written."""
    from leporello.graphs.drawing.equations import equations, with_equations
    from leporello.graphs.drawing.folded_scene import folded_scene
    from leporello.graphs.drawing.side_by_side import side_by_side
    from leporello.graphs.drawing.textbook import textbook
    from leporello.graphs.drawing.unfolded_scene import unfolded_scene

    options = options or Options()
    shown = textbook(view) if options.weights == "wires" else view
    if not options.unfolds:
        return with_equations(folded_scene(shown, options.facts), equations(view))
    pulled = unfolded_scene(shown, options.last(view), options.facts)
    return side_by_side(folded_scene(shown, options.facts), pulled) if options.both else pulled
