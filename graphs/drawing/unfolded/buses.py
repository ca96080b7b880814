"""Lanes between the strips: what is read by other axes runs here and in the margin, where no box stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.unfolded.strips import Strip, bus_of, crosses
from leporello.graphs.drawing.views.view import Edge, View
from leporello.graphs.frozen import frozen


@frozen
class Bus:
    """A value that leaves its strip: its source, and the strips (by number, from the bottom) that read it.

    `above` is the strip over its own, and `beside` the one beside the bar between them, where they read its own lane.
    """

    name: str
    edge: Edge
    home: int
    readers: tuple[int, ...]
    starts: tuple[str, ...] = ()
    faint: bool = False
    above: int | None = None
    beside: int | None = None

    @property
    def far(self) -> tuple[int, ...]:
        """The readers that it comes to through the margin."""
        return tuple(reader for reader in self.readers if reader not in (self.above, self.beside))

    @property
    def margin(self) -> bool:
        """Whether it runs through the margin."""
        return bool(self.starts or self.far)

    @property
    def gathers(self) -> bool:
        """Whether it brings all steps straight to the strip above."""
        return self.edge.style == "all" and self.above is not None


@frozen
class Lane:
    """A level piece of a bus in the gap above a strip (-1: below the lowest); `first` at its own strip."""

    bus: Bus
    gap: int
    first: bool


def buses(view: View, part_of: Mapping[str, int], aside: Collection[int] = ()) -> list[Bus]:
    """The buses of a view; the strips `aside` stand beside a bar, so that the strip above them reads it straight."""
    attention = {box.path for box in view.boxes if box.kind == "attention"}
    attended = {bus_of(edge) for edge in view.edges if edge.target in attention}
    found: dict[str, list[Edge]] = {}
    for edge in view.edges:
        if crosses(edge, part_of):
            found.setdefault(bus_of(edge), []).append(edge)
    made = []
    for name, edges in found.items():
        prompt = [edge for edge in edges if edge.style != "initial"]
        readers = tuple(dict.fromkeys(part_of[edge.target] for edge in prompt))
        starts = tuple(dict.fromkeys(edge.target for edge in edges if edge.style == "initial"))
        faint = all(edge.faint for edge in edges)
        home = part_of[edges[0].source]
        over = home + (2 if home + 1 in aside else 1)
        above, by = (reader if reader in readers else None for reader in (over, home + 1))
        made.append(Bus(name, edges[0], home, readers, starts, faint, above, by if over > home + 1 else None))
    # One bar has a gap to itself: what else the strip above reads of the same strip goes around it.
    memories = {bus.home: bus.name for bus in sorted(made, key=lambda bus: bus.name in attended) if bus.gathers}
    return [replace(bus, above=None) if bus.name != memories.get(bus.home, bus.name) else bus for bus in made]


def lanes(found: Sequence[Bus], count: int) -> dict[int, list[Lane]]:
    """The lanes of every gap from its foot: single steps first, then what gathers all steps, then what passes."""
    gaps: dict[int, list[Lane]] = {gap: [] for gap in range(-1, count)}
    for bus in sorted(found, key=lambda bus: (bus.edge.style == "all", bus.gathers)):
        gaps[bus.home].append(Lane(bus, bus.home, True))
    for bus in found:
        for reader in bus.far:
            gaps[reader - 1].append(Lane(bus, reader - 1, False))
    return gaps


def bars(lanes_of: Sequence[Lane]) -> Lane | None:
    """The lane that may be drawn as a bar: nothing but its own wires meets it."""
    first = [lane for lane in lanes_of if lane.first]
    if not first or first[-1].bus.edge.style != "all":
        return None
    crossed = any(lane.bus.above is not None for lane in first[:-1])
    return None if crossed else first[-1]


def depth(lanes_of: Sequence[Lane], medium: Medium, fan: tuple[float, float] = (0, 0)) -> float:
    """The height of a gap; `fan` are the heights above and below its bar that a fan takes."""
    return medium.lane * (len(lanes_of) + 1) + (medium.bar + sum(fan) if bars(lanes_of) else 0)


def lane_heights(
    lanes_of: Sequence[Lane], foot: float, medium: Medium, fan: tuple[float, float] = (0, 0)
) -> dict[tuple[str, bool], float]:
    """Where every lane lies, upwards from `foot`."""
    found, y, bar = {}, foot, bars(lanes_of)
    for lane in lanes_of:
        y -= medium.lane + (medium.bar / 2 + fan[1] if lane is bar else 0)
        found[lane.bus.name, lane.first] = y
        y -= medium.bar / 2 + fan[0] if lane is bar else 0
    return found


def shown_columns(bus: Bus, strip: Strip) -> Sequence[int]:
    """The columns of the source's strip from which the bus takes values."""
    time = bus.edge.time
    if time.kind == "t" and strip.part.axis is None:
        return [0]
    if time.kind == "all" or time.kind == "t":
        return range(len(strip.steps))
    at = (1 if time.kind == "first" else strip.last) + time.offset
    at = min(max(at, 1), strip.last)
    return [strip.steps.index(at) if at in strip.steps else len(strip.steps) - 1]
