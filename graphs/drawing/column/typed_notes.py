"""What stands on wires in characters: words and times, each where nothing else stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.drawing.column.routing import Router
from leporello.graphs.drawing.column.wire_notes import length
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Note, Rectangle
from leporello.graphs.drawing.views.view import Edge, Style

_COLOURED = ("delay", "backward", "all", "initial", "predicts")
"""Wires whose words have their colour."""


Room = tuple[int, int, Sequence[str], bool]
"""A place for words: its upper left corner, the lines, and whether they stand on the wire itself."""


def noted(
    ascii_only: bool, timed: bool, router: Router, path: tuple[GridPoint, ...], edge: Edge, net: str
) -> tuple[list[Note], int]:
    """The word of a wire, and its time if it is to be `timed`: on it where it is upright, else beside or within it.

    Words of others stand beside them only where there is no other room: they would be read together.
    """
    time = str(edge.time) if timed and (edge.time.kind != "t" or not router.branches(net, path[0])) else ""
    word = " ".join(filter(None, ("initial" * (edge.style == "initial"), edge.said)))
    said = [plain(text, 20, ascii_only) for text in (word, time) if text]
    if not said:
        return [], 0
    ys = [y for _, y in path]
    top, bottom = min(ys) - 1, max(ys) + 1
    rooms, words_there = [router.room(top, bottom, name).free for name in ("", net)], router.notes(top, bottom)
    chosen: Room | None = None
    for room in _rooms(path, said):
        left, first, lines, own = room
        right, last = left + max(map(width, lines)) - 1, first + len(lines) - 1
        if rooms[own](left, first, right, last):
            apart = words_there.free(left - 1, first, right + 1, last)
            chosen = room if apart else chosen or room
            if apart:
                break
    if chosen is None:
        return [], 1
    left, first, lines, own = chosen
    wide = max(map(width, lines))
    router.block(left, first, left + wide - 1, first + len(lines) - 1, net)
    if own:
        router.forget(net, path, (left + wide // 2, first + len(lines) // 2))
    return [_written(left, wide, first + line, text, own, edge.style) for line, text in enumerate(lines)], 0


def _written(left: int, wide: int, line: int, text: str, own: bool, style: Style) -> Note:
    first, many = left + (wide - width(text)) // 2, width(text)
    place = Rectangle((first + (many - 1) / 2) * GRID, line * GRID, many * GRID, GRID)
    coloured: Style = "delay" if style == "fed_back" and text.startswith("(") else style
    return Note(place, words(text, 60), 1, coloured if coloured in _COLOURED else "muted", boxed=own)


def _rooms(path: Sequence[GridPoint], said: Sequence[str]) -> Iterator[Room]:
    wide, one = max(map(width, said)), [" ".join(said)]
    pieces = sorted(pairwise(path), key=lambda piece: -length(piece))
    for (x, y), (to_x, to_y) in pieces:
        for line in _from_the_middle(min(y, to_y), max(y, to_y) - len(said) + 1) if x == to_x else ():
            yield x - wide // 2, line, said, True
    for (x, y), (to_x, to_y) in pieces:
        if x == to_x:
            for line in _from_the_middle(y, to_y):
                yield x + 1, line, one, False
                yield x - width(one[0]), line, one, False
        else:
            for column in _from_the_middle(x, to_x):
                left = column - width(one[0]) // 2
                yield left, y - 1, one, False
                yield left, y + 1, one, False
    for (x, y), (to_x, to_y) in pieces:
        if y == to_y and abs(x - to_x) > width(one[0]) + 2:
            yield (x + to_x - width(one[0])) // 2, y, one, True


def _from_the_middle(start: int, end: int) -> list[int]:
    """The places between two, the middle first."""
    low, high = min(start, end) + 1, max(start, end)
    return sorted(range(low, high), key=lambda place: abs(2 * place - low - high + 1))
