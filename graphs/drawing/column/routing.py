"""Wires on a grid that repeats with the width of a column: one route serves every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from leporello.graphs.drawing.column.bounds import NEVER, prices
from leporello.graphs.drawing.column.effort import Watch
from leporello.graphs.drawing.column.grid import Area, Footprint, Grid, every_row
from leporello.graphs.drawing.column.nets import Laid, Piece, length, places
from leporello.graphs.drawing.column.placement import Column
from leporello.graphs.drawing.column.requests import Care, GridPoint, Request
from leporello.graphs.drawing.column.seeking import Seeker
from leporello.graphs.frozen import frozen

Corners = tuple[GridPoint, ...]
_TRIES, _CLEAR = 8, range(-2, 3)
"""So often a wire that meets its own copy is sought anew, so far apart from there."""


@frozen
class Room:
    """What is `taken` of some lines of the grid, in its bytes."""

    grid: Grid
    top: int
    bottom: int
    taken: bytes

    def free(self, left: int, top: int, right: int, bottom: int) -> bool:
        """Whether nothing meets a rectangle, which lies within these lines."""
        if top < self.top or bottom > self.bottom:
            return False
        rectangle = self.grid.columns(left, right) * every_row(self.grid.stride, bottom - top + 1)
        first, last = ((line - self.top) * self.grid.row for line in (top, bottom + 1))
        return not int.from_bytes(self.taken[first:last], "little") & rectangle


def _in_bytes(taken: int, strip: Area) -> bytes:
    """What is taken of a strip, without its first row and what lies below it."""
    bits = strip.stride * (strip.rows - 1)
    return (taken >> strip.stride & (1 << bits) - 1).to_bytes(bits >> 3, "little")


@dataclass
class Router:
    """The grid of a column with its boxes, notes and wires, all of which stand there again in the next column.

    So much `work` is done at `most` for one wire, and `budget` for all: what is not found then is missing. A wire may
    run over so many `copies` of the column; where all is `local` none is sought far from its ends, in `haste` no longer
    than until one is found near them. `cost` is that of the wire that was found last.
    """

    column: Column
    most: int = 100_000
    budget: int = 1_000_000
    care: Care = field(default_factory=Care)
    copies: int = 1
    local: bool = False
    haste: bool = False
    watch: Watch | None = None
    nets: dict[str, Laid] = field(default_factory=dict)
    said: str = ""
    work: int = 0
    cost: int = 0

    def __post_init__(self) -> None:
        self.grid = Grid(self.column.width, self.column.height, self.copies)
        self.seeker = Seeker(self.grid, self.care, self.most, self.local, self.haste, self.tell if self.watch else None)
        for spot in self.column.spots.values():
            self.block(spot.left, spot.top, spot.right, spot.bottom)

    def tell(self, said: str = "") -> None:
        """Tells who watches what is being done; the same again where nothing new is `said`."""
        self.said = said or self.said
        if self.watch:
            self.watch(self.said)

    @property
    def spent(self) -> bool:
        """Whether all work has been done that may be done."""
        return self.work >= self.budget

    def block(self, left: int, top: int, right: int, bottom: int, net: str = "") -> None:
        """Closes a rectangle of the grid, its border included, for a note of `net` where that is given."""
        mark = self.grid.note(left, top, right, bottom)
        if net:
            self.grid.add(mark)
            self.nets.setdefault(net, Laid()).add(mark)
        else:
            self.grid.fix(mark)

    def room(self, top: int, bottom: int, net: str = "") -> Room:
        """What is free from one line to another; the wires of `net` do not count."""
        top, bottom = max(top, 0), min(bottom, self.column.height)
        strip = self.grid.strip(top, bottom - top + 1)
        taken = strip.closed | (self._others(net, strip) if net else strip.level | strip.upright | strip.both)
        return Room(self.grid, top, bottom, _in_bytes(taken, strip))

    def wires_of_others(self, top: int, bottom: int, net: str) -> Room:
        """What is free from one line to another of the wires of other nets, whatever else is there."""
        top, bottom = max(top, 0), min(bottom, self.column.height)
        strip = self.grid.strip(top, bottom - top + 1)
        return Room(self.grid, top, bottom, _in_bytes(self._others(net, strip), strip))

    def notes(self, top: int, bottom: int) -> Room:
        """What is free of notes from one line to another."""
        top, bottom = max(top, 0), min(bottom, self.column.height)
        strip = self.grid.strip(top, bottom - top + 1)
        return Room(self.grid, top, bottom, _in_bytes(strip.closed ^ strip.closed & strip.boxes, strip))

    def free(self, left: int, top: int, right: int, bottom: int) -> bool:
        """Whether no box, note or wire meets a rectangle of the grid."""
        return self.room(top, bottom).free(left, top, right, bottom)

    def _others(self, net: str, strip: Area) -> int:
        """The places in a strip of the wires and notes of other nets."""
        found, top, bottom = 0, strip.top, strip.top + strip.rows
        for _, laid in self._within(top, bottom, net):
            for mark in laid.marks:
                found |= self.grid.shifted(mark.places, mark.top, top)
        return found

    def _within(self, top: int, bottom: int, but: str = "") -> list[tuple[str, Laid]]:
        """The nets that take some of the lines from `top` to `bottom` (not included), `but` for one."""
        near = [(name, laid) for name, laid in self.nets.items() if laid.top < bottom and laid.bottom > top]
        return [(name, laid) for name, laid in near if name != but]

    def route(self, request: Request, limit: int = NEVER) -> Corners | None:
        """The corners of a wire, which is then part of the grid; None where there is no way that costs less."""
        trunk = self.nets.get(request.net, Laid()) if request.shared else Laid()
        barred = set(request.avoid)
        for _ in range(_TRIES):
            if self.spent:
                return None
            found = self.seeker.way(request, trunk, barred, limit, self.budget - self.work)
            self.work += found.work
            if not found.corners:
                return None
            clash = self._own_clash(found.corners) if self.copies > 1 else None
            if clash is None:
                self.cost = found.cost
                self._keep(request.net, found.corners)
                return found.corners
            barred.update((clash[0] + x, clash[1] + y) for x in _CLEAR for y in _CLEAR)
        return None

    def _own_clash(self, corners: Corners) -> GridPoint | None:
        """Where a wire would lie on its own copy in the next column."""
        seen, path = set[GridPoint](), list(places(corners))
        for index, (x, y) in enumerate(path):
            place = (x % self.column.width, y)
            if place in seen:
                return path[min(max(index, 1), len(path) - 2)]
            seen.add(place)
        return None

    def _keep(self, net: str, corners: Corners) -> None:
        laid, mark = self.nets.setdefault(net, Laid()), self.grid.wire(corners)
        self.grid.add(mark)
        laid.add(mark)
        laid.wire(corners)

    def branches(self, net: str, place: GridPoint) -> bool:
        """Whether a wire that begins at a place begins on another of its net."""
        return net in self.nets and self.nets[net].holds(place)

    def occupy(self, net: str, piece: Piece) -> None:
        """A piece of a wire whose way is known is part of the grid, and others of its net may branch from it."""
        mark, laid = self.grid.wire(piece, 0), self.nets.setdefault(net, Laid())
        self.grid.add(mark)
        laid.add(mark)
        laid.branch([piece])

    def forget(self, net: str, path: Corners, place: GridPoint) -> None:
        """Lets no later wire of a net branch from its path before `place`, where the net's sign stands."""
        self.nets[net].forget(path, place)

    def lift(self, net: str) -> Laid:
        """Takes the wires and the notes of a net off the grid, and gives them."""
        laid = self.nets.pop(net, Laid())
        near = self._within(laid.top, laid.bottom)
        self.grid.remove(laid.marks, (other for _, one in near for other in one.marks))
        return laid

    def lay(self, net: str, laid: Laid) -> None:
        """Puts back what `lift` has taken."""
        self.nets[net] = laid
        for mark in laid.marks:
            self.grid.add(mark)

    def crossed(self, net: str) -> list[str]:
        """The nets that a net crosses."""
        return self._met(net, self.nets[net].marks) if net in self.nets else []

    def near(self, net: str, left: int, top: int, right: int, bottom: int) -> list[str]:
        """The nets that take some of a rectangle, but for one."""
        return self._met(net, [self.grid.note(left, top, right, bottom)])

    def _met(self, net: str, marks: Sequence[Footprint]) -> list[str]:
        top, bottom = min(mark.top for mark in marks), max(mark.top + mark.rows for mark in marks)
        return [name for name, laid in self._within(top, bottom, net) if self._meet(marks, laid.marks)]

    def _meet(self, marks: Sequence[Footprint], others: Sequence[Footprint]) -> bool:
        """Whether something meets one of the others' wires."""
        for mark in marks:
            for other in others:
                apart = other.top >= mark.top + mark.rows or mark.top >= other.top + other.rows
                if not (apart or other.stands) and self.grid.shifted(other.places, other.top, mark.top) & mark.places:
                    return True
        return False

    def in_the_way(self, request: Request) -> list[str]:
        """The nets that leave a wire no room: those on its way if it could run over all but boxes."""
        found = self.seeker.over_others(request)
        self.work += found.work
        if not found.corners:
            return []
        mark = self.grid.wire(found.corners)

        def meets(other: Footprint) -> bool:
            along, across, note = (
                self.grid.shifted(part, other.top, mark.top) for part in (other.level, other.upright, other.stands)
            )
            return bool(along & mark.level or across & mark.upright or note & mark.places)

        return [name for name, laid in self.nets.items() if any(meets(other) for other in laid.marks)]

    def price_of(self, corners: Corners, home: tuple[int, int] | None = None) -> int:
        """What a way costs as the grid is: its length, its bends, what it passes; `home` is that of its request."""
        mark = self.grid.wire(corners, 0)
        strip, total = self.grid.strip(mark.top, mark.rows), self.care.bend * (len(corners) - 1)
        for axis, ours in ((0, mark.level << strip.stride), (1, mark.upright << strip.stride)):
            total += sum(cost * (ours & mask).bit_count() for cost, mask in prices(strip, self.care, axis) if cost)
        total += self.care.crossing * (mark.places << strip.stride & strip.both & strip.allowed).bit_count()
        if home:
            total += sum(abs(to_y - y) for (x, y), (to_x, to_y) in pairwise(corners) if not home[0] <= x <= home[1])
        return total + length(corners)
