"""The unfolded picture as a scene: each strip's column side by side, lanes between the strips, stubs at their ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leporello.graphs.drawing.asides import asides, lefts
from leporello.graphs.drawing.bus_lines import BusLines
from leporello.graphs.drawing.buses import bars, buses, depth, lane_heights, lanes
from leporello.graphs.drawing.description import description
from leporello.graphs.drawing.fans import FAN, NUMBERS, Fan, fan_of, roomy
from leporello.graphs.drawing.focus import Focus, focused
from leporello.graphs.drawing.folded_scene import pale
from leporello.graphs.drawing.grids import with_grids
from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.lettering import label, words
from leporello.graphs.drawing.placement import GRID
from leporello.graphs.drawing.references import MARK, referred, with_references
from leporello.graphs.drawing.scene import Line, Note, Panel, Point, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.steps import DOTS, Copies, Stub, stub_label
from leporello.graphs.drawing.stretches import Stretch, stretches
from leporello.graphs.drawing.strips import Strip, bus_of, missing, strip
from leporello.graphs.drawing.unfolding import shown
from leporello.graphs.drawing.values import NONE, Values
from leporello.graphs.drawing.view import View
from leporello.graphs.drawing.words import with_words

PAD, HEADING, CLOCK, MARGIN_LANE, APART = 24.0, 40.0, 40.0, 14.0, 22.0


def unfolded_scene(
    view: View, last: Mapping[str, int], facts: Mapping[str, str], focus: Focus | None = None, values: Values = NONE
) -> Scene:
    """The view unfolded over `last[axis]` steps of each axis.

    `facts` adds a line to the hover text of a box, `focus` is a step that is looked at, `values` what flows.
    """
    written = view
    view, offsets = _shortened(referred(view))
    strips = _strips(view, written, last, focus)
    for _ in range(2):
        if not missing(strips):
            break
        before = {box.path for box in view.boxes}
        late = {e: e.time.offset for e in missing(strips) if not e.source.startswith(MARK)}
        view = with_references(view, late)
        added = [box.path for box in view.boxes if box.path not in before]
        offsets |= dict(zip(added, late.values(), strict=True))
        strips = _strips(view, written, last, focus)
    page = _Page(view, strips, offsets, facts, focus, values)
    made = page.scene()
    made = replace(made, figures=tuple(replace(f, strong=f.identity in page.attended) for f in made.figures))
    looked = page.attended | (
        {f"{box.path}@{focus.step}" for box in view.boxes if box.axis == focus.axis} if focus else set()
    )
    made = with_words(made, values.words, _with_inputs(view, looked)) if values.words else made
    made = focused(made, view, focus) if focus else made
    return replace(with_grids(made, view, values, focus), description=description(written, last))


def _shortened(view: View) -> tuple[View, dict[str, int]]:
    """References in place of delays of two and more, with how late each is."""
    clock = {box.path: box.axis for box in view.boxes}
    known = {box.path for box in view.boxes}
    far = [
        e for e in view.edges if abs(e.time.offset) > 1 and e.time.kind == "t" and clock[e.source] == clock[e.target]
    ]
    found = with_references(view, far)
    added = [box.path for box in found.boxes if box.path not in known]
    offsets = dict(zip(added, (edge.time.offset for edge in dict.fromkeys(far)), strict=True))
    names = dict(zip(added, (edge.source for edge in dict.fromkeys(far)), strict=True))
    labels = {box.path: box.label for box in view.boxes}
    boxes = tuple(replace(b, label=labels[names[b.path]]) if b.path in names else b for b in found.boxes)
    return replace(found, boxes=boxes), offsets


def _strips(view: View, written: View, last: Mapping[str, int], focus: Focus | None) -> list[Strip]:
    """The strips from the bottom; those with an axis share the width of their columns where they can."""
    parts = stretches(view)
    part_of = {path: index for index, part in enumerate(parts) for path in part.paths}

    def made(part: Stretch, least: int) -> Strip:
        end = last[part.axis] if part.axis else 1
        looked = focus.step if focus and focus.axis == part.axis else None
        steps = shown(end, looked) if part.axis else (1,)
        return strip(view, written, part, part_of, steps, end, least)

    first = [made(part, 0) for part in parts]
    widest = max((one.wired.column.width for one in first if one.part.axis), default=0)
    alike = [one.part.axis is None or one.wired.column.width == widest for one in first]
    return [one if same else made(one.part, widest) for one, same in zip(first, alike, strict=True)]


@dataclass
class _Page:
    """The places of strips and lanes on the page, and what is drawn there."""

    view: View
    strips: Sequence[Strip]
    offsets: Mapping[str, int]
    facts: Mapping[str, str]
    focus: Focus | None
    values: Values
    lines: list[Line] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    arrows: list[TimeArrow] = field(default_factory=list)

    def scene(self) -> Scene:
        """The whole picture."""
        part_of = {path: i for i, one in enumerate(self.strips) for path in one.part.paths}
        self.aside = asides(self.strips, self.view.edges, part_of)
        self.buses = buses(self.view, part_of, self.aside)
        self.lanes = lanes(self.buses, len(self.strips))
        self.fans = self._fans()
        self._stack_strips()
        for copies in self.copies:
            self.lines += copies.lines()
            self.notes += copies.notes()
            self.notes += [_dots(point) for point in copies.dots()]
        for copies in self.copies:
            self._stubs(copies)
        drawn = BusLines(self.copies, self.lanes, self.lane_y, self.margin, self.view, self.fans)
        for bus in self.buses:
            drawn.draw(bus)
        self.lines += drawn.lines
        self.notes += drawn.notes
        for index in range(len(self.strips)):
            self._clock(index)
        figures = (*(figure for copies in self.copies for figure in copies.figures()), *drawn.figures)
        heading = words(plain(self.view.name) + ", unfolded in time", 60)
        width = max(self.width, heading.width(14) + 2 * PAD)
        self.notes.append(Note(Rectangle(width / 2, 20, heading.width(14), 16), heading, 14, bold=True))
        name = f"{plain(self.view.name)}, unfolded in time"
        kept = (tuple(self.lines), tuple(self.notes), tuple(self.panels), tuple(drawn.bars), tuple(self.arrows))
        return Scene(width, self.height, name, "", figures, *kept)

    def _stack_strips(self) -> None:
        """The places of strips, from top to bottom, and of the lanes between them."""
        self.boxes = {box.path: box for box in self.view.boxes}
        through = [bus for bus in self.buses if bus.margin]
        self.margin = {bus.name: PAD + MARGIN_LANE * index for index, bus in enumerate(through)}
        rough = [Copies(one, self.boxes, self.offsets, (0, 0), self.facts) for one in self.strips]
        left = [stub_label(s, c.strip.last).width(17) for c in rough for s in c.stubs() if s.left]
        right = [stub_label(s, c.strip.last).width(17) for c in rough for s in c.stubs() if not s.left]
        jogs = max((sum(s.left for s in c.stubs()) for c in rough), default=0)
        self.start = PAD + MARGIN_LANE * len(through) + (max(left) + 30 + 8 * jogs if left else 12)
        aside = lefts(self.strips, self.buses, self.aside)
        self.start = max([self.start, *(PAD + MARGIN_LANE * len(through) - shift for shift in aside.values())])
        widest = max((one.width for one in self.strips), default=0.0)
        names = [words(one.part.axis, 16).width(13) + 24 for one in self.strips if one.part.axis]
        tail = max([*(wide + 44 for wide in right), *names, 0.0])
        self.width = self.start + widest + tail + PAD
        y, self.lane_y = HEADING, dict[tuple[str, int, bool], float]()
        places: dict[int, Copies] = {}
        for index in range(len(self.strips) - 1, -2, -1):
            fan = self._room(index)
            room = depth(self.lanes[index], fan) if self.lanes[index] else (0 if index == len(self.strips) - 1 else 18)
            for (name, first), at in lane_heights(self.lanes[index], y + room, fan).items():
                self.lane_y[name, index, first] = at
            y += room
            if index >= 0:
                one = self.strips[index]
                places[index] = Copies(
                    one, self.boxes, self.offsets, (self.start + aside.get(index, 0.0), y), self.facts
                )
                y += one.height + (CLOCK if one.part.axis else 0)
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

    def _stubs(self, copies: Copies) -> None:
        """Initial values: their names beside the first column (or the last), apart from each other."""
        self.lines += [stub.line for stub, cut in copies.ends() if not cut]
        for left in (True, False):
            stubs = sorted({s.end[1]: s for s in copies.stubs() if s.left == left}.values(), key=lambda s: s.end[1])
            y, jog = -1e9, 0
            for stub in stubs:
                y = max(stub.end[1], y + APART)
                jog += y != stub.end[1]
                self._stub(copies, stub, y, jog)
            kept = {stub.end[1] for stub in stubs}
            extra = [s for s in copies.stubs() if s.left == left and s not in stubs and s.end[1] in kept]
            self.lines += [stub.line for stub in extra]

    def _stub(self, copies: Copies, stub: Stub, y: float, jog: int) -> None:
        way = -1 if stub.left else 1
        (x, at), *rest = stub.line.points
        text = stub_label(stub, copies.strip.last)
        wide = text.width(17)
        far = x + way * (14 + 8 * jog)
        bend: tuple[Point, ...] = ((far, at),) if y == at else ((far, y), (far - way * 8, y), (far - way * 8, at))
        self.lines.append(replace(stub.line, points=_straightened((*bend, *rest)) if rest else stub.line.points))
        middle = far + way * (4 + wide / 2)
        title = f"{plain(stub.box.path)}: initial value, {plain(stub.box.initial) if stub.box.initial else 'zeros'}"
        self.notes.append(pale(Note(Rectangle(middle, y, wide, 18), text, 17, "ink", title=title), stub.edge))
        for bus in self.buses if stub.left else ():
            if stub.box.path in bus.starts:
                x_lane, lane = self.margin[bus.name], self.lane_y[bus.name, bus.home, True]
                points = ((x_lane, lane), (x_lane, y), (middle - wide / 2 - 4, y))
                ends, said = ("", f"{stub.box.path}@before"), f"{bus.name} to {text.text}"
                self.lines.append(Line(f"bus {bus.name}", points, "initial", True, said, ends=ends))

    def _clock(self, index: int) -> None:
        """The arrow of an axis below its strip, with a tick for every step."""
        copies = self.copies[index]
        one = copies.strip
        if one.part.axis is None:
            return
        y = copies.origin[1] + one.height + 10
        width = one.wired.column.width * GRID
        taken = [cells[0][0] * GRID for cells in one.wired.into.values()]
        wide = words(str(one.last)).width(13)
        lowest = [one.wired.column.spots[path].x * GRID for path in one.stack.rows[0]]
        middle = min(lowest, key=lambda x: abs(x - width / 2))
        at = _free(middle, taken, wide / 2 + 4, width)
        ticks = [copies.shift(i)[0] + at for i in range(len(one.steps))]
        end = self.start + one.width + 4
        self.arrows.append(TimeArrow((self.start, y), end, tuple(ticks)))
        for tick, step in zip(ticks, one.steps, strict=True):
            text = label(str(step))
            self.notes.append(Note(Rectangle(tick, y + 15, text.width(13), 14), text, 13))
        text = words(one.part.axis, 16)
        self.notes.append(
            Note(Rectangle(end + 8 + text.width(13) / 2, y, text.width(13), 14), text, 13, anchor="start")
        )
        if sum(other.part.axis is not None for other in self.strips) > 1:
            top, foot = copies.origin[1] - 4, y + 26
            place = Rectangle((self.width + self.start) / 2 - 8, (top + foot) / 2, self.width - self.start, foot - top)
            self.panels.append(Panel(place))


def _with_inputs(view: View, looked: Collection[str]) -> frozenset[str]:
    """What is looked at, and the inputs of the same steps on its axes."""
    axis = {box.path: box.axis for box in view.boxes}
    steps = {(axis.get(path), step) for path, _, step in (name.rpartition("@") for name in looked)}
    inputs = {f"{b.path}@{step}" for b in view.boxes for own, step in steps if b.kind == "input" and b.axis == own}
    return frozenset(inputs) | frozenset(looked)


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
