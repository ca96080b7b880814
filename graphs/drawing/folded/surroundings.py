"""What frames are drawn around and among: boxes, wires with their notes, and what of these lies near a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Rectangle
from leporello.graphs.drawing.views.view import Edge
from leporello.graphs.frozen import frozen

TIP = (14.0, 24.0)
"""What the arrow at the end of a wire takes up at most, whatever way it points, and some room."""
Sides = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Stretch = tuple[float, float, float]
"""A straight piece of a wire: where it runs, from where to where."""


@frozen
class Others:
    """What no frame is for, but what may be in its way; the `paths` are those of boxes that no frame can reach."""

    boxes: Sequence[Rectangle] = ()
    words: Sequence[Rectangle] = ()
    lines: Sequence[Line] = ()
    paths: Sequence[str] = ()


@frozen
class Surroundings:
    """What lies near a place: boxes with their paths, words, where no name may stand, and pieces of wires."""

    boxes: Sequence[tuple[str, Rectangle]]
    words: Sequence[Rectangle]
    taken: Sequence[Sides]
    upright: Sequence[Stretch]
    level: Sequence[Stretch]


@frozen
class Drawn:
    """Boxes, wires with their notes, the page that frames stay on, the grounds of its axes, and what else is there.

    Where they stand in several columns it is the first of them, and the others are laid upon it.
    """

    figures: Sequence[Figure]
    wires: Mapping[Edge, Line]
    notes: Mapping[Edge, Sequence[Note]]
    page: Rectangle
    grounds: Sequence[Rectangle] = ()
    others: Others = Others()

    @cached_property
    def words(self) -> Sequence[Rectangle]:
        """The places of all words."""
        return [*(note.place for together in self.notes.values() for note in together), *self.others.words]

    @cached_property
    def lines(self) -> Sequence[Line]:
        """All wires."""
        return [*self.wires.values(), *self.others.lines]

    @cached_property
    def taken(self) -> Sequence[Sides]:
        """The sides of all places where no name may stand: boxes, words, wires and the tips of their arrows."""
        boxes = (place for _, place in self.boxes)
        tips = (Rectangle(*line.points[-1], *TIP) for line in self.lines if line.arrow)
        pieces = (piece for line in self.lines for piece in zip(line.points, line.points[1:], strict=False))
        thick = (_thick(start, end) for start, end in pieces)
        return [sides(place) for place in (*boxes, *self.words, *tips, *thick)]

    @cached_property
    def upright(self) -> Sequence[Stretch]:
        """All upright pieces of wires: where, from which height to which."""
        pieces = [piece for line in self.lines for piece in pairwise(line.points)]
        return [(x, min(y, to_y), max(y, to_y)) for (x, y), (to_x, to_y) in pieces if x == to_x]

    @cached_property
    def level(self) -> Sequence[Stretch]:
        """All level pieces of wires: at which height, from where to where."""
        pieces = [piece for line in self.lines for piece in pairwise(line.points)]
        return [(y, min(x, to_x), max(x, to_x)) for (x, y), (to_x, to_y) in pieces if y == to_y]

    @cached_property
    def boxes(self) -> Sequence[tuple[str, Rectangle]]:
        """The places of all boxes, each with its path; those of others have none."""
        own = ((figure.identity, figure.place) for figure in self.figures)
        return [*own, *(("", place) for place in self.others.boxes)]

    def near(self, place: Rectangle) -> Surroundings:
        """What of it meets a place, or runs along its border."""
        left, top, right, bottom = sides(place)
        return Surroundings(
            [(path, box) for path, box in self.boxes if box.meets(place)],
            [word for word in self.words if word.meets(place)],
            [one for one in self.taken if one[0] < right and one[2] > left and one[1] < bottom and one[3] > top],
            [one for one in self.upright if left <= one[0] <= right and one[1] < bottom and one[2] > top],
            [one for one in self.level if top <= one[0] <= bottom and one[1] < right and one[2] > left],
        )


def around(points: Sequence[tuple[float, float]]) -> Rectangle:
    """The smallest place that holds all points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return between(min(xs), min(ys), max(xs), max(ys))


def between(left: float, top: float, right: float, bottom: float) -> Rectangle:
    """The place between four sides."""
    return Rectangle((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def sides(place: Rectangle) -> Sides:
    """Left, top, right, bottom."""
    half, high = place.width / 2, place.height / 2
    return place.x - half, place.y - high, place.x + half, place.y + high


def _thick(start: tuple[float, float], end: tuple[float, float]) -> Rectangle:
    """A piece of a wire with its breadth."""
    piece = around((start, end))
    return Rectangle(piece.x, piece.y, piece.width + 2, piece.height + 2)
