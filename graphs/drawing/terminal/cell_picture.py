"""A picture in cells, drawn a window at a time: any lines of it, to what a cell belongs, and where a thing is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, product
from typing import NamedTuple

from leporello.graphs.drawing.column.canvas import ASCII, NO_INK, Canvas, Ink, Owner
from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.media import characters
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.scene.scene import Rectangle, Scene
from leporello.graphs.drawing.terminal.box_places import TITLE, Place, boxes_between, nearest, spot_of
from leporello.graphs.drawing.terminal.folded_typed import folded_typed
from leporello.graphs.drawing.terminal.overview import overview
from leporello.graphs.drawing.terminal.typed import owner_of, owner_of_wire, place_in_cells, typed
from leporello.graphs.drawing.unfolded.page import Page
from leporello.graphs.drawing.unfolded.unfolded_scene import unfolded_page
from leporello.graphs.drawing.views.view import Near, View

CHUNK, BAND, KEPT = 60, 32, 256
"""Columns and lines that are drawn together, and of how many such the cells are kept."""
OVERVIEW = 12
"""So many columns stand for one in an overview at most."""
NEAR = (40, 240)
"""So many columns, or lines, around a box a neighbour is looked for, and where there is none, so many."""


class Piece(NamedTuple):
    """Characters of one line that have the same role and owner."""

    text: str
    ink: Ink


class _Chunk(NamedTuple):
    """Glyphs and inks of some columns, by line."""

    glyphs: Sequence[Sequence[str]]
    inks: Sequence[Sequence[Ink]]


@dataclass
class CellPicture:
    """A folded picture (a scene) or an unfolded one (a page, of which columns are drawn when they are looked at).

    It can be pickled, and is drawn wherever it is: 10,000 steps cost what four cost.
    """

    source: Scene | Page
    ascii_only: bool = False
    _kept: OrderedDict[tuple[int, int], _Chunk] = field(default_factory=OrderedDict, repr=False, compare=False)

    @property
    def width(self) -> int:
        """All columns."""
        return round(self.source.width / GRID) + 1

    @property
    def height(self) -> int:
        """All lines."""
        return round(self.source.height / GRID) + 1 - self._above

    @property
    def _above(self) -> int:
        return TITLE if isinstance(self.source, Page) else 0

    @property
    def lost(self) -> int:
        """How many wires, and words at them, have no place in it."""
        return self.source.lost

    def rows(self, first: int, last: int, left: int = 0, right: int | None = None) -> list[list[Piece]]:
        """The lines from `first` up to `last`, of each the columns from `left` up to `right`; empty ones beside it."""
        right = self.width if right is None else right
        return [list(_pieces(self._cells(line, left, right))) for line in range(first, last)]

    def owner_at(self, x: int, y: int) -> Owner | None:
        """To what a cell belongs; None where nothing is, and for words."""
        return self._cell(x, y)[1].owner

    def wires(self, owner: Owner, incoming: bool) -> list[Owner]:
        """The wires that come into a box, or that go out of it, from left to right."""
        place, step = self.place(owner), "" if owner.step is None else f"@{owner.step}"
        if place is None:
            return []
        top = place.top + self._above
        scene = self._scene(range(place.left, place.left + place.columns), range(top, top + place.lines))
        at = -1 if incoming else 0
        lines = [line for line in scene.lines if line.ends[at] in (owner.path, f"{owner.path}{step}")]
        return list(dict.fromkeys(owner_of_wire(line) for line in sorted(lines, key=lambda line: line.points[at][0])))

    @cached_property
    def _places(self) -> Mapping[Owner, Place]:
        scene = self.source
        return {} if isinstance(scene, Page) else {owner_of(f): Place(*place_in_cells(f.place)) for f in scene.figures}

    def place(self, owner: Owner) -> Place | None:
        """Where a box is; None for what is no box of this picture."""
        if not isinstance(self.source, Page):
            return self._places.get(owner)
        for copies in self.source.copies:
            strip, step = copies.strip, owner.step or 0
            if owner.path in strip.part.paths and (strip.part.axis is None or step in strip.steps):
                return spot_of(copies, owner.path, strip.steps.index(step) if strip.part.axis is not None else 0)
        return None

    @property
    def near(self) -> Near:
        """Where the boxes are, for the picture after this one; of an unfolded one those of the first steps."""
        if not isinstance(self.source, Page):
            return {owner.path: place.middle for owner, place in self._places.items()}
        copies = self.source.copies
        return {path: spot_of(one, path, 0).middle for one in copies for path in one.strip.part.paths}

    @cached_property
    def axes(self) -> Mapping[str, str]:
        """On which axis each box of an unfolded picture is, by its path; those of no axis are left out."""
        copies = self.source.copies if isinstance(self.source, Page) else ()
        parts = [one.strip.part for one in copies]
        return {path: part.axis for part in parts if part.axis is not None for path in part.paths}

    def boxes(
        self, left: int = 0, right: int | None = None, top: int = 0, foot: int | None = None
    ) -> dict[Owner, Place]:
        """The boxes that reach between two columns and between two lines."""
        right, foot = self.width if right is None else right, self.height if foot is None else foot
        if isinstance(self.source, Page):
            return {o: p for o, p in boxes_between(self.source, left, right, top, foot) if p.across(left, right)}
        return {o: p for o, p in self._places.items() if p.across(left, right) and p.along(top, foot)}

    def overview(self, columns: int, lines: int, around: int = 0) -> list[str]:
        """The whole in a field of so many characters, in braille; of very many steps those around a column."""
        if not isinstance(self.source, Page):
            return overview(self.source, columns, lines)
        left, wide = (cells * GRID for cells in self.overview_span(columns, around))
        seen = self.source.window(left, left + wide)
        return overview(replace(seen, width=wide), columns, lines, left)

    def overview_span(self, columns: int, around: int = 0) -> tuple[int, int]:
        """The first column of what an overview shows, and how many columns it shows."""
        wide = min(OVERVIEW * columns, self.width) if isinstance(self.source, Page) else self.width
        # It moves by halves of itself: the same one is good for many places of a window.
        half = max(wide // 2, 1)
        return max(min((around - wide // 2) // half * half, self.width - wide), 0), wide

    def neighbour(self, owner: Owner, right: int, down: int) -> Owner | None:
        """The nearest box to the right (1, 0), to the left (-1, 0), below (0, 1) or above (0, -1)."""
        place = self.place(owner)
        if place is None:
            return None
        found: Owner | None = None
        for near in NEAR:
            columns = place.left - near, place.left + place.columns + near
            lines = place.top - near, place.top + place.lines + near
            found, far = nearest(owner, place, self.boxes(*columns, *lines), right, down)
            if far <= near:  # none beside these lines and columns is nearer
                break
        return found

    def look_ahead(self, left: int, right: int, top: int, foot: int) -> bool:
        """Draw a little of what is beside a window, so that it is there when the window moves; False if all is."""
        columns = range(max(left // CHUNK - 1, 0), min(right // CHUNK + 1, (self.width - 1) // CHUNK) + 1)
        first, last = top + self._above, foot + self._above
        bands = range(max(first // BAND - 1, 0), min(last // BAND + 1, (self.height - 1 + self._above) // BAND) + 1)
        missing = next((key for key in product(columns, bands) if key not in self._kept), None)
        if missing is not None:
            self._chunk(*missing)
        return missing is not None

    def _cells(self, y: int, left: int, right: int) -> list[tuple[str, Ink]]:
        """The cells of a line; none of a wide character is cut in halves."""
        if not 0 <= y < self.height:
            return [(" ", NO_INK)] * (right - left)
        found = [(" ", NO_INK)] * min(max(-left, 0), right - left)
        band, line = divmod(y + self._above, BAND)
        x, end = max(left, 0), min(right, self.width)
        while x < end:
            index, at = divmod(x, CHUNK)
            last = min(end - x + at, CHUNK)
            chunk = self._chunk(index, band)
            found += zip(chunk.glyphs[line][at:last], chunk.inks[line][at:last], strict=True)
            x += last - at
        found += [(" ", NO_INK)] * (right - left - len(found))
        if found and not found[0][0]:
            found[0] = (" ", found[0][1])
        if found and not self._cell(right, y)[0]:
            found[-1] = (" ", found[-1][1])
        return found

    def _cell(self, x: int, y: int) -> tuple[str, Ink]:
        if not (0 <= y < self.height and 0 <= x < self.width):
            return " ", NO_INK
        index, at = divmod(x, CHUNK)
        band, line = divmod(y + self._above, BAND)
        chunk = self._chunk(index, band)
        return chunk.glyphs[line][at], chunk.inks[line][at]

    def _chunk(self, index: int, band: int) -> _Chunk:
        key = index, band
        if key not in self._kept:
            columns = range(index * CHUNK, (index + 1) * CHUNK)
            lines = range(band * BAND, (band + 1) * BAND)
            seen = _within(self._scene(columns, lines), lines)
            self._kept[key] = _drawn(typed(seen, columns), columns, lines, self.ascii_only)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _scene(self, columns: range, lines: range) -> Scene:
        """What lies in some columns and lines, and a little more."""
        if not isinstance(self.source, Page):
            return self.source
        return self.source.window(
            columns.start * GRID, columns.stop * GRID, (lines.start - 1) * GRID, (lines.stop + 1) * GRID
        )

    def __getstate__(self) -> dict[str, object]:
        return {"source": self.source, "ascii_only": self.ascii_only, "_kept": OrderedDict()}


def folded_picture(view: View, ascii_only: bool = False, effort: Effort = BEST) -> CellPicture:
    """The folded picture of a view."""
    return CellPicture(folded_typed(view, ascii_only, effort), ascii_only)


def unfolded_picture(
    view: View, last: Mapping[str, int], ascii_only: bool = False, effort: Effort = BEST
) -> CellPicture:
    """The picture of a view over `last[axis]` steps of each axis, none of which is left out."""
    return CellPicture(
        unfolded_page(view, last, {}, medium=characters(ascii_only), effort=effort, every=True), ascii_only
    )


def _within(scene: Scene, lines: range) -> Scene:
    """What of a scene lies in some lines, or across them."""
    low, high = (lines.start - 1) * GRID, (lines.stop + 1) * GRID

    def meets(place: Rectangle) -> bool:
        return place.y + place.height / 2 >= low and place.y - place.height / 2 <= high

    return replace(
        scene,
        figures=tuple(figure for figure in scene.figures if meets(figure.place)),
        bars=tuple(bar for bar in scene.bars if meets(bar.place)),
        notes=tuple(note for note in scene.notes if meets(note.place)),
        lines=tuple(
            line
            for line in scene.lines
            if max(y for _, y in line.points) >= low and min(y for _, y in line.points) <= high
        ),
        arrows=tuple(arrow for arrow in scene.arrows if low <= arrow.start[1] <= high),
    )


def _drawn(canvas: Canvas, columns: range, lines: range, ascii_only: bool) -> _Chunk:
    glyphs = [[" "] * len(columns) for _ in lines]
    inks = [[NO_INK] * len(columns) for _ in lines]
    for x, y in canvas.inks:  # what lies within a box belongs to it
        if y in lines and x in columns:
            inks[y - lines.start][x - columns.start] = canvas.inks[x, y]
    for (x, y), glyph in canvas.glyphs().items():
        if y in lines and x in columns:
            glyphs[y - lines.start][x - columns.start] = glyph.translate(ASCII) if ascii_only else glyph
            inks[y - lines.start][x - columns.start] = canvas.ink_at((x, y))
    return _Chunk(glyphs, inks)


def _pieces(cells: Sequence[tuple[str, Ink]]) -> Iterator[Piece]:
    for ink, together in groupby(cells, key=lambda cell: cell[1]):
        yield Piece("".join(glyph for glyph, _ in together), ink)
