"""A small map of a picture, in braille, and where in it the window is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import Region

if TYPE_CHECKING:
    from leporello.graphs.drawing.terminal.cell_picture import CellPicture

MOST = (28, 7)
"""Columns and lines that it takes at most; a third of the window, where that is less."""


class MapLine(NamedTuple):
    """A line of the map: what is before the window, what the window shows, and what is after it."""

    before: str
    within: str
    after: str


@dataclass
class SmallMap:
    """Keeps what it has drawn as long as it is good."""

    _key: object = None
    _lines: list[str] = field(default_factory=list)

    def lines(self, picture: CellPicture, window: Region) -> list[MapLine]:
        """The map; nothing where the window shows all, or has no room for it."""
        wide, high = min(MOST[0], window.width // 3), min(MOST[1], window.height // 3)
        if wide < 4 or high < 1 or (picture.width <= window.width and picture.height <= window.height):
            return []
        middle = window.x + window.width // 2
        first, count = picture.overview_span(wide, middle)
        key = id(picture), wide, high, first
        if self._key != key:
            self._key, self._lines = key, picture.overview(wide, high, middle)
        # Dots for a cell of the picture, as the overview has them: two to a column, four to a line.
        by = min((2 * wide - 1) / max(count, 1), (4 * high - 1) / max(2 * picture.height, 1))
        left, right = (min(max(round((x - first) * by / 2), 0), wide) for x in (window.x, window.right))
        top, foot = (round(y * by / 2) for y in (window.y, window.bottom))
        right, taken = max(right, left + 1), min(round(count * by / 2) + 1, wide)
        return [
            MapLine(line[:left], line[left : min(right, taken)], line[right:taken])
            if top <= y < max(foot, top + 1)
            else MapLine(line[:taken], "", "")
            for y, line in enumerate(self._lines)
        ]
