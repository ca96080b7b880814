"""The names of lanes that bring all steps of a value without a bar: on the lane, before its first column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from leporello.graphs.drawing.column.media import Medium
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.scene.scene import Bar, Line, Note, Rectangle
from leporello.graphs.drawing.unfolded.buses import Bus
from leporello.graphs.drawing.views.view import Box

SIZE, HIGH = 11.0, 14.0
_APART = 4.0


def lane_names(
    buses: Sequence[Bus],
    lines: Sequence[Line],
    bars: Iterable[Bar],
    lane_y: Mapping[tuple[str, int, bool], float],
    boxes: Mapping[str, Box],
    medium: Medium,
    end: float,
) -> Iterator[Note]:
    """A name for each lane that has room for it left of `end`; `lane_y` is where lanes lie, `lines` are all wires."""
    barred = {bar.net for bar in bars}
    for bus in buses:
        net = f"bus {bus.name}"
        if bus.edge.style == "all" and net not in barred:
            port = f".{plain(bus.edge.port)}" if bus.edge.port else ""
            text = medium.words(f"{plain(boxes[bus.edge.source].label, 20)}{port}(all)", 40)
            wide = medium.wide(text, SIZE) + (0 if medium.bare else 8)
            lanes = sorted({y for (name, _, _), y in lane_y.items() if name == bus.name} & _levels(net, lines))
            rooms = (room for y in lanes for room in _rooms(net, y, lines, end))
            room = max(rooms, key=lambda found: found[1] - found[0], default=(0.0, 0.0, 0.0))
            if room[1] - room[0] >= wide + 2 * _APART:
                x = (room[0] + room[1]) / 2
                x = round(x / GRID) * GRID + (GRID / 2 if round(wide / GRID) % 2 == 0 else 0) if medium.bare else x
                yield Note(Rectangle(x, room[2], wide, HIGH), text, SIZE, "all", boxed=True)


def _pieces(lines: Iterable[Line]) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    for line in lines:
        if not line.curved:
            yield from ((line.net, start, end) for start, end in pairwise(line.points))


def _levels(net: str, lines: Iterable[Line]) -> set[float]:
    return {start[1] for name, start, end in _pieces(lines) if name == net and start[1] == end[1]}


def _rooms(net: str, y: float, lines: Sequence[Line], end: float) -> Iterator[tuple[float, float, float]]:
    """The pieces of a lane between what crosses it or branches from it, left of a place."""
    own = [(s[0], e[0]) for name, s, e in _pieces(lines) if name == net and s[1] == e[1] == y]
    low, high = min(min(pair) for pair in own), min(max(max(pair) for pair in own), end)
    met = {
        s[0]
        for _, s, e in _pieces(lines)
        if s[0] == e[0] and min(s[1], e[1]) <= y + HIGH / 2 and max(s[1], e[1]) >= y - HIGH / 2
    }
    places = sorted({low, high, *(x for x in met if low < x < high)})
    yield from ((left, right, y) for left, right in pairwise(places))
