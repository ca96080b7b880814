"""Where the boxes of a picture in cells are, and which is next to which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import NamedTuple

from leporello.graphs.drawing.column.canvas import Owner
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.unfolded.page import Page
from leporello.graphs.drawing.unfolded.steps import Copies

TITLE = 2
"""So many lines of an unfolded picture are left for its name, which no picture in cells has."""


class Place(NamedTuple):
    """Cells: the first column and line, and how many of each."""

    left: int
    top: int
    columns: int
    lines: int

    @property
    def middle(self) -> tuple[int, int]:
        """The cell in the middle."""
        return self.left + self.columns // 2, self.top + self.lines // 2

    def across(self, left: int, right: int) -> bool:
        """Whether some of it is between two columns."""
        return self.left < right and self.left + self.columns > left

    def along(self, top: int, foot: int) -> bool:
        """Whether some of it is between two lines."""
        return self.top < foot and self.top + self.lines > top


def boxes_between(page: Page, left: int, right: int, top: int, foot: int) -> Iterator[tuple[Owner, Place]]:
    """The boxes between two lines, of the columns of steps that reach between two columns of cells."""
    for copies in page.copies:
        part, steps, shown = copies.strip.part, copies.strip.steps, copies.between(left * GRID, right * GRID)
        first = {path: spot_of(copies, path, 0) for path in part.paths} if shown else {}
        seen = [(path, place) for path, place in first.items() if place.along(top, foot)]
        for index in shown:
            step = steps[index] if part.axis is not None else None
            across = round(copies.shift(index)[0] / GRID) - round(copies.shift(0)[0] / GRID)
            for path, place in seen:
                yield Owner("box", path, step), place._replace(left=place.left + across)


def spot_of(copies: Copies, path: str, index: int) -> Place:
    """The place of a box in the column of steps with a number."""
    spot, form = copies.strip.wired.column.spots[path], copies.strip.stack.forms[path]
    left, top = copies.shift(index)
    x, y = spot.x + round(left / GRID) - form.width // 2, spot.y + round(top / GRID) - form.height // 2
    return Place(x, y - TITLE, form.width + 1, form.height + 1)


def nearest(
    owner: Owner, place: Place, others: Mapping[Owner, Place], right: int, down: int
) -> tuple[Owner | None, float]:
    """The box nearest to one to the right (1, 0), to the left (-1, 0), below (0, 1) or above (0, -1), and how far.

    One that is more aside than ahead is as far as can be.
    """
    x, y = place.middle
    found: list[tuple[bool, int, int, Owner]] = []
    for other, there in others.items():
        across, below = there.middle[0] - x, there.middle[1] - y
        ahead, aside = across * right + below * down, abs(across * down) + abs(below * right)
        ahead, aside = (ahead, 2 * aside) if right else (2 * ahead, aside)  # a cell is twice as high as it is wide
        if ahead > 0 and other != owner:
            found.append((aside > 2 * ahead, ahead + 2 * aside, aside, other))
    if not found:
        return None, inf
    beside, far, _, other = min(found)
    return other, inf if beside else far
