"""The folded picture as a scene: every box once, a delay as a boxed sign on its wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.figures import PALE, facts_title, figure, form, on_border, wide_enough
from leporello.graphs.drawing.column.laying import Noting
from leporello.graphs.drawing.column.nets import length
from leporello.graphs.drawing.column.placement import GRID, Spot
from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.drawing.column.routing import Router
from leporello.graphs.drawing.column.wire_notes import beside, pale, sign_of_delay, wire_label
from leporello.graphs.drawing.column.wired import LARGE, LONG, MANY, Draft, Wired, draft, in_column
from leporello.graphs.drawing.column.wishes import ColumnPlan, net_of
from leporello.graphs.drawing.folded.frames import composites, framable, frames
from leporello.graphs.drawing.folded.surroundings import Drawn, between
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Line, Note, Panel, Point, Rectangle, Scene
from leporello.graphs.drawing.views.description import description
from leporello.graphs.drawing.views.levels import rows
from leporello.graphs.drawing.views.references import MARK, referred, with_references
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.view import Edge, View

MARGIN, HEADING = 24.0, 34.0
_ROUNDS = 6
"""So often references take the place of wires that find no way: no wire may be lost."""
Frames = tuple[tuple[Panel, ...], tuple[Note, ...]]
"""The frames of a picture, and their names."""
_LATE = ("delay", "backward", "fed_back")


def folded_scene(view: View, facts: Mapping[str, str], effort: Effort = BEST) -> Scene:
    """The scene of a folded view; `facts` adds a line to the hover text of a box."""
    written = view
    view, stack, found = laid(written, _stack, _noted, effort)
    roomy = _roomy(view, stack, found)
    rough = roomy.wired()
    polished = roomy.polished() if effort.better else rough
    drawn = _framing(view, stack, polished)
    framed = frames(drawn)
    if polished is not rough and len(framed[0]) < framable(drawn):
        before = frames(_framing(view, stack, rough))
        if len(framed[0]) < len(before[0]):
            polished, framed = rough, before
    made = _scene(view, stack, polished, framed, facts)
    return replace(made, description=description(written))


def laid(
    written: View, plan: Callable[[View, View], ColumnPlan], noting: Noting, effort: Effort = BEST
) -> tuple[View, ColumnPlan, Draft]:
    """The view with references in place of wires that find no way, what was planned for it, and its column.

    `plan` says what is to be placed for a view, in the rows of the one that was written.
    """
    view = referred(written)
    stack = plan(view, written)
    found = draft(stack, noting, effort)
    for _ in range(1 if len(view.boxes) > LARGE else _ROUNDS):
        missing = _too_long(found)
        if all(edge.source.startswith(MARK) for edge in missing):
            break
        view = with_references(view, missing)
        stack = plan(view, written)
        effort = effort.less if found.spent else effort
        found = draft(stack, noting, effort)
    return _by_names(view, stack, found, lambda view: plan(view, written), noting)


def _by_names(
    view: View, stack: ColumnPlan, found: Draft, plan: Callable[[View], ColumnPlan], noting: Noting
) -> tuple[View, ColumnPlan, Draft]:
    """The same where no wire is lost; else with references laid first, for what finds no way even then as well."""
    for _ in range(_ROUNDS):
        missing = found.wired().missing
        if not missing:
            break
        view = with_references(view, missing)
        stack = plan(view)
        names = frozenset(edge for edge in view.edges if edge.source.startswith(MARK))
        effort = replace(found.effort, most=max(found.effort.most, LONG * len(names)))
        found = draft(replace(stack, first=names, gaps=stack.gaps[-1:]), noting, effort)
    return view, stack, found


def _too_long(found: Draft) -> list[Edge]:
    """The wires that find no way; where that is for want of work the longest of the others too."""
    wired = found.wired()
    if not wired.missing or not found.spent:
        return list(wired.missing)
    longest = sorted(wired.paths, key=lambda edge: -length(wired.paths[edge]))
    return [*wired.missing, *longest[: len(wired.paths) // 8]]


def _roomy(view: View, stack: ColumnPlan, found: Draft) -> Draft:
    """The column with wider gutters, where all wires have room in them and more composites a frame."""
    if any(found.lacking) or len(view.boxes) > MANY:
        return found
    drawn = _framing(view, stack, found.wired())
    framed, most = len(frames(drawn)[0]), framable(drawn)
    for gaps in stack.gaps[2:4]:
        if framed >= most:
            break
        wider = draft(replace(stack, gaps=(gaps,)), _noted, found.effort)
        if not any(wider.lacking):
            more = len(frames(_framing(view, stack, wider.wired()))[0])
            found, framed = (wider, more) if more > framed else (found, framed)
    return found


def _stack(view: View, written: View) -> ColumnPlan:
    forms = {box.path: form(box, captions=True) for box in view.boxes}
    sizes = wide_enough(forms, view.edges)
    return ColumnPlan(ordered(view, written), sizes, view.edges, lean(view), near=view.near)


def ordered(view: View, written: View) -> list[list[str]]:
    """The rows from the bottom, one time axis above the other, as in the view that was `written`.

    What stands in `view` alone, references that have come in place of wires, gets a row below its reader.
    """
    stretch = {path: index for index, part in enumerate(stretches(written)) for path in part.paths}
    found: dict[tuple[int, int, int], list[str]] = {}
    rank: dict[str, int] = {}
    for index, row in enumerate(rows(written)):
        for path in row:
            found.setdefault((stretch[path], index, 1), []).append(path)
            rank[path] = index
    for edge in view.edges:
        if edge.source not in rank:
            found.setdefault((stretch[edge.target], rank[edge.target], 0), []).append(edge.source)
    return [found[key] for key in sorted(found)]


def lean(view: View) -> dict[str, int]:
    """States that run backward stand to the right of those that run forward on the same axis."""
    ways: dict[str, set[str]] = {}
    for edge in view.edges:
        if edge.style in ("delay", "backward"):
            ways.setdefault(edge.source, set()).add(edge.style)
    axes = {box.path: box.axis for box in view.boxes if box.kind == "state"}
    only = {path: next(iter(styles)) for path, styles in ways.items() if len(styles) == 1 and path in axes}
    both = {axis for axis in axes.values() if {only[p] for p in only if axes[p] == axis} == {"delay", "backward"}}
    return {path: -5 if way == "delay" else 5 for path, way in only.items() if axes[path] in both}


def _noted(router: Router, path: tuple[GridPoint, ...], edge: Edge, net: str) -> tuple[list[Note], int]:
    found: list[Note | None] = []
    if edge.time.kind == "t" and edge.time.offset and not router.branches(net, path[0]):
        found.append(sign_of_delay(router, path, edge, net))
    text = wire_label(edge)
    if text:
        found.append(beside(router, path, edge, *text, net))
    return [pale(note, edge) for note in found if note], sum(note is None for note in found)


def _scene(view: View, stack: ColumnPlan, found: Wired, framed: Frames, facts: Mapping[str, str]) -> Scene:
    names = max((words(axis, 16).width(13) for axis in view.axes), default=0.0) if len(view.axes) > 1 else 0.0
    around, names_of_frames = framed
    low, high = _with_frames(found, around)
    shift = (MARGIN + (names + 12 if names else 0) - low, HEADING)
    heading = words(plain(view.name) + ", folded", 60)
    wide = heading.width(14)
    width = max(shift[0] + high + MARGIN, wide + 2 * MARGIN)
    panels, names_of_axes = _panels(view, found, shift, width)
    there = _drawn(view, stack, found, shift, facts, ())
    across = (shift[0], 0.0)
    around = tuple(replace(panel, place=_by(panel.place, across)) for panel in around)
    notes = [note for together in there.notes.values() for note in together]
    notes += [
        *names_of_axes,
        *(moved(name, across) for name in names_of_frames),
        Note(Rectangle(width / 2, 20, wide, 16), heading, 14, bold=True),
    ]
    title, wires = f"{plain(view.name)}, folded", tuple(there.wires.values())
    return Scene(width, _height(found), title, "", tuple(there.figures), wires, tuple(notes), (*panels, *around))


def _drawn(
    view: View, stack: ColumnPlan, found: Wired, shift: Point, facts: Mapping[str, str], grounds: Sequence[Rectangle]
) -> Drawn:
    """What stands in the picture, in pixels."""
    spots = found.column.spots
    figures = tuple(
        figure(box, stack.forms[box.path], spots[box.path], shift, title=facts_title(box, facts)) for box in view.boxes
    )
    lines = {edge: drawn(edge, path, stack, found, shift) for edge, path in found.paths.items()}
    beside = {edge: [moved(note, shift) for note in together] for edge, together in found.notes.items()}
    # To the left and to the right the page is as wide as its frames want it.
    return Drawn(figures, lines, beside, between(-1e6, 30, 1e6, _height(found) - 2), grounds)


def _height(found: Wired) -> float:
    return HEADING + found.column.height * GRID + MARGIN


def _framing(view: View, stack: ColumnPlan, found: Wired) -> Drawn:
    """What frames are drawn around and among, before it is moved to the right on the page; nothing if none is open."""
    if not composites([box.path for box in view.boxes]):
        return Drawn((), {}, {}, Rectangle(0, 0, 0, 0))
    low, high = _extent(found)
    shift = (0.0, HEADING)
    grounds = [panel.place for panel in _panels(view, found, shift, 2 * (high - low))[0]]
    across = [replace(ground, x=(low + high) / 2, width=4 * (high - low + MARGIN)) for ground in grounds]
    return _drawn(view, stack, found, shift, {}, across)


def _with_frames(found: Wired, around: Sequence[Panel]) -> tuple[float, float]:
    """The leftmost and the rightmost place of what is drawn, frames too, left of which the names of axes stand."""
    low, high = _extent(found)
    lefts = [panel.place.x - panel.place.width / 2 for panel in around]
    rights = [panel.place.x + panel.place.width / 2 for panel in around]
    return min([low, *lefts]), max([high, *rights])


def _extent(found: Wired) -> tuple[float, float]:
    """The leftmost and the rightmost place of what is drawn."""
    xs = [float(x * GRID) for spot in found.column.spots.values() for x in (spot.left, spot.right)]
    xs += [float(x * GRID) for path in found.paths.values() for x, _ in path]
    for note in (note for together in found.notes.values() for note in together):
        xs += [note.place.x - note.place.width / 2, note.place.x + note.place.width / 2]
    return min(xs, default=0.0), max(xs, default=0.0)


def moved(note: Note, shift: Point) -> Note:
    """The note at another place."""
    return replace(note, place=_by(note.place, shift))


def _by(place: Rectangle, shift: Point) -> Rectangle:
    return Rectangle(place.x + shift[0], place.y + shift[1], place.width, place.height)


def drawn(edge: Edge, path: Sequence[GridPoint], stack: ColumnPlan, found: Wired, shift: Point, late: int = 0) -> Line:
    """The wire of an edge in pixels; its reader stands `late` columns to the right."""
    spots, forms = found.column.spots, stack.forms
    points = [(x * GRID + shift[0], y * GRID + shift[1]) for x, y in path]
    if _at_box(path[0], spots[edge.source]):
        x, y = on_border(path[0], forms[edge.source], spots[edge.source])
        points[0] = (x + shift[0], y + shift[1])
    end = (path[-1][0] - late * found.column.width, path[-1][1])
    x, y = on_border(end, forms[edge.target], spots[edge.target])
    points[-1] = (x + late * found.column.width * GRID + shift[0], y + shift[1])
    title = f"{plain(edge.source)}{edge.time} to {plain(edge.target)}" + (f", {plain(edge.said)}" if edge.said else "")
    title += f"\n{edge.title}" if edge.title else ""
    opacity = PALE if edge.faint else 1.0
    ends = (edge.source, edge.target)
    return Line(net_of(edge), tuple(points), edge.style, edge.style != "predicts", title, opacity=opacity, ends=ends)


def _at_box(cell: GridPoint, spot: object) -> bool:

    assert isinstance(spot, Spot)
    return spot.left <= cell[0] <= spot.right and spot.top <= cell[1] <= spot.bottom


def _panels(view: View, found: Wired, shift: Point, width: float) -> tuple[list[Panel], list[Note]]:
    """A pale ground for each of several time axes, with its name."""
    if len(view.axes) < 2:
        return [], []
    panels, notes = [], []
    for part in stretches(view):
        if part.axis is None:
            continue
        spots = [found.column.spots[path] for path in part.paths]
        top = (min(spot.top for spot in spots) - 2.5) * GRID + shift[1]
        foot = (max(spot.bottom for spot in spots) + 2.5) * GRID + shift[1]
        panels.append(Panel(Rectangle(width / 2, (top + foot) / 2, width - 16, foot - top)))
        text = words(part.axis, 16)
        place = Rectangle(16 + text.width(13) / 2, top + 16, text.width(13), 14)
        notes.append(Note(place, text, 13, "muted", anchor="start", bold=True))
    return panels, notes


def placed(view: View) -> Mapping[str, Spot]:
    """Where the boxes of a folded picture stand on the grid, before its wires are laid."""
    plan = _stack(view, view)
    return in_column(plan, plan.gaps[0]).spots
