"""The page of an unfolded picture: strips above each other, lanes between them, names and arrows beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf

from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.wire_notes import pale
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import label, words
from leporello.graphs.drawing.scene.scene import Line, Note, Panel, Point, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.unfolded.asides import asides, lefts
from leporello.graphs.drawing.unfolded.bus_lines import BusLines
from leporello.graphs.drawing.unfolded.buses import bars, buses, depth, lane_heights, lanes
from leporello.graphs.drawing.unfolded.fans import FAN, NUMBERS, Fan, fan_of, roomy
from leporello.graphs.drawing.unfolded.focus import Focus
from leporello.graphs.drawing.unfolded.lane_names import lane_names
from leporello.graphs.drawing.unfolded.steps import DOTS, Copies, Stub, stub_label
from leporello.graphs.drawing.unfolded.strips import Strip, bus_of
from leporello.graphs.drawing.views.shown_values import ShownValues
from leporello.graphs.drawing.views.view import View


@dataclass
class Page:
    """The places of strips and lanes on the page, and what is drawn there."""

    view: View
    strips: Sequence[Strip]
    offsets: Mapping[str, int]
    facts: Mapping[str, str]
    focus: Focus | None
    values: ShownValues
    medium: Medium
    lines: list[Line] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    arrows: list[TimeArrow] = field(default_factory=list)

    def __post_init__(self) -> None:
        part_of = {path: i for i, one in enumerate(self.strips) for path in one.part.paths}
        self.aside = asides(self.strips, self.view.edges, part_of)
        self.buses = buses(self.view, part_of, self.aside)
        self.lanes = lanes(self.buses, len(self.strips))
        self.fans = self._fans()
        self._stack_strips()

    def window(self, low: float, high: float, top: float = -inf, foot: float = inf) -> Scene:
        """What lies between two places from left to right, and between two heights, of pictures that are too large
        to be had as a whole.
        """
        self._ends  # noqa: B018 - found once for all windows
        seen = copy(self)
        seen.lines, seen.notes, seen.panels, seen.arrows = [], [], [], []
        seen.copies = [replace(one, within=one.between(low, high), heights=(top, foot)) for one in self.copies]
        return seen.scene()

    def scene(self) -> Scene:
        """The whole picture."""
        for copies in self.copies:
            self.lines += copies.lines()
            self.notes += copies.notes()
            self.notes += [_dots(point) for point in copies.dots()]
        lines, notes = self._ends
        self.lines += lines
        self.notes += notes
        drawn = BusLines(self.copies, self.lanes, self.lane_y, self.margin, self.view, self.fans, self.medium)
        for bus in self.buses:
            drawn.draw(bus)
        self.lines += drawn.lines
        self.notes += drawn.notes
        column = max((one.wired.column.width * GRID for one in self.strips), default=0.0)
        end = self.start + column
        self.notes += lane_names(self.buses, drawn.lines, drawn.bars, self.lane_y, self.boxes, self.medium, end)
        for index in range(len(self.strips)):
            self._clock(index)
        figures = (*(figure for copies in self.copies for figure in copies.figures()), *drawn.figures)
        name = f"{plain(self.view.name)}, unfolded in time"
        heading = words(name, 60)
        width = max(self.width, heading.width(14) + 2 * self.medium.pad)
        if not self.medium.bare:
            self.notes.append(Note(Rectangle(width / 2, 20, heading.width(14), 16), heading, 14, bold=True))
        kept = (tuple(self.lines), tuple(self.notes), tuple(self.panels), tuple(drawn.bars), tuple(self.arrows))
        return Scene(width, self.height, name, "", figures, *kept)

    def _stack_strips(self) -> None:
        """The places of strips, from top to bottom, and of the lanes between them."""
        self.boxes = {box.path: box for box in self.view.boxes}
        through = [bus for bus in self.buses if bus.margin]
        medium, lanes_end = self.medium, self.medium.pad + self.medium.margin * len(through)
        self.margin = {bus.name: medium.pad + medium.margin * index for index, bus in enumerate(through)}
        rough = [Copies(one, self.boxes, self.offsets, (0, 0), self.facts, medium) for one in self.strips]
        texts = [(s.left, medium.wide(stub_label(s, c.strip.last, medium), 17)) for c in rough for s in c.stubs()]
        left, right = ([wide for side, wide in texts if side is which] for which in (True, False))
        jogs = max((sum(s.left for s in c.stubs()) for c in rough), default=0)
        self.start = lanes_end + (max(left) + medium.before + medium.jog * jogs if left else medium.room)
        aside = lefts(self.strips, self.buses, self.aside, medium)
        self.start = max([self.start, *(lanes_end - shift for shift in aside.values())])
        widest = max((one.width for one in self.strips), default=0.0)
        names = [medium.wide(medium.words(one.part.axis, 16), 13) + 24 for one in self.strips if one.part.axis]
        tail = max([*(wide + 44 for wide in right), *names, 0.0])
        self.width = self.start + widest + tail + medium.pad
        y, self.lane_y = medium.head, dict[tuple[str, int, bool], float]()
        places: dict[int, Copies] = {}
        for index in range(len(self.strips) - 1, -2, -1):
            fan = self._room(index)
            bare = 0 if index == len(self.strips) - 1 else medium.strip
            room = depth(self.lanes[index], medium, fan) if self.lanes[index] else bare
            for (name, first), at in lane_heights(self.lanes[index], y + room, medium, fan).items():
                self.lane_y[name, index, first] = at
            y += room
            if index >= 0:
                one = self.strips[index]
                origin = (self.start + aside.get(index, 0.0), y)
                places[index] = Copies(one, self.boxes, self.offsets, origin, self.facts, medium)
                y += one.height + (medium.clock if one.part.axis else 0)
        self.copies = [places[index] for index in range(len(self.strips))]
        self.height = y + 16

    def _fans(self) -> dict[str, Fan]:
        """The attention that is looked at, by the bus of its memory."""
        found = {}
        for bus in self.buses:
            readers = [e.target for e in self.view.edges if bus.gathers and bus_of(e) == bus.name]
            fan = fan_of(self.view, readers, self.focus, self.values.attention)
            if fan and bus.above is not None and roomy(fan, bus.name, self.strips[bus.above]):
                found[bus.name] = fan
        return found

    @property
    def lost(self) -> int:
        """The number of wires that found no way."""
        return sum(len(one.wired.missing) for one in self.strips)

    @property
    def attended(self) -> frozenset[str]:
        """The copies that the step in focus attends to most."""
        sources = {bus.name: bus.edge.source for bus in self.buses}
        return frozenset().union(*(fan.attended(sources[name]) for name, fan in self.fans.items()))

    def _room(self, index: int) -> tuple[float, float]:
        """How much room above and below its bar a gap needs for a fan."""
        bar = bars(self.lanes[index])
        fan = self.fans.get(bar.bus.name) if bar else None
        passed = self.strips[index + 1].height if index + 1 in self.aside else 0
        return (max(FAN - passed, 0), NUMBERS if fan.weights else 0) if fan else (0, 0)

    @cached_property
    def _ends(self) -> tuple[list[Line], list[Note]]:
        """Initial values: wires and names beside the first column (or the last)."""
        seen = copy(self)
        seen.lines, seen.notes = [], []
        for copies in self.copies:
            seen._stubs(copies)
        return seen.lines, seen.notes

    def _stubs(self, copies: Copies) -> None:
        """Initial values of a strip, their names apart from each other and from words that reach out of its columns."""
        self.lines += [stub.line for stub, cut in copies.ends() if not cut]
        count = len(copies.strip.steps)
        for left in (True, False):
            stubs = sorted({s.end[1]: s for s in copies.stubs() if s.left == left}.values(), key=lambda s: s.end[1])
            outermost = range(1) if left else range(count - 1, count)
            words = [note.place for note in replace(copies, within=outermost).notes()] if stubs else []
            y, jog = -1e9, 0
            for stub in stubs:
                y = max(stub.end[1], y + self.medium.apart)
                while any(self._name_of(copies, stub, y, jog + (y != stub.end[1])).meets(word) for word in words):
                    y += self.medium.apart
                jog += y != stub.end[1]
                self._stub(copies, stub, y, jog)
            kept = {stub.end[1] for stub in stubs}
            extra = [s for s in copies.stubs() if s.left == left and s not in stubs and s.end[1] in kept]
            self.lines += [stub.line for stub in extra]

    def _name_of(self, copies: Copies, stub: Stub, y: float, jog: int) -> Rectangle:
        """Where the name of an initial value stands, `jog` steps farther off than where it could."""
        medium, way = self.medium, -1 if stub.left else 1
        wide = medium.wide(stub_label(stub, copies.strip.last, medium), 17)
        far = stub.end[0] + way * (medium.stub + medium.jog * jog)
        return Rectangle(far + way * (medium.close + wide / 2), y, wide, min(18, medium.apart))

    def _stub(self, copies: Copies, stub: Stub, y: float, jog: int) -> None:
        way = -1 if stub.left else 1
        (x, at), *rest = stub.line.points
        medium, text = self.medium, stub_label(stub, copies.strip.last, self.medium)
        far = x + way * (medium.stub + medium.jog * jog)
        near = far - way * medium.jog
        bend: tuple[Point, ...] = ((far, at),) if y == at else ((far, y), (near, y), (near, at))
        self.lines.append(replace(stub.line, points=_straightened((*bend, *rest)) if rest else stub.line.points))
        place = self._name_of(copies, stub, y, jog)
        title = f"{plain(stub.box.path)}: initial value, {plain(stub.box.initial) if stub.box.initial else 'zeros'}"
        self.notes.append(pale(Note(place, text, 17, "ink", title=title), stub.edge))
        for bus in self.buses if stub.left else ():
            if stub.box.path in bus.starts:
                x_lane, lane = self.margin[bus.name], self.lane_y[bus.name, bus.home, True]
                points = ((x_lane, lane), (x_lane, y), (place.x - place.width / 2 - medium.close, y))
                ends, said = ("", f"{stub.box.path}@before"), f"{bus.name} to {text.text}"
                self.lines.append(Line(f"bus {bus.name}", points, "initial", True, said, ends=ends))

    def _clock(self, index: int) -> None:
        """The arrow of an axis below its strip, with a tick for every step."""
        copies = self.copies[index]
        one = copies.strip
        if one.part.axis is None:
            return
        y = copies.origin[1] + one.height + self.medium.arrow
        width = one.wired.column.width * GRID
        taken = [cells[0][0] * GRID for cells in one.wired.into.values()]
        wide = words(str(one.last)).width(13)
        lowest = [one.wired.column.spots[path].x * GRID for path in one.stack.rows[0]]
        middle = min(lowest, key=lambda x: abs(x - width / 2))
        at = _free(middle, taken, wide / 2 + 4, width)
        ticks = [] if self.medium.bare else [copies.shift(i)[0] + at for i in range(len(one.steps))]
        end = self.start + one.width + self.medium.close
        self.arrows.append(TimeArrow((self.start, y), end, tuple(ticks)))
        for tick, step in zip(ticks, one.steps, strict=not self.medium.bare):
            text = label(str(step))
            self.notes.append(Note(Rectangle(tick, y + 15, text.width(13), 14), text, 13))
        text = self.medium.words(one.part.axis, 16)
        wide = self.medium.wide(text, 13)
        place = Rectangle(end + self.medium.after + wide / 2, y, wide, min(14, self.medium.apart))
        self.notes.append(Note(place, text, 13, anchor="start"))
        if not self.medium.bare and sum(other.part.axis is not None for other in self.strips) > 1:
            top, foot = copies.origin[1] - 4, y + 26
            place = Rectangle((self.width + self.start) / 2 - 8, (top + foot) / 2, self.width - self.start, foot - top)
            self.panels.append(Panel(place))


def _free(middle: float, taken: Sequence[float], room: float, width: float) -> float:
    """The place nearest to the middle of a column that keeps its distance from what is taken."""
    places = [middle + side * step for step in range(0, int(width), 3) for side in (1, -1)]
    return next(
        (x for x in places if room < x < width - room and all(abs(x - other) >= room for other in taken)), middle
    )


def _straightened(points: tuple[Point, ...]) -> tuple[Point, ...]:
    kept: list[Point] = []
    for point in points:
        if len(kept) > 1 and (kept[-1][0] == kept[-2][0] == point[0] or kept[-1][1] == kept[-2][1] == point[1]):
            kept.pop()
        if not kept or kept[-1] != point:
            kept.append(point)
    return tuple(kept)


def _dots(point: Point) -> Note:
    return Note(Rectangle(point[0], point[1], 30, 14), DOTS, 18, bold=True)
