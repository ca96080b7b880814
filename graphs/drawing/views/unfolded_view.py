"""The unfolded picture: one copy of each box for each step, a delay becoming an edge from an earlier column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leporello.graphs.drawing.views.view import Box, Edge, Kind, View
from leporello.graphs.frozen import frozen

MOST = 12
ENDS = 3


@frozen
class BoxCopy:
    """A copy of a box: at a step, or (without one) standing for many steps or for what is outside of them."""

    path: str
    box: Box
    kind: Kind
    step: int | None = None


@frozen
class UnfoldedView:
    """The unfolded picture. `steps` lists for each axis the steps shown, `last` its last step."""

    view: View
    cells: tuple[BoxCopy, ...]
    edges: tuple[Edge, ...]
    steps: Mapping[str, tuple[int, ...]]
    last: Mapping[str, int]


def shown(length: int, focus: int | None = None) -> tuple[int, ...]:
    """The steps that are drawn out of 1 to `length`: all of them up to 12, else the first and last three.

    With a step in focus the first and last two, and that one between its neighbours.

    >>> shown(100000)
    (1, 2, 3, 99998, 99999, 100000)
    >>> shown(200, 90), shown(200, 5)
    ((1, 2, 89, 90, 91, 199, 200), (1, 2, 3, 4, 5, 6, 199, 200))
    """
    if length <= MOST:
        return tuple(range(1, length + 1))
    if focus is None:
        return (*range(1, ENDS + 1), *range(length - ENDS + 1, length + 1))
    kept = {step for step in (1, 2, focus - 1, focus, focus + 1, length - 1, length) if 1 <= step <= length}
    # Dots in place of one step would be as wide as the step.
    single = {step + 1 for step in kept if step + 2 in kept}
    return tuple(sorted(kept | single))


def unfolded(view: View, last: Mapping[str, int]) -> UnfoldedView:
    """The folded `view` pulled open over `last[axis]` steps of each axis.

    What is read from before the first step (or after the last) is a box of its own, once for each box read.
    A read of all steps goes through one box, so that the picture stays linear in the steps.
    """
    return _Unfolding(view, last, {axis: shown(last[axis]) for axis in view.axes}).picture()


@dataclass
class _Unfolding:
    view: View
    last: Mapping[str, int]
    steps: Mapping[str, tuple[int, ...]]
    cells: dict[str, BoxCopy] = field(default_factory=dict)
    edges: dict[Edge, None] = field(default_factory=dict)

    def picture(self) -> UnfoldedView:
        self.boxes = {box.path: box for box in self.view.boxes}
        for box in self.view.boxes:
            for step in self._copies(box):
                self._cell(box, "" if step is None else str(step), box.kind, step)
        for edge in self.view.edges:
            if edge.style != "initial":
                self._copy(edge)
        for edge in self.view.edges:
            if edge.style == "initial":
                self._start(edge)
        return UnfoldedView(self.view, tuple(self.cells.values()), tuple(self.edges), self.steps, self.last)

    def _copies(self, box: Box) -> tuple[int | None, ...]:
        return (None,) if box.axis is None else self.steps[box.axis]

    def _cell(self, box: Box, where: str, kind: Kind, step: int | None = None) -> str:
        path = f"{box.path}@{where}" if where else box.path
        self.cells.setdefault(path, BoxCopy(path, box, kind, step))
        return path

    def _copy(self, edge: Edge) -> None:
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        for step in self._copies(target):
            read = self._read(source, edge, step)
            reader = target.path if step is None else f"{target.path}@{step}"
            self.edges[Edge(read, reader, style=edge.style, label=edge.label, faint=edge.faint, port=edge.port)] = None
        self._go_on(edge, source, target)

    def _read(self, source: Box, edge: Edge, step: int | None) -> str:
        """The path of the cell that a reader at `step` reads."""
        if source.axis is None:
            return source.path
        last = self.last[source.axis]
        if edge.time.kind == "all" or (edge.time.kind == "t" and step is None):
            return self._every(source)
        base = step if edge.time.kind == "t" and step is not None else 1 if edge.time.kind == "first" else last
        at = base + edge.time.offset
        if not 1 <= at <= last:
            return self._cell(source, "before" if at < 1 else "after", "initial")
        return f"{source.path}@{at}" if at in self.steps[source.axis] else self._cell(source, "gap", "gap")

    def _every(self, source: Box) -> str:
        """One cell that stands for all steps of `source`."""
        every = self._cell(source, "all", "every")
        cells = [f"{source.path}@{step}" for step in self._copies(source)]
        if len(cells) < self.last[source.axis or ""]:
            cells.insert(ENDS, self._cell(source, "gap", "gap"))
        self.edges.update(dict.fromkeys(Edge(cell, every, style="all") for cell in cells))
        return every

    def _go_on(self, edge: Edge, source: Box, target: Box) -> None:
        """Late edges whose reader is not shown end in the dots of what they read."""
        if edge.time.kind != "t" or edge.time.offset == 0 or source.axis is None or target.axis != source.axis:
            return
        steps = self.steps[source.axis]
        for step in steps:
            reader = step - edge.time.offset
            if 1 <= reader <= self.last[source.axis] and reader not in steps:
                gap = self._cell(source, "gap", "gap")
                self.edges[Edge(f"{source.path}@{step}", gap, style=edge.style, faint=edge.faint)] = None

    def _start(self, edge: Edge) -> None:
        """What gives an initial value goes into the boxes outside of the steps, where there are any."""
        source = self.boxes[edge.source]
        for where in ("before", "after"):
            if f"{edge.target}@{where}" in self.cells:
                read = self._read(source, edge, None)
                self.edges[Edge(read, f"{edge.target}@{where}", style=edge.style)] = None
