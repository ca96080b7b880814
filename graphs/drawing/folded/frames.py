"""A frame around the boxes of each composite that is drawn open, inside out, where nothing else stands among them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from leporello.graphs.drawing.folded.surroundings import Drawn, Surroundings, around, between, sides
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Note, Panel, Rectangle
from leporello.graphs.drawing.views.references import MARK
from leporello.graphs.drawing.views.view import Edge

SIZE, INNER = 12.0, 5.0
_PLAIN, _ABOVE, _BELOW = (13, 0, 0), (13, 20, 0), (13, 0, 20)
ROOMS = (_PLAIN, (9, 0, 0), (18, 0, 0), _ABOVE, (9, 20, 0), (18, 20, 0), (13, 36, 0), (22, 20, 0), _BELOW, (9, 0, 20))
"""Around what is in a frame, and so much more at its top and at its foot: the first that does."""
_EDGE = 1e-6
"""Places that share no more than a border do not meet."""
NEAR = (8.0, 4.0)
"""So far from a frame wires run that go along with it: as far as the first wherever there is room."""
WIDEST = max(room for room, *_ in ROOMS) + NEAR[0], *(max(more) for more in list(zip(*ROOMS, strict=True))[1:])
"""So far from what is in a frame lies at most what it has to keep away from."""


_Places = Callable[[Rectangle, float], Iterator[Rectangle]]
Framed = dict[str, tuple[Rectangle, Note]]
"""The frames of composites with their names, by path."""


def frames(drawn: Drawn) -> tuple[tuple[Panel, ...], tuple[Note, ...]]:
    """The frames that the picture has room for, outer ones first, and their names.

    A composite has none where a box or words of something else stand among its boxes or would lie on the frame. The
    only frame within another one gives way to it where there is no room for both.
    """
    made: Framed = {}
    opened = composites([figure.identity for figure in drawn.figures], drawn.others.paths)
    for path, inside in reversed(opened.items()):
        within = [name for name in made if name.startswith(path + "/")]
        found = _framed(path, inside, within, made, drawn)
        if not found and len(within) == 1:
            without = {name: frame for name, frame in made.items() if name not in within}
            found = _framed(path, inside, [], without, drawn)
            made = without if found else made
        if found:
            made[path] = found
    panels = tuple(Panel(place, cell=True) for place, _ in reversed(made.values()))
    return panels, tuple(name for _, name in made.values())


def framable(drawn: Drawn) -> int:
    """How many composites may have a frame, wherever the wires lie: those among whose boxes no other stands."""
    opened = composites([figure.identity for figure in drawn.figures], drawn.others.paths)
    return sum(_apart(inside, drawn) for inside in opened.values())


def _apart(inside: frozenset[str], drawn: Drawn) -> bool:
    """Whether the least frame around the boxes of a composite meets no other box, and lies on one ground at most."""
    own = [figure.place for figure in drawn.figures if figure.identity in inside]
    least = _grown(_hull(own), *min(ROOMS))
    grounds = sum(least.meets(ground) for ground in drawn.grounds)
    return grounds <= 1 and not any(least.meets(box) for name, box in drawn.boxes if name not in inside)


def composites(paths: Sequence[str], aside: Sequence[str] = ()) -> dict[str, frozenset[str]]:
    """The boxes of each open composite, outer ones first; one that holds nothing but another stands for it.

    What is a box itself is not open, though something may stand at its path: a dropout after a layer. Nor is what has
    boxes `aside`.
    """
    found: dict[str, set[str]] = {}
    for path in paths:
        parts = path.split("/")
        for count in range(1, len(parts)):
            if parts[0] != "outputs" and not path.startswith(MARK):
                found.setdefault("/".join(parts[:count]), set()).add(path)
    kept: dict[frozenset[str], str] = {}
    for path in sorted(found, key=lambda path: path.count("/")):
        if path not in paths and not any(other.startswith(path + "/") for other in aside):
            kept.setdefault(frozenset(found[path]), path)
    return {path: boxes for boxes, path in kept.items()}


def _framed(
    path: str, inside: frozenset[str], within: Collection[str], before: Framed, drawn: Drawn
) -> tuple[Rectangle, Note] | None:
    """The frame of a composite around those `within` it, with its name, where there is room beside those `before`.

    It holds the weights of the composite beside wires that come in or go out, as many of them as there is room for.
    """
    if not _apart(inside, drawn):
        return None
    inner, names = [before[name][0] for name in within], [note.place for _, note in before.values()]
    others = [place for name, (place, _) in before.items() if name not in within]
    edges = {edge for edge in drawn.wires if edge.source in inside and edge.target in inside}
    own = [figure.place for figure in drawn.figures if figure.identity in inside]
    own += [note.place for edge in edges for note in drawn.notes.get(edge, ())]
    own += [around(drawn.wires[edge].points) for edge in edges]
    core, text = _hull([*own, *inner]), words(plain(path, 30))
    weights = _weights(path, edges, core, drawn)
    cores = dict.fromkeys(_hull([core, *weights[:count]]) for count in range(len(weights), -1, -1))
    for core in cores:
        core = _around_words(core, drawn)
        there = drawn.near(_grown(core, *WIDEST))
        foreign = [box for name, box in there.boxes if name not in inside]
        for frame, near, places in _rooms(core):
            solid = _holds(drawn.page, frame) and not any(frame.meets(box) for box in foreign)
            if solid and _fits(frame, others, [*there.words, *names], drawn) and not _along(frame, there, near):
                for place in places(frame, text.width(SIZE)):
                    if _free(place, [*inner, *names], there):
                        return frame, Note(place, text, SIZE, "muted", bold=True, anchor="start")
    return None


def _weights(path: str, within: Collection[Edge], core: Rectangle, drawn: Drawn) -> list[Rectangle]:
    """The places of the weights of a composite on wires that are not all `within` it, the nearest to it first."""
    edges = [edge for edge in drawn.wires if edge.weighs(path) and edge not in within]
    places = [note.place for edge in edges for note in drawn.notes.get(edge, ()) if not note.boxed]
    return sorted(places, key=lambda place: _size(_hull([core, place])) - _size(core))


def _size(place: Rectangle) -> float:
    return place.width * place.height


def _rooms(core: Rectangle) -> Iterator[tuple[Rectangle, float, _Places]]:
    """The frames that a core may have, how near to each no wire may run along it, and the places for its name."""
    for places, near, room in itertools.product((_corners, _beside), NEAR, ROOMS):
        yield _grown(core, *room), near, places


def _around_words(core: Rectangle, drawn: Drawn) -> Rectangle:
    """The core of a frame with the words beside wires into it that would lie on its border."""
    for _ in range(4):
        frame = _grown(core, *ROOMS[0])
        crossed = [place for place in drawn.words if _crosses(frame, place)]
        if not crossed:
            break
        core = _hull([core, *crossed])
    return core


def _hull(places: Iterable[Rectangle]) -> Rectangle:
    left, top, right, bottom = zip(*map(sides, places), strict=True)
    return between(min(left), min(top), max(right), max(bottom))


def _grown(core: Rectangle, room: float, above: float, below: float) -> Rectangle:
    """The frame around what it holds, with so much more room above or below for its name."""
    left, top, right, bottom = sides(core)
    return between(left - room, top - room - above, right + room, bottom + room + below)


def _fits(frame: Rectangle, others: Sequence[Rectangle], words: Sequence[Rectangle], drawn: Drawn) -> bool:
    """Whether the frame lies across no other frame, on one ground at most, and through no words."""
    if any(_widened(frame).meets(other) for other in others):
        return False
    if sum(frame.meets(ground) for ground in drawn.grounds) > 1:
        return False
    return not any(_crosses(frame, place) for place in words)


def _widened(place: Rectangle) -> Rectangle:
    return Rectangle(place.x, place.y, place.width + 8, place.height + 8)


def _holds(outer: Rectangle, inner: Rectangle) -> bool:
    """Whether one place lies within another."""
    (left, top, right, bottom), (west, north, east, south) = sides(outer), sides(inner)
    return west >= left and north >= top and east <= right and south <= bottom


def _crosses(frame: Rectangle, place: Rectangle) -> bool:
    """Whether the border of a frame runs through a place."""
    return frame.meets(place) and not _holds(frame, place)


def _along(frame: Rectangle, there: Surroundings, near: float) -> bool:
    """Whether a wire runs along the border of a frame, nearer than `near`."""
    left, top, right, bottom = sides(frame)
    for x, low, high in there.upright:
        if (abs(x - left) < near or abs(x - right) < near) and low < bottom and high > top:
            return True
    for y, low, high in there.level:
        if (abs(y - top) < near or abs(y - bottom) < near) and low < right and high > left:
            return True
    return False


def _corners(frame: Rectangle, wide: float) -> Iterator[Rectangle]:
    """Places for a name in the corners of a frame: above on the left, on the right, then below."""
    _, top, _, bottom = sides(frame)
    return _names(frame, wide, 14, (top + INNER + SIZE * 0.6, bottom - INNER - SIZE * 0.6))


def _beside(frame: Rectangle, wide: float) -> Iterator[Rectangle]:
    """Places for a name at the left and at the right of a frame, further down."""
    _, top, _, bottom = sides(frame)
    return _names(frame, wide, 7, [y + top for y in range(20, int(bottom - top) - 20, 6)])


def _names(frame: Rectangle, wide: float, off: float, heights: Iterable[float]) -> Iterator[Rectangle]:
    left, _, right, _ = sides(frame)
    for y in heights:
        for x in (left + off + wide / 2, right - off - wide / 2):
            if left + off + wide < right - off:
                yield Rectangle(x, y, wide, SIZE * 1.2)


def _free(place: Rectangle, others: Iterable[Rectangle], there: Surroundings) -> bool:
    """Whether nothing meets a place for words."""
    left, top, right, bottom = sides(Rectangle(place.x, place.y, place.width + 4 - _EDGE, place.height + 2 - _EDGE))
    for west, north, east, south in there.taken:
        if west < right and east > left and north < bottom and south > top:
            return False
    near = Rectangle(place.x, place.y, place.width + 4, place.height + 2)
    return not any(near.meets(box) for box in others)
