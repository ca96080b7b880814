"""The wires of a column in the order in which they are laid, and where at its boxes each may begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from leporello.graphs.drawing.column.figures import FEW, Form
from leporello.graphs.drawing.column.placement import Column, Spot
from leporello.graphs.drawing.column.requests import DOWN, LEFT, RIGHT, UP, GridPoint, Port, Request, ports
from leporello.graphs.drawing.views.view import Edge, Near
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY

GAPS = ((6, 6, 3), (6, 10, 3), (7, 14, 4), (9, 18, 5), (12, 24, 6))
"""Units between rows, beside the boxes, and above and below them: narrow first."""
LOOP = 4
"""So far from its box a loop turns round, so that its sign has room."""
_ANY = {UP: 2, DOWN: 2, LEFT: 2, RIGHT: 2}
OUT, INTO = "out ", "in "
"""What the names of nets begin with that leave a column, and that come into it."""


@frozen
class ColumnPlan:
    """What is to be placed: rows of boxes from the bottom, their forms, and the wires between them.

    The wires that are `first` are laid before all others.
    """

    rows: Sequence[Sequence[str]]
    forms: Mapping[str, Form]
    edges: Sequence[Edge]
    lean: Mapping[str, int] = field(default_factory=dict)
    out: Sequence[tuple[str, str]] = ()
    into: Sequence[tuple[str, Edge]] = ()
    near: Near = field(default_factory=lambda: EMPTY)
    periodic: bool = False
    least: int = 0
    gaps: Sequence[tuple[int, int, int]] = GAPS
    loop: int = LOOP
    first: frozenset[Edge] = frozenset()


@frozen
class Wish:
    """A wire that is wanted; notes of `edge` stand on it, if one is given."""

    request: Request
    edge: Edge | None = None


def wishes(stack: ColumnPlan, placed: Column) -> Iterator[Wish]:
    """The wires of a column in the order in which they are laid: between boxes, up out of it, into it from below."""
    rank = {path: index for index, row in enumerate(stack.rows) for path in row}
    own = _own_ports(stack, placed, rank)

    def order(edge: Edge) -> tuple[float, ...]:
        return (edge not in stack.first, *_order(edge, placed.spots, rank, stack.periodic, edge in own))

    for edge in sorted(stack.edges, key=order):
        request = _request(edge, placed, stack, rank)
        yield Wish(replace(request, goals=own.get(edge, request.goals)), edge)
    for net, path in stack.out:
        yield Wish(_boundary(placed, OUT + net, placed.spots[path], stack.forms[path], up=True))
    for net, edge in stack.into:
        yield Wish(_boundary(placed, INTO + net, placed.spots[edge.target], stack.forms[edge.target], up=False), edge)


def _own_ports(stack: ColumnPlan, placed: Column, rank: Mapping[str, int]) -> dict[Edge, tuple[Port, ...]]:
    """Where many wires enter a box from below a port for each, in the order in which they come from left to right."""
    into: dict[str, list[Edge]] = {}
    for edge in stack.edges:
        if rank[edge.source] < rank[edge.target] and not (stack.periodic and edge.time.offset):
            into.setdefault(edge.target, []).append(edge)
    found: dict[Edge, tuple[Port, ...]] = {}
    for path, edges in into.items():
        spot = placed.spots[path]
        if len({placed.spots[edge.source].x for edge in edges}) > FEW and not _round(stack.forms[path]):
            step = max(1, (spot.width - 2) // (len(edges) - 1))
            first = spot.x - step * (len(edges) - 1) // 2
            for index, edge in enumerate(sorted(edges, key=lambda edge: placed.spots[edge.source].x)):
                found[edge] = ((first + step * index, spot.bottom, DOWN, 0),)
    return found


def net_of(edge: Edge) -> str:
    """Wires that carry the same value in the same way, and may therefore share a piece."""
    return f"{edge.style} {edge.time} {edge.source} {edge.said}"


def _order(
    edge: Edge, spots: Mapping[str, Spot], rank: Mapping[str, int], periodic: bool, own: bool
) -> tuple[float, ...]:
    """Short wires first; of many that enter a box at ports of their own long ones, which then lie around the others."""
    source, target = spots[edge.source], spots[edge.target]
    aligned = edge.style == "now" and source.x == target.x and rank[edge.target] - rank[edge.source] == 1
    loop = periodic and edge.source == edge.target
    far = abs(source.x - target.x) + abs(source.y - target.y)
    return (not aligned and not loop, not aligned, -far if own else far)


def _request(edge: Edge, placed: Column, stack: ColumnPlan, rank: Mapping[str, int]) -> Request:
    source, target = placed.spots[edge.source], placed.spots[edge.target]
    late = edge.time.offset if edge.time.kind == "t" and stack.periodic else 0
    shift, bounds = -late * placed.width, (min(0, -late) * placed.width, (max(0, -late) + 1) * placed.width)
    out, into = _sides(edge, rank, late)
    starts = ports(source, _allowed(out, stack.forms[edge.source]), round_=_round(stack.forms[edge.source]))
    goals = ports(target, _allowed(into, stack.forms[edge.target]), shift, _round(stack.forms[edge.target]))
    loop = edge.source == edge.target and not late
    avoid = _beside(source, stack.loop) if loop else frozenset[GridPoint]()
    home = (0, placed.width - 1) if late else None
    return Request(net_of(edge), starts, goals, bounds=bounds, avoid=avoid, home=home)


def _beside(spot: Spot, far: int) -> frozenset[GridPoint]:
    """Places too near to the sides of a box for a loop with its sign."""
    xs = (*range(spot.left - far + 1, spot.left), *range(spot.right + 1, spot.right + far))
    return frozenset((x, y) for x in xs for y in range(spot.top - far + 2, spot.bottom + far - 1))


def _sides(edge: Edge, rank: Mapping[str, int], late: int) -> tuple[dict[int, int], dict[int, int]]:
    """On which sides a wire leaves its box and enters its reader, and what each side costs."""
    if late:
        near, far = (RIGHT, LEFT) if late < 0 else (LEFT, RIGHT)
        return {near: 0, UP: 3, DOWN: 4}, {far: 0, DOWN: 3, UP: 4}
    if edge.source == edge.target:
        return {UP: 0}, {DOWN: 0}
    if rank[edge.source] < rank[edge.target]:
        return {UP: 0, LEFT: 3, RIGHT: 3}, {DOWN: 0, LEFT: 3, RIGHT: 3}
    if rank[edge.source] > rank[edge.target]:
        return {RIGHT: 0, LEFT: 0, UP: 8}, {RIGHT: 1, LEFT: 1, DOWN: 1, UP: 5}
    return dict(_ANY), dict(_ANY)


def _round(form: Form) -> bool:
    return form.shape in ("circle", "sign")


def _allowed(sides: dict[int, int], form: Form) -> dict[int, int]:
    """An operator's name stands beside it, so that wires meet it from above and below."""
    if form.shape != "sign":
        return sides
    kept = {way: cost for way, cost in sides.items() if way in (UP, DOWN)}
    return kept or {UP: 1, DOWN: 1}


def _boundary(placed: Column, net: str, spot: Spot, form: Form, up: bool) -> Request:
    """The way from a box to the upper or the lower edge of its column."""
    sides = _allowed({UP: 0, LEFT: 4, RIGHT: 4} if up else {DOWN: 0, LEFT: 4, RIGHT: 4}, form)
    line = 0 if up else placed.height - 1
    starts = ports(spot, sides, round_=_round(form))
    return Request(net, starts, line=line, bounds=(0, placed.width), shared=False)
