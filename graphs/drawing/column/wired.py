"""A column with its wires: placed, routed and labelled, with wider gutters until everything has room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leporello.graphs.drawing.column.figures import Form
from leporello.graphs.drawing.column.laying import ROUNDS, Noting, Wish, lay
from leporello.graphs.drawing.column.placement import Column, Spot, column
from leporello.graphs.drawing.column.routing import DOWN, LEFT, RIGHT, UP, Care, GridPoint, Request, Router, ports
from leporello.graphs.drawing.scene.scene import Note
from leporello.graphs.drawing.views.view import Edge
from leporello.graphs.graph import NOW

GAPS = ((6, 6, 3), (6, 10, 3), (7, 14, 4), (9, 18, 5), (12, 24, 6))
"""Units between rows, beside the boxes, and above and below them: narrow first."""
LARGE = 300
"""Beyond so many boxes only short wires are sought, and once; the others become references."""

MANY, CROWDED = 24, 100
"""Beyond so many boxes the best ways are sought once and not for long, and then, or at once, those soon found.

A few wires that have none then become references, a few notes are left out: wider gutters would take long.
"""
CAREFUL = Care(bend=8, crossing=16, haste=1.1)
HASTY = Care(bend=8, crossing=16, haste=2.0)
FAR = 150_000
"""So many places may be looked at for one way in a wide column."""
EFFORT = 100_000
"""So many places may be looked at for better ways of wires that cross."""
LOOP = 4
"""So far from its box a loop turns round, so that its sign has room."""
_ANY = {UP: 2.0, DOWN: 2.0, LEFT: 2.0, RIGHT: 2.0}
OUT, INTO = "out ", "in "
"""What the names of nets begin with that leave a column, and that come into it."""


@dataclass(frozen=True)
class ColumnPlan:
    """What is to be placed: rows of boxes from the bottom, their forms, and the wires between them."""

    rows: Sequence[Sequence[str]]
    forms: Mapping[str, Form]
    edges: Sequence[Edge]
    lean: Mapping[str, int] = field(default_factory=dict)
    out: Sequence[tuple[str, str]] = ()
    into: Sequence[tuple[str, Edge]] = ()
    periodic: bool = False
    least: int = 0
    gaps: Sequence[tuple[int, int, int]] = GAPS
    loop: int = LOOP
    budget: int = 1_000_000


@dataclass(frozen=True)
class Wired:
    """The column, the corners of every wire on the grid, its notes, and the wires that found no way.

    `out` are the ways from a box up to the upper edge of the column, by net; `into` those from its lower edge.
    """

    column: Column
    paths: Mapping[Edge, tuple[GridPoint, ...]]
    notes: Mapping[Edge, tuple[Note, ...]]
    out: Mapping[str, tuple[GridPoint, ...]]
    into: Mapping[tuple[str, Edge], tuple[GridPoint, ...]]
    missing: tuple[Edge, ...]
    unnoted: int


def wired(stack: ColumnPlan, noting: Noting) -> Wired:
    """The column with the narrowest gutters in which every wire and note has room (or nearly so)."""
    best: Wired | None = None
    for gaps, care, budget in _attempts(stack):
        found = _attempt(stack, noting, gaps, care, budget)
        if best is None or (len(found.missing), found.unnoted) < (len(best.missing), best.unnoted):
            best = found
        few = care is HASTY and len(best.missing) <= len(stack.edges) // 8
        if few or not (best.missing or best.unnoted):
            break
    assert best is not None
    return best


def _attempts(stack: ColumnPlan) -> Iterator[tuple[tuple[int, int, int], Care, int]]:
    """With which gutters, how carefully and at what price a column is tried, one after the other."""
    count = max(len(stack.forms), len(stack.edges) // 2)
    if count <= CROWDED:
        yield stack.gaps[0], CAREFUL, stack.budget if count <= MANY else stack.budget // 4
    for gaps in stack.gaps[count <= MANY : 1 if len(stack.forms) > LARGE else None]:
        wide = count <= MANY or len(stack.forms) > MANY
        yield gaps, CAREFUL if count <= MANY else HASTY, stack.budget if wide else stack.budget // 2


def _attempt(stack: ColumnPlan, noting: Noting, gaps: tuple[int, int, int], care: Care, budget: int) -> Wired:
    sizes = {path: (form.width, form.height) for path, form in stack.forms.items()}
    loops = set() if stack.periodic else {edge.source for edge in stack.edges if edge.source == edge.target}
    placed = column(stack.rows, sizes, _binding(stack.edges), stack.lean, gaps, loops)
    if placed.width < stack.least:
        more = (stack.least - placed.width) // 2
        spots = {path: replace(spot, x=spot.x + more) for path, spot in placed.spots.items()}
        placed = Column(spots, stack.least, placed.height)
    large = len(stack.forms) > LARGE
    router = (
        Router(placed, most=400, budget=50_000, lasting=False)
        if large
        else Router(placed, budget=budget, care=care, most=FAR if care is HASTY else 40_000)
    )
    ways = lay(router, _wishes(stack, placed), noting, 0 if large else ROUNDS, 0 if stack.periodic else EFFORT)
    paths, notes = dict[Edge, tuple[GridPoint, ...]](), dict[Edge, tuple[Note, ...]]()
    out, into = dict[str, tuple[GridPoint, ...]](), dict[tuple[str, Edge], tuple[GridPoint, ...]]()
    missing, unnoted = list[Edge](), sum(way.unnoted for way in ways)
    for way in ways:
        edge, net = way.wish.edge, way.wish.request.net
        if way.path is None:
            unnoted += 100 if way.wish.request.line is not None else 0
            missing += [edge] if edge and way.wish.request.line is None else []
        elif edge is None:
            out[net.removeprefix(OUT)] = way.path
        elif way.wish.request.line is None:
            paths[edge], notes[edge] = way.path, way.notes
        else:
            into[net.removeprefix(INTO), edge], notes[edge] = way.path[::-1], way.notes
    return Wired(placed, paths, notes, out, into, tuple(missing), unnoted)


def _wishes(stack: ColumnPlan, placed: Column) -> Iterator[Wish]:
    """The wires of a column in the order in which they are laid: between boxes, up out of it, into it from below."""
    rank = {path: index for index, row in enumerate(stack.rows) for path in row}
    for edge in sorted(stack.edges, key=lambda edge: _order(edge, placed.spots, rank, stack.periodic)):
        yield Wish(_request(edge, placed, stack, rank), edge)
    for net, path in stack.out:
        yield Wish(_boundary(placed, OUT + net, placed.spots[path], stack.forms[path], up=True))
    for net, edge in stack.into:
        yield Wish(_boundary(placed, INTO + net, placed.spots[edge.target], stack.forms[edge.target], up=False), edge)


def _binding(edges: Sequence[Edge]) -> list[Edge]:
    """The edges that draw boxes together: those of the same step, and any other of a box that has none."""
    bound = {path for edge in edges if edge.time == NOW for path in (edge.source, edge.target)}
    return [e for e in edges if e.time == NOW or e.source not in bound or e.target not in bound]


def net_of(edge: Edge) -> str:
    """Wires that carry the same value in the same way, and may therefore share a piece."""
    return f"{edge.style} {edge.time} {edge.source} {edge.label}"


def _order(edge: Edge, spots: Mapping[str, Spot], rank: Mapping[str, int], periodic: bool) -> tuple[float, ...]:
    source, target = spots[edge.source], spots[edge.target]
    aligned = edge.style == "now" and source.x == target.x and rank[edge.target] - rank[edge.source] == 1
    loop = periodic and edge.source == edge.target
    return (not aligned and not loop, not aligned, abs(source.x - target.x) + abs(source.y - target.y))


def _request(edge: Edge, placed: Column, stack: ColumnPlan, rank: Mapping[str, int]) -> Request:
    source, target = placed.spots[edge.source], placed.spots[edge.target]
    late = edge.time.offset if edge.time.kind == "t" and stack.periodic else 0
    shift, bounds = -late * placed.width, (min(0, -late) * placed.width, (max(0, -late) + 1) * placed.width)
    out, into = _sides(edge, rank, late)
    starts = ports(source, _allowed(out, stack.forms[edge.source]), round_=_round(stack.forms[edge.source]))
    goals = ports(target, _allowed(into, stack.forms[edge.target]), shift, _round(stack.forms[edge.target]))
    loop = edge.source == edge.target and not late
    avoid = _beside(source, stack.loop) if loop else frozenset[GridPoint]()
    return Request(net_of(edge), starts, goals, bounds=bounds, avoid=avoid)


def _beside(spot: Spot, far: int) -> frozenset[GridPoint]:
    """Places too near to the sides of a box for a loop with its sign."""
    xs = (*range(spot.left - far + 1, spot.left), *range(spot.right + 1, spot.right + far))
    return frozenset((x, y) for x in xs for y in range(spot.top - far + 2, spot.bottom + far - 1))


def _sides(edge: Edge, rank: Mapping[str, int], late: int) -> tuple[dict[int, float], dict[int, float]]:
    """On which sides a wire leaves its box and enters its reader, and what each side costs."""
    if late:
        near, far = (RIGHT, LEFT) if late < 0 else (LEFT, RIGHT)
        return {near: 0, UP: 3, DOWN: 4}, {far: 0, DOWN: 3, UP: 4}
    if edge.source == edge.target:
        return {UP: 0.0}, {DOWN: 0.0}
    if rank[edge.source] < rank[edge.target]:
        return {UP: 0, LEFT: 3, RIGHT: 3}, {DOWN: 0, LEFT: 3, RIGHT: 3}
    if rank[edge.source] > rank[edge.target]:
        return {RIGHT: 0, LEFT: 0, UP: 8}, {RIGHT: 1, LEFT: 1, DOWN: 1, UP: 5}
    return dict(_ANY), dict(_ANY)


def _round(form: Form) -> bool:
    return form.shape in ("circle", "sign")


def _allowed(sides: dict[int, float], form: Form) -> dict[int, float]:
    """An operator's name stands beside it, so that wires meet it from above and below."""
    if form.shape != "sign":
        return sides
    kept = {way: cost for way, cost in sides.items() if way in (UP, DOWN)}
    return kept or {UP: 1.0, DOWN: 1.0}


def _boundary(placed: Column, net: str, spot: Spot, form: Form, up: bool) -> Request:
    """The way from a box to the upper or the lower edge of its column."""
    sides = _allowed({UP: 0.0, LEFT: 4.0, RIGHT: 4.0} if up else {DOWN: 0.0, LEFT: 4.0, RIGHT: 4.0}, form)
    line = 0 if up else placed.height - 1
    starts = ports(spot, sides, round_=_round(form))
    return Request(net, starts, line=line, bounds=(0, placed.width), shared=False)
