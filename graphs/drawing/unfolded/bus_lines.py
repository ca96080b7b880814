"""The wires of the buses: from the columns of a source to its lane, and from lanes to the columns that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from leporello.graphs.drawing.column.figures import PALE, on_border
from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.scene.scene import Bar, Figure, Line, Note, Point, Rectangle
from leporello.graphs.drawing.unfolded.buses import Bus, Lane, bars, shown_columns
from leporello.graphs.drawing.unfolded.fans import FAN, NUMBERS, ROUND, Fan
from leporello.graphs.drawing.unfolded.steps import Copies
from leporello.graphs.drawing.views.view import View


@dataclass
class BusLines:
    """Draws buses: `lane_y` is where each lane lies (by bus, gap, and whether at its own strip), `margin` their x."""

    copies: Sequence[Copies]
    lanes: Mapping[int, Sequence[Lane]]
    lane_y: Mapping[tuple[str, int, bool], float]
    margin: Mapping[str, float]
    view: View
    fans: Mapping[str, Fan]
    medium: Medium
    lines: list[Line] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def draw(self, bus: Bus) -> None:
        """A bus: from its source's columns to its lane, and from its lanes to its readers."""
        begun = len(self.lines)
        self._draw(bus)
        if bus.faint:
            self.lines[begun:] = [replace(line, opacity=PALE) for line in self.lines[begun:]]

    def _draw(self, bus: Bus) -> None:
        home, lane = self.copies[bus.home], self._first_lane(bus)
        style, net = bus.edge.style, f"bus {bus.name}"
        bar = bars(self.lanes[bus.home])
        gathered = bar is not None and bar.bus is bus
        reach, fan = self.medium.bar / 2 if gathered else 0.0, self.fans.get(bus.name) if gathered else None
        xs, columns = [], dict[int, float]()
        for index in home.among(shown_columns(bus, home.strip)):
            points = self._out(home, bus, index)
            if points:
                xs.append(points[-1][0])
                columns[home.strip.steps[index]] = points[-1][0]
                whole = (*points, (points[-1][0], lane + reach))
                ends = (home.name(bus.edge.source, index), "")
                self.lines.append(Line(net, whole, style, False, bus.name, ends=ends))
        if bus.above is not None:
            xs += self._into(bus, bus.above, lane - reach)
        aside = self._into(bus, bus.beside, lane) if bus.beside is not None else []
        if fan:
            self._fan(fan, bus, lane, columns)
        if gathered and xs:
            port = f".{plain(bus.edge.port)}" if bus.edge.port else ""
            text = self.medium.words(f"all steps of {plain(home.boxes[bus.edge.source].label)}{port}", 60)
            text = fan.title(self.view) if fan else text
            end, wide = self.medium.end, self.medium.wide(text, 13) + 2 * self.medium.close
            low, high = min(xs) - end, max(max(xs) + end, min(xs) + wide)
            self.bars.append(Bar(net, Rectangle((low + high) / 2, lane, high - low, 2 * reach), text, f"{bus.name}"))
            xs = [low] if bus.margin or aside else []
        xs += aside
        if bus.margin and xs:
            xs.append(self.margin[bus.name])
        if len(set(xs)) > 1:
            self.lines.append(Line(net, ((max(xs), lane), (min(xs), lane)), style, False, bus.name))
        self._pass(bus, net, lane)

    def _fan(self, fan: Fan, bus: Bus, lane: float, columns: Mapping[int, float]) -> None:
        """The sums above a bar, the curves that lead to them, and the weights below it."""
        bar = self.medium.bar / 2
        above, net = lane - bar - FAN, f"bus {bus.name}"
        sums: dict[int, tuple[float, float]] = {}
        for number, line in enumerate(self.lines):
            path, _, step = line.ends[1].rpartition("@")
            if line.net == net and path == fan.box.path:
                (x, _), *rest = line.points
                sums[int(step)] = (x, above + ROUND / 2)
                self.lines[number] = replace(
                    line, points=((x, above), *rest), ends=(f"{path}/sum@{step}", line.ends[1])
                )
        self.lines += fan.curves(f"fan {bus.name}", sums, lane - bar, columns)
        self.figures += fan.figures(sums)
        self.notes += fan.numbers(lane + bar + NUMBERS / 2, columns)
        for number, line in enumerate(self.lines):
            weight = fan.weight(fan.focus.step, int(line.ends[0].rpartition("@")[2])) if _out_of(line, net) else None
            if weight is not None:
                self.lines[number] = replace(line, weight=0.7 + 2.2 * weight, opacity=0.35 + 0.65 * weight)

    def _first_lane(self, bus: Bus) -> float:
        return self.lane_y[bus.name, bus.home, True]

    def _pass(self, bus: Bus, net: str, lane: float) -> None:
        """Through the margin to strips that do not lie right above the bus's own."""
        for reader in bus.far:
            there, x = self.lane_y[bus.name, reader - 1, False], self.margin[bus.name]
            ends = self._into(bus, reader, there)
            if ends:
                points = ((x, lane), (x, there), (max(ends), there))
                self.lines.append(Line(net, points, bus.edge.style, False, bus.name))

    def _out(self, home: Copies, bus: Bus, index: int) -> list[Point]:
        cells = home.strip.wired.out.get(bus.name)
        if not cells:
            return []
        left, top = home.shift(index)
        points = [(x * GRID + left, y * GRID + top) for x, y in cells]
        spot, form = home.strip.wired.column.spots[bus.edge.source], home.strip.stack.forms[bus.edge.source]
        x, y = on_border(cells[0], form, spot)
        return [(x + left, y + top), *points[1:]]

    def _into(self, bus: Bus, reader: int, lane: float) -> list[float]:
        """The wires from a lane up to every step of the readers; gives where they leave the lane."""
        copies, xs = self.copies[reader], []
        for (name, edge), cells in copies.strip.wired.into.items():
            if name != bus.name:
                continue
            for index in copies.among(range(len(copies.strip.steps))):
                left, top = copies.shift(index)
                points = [(x * GRID + left, y * GRID + top) for x, y in cells]
                x, y = on_border(
                    cells[-1], copies.strip.stack.forms[edge.target], copies.strip.wired.column.spots[edge.target]
                )
                begin = (points[0][0], lane)
                line = (begin, *points[1:-1], (x + left, y + top))
                ends, title = ("", copies.name(edge.target, index)), f"{name} to {plain(edge.target)}"
                self.lines.append(Line(f"bus {name}", line, edge.style, True, title, ends=ends))
                xs.append(begin[0])
        return xs


def _out_of(line: Line, net: str) -> bool:
    """Whether a wire leads from a step of what is gathered to its bar."""
    return line.net == net and bool(line.ends[0]) and not line.ends[1]
