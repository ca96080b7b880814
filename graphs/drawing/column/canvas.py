"""A sheet of character cells: texts, boxes and wires, whose bends and joints come from their directions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:  # cells are shown where no picture is made
    from leporello.graphs.drawing.views.view import Kind

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
_GLYPHS = "?│││─╯╮┤─╰╭├─┴┬┼"
ASCII = str.maketrans(
    dict(zip("│╎─╯╮┤╰╭├┴┬┼╌▲▼◀▶·", "|:-+++++++++.^v<>.", strict=True))
    | dict.fromkeys("┏┓┗┛┌┐└┘╔╗╚╝┷┯┠┨╧╤╟╢", "+")
    | {"━": "=", "┃": "|", "═": "=", "║": "|"}
)
_ROUND, _SQUARE, _HEAVY, _DOUBLE = "╭─╮│╰╯", "┌─┐│└┘", "┏━┓┃┗┛", "╔═╗║╚╝"
_DASHED = "┌╌┐╎└┘"
_JOINTS = {_HEAVY: "┷┯┨┠", _DOUBLE: "╧╤╢╟"}
FRAMES: Mapping[Kind, str] = {"state": _HEAVY, "layer": _SQUARE, "attention": _DOUBLE, "every": _DASHED}
"""The frame of each kind of box: top left, across, top right, upright, bottom left, bottom right."""


def width(text: str) -> int:
    """The number of cells that `text` takes in a terminal.

    >>> width("h₁"), width("漢字")
    (2, 4)
    """
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Owner(NamedTuple):
    """What a character belongs to: a box at a step, a wire (`path` is read, by `reader` at `step`), a bar, an axis."""

    what: Literal["box", "wire", "bar", "axis"]
    path: str
    step: int | None = None
    reader: str = ""
    net: str = ""


class Ink(NamedTuple):
    """What a character is, which decides its colour, and to what it belongs."""

    role: str = ""
    owner: Owner | None = None


NO_INK = Ink()
EVERYWHERE = range(-(10**9), 10**9)


@dataclass
class Canvas:
    """Texts lie above wires. Where two wires cross, the one across has a gap; within one wire they join.

    What lies beside the columns of the `window` is not kept.
    """

    window: range = EVERYWHERE
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    wires: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)
    dashes: set[tuple[int, int]] = field(default_factory=set)
    inks: dict[tuple[int, int], Ink] = field(default_factory=dict)
    strands: dict[str, dict[tuple[int, int], Ink]] = field(default_factory=dict)

    def write(self, x: int, y: int, text: str, ink: Ink = NO_INK) -> None:
        """`text` from (x, y) on; a wide character takes the cell beside it too."""
        for character in text:
            cells = _cells(character)
            if cells == 0:
                self.texts[x - 1, y] = self.texts.get((x - 1, y), " ") + character
                continue
            self._put(x, y, character, ink)
            if cells == 2:
                self._put(x + 1, y, "", ink)
            x += cells

    def _put(self, x: int, y: int, character: str, ink: Ink) -> None:
        if x in self.window:
            self.texts[x, y], self.inks[x, y] = character, ink

    def box(self, x: int, y: int, size: tuple[int, int], kind: Kind, ink: Ink = NO_INK) -> None:
        """A frame of `size` (columns, lines) with its upper left corner at (x, y); all of it belongs to the box."""
        columns, lines = size
        corner, across, other, upright, low, last = tuple(FRAMES.get(kind, _ROUND))
        left, right = ("(", ")") if kind in ("input", "output") else (upright, upright)
        within = _common(range(x + 1, x + columns - 1), self.window)
        sides = [(left, "", right)] * (lines - 2)
        for line, (first, fill, end) in enumerate([(corner, across, other), *sides, (low, across, last)], y):
            self.write(x, line, first, ink)
            self.write(within.start, line, fill * len(within), ink)
            self.write(x + columns - 1, line, end, ink)
            self.inks.update({(column, line): Ink("", ink.owner) for column in within if not fill})

    def leave(self, x: int, y: int, way: int, kind: Kind) -> None:
        """Joins a wire to the frame of a box of this kind where it leaves upward, downward, to the left or right."""
        if kind in ("input", "output") and way in (LEFT, RIGHT):
            return
        joints = _JOINTS.get(FRAMES.get(kind, _ROUND), "┴┬┤├")
        self.write(x, y, joints[(UP, DOWN, LEFT, RIGHT).index(way)], self.inks.get((x, y), NO_INK))

    def across(self, net: str, y: int, start: int, end: int, dashed: bool = False, ink: Ink = NO_INK) -> None:
        """A piece of wire `net` along line y, both ends included."""
        low, high = min(start, end), max(start, end)
        for x in _common(range(low, high + 1), self.window):
            self._add(net, x, y, (LEFT if x > low else 0) | (RIGHT if x < high else 0), dashed, ink)

    def upright(self, net: str, x: int, start: int, end: int, dashed: bool = False, ink: Ink = NO_INK) -> None:
        """A piece of wire `net` along column x, both ends included."""
        low, high = min(start, end), max(start, end)
        for y in range(low, high + 1) if x in self.window else ():
            self._add(net, x, y, (UP if y > low else 0) | (DOWN if y < high else 0), dashed, ink)

    def _add(self, net: str, x: int, y: int, directions: int, dashed: bool, ink: Ink) -> None:
        nets = self.wires.setdefault((x, y), {})
        nets[net] = nets.get(net, 0) | directions
        if dashed:
            self.dashes.add((x, y))
        if ink is not NO_INK:
            self.strands.setdefault(net, {})[x, y] = ink

    def render(self, ascii_only: bool = False) -> str:
        """The sheet as text, without spaces at the ends of lines."""
        lines: dict[int, dict[int, str]] = {}
        for (x, y), character in self.glyphs().items():
            lines.setdefault(y, {})[x] = character
        drawn = [_line(lines.get(y, {})) for y in range(max(lines, default=-1) + 1)]
        text = "\n".join(drawn)
        return text.translate(ASCII) if ascii_only else text

    def glyphs(self) -> dict[tuple[int, int], str]:
        """The character in each cell that has one."""
        return {place: self._glyph(place, nets) for place, nets in self.wires.items()} | self.texts

    def ink_at(self, place: tuple[int, int]) -> Ink:
        """What the character in a cell is, and to what it belongs."""
        nets = self.wires.get(place)
        if place in self.texts or not nets:
            return self.inks.get(place, NO_INK)
        return self.strands.get(_seen(nets), {}).get(place, NO_INK)

    def _glyph(self, place: tuple[int, int], nets: Mapping[str, int]) -> str:
        directions = nets[_seen(nets)]
        if place in self.dashes and not (directions & (UP | DOWN) and directions & (LEFT | RIGHT)):
            return "╎" if directions & (UP | DOWN) else "╌"
        return _GLYPHS[directions]


def _seen(nets: Mapping[str, int]) -> str:
    """Of the wires in a cell the one that is seen."""
    return max(nets, key=lambda net: nets[net] & (UP | DOWN))


def _common(cells: range, window: range) -> range:
    return range(max(cells.start, window.start), min(cells.stop, window.stop))


def _line(cells: Mapping[int, str]) -> str:
    return "".join(cells.get(x, " ") for x in range(max(cells, default=-1) + 1)).rstrip()
