"""A scene in characters: a cell of a terminal for a unit of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from leporello.graphs.drawing.column.canvas import DOWN, EVERYWHERE, LEFT, RIGHT, UP, Canvas, Ink, Owner, width
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.drawing.scene.scene import Bar, Figure, Line, Note, Point, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.views.view import Kind

_ARROWS = {UP: "▲", DOWN: "▼", LEFT: "◀", RIGHT: "▶"}
_DASHED = ("fed_back", "predicts")


def typed(scene: Scene, window: range = EVERYWHERE) -> Canvas:
    """The boxes, wires, bars, words and arrows of time of a scene whose places are whole units of the grid.

    Only what lies in the columns of the `window` is drawn. Each character knows its role (`frame.state`, `name`,
    `detail`, `wire.delay`, `note.all`, `axis`) and its owner.
    """
    canvas, figures = Canvas(window), {figure.identity: figure for figure in scene.figures}
    for index, panel in enumerate(scene.panels):
        _frame(canvas, f"frame {index}", panel.place)
    for figure in scene.figures:
        _figure(canvas, figure)
    for bar in scene.bars:
        _bar(canvas, bar)
    for line in scene.lines:
        _wire(canvas, line, figures.get(line.ends[0]))
    for arrow in scene.arrows:
        _arrow(canvas, arrow)
    for note in scene.notes:
        canvas.write(*first_cell(note), note.label.text, Ink(f"note.{note.style}"))
    return canvas


def first_cell(note: Note) -> GridPoint:
    """Where the first letter of a note stands."""
    return round(note.place.x / GRID - (width(note.label.text) - 1) / 2), round(note.place.y / GRID)


def place_in_cells(place: Rectangle) -> tuple[int, int, int, int]:
    """The first column and line of a box, and how many of each it takes."""
    left, top = _cell((place.x - place.width / 2, place.y - place.height / 2))
    return left, top, round(place.width / GRID) + 1, round(place.height / GRID) + 1


def owner_of(figure: Figure) -> Owner:
    """The box, and its step, that a figure is of."""
    path, _, step = figure.identity.rpartition("@")
    return Owner("box", path, int(step)) if path and step.isdigit() else Owner("box", figure.identity)


def _figure(canvas: Canvas, figure: Figure) -> None:
    owner = owner_of(figure)
    left, top, columns, lines = place_in_cells(figure.place)
    canvas.box(left, top, (columns, lines), figure.kind, Ink(f"frame.{figure.kind}", owner))
    name, said = figure.label.text, figure.caption.split("\n") if figure.caption else []
    apart = 2 if name and said else 0
    first = left + (columns - width(name) - apart - max(map(width, said), default=0)) // 2
    line = top + (lines - max(len(said), 1)) // 2
    canvas.write(first, line, name, Ink("name", owner))
    for index, detail in enumerate(said):
        canvas.write(first + width(name), line + index, " " * apart + detail, Ink("detail", owner))


def _frame(canvas: Canvas, net: str, place: Rectangle) -> None:
    """The frame of a composite, which wires pass."""
    left, top, columns, lines = place_in_cells(place)
    ink = Ink("note.muted")
    for line in (top, top + lines - 1):
        canvas.across(net, line, left, left + columns - 1, ink=ink)
    for column in (left, left + columns - 1):
        canvas.upright(net, column, top, top + lines - 1, ink=ink)


def _bar(canvas: Canvas, bar: Bar) -> None:
    """What gathers all steps; its words stand in the middle of what is seen of it."""
    owner = Owner("bar", bar.net)
    left, top, columns, lines = place_in_cells(bar.place)
    canvas.box(left, top, (columns, lines), "every", Ink("frame.every", owner))
    first, last = max(left, canvas.window.start), min(left + columns, canvas.window.stop)
    text = bar.label.text
    if last - first >= width(text) + 2:
        canvas.write(first + (last - first - width(text)) // 2, top + lines // 2, text, Ink("note.all", owner))


def _wire(canvas: Canvas, line: Line, source: Figure | None) -> None:
    cells, (x, y) = [_cell(point) for point in line.points], line.points[0]
    spot = Rectangle(x, y, GRID, GRID)
    begins = source is not None and source.place.meets(spot)  # not on another wire of its net
    _draw_wire(canvas, line, cells, source.kind if source and begins else None)


def _draw_wire(canvas: Canvas, line: Line, path: Sequence[GridPoint], source: Kind | None) -> None:
    """A wire along its corners; one that begins at a box of the kind `source` is joined to its frame."""
    ink, dashed = Ink(f"wire.{line.style}", owner_of_wire(line)), line.style in _DASHED
    for (x, y), (to_x, to_y) in pairwise(path):
        if y == to_y:
            canvas.across(line.net, y, x, to_x, dashed, ink)
        else:
            canvas.upright(line.net, x, y, to_y, dashed, ink)
    if source is not None:
        canvas.leave(*path[0], _way(path[0], path[1]), source)
    if line.arrow and line.style != "predicts":
        canvas.write(*path[-1], _ARROWS[_way(path[-2], path[-1])], ink)


def owner_of_wire(line: Line) -> Owner:
    """The wire that a line is of: what it reads, by which reader, at which step."""
    source, reader = (end.rpartition("@") for end in line.ends)
    said = reader[2] if reader[0] else source[2]
    step = int(said) if said.isdigit() else None
    return Owner("wire", source[0] or source[2], step, reader[0] or reader[2], line.net)


def _way(here: GridPoint, there: GridPoint) -> int:
    if here[1] == there[1]:
        return RIGHT if there[0] > here[0] else LEFT
    return DOWN if there[1] > here[1] else UP


def _arrow(canvas: Canvas, arrow: TimeArrow) -> None:
    """The arrow of an axis; its name is a note."""
    (start, y), (end, _) = _cell(arrow.start), _cell((arrow.end, arrow.start[1]))
    canvas.across("time", y, start, end, ink=Ink("axis"))
    canvas.write(end, y, "▶", Ink("axis"))


def _cell(point: Point) -> GridPoint:
    return round(point[0] / GRID), round(point[1] / GRID)
