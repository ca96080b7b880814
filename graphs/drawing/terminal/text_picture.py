"""Lines of text as a picture in cells: what is drawn in characters from the first stands where other pictures do."""

from __future__ import annotations

from dataclasses import dataclass

from leporello.graphs.drawing.column.canvas import NO_INK, Ink, width
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.terminal.cell_picture import CellPicture

Cells = tuple[str, ...]
"""The glyphs of a line by column; a wide one is followed by an empty one."""


@dataclass
class TextPicture(CellPicture):
    """A picture without boxes: nothing in it is selected."""

    lines: tuple[Cells, ...] = ()

    @property
    def width(self) -> int:
        """All columns."""
        return max(map(len, self.lines), default=0)

    @property
    def height(self) -> int:
        """All lines."""
        return len(self.lines)

    def overview(self, columns: int, lines: int, around: int = 0) -> list[str]:
        """Text has no small form: its upper left corner."""
        return ["".join(line[:columns]) for line in self.lines[:lines]]

    def _cells(self, y: int, left: int, right: int) -> list[tuple[str, Ink]]:
        line = self.lines[y] if 0 <= y < self.height else ()
        glyphs = [line[x] if 0 <= x < len(line) else " " for x in range(left, right)]
        if glyphs and not glyphs[0]:
            glyphs[0] = " "
        if right < len(line) and not line[right]:
            glyphs[-1:] = [" "] * len(glyphs[-1:])
        return [(glyph, NO_INK) for glyph in glyphs]

    def _cell(self, x: int, y: int) -> tuple[str, Ink]:
        return next(iter(self._cells(y, x, x + 1)))

    def __getstate__(self) -> dict[str, object]:
        return super().__getstate__() | {"lines": self.lines}


def text_picture(text: str, name: str = "") -> TextPicture:
    """The picture of some lines.

    >>> picture = text_picture("a\\nbc")
    >>> picture.width, picture.height, picture.rows(1, 2)[0][0].text
    (2, 2, 'bc')
    """
    return TextPicture(Scene(0, 0, name, text), lines=tuple(map(_glyphs, text.rstrip("\n").split("\n"))))


def _glyphs(line: str) -> Cells:
    found: list[str] = []
    for letter in line:
        wide = width(letter)
        if wide == 0 and found:
            found[-1] += letter
        else:
            found += [letter, *[""] * (wide - 1)]
    return tuple(found)
