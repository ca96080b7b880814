"""The copies of a strip's boxes and wires over its steps, with stubs where a wire comes from outside of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf

from leporello.graphs.drawing.column.figures import PALE, facts_title, figure, on_border
from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.requests import GridPoint
from leporello.graphs.drawing.column.wishes import net_of
from leporello.graphs.drawing.folded.folded_scene import drawn, moved
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import Label, Run
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Point
from leporello.graphs.drawing.unfolded.clipping import arriving, leaving
from leporello.graphs.drawing.unfolded.strips import GAP, Strip
from leporello.graphs.drawing.views.view import Box, Edge
from leporello.graphs.frozen import frozen

REACH = 8 * GRID
"""So far from the grid's cells of a wire its ends at the frames of boxes lie at most."""
DOTS = Label((Run("· · ·"),))


@frozen
class Stub:
    """A wire from before the first step or after the last: its line in the column, and what it carries."""

    edge: Edge
    box: Box
    line: Line
    left: bool

    @property
    def end(self) -> Point:
        """Where the stub meets the edge of the strip."""
        return self.line.points[0]


@frozen
class Copies:
    """A strip at its place in the picture: `origin` is its upper left corner.

    Only the columns `within` are wanted, and of these what lies between two heights of the picture.
    """

    strip: Strip
    boxes: Mapping[str, Box]
    references: Mapping[str, int]
    origin: Point
    facts: Mapping[str, str]
    medium: Medium
    within: range | None = None
    heights: tuple[float, float] = (-inf, inf)

    @property
    def columns(self) -> range:
        """The numbers of the columns that are wanted."""
        return range(len(self.strip.steps)) if self.within is None else self.within

    def between(self, low: float, high: float) -> range:
        """The numbers of the columns that reach between two places, with those beside them; none is left out."""
        wide = self.strip.wired.column.width * GRID
        first, last = (int((place - self.origin[0]) // wide) for place in (low, high))
        count = len(self.strip.steps)
        return range(min(max(first - 1, 0), count), max(min(last + 2, count), 0))

    def among(self, indices: Sequence[int]) -> list[int]:
        """Those of the columns that are wanted, and the outermost, which say how far wires go."""
        if self.within is None or len(indices) <= len(self.within) + 2:
            return list(indices)
        return [indices[0], *(index for index in self.within if indices[0] < index < indices[-1]), indices[-1]]

    def seen(self, top: float, foot: float, room: float = 0.0) -> bool:
        """Whether something between two heights of the column, and so much above and below it, is wanted."""
        low, high = self.heights
        return self.origin[1] + top - room <= high and self.origin[1] + foot + room >= low

    def shift(self, index: int) -> Point:
        """The corner of a column."""
        return self.origin[0] + self.strip.left(index), self.origin[1]

    def name(self, path: str, index: int, late: int = 0) -> str:
        """The name of a box's copy in a column, or so many steps later."""
        return path if self.strip.part.axis is None else f"{path}@{self.strip.steps[index] + late}"

    def _outside(self, path: str, late: int) -> str:
        return f"{path}@{'before' if late > 0 else 'after'}"

    def figures(self) -> Iterator[Figure]:
        """Every box at every step."""
        spots, forms = self.strip.wired.column.spots, self.strip.stack.forms
        middles = {path: spots[path].y * GRID for path in self.strip.part.paths}
        paths = [path for path, y in middles.items() if self.seen(y, y, forms[path].height * GRID)]
        for index in self.columns:
            step = self.strip.steps[index]
            for path in paths:
                box, said = self.boxes[path], ""
                if self.strip.part.axis is not None:
                    at = min(max(step + self.references.get(path, 0), 0), self.strip.last + 1)
                    said = str(at if path in self.references else step)
                title = facts_title(box, self.facts) + (f"\nstep {step}" if said else "")
                named = self.medium.named(box, said)
                made = figure(box, forms[path], spots[path], self.shift(index), said, title, named)
                yield replace(made, identity=f"{path}@{step}" if said else path)

    def notes(self) -> Iterator[Note]:
        """What stands on wires, at every step where the wire does."""
        for edge, notes in self.strip.wired.notes.items():
            wanted = [note for note in notes if self.seen(note.place.y, note.place.y, note.place.height)]
            for index in self.columns if wanted else ():
                for note in wanted:
                    if self._here(edge, index, note):
                        yield moved(note, self.shift(index))

    def _here(self, edge: Edge, index: int, note: Note) -> bool:
        """Whether the piece of a wire that carries a note is drawn from a column's copy of it."""
        if edge.time.kind != "t" or not edge.time.offset or edge.style == "initial":
            return True
        wide = self.strip.wired.column.width * GRID
        low, high = note.place.x - note.place.width / 2 - GAP / 3, note.place.x + note.place.width / 2 + GAP / 3
        if edge.time.offset < 0:
            return self._next(index) or (high < wide and self._goes_on(index, 1))
        return self._before(index) or (low > 0 and self._goes_on(index, -1))

    def _next(self, index: int) -> bool:
        steps = self.strip.steps
        return index + 1 < len(steps) and steps[index + 1] == steps[index] + 1

    def _before(self, index: int) -> bool:
        return index > 0 and self._next(index - 1)

    def _goes_on(self, index: int, way: int) -> bool:
        """Whether there is a step beyond a column that is not shown."""
        step = self.strip.steps[index]
        if way > 0:
            return step < self.strip.last and not self._next(index)
        return step > 1 and not self._before(index)

    def lines(self) -> Iterator[Line]:
        """Every wire between steps that are shown, and its halves beside the dots."""
        for edge, path in self.strip.wired.paths.items():
            ys = [y * GRID for _, y in path]
            if not self.seen(min(ys), max(ys), REACH):
                continue
            late = -edge.time.offset if self.strip.part.axis is not None else 0
            for index in self.columns:
                if not late or (self._next(index) if late > 0 else self._before(index)):
                    whole = drawn(edge, path, self.strip.stack, self.strip.wired, self.shift(index), late)
                    yield replace(whole, ends=(self.name(edge.source, index), self.name(edge.target, index, late)))
                elif self._goes_on(index, late):
                    yield from self._to_dots(edge, path, index, late)
                if late and self._goes_on(index, -late):
                    yield from self._from_dots(edge, path, index, late)

    def _edge(self, late: int) -> int:
        """The line between source's and reader's column on the grid."""
        return self.strip.wired.column.width if late > 0 else 0

    def _to_dots(self, edge: Edge, path: Sequence[GridPoint], index: int, late: int) -> Iterator[Line]:
        cut = leaving(path, self._edge(late))
        if cut:
            whole = drawn(edge, path, self.strip.stack, self.strip.wired, self.shift(index), late)
            points = _pixels(cut, self.shift(index))
            end = (points[-1][0] + late * self.medium.reach, points[-1][1])
            points = [*self._begin(whole, cut, points), end]
            ends = (self.name(edge.source, index), self.name(edge.target, index, late))
            yield replace(whole, points=tuple(points), arrow=False, ends=ends)

    def _begin(self, whole: Line, cut: Sequence[GridPoint], points: Sequence[Point]) -> list[Point]:
        return [whole.points[0], *points[1:-1]] if len(cut) > 1 else [whole.points[0]]

    def _from_dots(self, edge: Edge, path: Sequence[GridPoint], index: int, late: int) -> Iterator[Line]:
        line, cut = self._arriving(edge, path, index, late)
        (x, y), *rest = line.points
        points = ((x - late * self.medium.reach, y), *rest) if cut else line.points
        yield replace(line, points=points, ends=(self.name(edge.source, index, -late), line.ends[1]))

    def _arriving(self, edge: Edge, path: Sequence[GridPoint], index: int, late: int) -> tuple[Line, bool]:
        """The piece of a wire in its reader's column, number `index`, and whether it was cut at the edge."""
        wide = self.strip.wired.column.width
        spots, forms = self.strip.wired.column.spots, self.strip.stack.forms
        cut, (left, top) = arriving(path, self._edge(late)), self.shift(index)
        cells = [(x - late * wide, y) for x, y in (cut or path)]
        points = _pixels(cells, (left, top))
        x, y = on_border(cells[-1], forms[edge.target], spots[edge.target])
        title = f"{plain(edge.source)}{edge.time} to {plain(edge.target)}"
        ends = (*points[:-1], (x + left, y + top))
        opacity = PALE if edge.faint else 1.0
        joined = (self._outside(edge.source, late), self.name(edge.target, index))
        return Line(net_of(edge), ends, edge.style, True, title, opacity=opacity, ends=joined), cut is not None

    def ends(self) -> Iterator[tuple[Stub, bool]]:
        """Wires into the first column (backward: into the last), and whether they come from outside of it."""
        for edge, path in self.strip.wired.paths.items():
            late = -edge.time.offset if self.strip.part.axis is not None else 0
            if late:
                line, cut = self._arriving(edge, path, 0 if late > 0 else len(self.strip.steps) - 1, late)
                yield Stub(edge, self.boxes[edge.source], line, late > 0), cut

    def stubs(self) -> list[Stub]:
        """Wires that come from before the first step, and from after the last."""
        return [stub for stub, cut in self.ends() if cut]

    def dots(self) -> Iterator[Point]:
        """Where dots stand for the steps that are left out."""
        heights = {
            cut[0][1]
            for edge, path in self.strip.wired.paths.items()
            if edge.time.offset and (cut := arriving(path, self._edge(-edge.time.offset)))
        }
        apart: list[int] = []
        for y in sorted(heights) or [self.strip.wired.column.height // 2]:
            if not apart or y - apart[-1] >= 2:
                apart.append(y)
        for gap in self.strip.gaps:
            x = self.shift(gap)[0] + self.strip.wired.column.width * GRID + GAP / 2
            yield from ((x, self.origin[1] + y * GRID) for y in apart)


def _pixels(cells: Sequence[GridPoint], shift: Point) -> list[Point]:
    return [(x * GRID + shift[0], y * GRID + shift[1]) for x, y in cells]


def stub_label(stub: Stub, last: int, medium: Medium) -> Label:
    """The name of an initial value: h with 0, or with the step after the last."""
    named = medium.named(stub.box, "0" if stub.left else str(last + 1))
    said = stub.box.initial
    if said and said.replace(".", "").replace("-", "").isdigit():
        return Label((*named.runs, Run(f" = {said}")), named.serif)
    return named
