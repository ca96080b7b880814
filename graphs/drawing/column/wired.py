"""A column with its wires: placed, routed and labelled, with wider gutters until everything has room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.laying import Laying, Noting, Way, laying
from leporello.graphs.drawing.column.placement import Column, column
from leporello.graphs.drawing.column.requests import Care, GridPoint
from leporello.graphs.drawing.column.routing import Router
from leporello.graphs.drawing.column.wishes import INTO, OUT, ColumnPlan, net_of, wishes
from leporello.graphs.drawing.scene.scene import Note
from leporello.graphs.drawing.views.view import Edge
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW

LARGE, SHORT, LONG = 300, 400, 3_000
"""Beyond so many boxes only short wires are sought, each with so much work; the others become references.

Where many wires run beside each other long ones are not sought any longer than that.
"""
MANY = 24
"""In a column of more boxes or twice as many wires a few wires may become references, and a few notes be left out."""
LANES = 0.8
"""So many nets find room beside each other on a unit of the grid, at most."""
DENSE = 16
"""Where more nets than that pass a row, some more crossings do not matter, and ways are found sooner without care."""
CAREFUL, QUICK = Care(bend=7, crossing=16, beside=1, along=2), Care(bend=4, crossing=4, beside=0, along=1)


@frozen
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


@frozen
class Draft:
    """A column in which each wire lies somewhere, as far as there is room, and for which better ways can be found."""

    column: Column
    laying: Laying
    effort: Effort

    @property
    def lacking(self) -> tuple[int, int]:
        """How many wires have no way, and how many notes no room."""
        lost = sum(way.path is None for way in self.laying.ways)
        return lost, sum(way.unnoted for way in self.laying.ways)

    @property
    def spent(self) -> bool:
        """Whether there was not enough work allowed for all wires."""
        return self.laying.router.spent

    def polished(self) -> Wired:
        """The column with better ways, as far as the effort goes."""
        if self.effort.better and len(self.column.spots) <= LARGE and not self.lacking[0]:
            self.laying.polish(self.effort.better)
        return self.wired()

    def wired(self) -> Wired:
        """The column as it is."""
        return _wired(self.column, self.laying.ways)


def wired(plan: ColumnPlan, noting: Noting, effort: Effort = BEST) -> Wired:
    """The column with the narrowest gutters in which every wire and note has room (or nearly so)."""
    return draft(plan, noting, effort).polished()


def draft(plan: ColumnPlan, noting: Noting, effort: Effort = BEST) -> Draft:
    """As `wired`, before it is polished."""
    best: Draft | None = None
    many, passing = max(len(plan.forms), len(plan.edges) // 2) > MANY, crowds(plan)
    dense = max(passing, default=0) > DENSE
    effort = effort if dense else effort.on(len(plan.edges))
    gaps = plan.gaps[: 1 if len(plan.forms) > LARGE else None]
    for gap in gaps:
        placed = in_column(plan, gap)
        if gap != gaps[-1] and _too_narrow(plan, placed, passing):
            continue
        found = _draft(plan, noting, placed, dense, effort)
        best = found if best is None or found.lacking < best.lacking else best
        lost, unnoted = best.lacking
        if not (lost or unnoted) or (many and lost <= len(plan.edges) // 8) or found.spent:
            break
    assert best is not None
    return best


def _draft(plan: ColumnPlan, noting: Noting, placed: Column, dense: bool, effort: Effort) -> Draft:
    care = QUICK if dense else CAREFUL
    large = len(plan.forms) > LARGE and not plan.first
    most = min(effort.most, SHORT if large else LONG if dense or plan.first else effort.most)
    router = Router(
        placed, most, effort.most, care, 2 if plan.periodic else 1, local=large, haste=dense, watch=effort.watch
    )
    lay = laying(router, wishes(plan, placed), noting)
    lay.lay()
    if not (large or router.spent):
        lay.mend(effort.mending)
    return Draft(placed, lay, effort)


def in_column(plan: ColumnPlan, gaps: tuple[int, int, int]) -> Column:
    """The boxes of a column with such gaps, at least as wide as it is to be."""
    sizes = {path: (form.width, form.height) for path, form in plan.forms.items()}
    loops = set() if plan.periodic else {edge.source for edge in plan.edges if edge.source == edge.target}
    placed = column(plan.rows, sizes, _binding(plan.edges), plan.lean, gaps, loops, plan.near)
    if placed.width >= plan.least:
        return placed
    more = (plan.least - placed.width) // 2
    spots = {path: replace(spot, x=spot.x + more) for path, spot in placed.spots.items()}
    return Column(spots, plan.least, placed.height)


def crowds(plan: ColumnPlan) -> list[int]:
    """How many nets pass each row beside its boxes."""
    rank = {path: index for index, row in enumerate(plan.rows) for path in row}
    spans: dict[str, tuple[int, int]] = {}
    for edge in plan.edges:
        low, high = sorted((rank[edge.source], rank[edge.target]))
        before = spans.get(net_of(edge), (low, high))
        spans[net_of(edge)] = min(low, before[0]), max(high, before[1])
    changes = Counter[int]()
    for low, high in spans.values():
        if high - low > 1:
            changes[low + 1] += 1
            changes[high] -= 1
    return list(accumulate(changes[row] for row in range(len(plan.rows))))


def _too_narrow(plan: ColumnPlan, placed: Column, passing: Sequence[int]) -> bool:
    """Whether more nets pass a row than there can be room for."""
    taken = [sum(plan.forms[path].width for path in row) for row in plan.rows]
    return any(nets > LANES * (placed.width - wide) for nets, wide in zip(passing, taken, strict=True))


def _wired(placed: Column, ways: Sequence[Way]) -> Wired:
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


def _binding(edges: Sequence[Edge]) -> list[Edge]:
    """The edges that draw boxes together: those of the same step, and any other of a box that has none."""
    bound = {path for edge in edges if edge.time == NOW for path in (edge.source, edge.target)}
    return [e for e in edges if e.time == NOW or e.source not in bound or e.target not in bound]
