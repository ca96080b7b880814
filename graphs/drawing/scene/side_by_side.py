"""Two scenes beside each other: the folded picture, the arrow that unfolds it, and the unfolded one."""

from __future__ import annotations

from dataclasses import replace

from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Note, Point, Rectangle, Scene, TimeArrow

BETWEEN = 150.0


def side_by_side(folded: Scene, unfolded: Scene) -> Scene:
    """Both scenes in one, the lower one in the middle of the height; the folded figures' names begin with folded/."""
    lower = _lower(folded, unfolded)
    left = translated(folded, 0, max(lower, 0))
    right = translated(unfolded, folded.width + BETWEEN, max(-lower, 0))
    height = max(folded.height + max(lower, 0), unfolded.height + max(-lower, 0))
    figures = tuple(replace(figure, identity=f"folded/{figure.identity}") for figure in left.figures)
    lines = tuple(
        replace(line, net=f"folded {line.net}", ends=(_below(line.ends[0]), _below(line.ends[1])))
        for line in left.lines
    )
    x, y = folded.width, height / 2
    arrows = (TimeArrow((x + 25, y), x + 120, ()), TimeArrow((x + 125, y + 14), x + 30, ()))
    above, below = words("unfold"), words("fold")
    notes = (
        Note(Rectangle(x + 74, y - 15, above.width(15), 16), above, 15, "ink", bold=True),
        Note(Rectangle(x + 74, y + 32, below.width(12), 13), below, 12),
    )
    return Scene(
        folded.width + BETWEEN + unfolded.width,
        height,
        unfolded.name.replace(", unfolded", ", folded and unfolded"),
        unfolded.description,
        figures + right.figures,
        lines + right.lines,
        left.notes + notes + right.notes,
        left.panels + right.panels,
        left.bars + right.bars,
        left.arrows + arrows + right.arrows,
        grids=right.grids,
    )


def _below(name: str) -> str:
    return f"folded/{name}" if name else ""


def _lower(folded: Scene, unfolded: Scene) -> float:
    """How far the folded scene is moved down: a box stands at the height of its copies if there is one axis."""
    places = {figure.identity: figure.place.y for figure in unfolded.figures}
    states = [figure for figure in folded.figures if figure.kind == "state" and f"{figure.identity}@1" in places]
    if states and len(unfolded.arrows) == 1:
        return places[f"{states[0].identity}@1"] - states[0].place.y
    return (unfolded.height - folded.height) / 2


def translated(scene: Scene, dx: float, dy: float) -> Scene:
    """The scene moved to the right and down."""

    def place(rectangle: Rectangle) -> Rectangle:
        return replace(rectangle, x=rectangle.x + dx, y=rectangle.y + dy)

    def point(where: Point) -> Point:
        return where[0] + dx, where[1] + dy

    return replace(
        scene,
        figures=tuple(replace(figure, place=place(figure.place)) for figure in scene.figures),
        lines=tuple(replace(line, points=tuple(map(point, line.points))) for line in scene.lines),
        notes=tuple(replace(note, place=place(note.place)) for note in scene.notes),
        panels=tuple(replace(panel, place=place(panel.place)) for panel in scene.panels),
        bars=tuple(replace(bar, place=place(bar.place)) for bar in scene.bars),
        grids=tuple(replace(grid, left=grid.left + dx, top=grid.top + dy) for grid in scene.grids),
        arrows=tuple(TimeArrow(point(a.start), a.end + dx, tuple(tick + dx for tick in a.ticks)) for a in scene.arrows),
    )
