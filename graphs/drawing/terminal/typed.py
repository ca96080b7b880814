"""A scene in characters: a cell of a terminal for a unit of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from leporello.graphs.drawing.column.canvas import DOWN, LEFT, RIGHT, UP, Canvas, width
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.routing import GridPoint
from leporello.graphs.drawing.scene.scene import Bar, Figure, Line, Note, Point, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.views.view import Kind, Style

_ARROWS = {UP: "▲", DOWN: "▼", LEFT: "◀", RIGHT: "▶"}
_DASHED = ("fed_back", "predicts")


def typed(scene: Scene) -> Canvas:
    """The boxes, wires, bars, words and arrows of time of a scene whose places are whole units of the grid."""
    canvas, figures = Canvas(), {figure.identity: figure for figure in scene.figures}
    for figure in scene.figures:
        _box(canvas, figure, figure.place, figure.kind)
    for bar in scene.bars:
        _box(canvas, bar, bar.place, "every")
    for line in scene.lines:
        _wire(canvas, line, figures.get(line.ends[0]))
    for arrow in scene.arrows:
        _arrow(canvas, arrow)
    for note in scene.notes:
        canvas.write(*first_cell(note), note.label.text)
    return canvas


def first_cell(note: Note) -> GridPoint:
    """Where the first letter of a note stands."""
    return round(note.place.x / GRID - (width(note.label.text) - 1) / 2), round(note.place.y / GRID)


def _box(canvas: Canvas, named: Figure | Bar, place: Rectangle, kind: Kind) -> None:
    left, top = _cell((place.x - place.width / 2, place.y - place.height / 2))
    columns, lines = round(place.width / GRID) + 1, round(place.height / GRID) + 1
    canvas.box(left, top, (columns, lines), kind)
    text = named.label.text
    canvas.write(left + (columns - width(text)) // 2, top + lines // 2, text)


def _wire(canvas: Canvas, line: Line, source: Figure | None) -> None:
    cells, (x, y) = [_cell(point) for point in line.points], line.points[0]
    spot = Rectangle(x, y, GRID, GRID)
    begins = source is not None and source.place.meets(spot)  # not on another wire of its net
    draw_wire(canvas, line.net, cells, line.style, source.kind if source and begins else None, line.arrow)


def draw_wire(
    canvas: Canvas, net: str, path: Sequence[GridPoint], style: Style, source: Kind | None = None, arrow: bool = True
) -> None:
    """A wire along its corners; one that begins at a box of the kind `source` is joined to its frame."""
    for (x, y), (to_x, to_y) in pairwise(path):
        if y == to_y:
            canvas.across(net, y, x, to_x, style in _DASHED)
        else:
            canvas.upright(net, x, y, to_y, style in _DASHED)
    if source is not None:
        canvas.leave(*path[0], _way(path[0], path[1]), source)
    if arrow and style != "predicts":
        canvas.write(*path[-1], _ARROWS[_way(path[-2], path[-1])])


def _way(here: GridPoint, there: GridPoint) -> int:
    if here[1] == there[1]:
        return RIGHT if there[0] > here[0] else LEFT
    return DOWN if there[1] > here[1] else UP


def _arrow(canvas: Canvas, arrow: TimeArrow) -> None:
    """The arrow of an axis; its name is a note."""
    (start, y), (end, _) = _cell(arrow.start), _cell((arrow.end, arrow.start[1]))
    canvas.across("time", y, start, end)
    canvas.write(end, y, "▶")


def _cell(point: Point) -> GridPoint:
    return round(point[0] / GRID), round(point[1] / GRID)
