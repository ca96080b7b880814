"""A picture of a graph in one call: folded, unfolded or both, in any format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, overload

from leporello.graphs.axes import Axes
from leporello.graphs.drawing.folding import folded
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene import Scene
from leporello.graphs.drawing.unfolding import unfolded
from leporello.graphs.drawing.view import View
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse, suggest

Text = Literal["dot", "json", "svg", "txt"]
Binary = Literal["pdf", "png"]
FORMATS: tuple[Text | Binary, ...] = ("dot", "json", "pdf", "png", "svg", "txt")
PLACED: tuple[Text | Binary, ...] = ("json", "pdf", "png", "svg")
"""The formats in which a picture has places of its own."""


@overload
def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    options: Options | None = None,
    format: Text = "txt",
    ascii_only: bool = False,
) -> str: ...
@overload
def draw(
    graph: Graph, axes: Mapping[str, Axes], options: Options | None = None, *, format: Binary, ascii_only: bool = False
) -> bytes: ...
@overload
def draw(
    graph: Graph, axes: Mapping[str, Axes], options: Options | None, format: str, ascii_only: bool = False
) -> str | bytes: ...
def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    options: Options | None = None,
    format: str = "txt",
    ascii_only: bool = False,
) -> str | bytes:
    """The picture of an opened `graph` in a `format`: bytes for pdf and png, else text.

    Without `options` the folded picture. More than 12 steps are drawn as the first and last three. SpecError for
    a format, an axis or a number of steps that does not exist.
    """
    options = options or Options()
    if format not in FORMATS:
        raise refuse(f"no picture in the format {format!r}", suggest(format, FORMATS, "formats"))
    view = folded(graph, axes, options.grouping)
    last = options.last(view) if options.unfolds else None
    if format in PLACED:
        return written(scene(view, options), format, options)
    if format == "dot":
        from leporello.graphs.drawing.dot import dot_text

        return dot_text(view if last is None else unfolded(view, last))
    from leporello.graphs.drawing.text import folded_text
    from leporello.graphs.drawing.text_unfolded import unfolded_text

    return folded_text(view, ascii_only) if last is None else unfolded_text(view, last, ascii_only)


def written(scene: Scene, format: str, options: Options) -> str | bytes:
    """A scene in one of the formats that keep its places."""
    if format == "json":
        from leporello.graphs.drawing.positions import positions_text

        return positions_text(scene)
    from leporello.graphs.drawing.svg import svg_text

    if format == "svg":
        return svg_text(scene, options.dark)
    from leporello.graphs.drawing.rendering import in_whole_pixels, rendered

    scene = in_whole_pixels(scene)
    return rendered(svg_text(scene, options.dark), scene, "png" if format == "png" else "pdf", options.scale)


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
