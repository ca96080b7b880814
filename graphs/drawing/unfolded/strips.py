"""The strip of one time axis in the unfolded picture: one column routed once, and the places of its copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from leporello.graphs.drawing.column.figures import wide_enough
from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.wired import Draft, Wired
from leporello.graphs.drawing.column.wishes import ColumnPlan
from leporello.graphs.drawing.folded.folded_scene import lean, ordered
from leporello.graphs.drawing.views.stretches import Stretch
from leporello.graphs.drawing.views.view import Edge, View
from leporello.graphs.frozen import frozen

GAP = 8 * GRID
"""The width of the dots that stand for steps which are left out."""


@frozen
class Strip:
    """One band: its column, wired, and the steps that are shown (one column without number where it has no axis)."""

    part: Stretch
    stack: ColumnPlan
    wired: Wired
    steps: Sequence[int]
    last: int

    @property
    def width(self) -> float:
        """All columns side by side, in pixels."""
        return self.left(len(self.steps) - 1) + self.wired.column.width * GRID

    @property
    def height(self) -> float:
        """In pixels."""
        return self.wired.column.height * GRID

    def left(self, index: int) -> float:
        """Where the column with a number begins."""
        return index * self.wired.column.width * GRID + GAP * sum(index > gap for gap in self.gaps)

    @cached_property
    def gaps(self) -> tuple[int, ...]:
        """The numbers of the columns after which steps are left out."""
        if isinstance(self.steps, range):
            return ()
        pairs = enumerate(zip(self.steps, self.steps[1:], strict=False))
        return tuple(index for index, (step, following) in pairs if following != step + 1)


def crosses(edge: Edge, part_of: Mapping[str, int]) -> bool:
    """Whether a wire leaves its strip: to another axis, or to all steps of its own."""
    return part_of[edge.source] != part_of[edge.target] or edge.time.kind != "t" or edge.style == "initial"


def bus_of(edge: Edge) -> str:
    """The name of what gathers a box's values for readers elsewhere."""
    port = f".{edge.port}" if edge.port else ""
    return f"{edge.source}{port}{edge.time}" + (" initial" if edge.style == "initial" else "")


def planned(
    view: View, written: View, part: Stretch, part_of: Mapping[str, int], last: int, medium: Medium
) -> ColumnPlan:
    """What is to be placed in the column of a stretch of the view, its rows as `written`."""
    inside = set(part.paths)
    rows = [kept for row in ordered(view, written) if (kept := [path for path in row if path in inside])]
    longest = str(last + 1) if part.axis else ""
    forms = {b.path: medium.form(b, not part.axis, longest) for b in view.boxes if b.path in inside}
    own = [e for e in view.edges if e.source in inside and not crosses(e, part_of)]
    out = dict.fromkeys((bus_of(e), e.source) for e in view.edges if e.source in inside and crosses(e, part_of))
    into = {
        (bus_of(e), e.target): (bus_of(e), e)
        for e in view.edges
        if e.target in inside and crosses(e, part_of) and e.style != "initial"
    }
    leans = {path: by for path, by in lean(view).items() if path in inside}
    sides = (tuple(out), tuple(into.values()))
    wide = wide_enough(forms, view.edges)
    return ColumnPlan(rows, wide, own, leans, *sides, near=view.near, periodic=part.axis is not None, gaps=medium.gaps)


def missing(found: Sequence[Draft]) -> list[Edge]:
    """The wires that found no way."""
    return [edge for one in found for edge in one.wired().missing]
