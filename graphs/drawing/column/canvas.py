"""A sheet of character cells: texts, boxes and wires, whose bends and joints come from their directions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from leporello.graphs.drawing.views.view import Kind

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
_GLYPHS = "?│││─╯╮┤─╰╭├─┴┬┼"
_ASCII = str.maketrans(
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


@dataclass
class Canvas:
    """Texts lie above wires. Where two wires cross, the one across has a gap; within one wire they join."""

    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    wires: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)
    dashes: set[tuple[int, int]] = field(default_factory=set)

    def write(self, x: int, y: int, text: str) -> None:
        """`text` from (x, y) on; a wide character takes the cell beside it too."""
        for character in text:
            cells = _cells(character)
            if cells == 0:
                self.texts[x - 1, y] = self.texts.get((x - 1, y), " ") + character
                continue
            self.texts[x, y] = character
            if cells == 2:
                self.texts[x + 1, y] = ""
            x += cells

    def box(self, x: int, y: int, size: tuple[int, int], kind: Kind) -> None:
        """A frame of `size` (columns, lines) with its upper left corner at (x, y)."""
        columns, lines = size
        corner, across, other, upright, low, last = tuple(FRAMES.get(kind, _ROUND))
        left, right = ("(", ")") if kind in ("input", "output") else (upright, upright)
        self.write(x, y, corner + across * (columns - 2) + other)
        for line in range(y + 1, y + lines - 1):
            self.write(x, line, left)
            self.write(x + columns - 1, line, right)
        self.write(x, y + lines - 1, low + across * (columns - 2) + last)

    def leave(self, x: int, y: int, way: int, kind: Kind) -> None:
        """Joins a wire to the frame of a box of this kind where it leaves upward, downward, to the left or right."""
        if kind in ("input", "output") and way in (LEFT, RIGHT):
            return
        joints = _JOINTS.get(FRAMES.get(kind, _ROUND), "┴┬┤├")
        self.write(x, y, joints[(UP, DOWN, LEFT, RIGHT).index(way)])

    def across(self, net: str, y: int, start: int, end: int, dashed: bool = False) -> None:
        """A piece of wire `net` along line y, both ends included."""
        low, high = min(start, end), max(start, end)
        for x in range(low, high + 1):
            self._add(net, x, y, (LEFT if x > low else 0) | (RIGHT if x < high else 0))
        if dashed:
            self.dashes.update((x, y) for x in range(low, high + 1))

    def upright(self, net: str, x: int, start: int, end: int, dashed: bool = False) -> None:
        """A piece of wire `net` along column x, both ends included."""
        low, high = min(start, end), max(start, end)
        for y in range(low, high + 1):
            self._add(net, x, y, (UP if y > low else 0) | (DOWN if y < high else 0))
        if dashed:
            self.dashes.update((x, y) for y in range(low, high + 1))

    def _add(self, net: str, x: int, y: int, directions: int) -> None:
        nets = self.wires.setdefault((x, y), {})
        nets[net] = nets.get(net, 0) | directions

    def render(self, ascii_only: bool = False) -> str:
        """The sheet as text, without spaces at the ends of lines."""
        cells = {place: self._glyph(place, nets) for place, nets in self.wires.items()} | self.texts
        lines: dict[int, dict[int, str]] = {}
        for (x, y), character in cells.items():
            lines.setdefault(y, {})[x] = character
        drawn = [_line(lines.get(y, {})) for y in range(max(lines, default=-1) + 1)]
        text = "\n".join(drawn)
        return text.translate(_ASCII) if ascii_only else text

    def _glyph(self, place: tuple[int, int], nets: Mapping[str, int]) -> str:
        directions = max(nets.values(), key=lambda bits: bits & (UP | DOWN))
        if place in self.dashes and not (directions & (UP | DOWN) and directions & (LEFT | RIGHT)):
            return "╎" if directions & (UP | DOWN) else "╌"
        return _GLYPHS[directions]


def _line(cells: Mapping[int, str]) -> str:
    return "".join(cells.get(x, " ") for x in range(max(cells, default=-1) + 1)).rstrip()
