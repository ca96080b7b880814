"""Loops from a box to itself as arcs, as textbooks draw them, wherever nothing stands in their way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Point, Rectangle, Scene

_CORNERS = 6
"""A loop with so many corners goes round one side of its box."""
_CLEAR, _PIECES = 6.0, 32
_MOST, _FINE = 400.0, 0.1
"""How far a control point may lie from a box, and how finely it is sought, in pixels."""


def with_arcs(scene: Scene, formulas: Collection[str] = ()) -> Scene:
    """The folded scene with arcs for loops, and without the formulas of the boxes that are said to have them.

    A loop stays as it is where another wire, box or word lies within it, or where a wire branches off it.
    """
    figures = tuple(_plain(figure) if figure.identity in formulas else figure for figure in scene.figures)
    lines, notes = list(scene.lines), list(scene.notes)
    for index, line in enumerate(scene.lines):
        signs = [note for note in scene.notes if note.boxed and _on(note.place, line)]
        if len(signs) == 1 and _goes_round(line) and _alone(line, signs[0], scene):
            lines[index] = replace(line, points=_arc(line.points), curved=True)
            place = signs[0].place
            middle = (line.points[0][1] + line.points[-1][1]) / 2
            notes[notes.index(signs[0])] = replace(signs[0], place=replace(place, y=middle))
    return replace(scene, figures=figures, lines=tuple(lines), notes=tuple(notes))


def _plain(figure: Figure) -> Figure:
    """A box without its formula; the sign of an operation stays."""
    return figure if figure.shape == "sign" else replace(figure, caption="")


def _goes_round(line: Line) -> bool:
    """Whether a line leaves its box at the top and comes back to the bottom of the same, round one side."""
    if line.ends[0] != line.ends[1] or not line.ends[0] or len(line.points) != _CORNERS:
        return False
    (x, top), (up, high), (side, _), (below, low), (back, _), (end, foot) = line.points
    return x == up and below == side and back == end and high < top < foot < low and side != x


def _on(place: Rectangle, line: Line) -> bool:
    """Whether a sign stands on the far side of a loop."""
    return (
        len(line.points) == _CORNERS
        and place.x == line.points[2][0]
        and (line.points[2][1] < place.y < line.points[3][1])
    )


def _alone(line: Line, sign: Note, scene: Scene) -> bool:
    """Whether nothing but a loop's own box and sign lies within it."""
    xs, ys = [x for x, _ in line.points], [y for _, y in line.points]
    wide, high = max(xs) - min(xs) + 2 * _CLEAR, max(ys) - min(ys) + 2 * _CLEAR
    room = Rectangle((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, wide, high)
    for other in scene.lines:
        if other is not line and any(room.meets(piece) for piece in _pieces(other)):
            return False
    placed = [figure.place for figure in scene.figures if figure.identity != line.ends[0]]
    placed += [note.place for note in scene.notes if note is not sign]
    return not any(room.meets(place) for place in placed)


def _pieces(line: Line) -> list[Rectangle]:
    pairs = zip(line.points, line.points[1:], strict=False)
    return [Rectangle((x + a) / 2, (y + b) / 2, abs(a - x) + 1, abs(b - y) + 1) for (x, y), (a, b) in pairs]


def _arc(points: tuple[Point, ...]) -> tuple[Point, Point, Point, Point]:
    """Start, controls and end of a smooth loop that reaches as far out and as high as the one with corners."""
    (x, top), (_, high), (side, _), _, _, (end, foot) = points
    control = (side - (x + end) / 8) * 4 / 3
    low, far = 0.0, _MOST
    while far - low > _FINE:
        by = (low + far) / 2
        low, far = (by, far) if _peak(top, by, foot) > high else (low, by)
    return (x, top), (control, top - low), (control, foot + low), (end, foot)


def _peak(top: float, by: float, foot: float) -> float:
    """The highest place of a curve whose controls lie so far above its start and below its end."""
    heights = []
    for piece in range(_PIECES + 1):
        t = piece / _PIECES
        rest = 1 - t
        heights.append(rest**3 * top + 3 * rest**2 * t * (top - by) + 3 * rest * t**2 * (foot + by) + t**3 * foot)
    return min(heights)
