"""The folded picture in character cells: the placement and the ways of the other pictures, a cell for a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from leporello.graphs.drawing.column.canvas import Canvas, width
from leporello.graphs.drawing.column.media import BUDGET, typed_form
from leporello.graphs.drawing.column.placement import SPACE
from leporello.graphs.drawing.column.routing import GridPoint
from leporello.graphs.drawing.column.typed_notes import noted
from leporello.graphs.drawing.column.wired import ColumnPlan, Wired, net_of, wired
from leporello.graphs.drawing.folded.folded_scene import lean, ordered
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.terminal.typed import draw_wire, first_cell
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.view import Box, Edge, View

GAPS = ((2, 4, 0), (2, 8, 0), (3, 8, 1), (4, 8, 1), (6, 12, 2))
"""Lines between rows, columns beside the boxes, lines above and below them: narrow first."""
MOST_BOXES, MOST_WIRES, WIDEST = 80, 100, 80
"""What is larger is hard to follow in characters, and wraps in a terminal."""


@dataclass(frozen=True)
class Sheet:
    """A picture in character cells: `wired` holds where everything is, `labels` what is written in each box."""

    view: View
    labels: Mapping[str, str]
    wired: Wired
    names: Mapping[int, str]

    @cached_property
    def _extent(self) -> tuple[int, int]:
        """The first and the last column of boxes, wires and words."""
        found = [x for spot in self.wired.column.spots.values() for x in (spot.left, spot.right)]
        found += [x for path in self.wired.paths.values() for x, _ in path]
        for note in (note for together in self.wired.notes.values() for note in together):
            first = first_cell(note)[0]
            found += [first, first + width(note.label.text) - 1]
        return min(found), max(found)

    @property
    def shift(self) -> int:
        """So many columns the places move to the right: an empty one and the names of axes stand before the first."""
        return max(map(width, self.names.values()), default=-1) + 2 - self._extent[0]

    @property
    def width(self) -> int:
        """All columns."""
        return self.shift + self._extent[1] + 1

    def draw(self) -> Canvas:
        """The boxes, wires and words on a canvas."""
        canvas, shift = Canvas(), self.shift
        boxes = {box.path: box for box in self.view.boxes}
        for path, spot in self.wired.column.spots.items():
            left, label = spot.left + shift, self.labels[path]
            canvas.box(left, spot.top, (spot.width + 1, spot.height + 1), boxes[path].kind)
            canvas.write(left + (spot.width + 1 - width(label)) // 2, spot.y, label)
        for edge, way in self.wired.paths.items():
            source = boxes[edge.source].kind if self._leaves(way, edge) else None
            draw_wire(canvas, net_of(edge), [(x + shift, y) for x, y in way], edge.style, source)
            for note in self.wired.notes[edge]:
                x, y = first_cell(note)
                canvas.write(x + shift, y, note.label.text)
        for line, name in self.names.items():
            canvas.write(1, line, name)
        return canvas

    def _leaves(self, path: Sequence[GridPoint], edge: Edge) -> bool:
        """Whether a wire begins at its box, and not on another of its net."""
        spot = self.wired.column.spots[edge.source]
        return spot.left <= path[0][0] <= spot.right and spot.top <= path[0][1] <= spot.bottom


def sheet(view: View, ascii_only: bool = False) -> Sheet | None:
    """The folded `view` in character cells; None where it is too large, or a wire or its words find no room."""
    if not 0 < len(view.boxes) <= MOST_BOXES or len(view.edges) > MOST_WIRES:
        return None
    labels = {box.path: _label(box, ascii_only) for box in view.boxes}
    forms = {path: typed_form(label) for path, label in labels.items()}
    rows = ordered(view, view)
    if max(sum(forms[path].width + SPACE for path in row) for row in rows) > WIDEST:
        return None
    stack = ColumnPlan(rows, forms, view.edges, lean(view), gaps=GAPS, loop=2, budget=BUDGET)
    found = wired(stack, partial(noted, ascii_only, True))
    drawn = Sheet(view, labels, found, _names(view, found, ascii_only))
    return None if found.missing or found.unnoted or drawn.width > WIDEST else drawn


def _label(box: Box, ascii_only: bool) -> str:
    """What stands in a box: its name, then what it is, where its frame does not say so."""
    kind = box.block.removeprefix(box.kind).lstrip(", ") if box.kind in ("input", "output") else box.block
    said = [plain(kind, 30, ascii_only)] if kind else []
    said += [plain(box.badge.text, 20, ascii_only)] if box.badge else []
    return plain(box.label, 20, ascii_only) + (f"  {', '.join(said)}" if said else "")


def _names(view: View, found: Wired, ascii_only: bool) -> dict[int, str]:
    """The names of several axes by the line on which each stands."""
    if len(view.axes) < 2:
        return {}
    tops = {part.axis: min(found.column.spots[path].top for path in part.paths) for part in stretches(view)}
    return {top: plain(axis, 16, ascii_only) for axis, top in tops.items() if axis is not None}
