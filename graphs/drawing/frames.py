"""A frame around the boxes of each composite that is drawn open, inside out, where nothing else stands among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.lettering import words
from leporello.graphs.drawing.references import MARK
from leporello.graphs.drawing.scene import Figure, Line, Note, Panel, Rectangle
from leporello.graphs.drawing.view import Edge

SIZE, INNER, NEAR = 12.0, 5.0, 4.0
ROOMS = ((13.0, 0.0), (9.0, 0.0), (18.0, 0.0), (13.0, 20.0), (9.0, 20.0), (18.0, 20.0), (13.0, 36.0))
"""Around what is in a frame, and at its top: the first that does."""


@dataclass(frozen=True)
class Drawn:
    """What stands in the picture: boxes, wires and the notes of each wire, its height, and the grounds of its axes."""

    figures: Sequence[Figure]
    wires: Mapping[Edge, Line]
    notes: Mapping[Edge, Sequence[Note]]
    height: float
    grounds: Sequence[Rectangle] = ()


def frames(drawn: Drawn) -> tuple[tuple[Panel, ...], tuple[Note, ...]]:
    """The frames that the picture has room for, outer ones first, and their names.

    A composite has none where a box or words of something else stand among its boxes or would lie on the frame.
    """
    panels, names = dict[str, Rectangle](), list[Note]()
    for path, inside in reversed(_composites(drawn.figures).items()):
        within = [place for name, place in panels.items() if name.startswith(path + "/")]
        found = _framed(path, inside, within, list(panels.values()), names, drawn)
        if found:
            panels[path] = found[0]
            names.append(found[1])
    return tuple(Panel(place, cell=True) for place in reversed(panels.values())), tuple(names)


def _composites(figures: Iterable[Figure]) -> dict[str, frozenset[str]]:
    """The boxes of each open composite, outer ones first; one that holds nothing but another stands for it."""
    found: dict[str, set[str]] = {}
    for figure in figures:
        parts = figure.identity.split("/")
        for count in range(1, len(parts)):
            if parts[0] != "outputs" and not figure.identity.startswith(MARK):
                found.setdefault("/".join(parts[:count]), set()).add(figure.identity)
    kept: dict[frozenset[str], str] = {}
    for path in sorted(found, key=lambda path: path.count("/")):
        kept.setdefault(frozenset(found[path]), path)
    return {path: boxes for boxes, path in kept.items()}


def _framed(
    path: str,
    inside: frozenset[str],
    within: Sequence[Rectangle],
    before: Sequence[Rectangle],
    names: Sequence[Note],
    drawn: Drawn,
) -> tuple[Rectangle, Note] | None:
    edges = [edge for edge in drawn.wires if edge.source in inside and edge.target in inside]
    own = [figure.place for figure in drawn.figures if figure.identity in inside]
    own += [note.place for edge in edges for note in drawn.notes.get(edge, ())]
    own += [_around(drawn.wires[edge].points) for edge in edges]
    core = _around_words(_hull([*own, *within]), drawn)
    text = words(plain(path, 30))
    wide = text.width(SIZE)
    for room, more in ROOMS:
        frame = _grown(core, room, more)
        if not _fits(frame, inside, [place for place in before if place not in within], names, drawn):
            continue
        for place in _corners(frame, wide):
            if _free(place, [*within, *(note.place for note in names)], drawn):
                return frame, Note(place, text, SIZE, "muted", bold=True, anchor="start")
    return None


def _around_words(core: Rectangle, drawn: Drawn) -> Rectangle:
    """The core of a frame with the words beside wires into it that would lie on its border."""
    notes = [note.place for together in drawn.notes.values() for note in together]
    for _ in range(4):
        frame = _grown(core, *ROOMS[0])
        crossed = [place for place in notes if _crosses(frame, place)]
        if not crossed:
            break
        core = _hull([core, *crossed])
    return core


def _around(points: Sequence[tuple[float, float]]) -> Rectangle:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return _between(min(xs), min(ys), max(xs), max(ys))


def _between(left: float, top: float, right: float, bottom: float) -> Rectangle:
    return Rectangle((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _sides(place: Rectangle) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    half, high = place.width / 2, place.height / 2
    return place.x - half, place.y - high, place.x + half, place.y + high


def _hull(places: Iterable[Rectangle]) -> Rectangle:
    left, top, right, bottom = zip(*map(_sides, places), strict=True)
    return _between(min(left), min(top), max(right), max(bottom))


def _grown(core: Rectangle, room: float, more: float) -> Rectangle:
    """The frame around what it holds, with so much more room at the top for its name."""
    left, top, right, bottom = _sides(core)
    return _between(left - room, top - room - more, right + room, bottom + room)


def _fits(
    frame: Rectangle, inside: frozenset[str], others: Sequence[Rectangle], names: Sequence[Note], drawn: Drawn
) -> bool:
    """Whether the frame is on the page, holds no other box, lies across no other frame and through no words.

    To the left and to the right the page is as wide as its frames want it.
    """
    _, top, _, bottom = _sides(frame)
    if top < 30 or bottom > drawn.height - 2:
        return False
    if any(frame.meets(figure.place) for figure in drawn.figures if figure.identity not in inside):
        return False
    if any(_widened(frame).meets(other) for other in others):
        return False
    if sum(frame.meets(ground) for ground in drawn.grounds) > 1:
        return False
    notes = [note.place for together in drawn.notes.values() for note in together]
    return not any(_crosses(frame, place) for place in (*notes, *(note.place for note in names))) and not any(
        _along(frame, line) for line in drawn.wires.values()
    )


def _widened(place: Rectangle) -> Rectangle:
    return Rectangle(place.x, place.y, place.width + 8, place.height + 8)


def _holds(outer: Rectangle, inner: Rectangle) -> bool:
    """Whether one place lies within another."""
    (left, top, right, bottom), (west, north, east, south) = _sides(outer), _sides(inner)
    return west >= left and north >= top and east <= right and south <= bottom


def _crosses(frame: Rectangle, place: Rectangle) -> bool:
    """Whether the border of a frame runs through a place."""
    return frame.meets(place) and not _holds(frame, place)


def _along(frame: Rectangle, line: Line) -> bool:
    """Whether a wire runs along the border of a frame, so near that one is taken for the other."""
    left, top, right, bottom = _sides(frame)
    for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
        if x == to_x and min(abs(x - left), abs(x - right)) < NEAR and min(y, to_y) < bottom and max(y, to_y) > top:
            return True
        if y == to_y and min(abs(y - top), abs(y - bottom)) < NEAR and min(x, to_x) < right and max(x, to_x) > left:
            return True
    return False


def _corners(frame: Rectangle, wide: float) -> Iterator[Rectangle]:
    """Places for a name in the corners of a frame: above on the left, on the right, then below."""
    left, top, right, bottom = _sides(frame)
    for y in (top + INNER + SIZE * 0.6, bottom - INNER - SIZE * 0.6):
        for x in (left + 14 + wide / 2, right - 14 - wide / 2):
            if left + 14 + wide < right - 14:
                yield Rectangle(x, y, wide, SIZE * 1.2)


def _free(place: Rectangle, others: Iterable[Rectangle], drawn: Drawn) -> bool:
    """Whether nothing meets a place for words."""
    near = Rectangle(place.x, place.y, place.width + 4, place.height + 2)
    boxes = [*others, *(figure.place for figure in drawn.figures)]
    boxes += [note.place for together in drawn.notes.values() for note in together]
    if any(near.meets(box) for box in boxes):
        return False
    pieces = (piece for line in drawn.wires.values() for piece in zip(line.points, line.points[1:], strict=False))
    return not any(near.meets(_thick(start, end)) for start, end in pieces)


def _thick(start: tuple[float, float], end: tuple[float, float]) -> Rectangle:
    """A piece of a wire with its breadth."""
    piece = _around((start, end))
    return Rectangle(piece.x, piece.y, piece.width + 2, piece.height + 2)
