"""A picture of a graph in one call: folded, unfolded or both, in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, overload

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.drawing.column.effort import BEST, FIRST, Effort, Watch
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.views.badges import badged, key_lines
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.modes import in_mode, solid
from leporello.graphs.drawing.views.unfolded_view import unfolded
from leporello.graphs.drawing.views.view import View
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
    *,
    first: bool = ...,
    watch: Watch | None = ...,
) -> str: ...
@overload
def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    options: Options | None = None,
    *,
    format: Binary,
    ascii_only: bool = False,
    first: bool = ...,
    watch: Watch | None = ...,
) -> bytes: ...
@overload
def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    options: Options | None,
    format: str,
    ascii_only: bool = False,
    *,
    first: bool = ...,
    watch: Watch | None = ...,
) -> str | bytes: ...
def draw(
    graph: Graph,
    axes: Mapping[str, Axes],
    options: Options | None = None,
    format: str = "txt",
    ascii_only: bool = False,
    *,
    first: bool = False,
    watch: Watch | None = None,
) -> str | bytes:
    """The picture of an opened `graph` in a `format`: bytes for pdf and png, else text; more at `scene`.

    Without `options` the folded picture. More than 12 steps are drawn as the first and last three. SpecError for
    a format, an axis or a number of steps that does not exist, and for a mode of feedback without any.
    """
    options = options or Options()
    if format not in FORMATS:
        raise refuse(f"no picture in the format {format!r}", suggest(format, FORMATS, "formats"))
    if format in PLACED:
        return written(picture(graph, axes, options, first=first, watch=watch), format, options)
    _hold_together(options)
    if options.cell and format == "dot":
        raise refuse("a cell is not drawn as dot", f"it is drawn as {', '.join((*PLACED, 'txt'))}")
    if options.cell:
        return _cell_as_text(graph, axes, options.cell, ascii_only)
    view = _view(graph, axes, options)
    last = options.last(view) if options.unfolds else None
    effort = _effort(first, watch)
    if format == "dot":
        return _as_dot(view, last, options, effort)
    return _as_text(view, last, options, ascii_only, effort)


def _effort(first: bool, watch: Watch | None) -> Effort:
    return replace(FIRST if first else BEST, watch=watch)


def _as_dot(view: View, last: Mapping[str, int] | None, options: Options, effort: Effort) -> str:
    from leporello.graphs.drawing.folded.textbook import textbook

    if last is None and not options.positions:
        from leporello.graphs.drawing.writers.dot import dot_text

        return dot_text(view, key_lines(options.plan, 60) if options.plan else _equations(view))
    from leporello.graphs.drawing.equations.equations import equations, with_equations
    from leporello.graphs.drawing.folded.folded_scene import folded_scene
    from leporello.graphs.drawing.unfolded.unfolded_scene import unfolded_scene
    from leporello.graphs.drawing.writers.dot_placed import placed_dot

    shown = textbook(view, options.facts) if options.weights == "wires" else view
    made = (
        folded_scene(shown, options.facts, effort)
        if last is None
        else unfolded_scene(shown, last, options.facts, effort=effort)
    )
    return placed_dot(with_equations(made, equations(view)))


def _equations(view: View, ascii_only: bool = False) -> list[str]:
    """What stands in opened composites, as lines of text."""
    from leporello.graphs.drawing.equations.equations import equations
    from leporello.graphs.drawing.letters.typed import equation_lines

    return equation_lines(equations(view), ascii_only)


def _as_text(view: View, last: Mapping[str, int] | None, options: Options, ascii_only: bool, effort: Effort) -> str:
    from leporello.graphs.drawing.terminal.folded_text import folded_text
    from leporello.graphs.drawing.terminal.unfolded_text import unfolded_text

    dark = solid(view)
    if last is not None:
        drawn, told = unfolded_text(dark, last, ascii_only, effort), _equations(view, ascii_only)
        return drawn + "".join(f"{' ' * bool(line)}{line}\n" for line in ("", *told)) if told else drawn
    below = key_lines(options.plan, 78, ascii_only) if options.plan else _equations(view, ascii_only)
    return folded_text(dark, ascii_only, below, effort)


def _cell_as_text(graph: Graph, axes: Mapping[str, Axes], path: str, ascii_only: bool) -> str:
    from leporello.graphs.drawing.cell.cell_scene import wired
    from leporello.graphs.drawing.cell.picture import cell_at
    from leporello.graphs.drawing.terminal.cell_text import cell_text

    cell, equations = cell_at(graph, axes, path)
    return cell_text(cell, wired(cell), equations, ascii_only)


def _view(graph: Graph, axes: Mapping[str, Axes], options: Options) -> View:
    if options.feedback is None:
        view = folded(graph, axes, options.grouping)
    else:
        view = in_mode(graph, axes, options.feedback, options.grouping)
    return badged(replace(view, near=options.near), options.plan, options.grouping)


def _hold_together(options: Options) -> None:
    """Refuse options of which one makes no sense with another."""
    if options.motion and not options.unfolds:
        raise refuse("motion is drawn where time is unfolded", "add --unfold N")
    if (options.focus or options.values) and not options.unfolds:
        raise refuse("a step in focus and values are drawn where time is unfolded", "add --unfold N")
    if options.focus and options.motion:
        raise refuse("a step in focus stands still", "leave out --motion or --focus")
    if options.cell and (options.unfolds or options.grouping.opened):
        raise refuse("a cell is drawn alone, at one step t", "leave out what unfolds or opens the model")
    if options.cell and (options.key or options.plan or options.feedback or options.weights == "boxes"):
        raise refuse("a cell has its own key, and neither a schedule nor feedback", "leave these options out")
    if options.plan and options.unfolds:
        raise refuse("a schedule is drawn folded", "leave out what unfolds time")
    if options.positions and options.plan:
        raise refuse("a schedule as DOT is placed by Graphviz", "leave out --positions or --schedule")
    if options.dark and options.style == "paper":
        raise refuse("paper has no dark colours", "leave out --dark or --style paper")


def picture(
    graph: Graph, axes: Mapping[str, Axes], options: Options, *, first: bool = False, watch: Watch | None = None
) -> Scene:
    """The picture of an opened `graph` with all its places, before it is written; `first` and `watch` as of `scene`."""
    _hold_together(options)
    if options.cell:
        from leporello.graphs.drawing.cell.picture import cell_picture

        return cell_picture(graph, axes, options.cell)
    view = _view(graph, axes, options)
    if options.values:
        from leporello.graphs.drawing.views.shown_values import check_steps

        check_steps(options.values, graph, axes, options.last(view))
    return scene(view, options, first=first, watch=watch)


def written(scene: Scene, format: str, options: Options) -> str | bytes:
    """A scene in one of the formats that keep its places."""
    if format == "json":
        from leporello.graphs.drawing.writers.positions import positions_text

        return positions_text(scene)
    from leporello.graphs.drawing.scene.palette import PALETTES
    from leporello.graphs.drawing.writers.svg import svg_text

    palette = PALETTES[options.style]
    if format == "svg":
        return svg_text(scene, palette, options.dark)
    from leporello.graphs.drawing.writers.rendering import in_whole_pixels, rendered

    scene = in_whole_pixels(scene)
    return rendered(svg_text(scene, palette, options.dark), scene, "png" if format == "png" else "pdf", options.scale)


def scene(view: View, options: Options | None = None, *, first: bool = False, watch: Watch | None = None) -> Scene:
    """The picture of a folded view with all its places, before it is written.

    The best one that can be had; or the `first`, for which less work is done: it is whole, but some of its wires may go
    round about or be references. Both depend on view and options alone. A `watch` is told what is being done, and
    what it raises (`Cancelled`, say) ends the search.
    """
    from leporello.graphs.drawing.equations.equations import equations, with_equations
    from leporello.graphs.drawing.folded.arcs import with_arcs
    from leporello.graphs.drawing.folded.folded_scene import folded_scene
    from leporello.graphs.drawing.folded.schedule_scene import scheduled
    from leporello.graphs.drawing.folded.textbook import textbook
    from leporello.graphs.drawing.key import with_key
    from leporello.graphs.drawing.scene.side_by_side import side_by_side
    from leporello.graphs.drawing.unfolded.moments import in_motion
    from leporello.graphs.drawing.unfolded.unfolded_scene import unfolded_scene

    options, effort = options or Options(), _effort(first, watch)
    shown = textbook(view, options.facts) if options.weights == "wires" else view
    if options.plan:
        found = scheduled(folded_scene(view, options.facts, effort), options.plan, options.grouping)
        return with_key(found) if options.key else found
    if options.unfolds:
        last = options.last(view)
        focus = options.focus.on(view, last) if options.focus else None
        found = unfolded_scene(shown, last, options.facts, focus, options.values, effort=effort)
        found = in_motion(found, unfolded(shown, last)) if options.motion else found
    if not options.unfolds or options.both:
        whole = folded_scene(shown, options.facts, effort)
        if options.style == "textbook":
            whole = with_arcs(whole, {box.path for box in shown.boxes if box.spelled})
        found = side_by_side(whole, found) if options.both else whole
    found = with_equations(found, equations(view))
    return with_key(found) if options.key else found
