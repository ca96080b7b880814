"""Notes on wires: the boxed sign of a delay, weights and words, each where nothing else stands."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.figures import PALE
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.drawing.column.routing import Router
from leporello.graphs.drawing.column.wishes import INTO
from leporello.graphs.drawing.letters.lettering import Label, power, words
from leporello.graphs.drawing.letters.lettering import label as named
from leporello.graphs.drawing.scene.scene import Note, Rectangle
from leporello.graphs.drawing.views.view import Edge

SIZE, WORD = 15.0, 12.0
_ARROW, _HIGH = 3, 4


def worded(router: Router, path: tuple[GridPoint, ...], edge: Edge, net: str) -> tuple[list[Note], int]:
    """The words beside a wire where time is unfolded: delays are seen there."""
    if not edge.said:
        return [], 0
    text = named(edge.said)
    inside = [cell for cell in path if 0 <= cell[0] < router.column.width] if net.startswith(INTO) else path
    whole = (path if len(inside) < 2 else inside)[:: -1 if net.startswith(INTO) else 1]
    size, shown = (SIZE, text) if text.serif else (WORD, words(edge.said))
    note = beside(router, whole, edge, shown, size, net)
    return ([pale(note, edge)], 0) if note else ([], 1)


def pale(note: Note, edge: Edge) -> Note:
    """The note as dark as its wire."""
    return replace(note, opacity=PALE) if edge.faint else note


def sign_of_delay(router: Router, path: Sequence[GridPoint], edge: Edge, net: str) -> Note | None:
    """The boxed z with its power on the wire; None where there is no room for it."""
    text = power(edge.time.offset)
    wide = math.ceil((text.width(SIZE) + 8) / GRID / 2)
    lines, cells = [y for _, y in path], _cells(path)
    free = router.room(min(lines) - 2, max(lines) + 2, net).free
    for clear, (x, y, _) in itertools.product((2, 1), _along(path, 2)):
        room = (x - wide, y - clear, x + wide, y + clear)
        if free(*room) and _straight([c for c in cells if room[0] <= c[0] <= room[2] and room[1] <= c[1] <= room[3]]):
            router.block(x - wide, y - 1, x + wide, y + 1, net)
            router.forget(net, tuple(path), (x, y))
            place = Rectangle(x * GRID, y * GRID, text.width(SIZE) + 8, 22)
            return Note(place, text, SIZE, edge.style, boxed=True)
    return None


def _straight(cells: Sequence[GridPoint]) -> bool:
    """Whether places lie on one line, upright or level."""
    return len({x for x, _ in cells}) == 1 or len({y for _, y in cells}) == 1


def beside(
    router: Router, path: Sequence[GridPoint], edge: Edge, text: Label, size: float, net: str = ""
) -> Note | None:
    """Words to the right of a wire or above it, with no other wire between; None where there is no room.

    Weights of an open composite stand as near as may be to that end of their wire which lies in it.
    """
    wide, lines = math.ceil((text.width(size) + 2) / GRID), [y for _, y in path]
    free = router.room(min(lines) - _HIGH, max(lines) + _HIGH).free
    beyond = router.wires_of_others(min(lines) - _HIGH, max(lines) + _HIGH, net).free
    for x, y, upright in _from_its_body(path, edge):
        for left, right, middle in _sides(x, y, wide, upright):
            between = (min(left, x), y, max(right, x), y) if upright else (x, min(middle, y), x, max(middle, y))
            if free(left, middle - 1, right, middle + 1) and beyond(*between):
                router.block(left, middle - 1, right, middle + 1, net)
                half = text.width(size) / 2
                centre = (left + right) / 2 * GRID
                if upright:
                    centre = left * GRID - 2 + half if left > x else right * GRID + 2 - half
                place = Rectangle(centre, middle * GRID, 2 * half, size * 1.1)
                return Note(place, text, size, "muted" if edge.style == "now" else edge.style, title=edge.title)
    return None


def _sides(x: int, y: int, wide: int, upright: bool) -> Iterator[tuple[int, int, int]]:
    """Rooms beside a place on a wire: next to it, or as far off as the sign of a delay needs."""
    if upright:
        for off in (1, 3):
            yield x + off, x + off + wide, y
            yield x - off - wide, x - off, y
        return
    for off in (2, 3):
        yield x - wide // 2 - 1, x + (wide + 1) // 2, y - off
        yield x - wide // 2 - 1, x + (wide + 1) // 2, y + off


def wire_label(edge: Edge) -> tuple[Label, float] | None:
    """What stands beside a wire of the folded picture: its weight, the steps it reads, the port."""
    text = named(edge.said)
    if edge.label and text.serif:
        return text, SIZE
    style = edge.style if edge.style in ("initial", "predicts") else ""
    time = str(edge.time).strip("()") if edge.time.kind != "t" and not style else ""
    said = " ".join(filter(None, (style, edge.said, time)))
    return (words(said), WORD) if said else None


def _from_its_body(path: Sequence[GridPoint], edge: Edge) -> list[tuple[int, int, bool]]:
    """Places on a wire, those first that lie nearest to the body whose weights it has, if one of its ends is there."""
    found = list(_along(path, 1))
    begins, ends = (f"{end}/".startswith(f"{edge.within}/") for end in (edge.source, edge.target))
    if not edge.within or begins == ends:
        return found
    steps = {cell: index for index, cell in enumerate(_cells(path))}
    return sorted(found, key=lambda place: steps[place[:2]] if begins else -steps[place[:2]])


def _along(path: Sequence[GridPoint], clear: int) -> Iterator[tuple[int, int, bool]]:
    """Places on a wire, away from its ends and bends: the longest piece first, its middle first."""
    pieces = list(itertools.pairwise(path))
    order = sorted(range(len(pieces)), key=lambda i: -length(pieces[i]))
    for index in order:
        (x, y), (to_x, to_y) = pieces[index]
        long = length(pieces[index])
        first, last = clear, long - (_ARROW if index == len(pieces) - 1 else clear)
        middle = (first + last) // 2
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        for at in sorted(range(first, last + 1), key=lambda at: (abs(at - middle), at)):
            yield x + dx * at, y + dy * at, dx == 0


def length(piece: tuple[GridPoint, GridPoint]) -> int:
    """How long a piece of a wire is."""
    return abs(piece[0][0] - piece[1][0]) + abs(piece[0][1] - piece[1][1])


def _cells(path: Sequence[GridPoint]) -> list[GridPoint]:
    found = [path[0]]
    for (x, y), (to_x, to_y) in itertools.pairwise(path):
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        found += [(x + dx * at, y + dy * at) for at in range(1, length(((x, y), (to_x, to_y))) + 1)]
    return found
