"""All wires of a column on its grid: each net once in its order, then those that lie badly once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from leporello.graphs.drawing.column.bounds import NEVER
from leporello.graphs.drawing.column.nets import Laid, length
from leporello.graphs.drawing.column.requests import GridPoint, Port
from leporello.graphs.drawing.column.routing import Corners, Router
from leporello.graphs.drawing.column.wishes import Wish
from leporello.graphs.drawing.scene.scene import Note
from leporello.graphs.drawing.views.view import Edge
from leporello.graphs.frozen import frozen

BESIDE = (3, 6)
"""So far from a piece of a wire that has no room for its notes it is laid anew."""
NEIGHBOURS = 4
"""So many wires are laid anew where one between them has no room for its notes."""
BLOCKING = 6
"""So many wires are laid anew that leave one no way."""
LITTLE = 3
"""What is to be won for a net to be laid anew."""
FAR_ABOUT = 40
"""A wire goes round about where it is so much longer than it might be, bends included."""
FEW = 5
"""Two nets of so many wires are laid anew together."""
ROUNDS, LAST = 3, 4
"""So often disturbed nets and those that cross are laid anew; a fourth of the work is for disturbed ones at last."""
_MISSING, _UNNOTED = 1_000_000, 60
Noting = Callable[[Router, Corners, Edge, str], tuple[list[Note], int]]
"""Places the notes of a wire on the grid; gives them, and how many had no room."""


@frozen
class Way:
    """A wire as it lies: its corners (none where there is no way), its notes, and how many had no room."""

    wish: Wish
    path: Corners | None
    notes: tuple[Note, ...] = ()
    unnoted: int = 0


@dataclass
class _Net:
    """The wires that carry one value in one way; `cost` is what they cost when they were laid, `turn` how often."""

    name: str
    wishes: list[Wish] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    cost: int = 0
    turn: int = 0
    seen: int = 0

    @property
    def first(self) -> bool:
        """Whether its wires are to be laid before all others."""
        return all(wish.first for wish in self.wishes)

    @property
    def unnoted(self) -> bool:
        """Whether a note has no room."""
        return any(way.unnoted for way in self.ways)


@dataclass
class Laying:
    """The nets of a column in the order in which they are first laid.

    `tried` are pairs that crossed, as they lay; `best` are nets that could not be better after so many `changes`.
    """

    router: Router
    noting: Noting
    nets: dict[str, _Net]
    tried: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    best: dict[str, int] = field(default_factory=dict)
    changes: int = 0

    @property
    def ways(self) -> list[Way]:
        """All wires as they lie."""
        return [way for net in self.nets.values() for way in net.ways]

    def lay(self) -> None:
        """Every net, one after the other; notes of those that are first stand in the way of none of these."""
        first = [net for net in self.nets.values() if net.first]
        for index, net in enumerate([*first, *(net for net in self.nets.values() if not net.first)]):
            self.router.tell(f"{index} of {len(self.nets)} values wired")
            self._route(net, noted=not net.first)
            if index == len(first) - 1:
                for before in first:
                    before.ways = [self._annotated(way) for way in before.ways]

    def mend(self, work: int) -> None:
        """Lays nets elsewhere that found no way, or whose notes have no room, until so much work is done."""
        limit = self.router.work + work
        for net in self.nets.values():
            self.router.tell("making room")
            if self.router.work < limit and any(way.path is None for way in net.ways):
                self._freed(net)
        for net in self.nets.values():
            self.router.tell("making room")
            if self.router.work < limit and net.unnoted:
                self._again([net]) or self._elsewhere(net) or self._before_neighbours(net)

    def polish(self, work: int) -> None:
        """Lays nets anew that others have disturbed, and two that cross together, until so much work is done."""
        self.router.budget = self.router.work + work + work // LAST
        limit = self.router.work + work
        self._out_of_the_way(limit)
        for turn in range(ROUNDS):
            again = self._one_by_one(limit)
            pairs = [(self.nets[name], net) for net in self.nets.values() for name in self.router.crossed(net.name)]
            pairs = [pair for pair in pairs if len(pair[0].wishes) + len(pair[1].wishes) <= FEW]
            for index, (one, other) in enumerate(sorted(pairs, key=lambda pair: pair[0].cost + pair[1].cost)):
                self.router.tell(f"better ways, turn {turn + 1}: {index} of {len(pairs)}")
                again = (self.router.work < limit and self._pair(one, other)) or again
            if not again:
                break
        self._one_by_one(self.router.budget)

    def _one_by_one(self, limit: int) -> bool:
        """Lays nets anew that others have disturbed, those first that can win most; whether some are better so."""
        bad = [net for net in self.nets.values() if _excess(net) > 0]
        most = {net.name: self._to_win(net) for net in bad}
        better = False
        for net in sorted(bad, key=lambda net: most[net.name], reverse=True):
            known = self.best.get(net.name) == self.changes
            if self.router.work < limit and most[net.name] >= LITTLE and not known:
                if self._again([net]):
                    better = True
                else:
                    self.best[net.name] = self.changes
        return better

    def _to_win(self, net: _Net) -> int:
        """How much better the ways of a net may be at most: what others cost it that have come since it was laid.

        Where others have moved that is not known.
        """
        before, seen = net.cost, net.seen
        net.cost, net.seen = self._cost_of(net), self.changes
        return net.cost - before if seen == self.changes else max(net.cost - before, _excess(net))

    def _out_of_the_way(self, limit: int) -> bool:
        """Lays nets that go far round about before those that are in their way; whether some are better so."""
        better = False
        for net in sorted(self.nets.values(), key=_excess, reverse=True):
            if _excess(net) > FAR_ABOUT and self.router.work < limit:
                better = self._freed(net) or better
        return better

    def _route(self, net: _Net, limit: int = NEVER, noted: bool = True) -> bool:
        """Lays a net, with its notes where it is to be `noted`; whether that costs less than the limit."""
        ways, spent = [], 0
        for wish in net.wishes:
            path = self.router.route(wish.request, limit if limit == NEVER else limit - spent)
            if path is None and limit < NEVER:
                return False
            way = self._annotated(Way(wish, path)) if noted else Way(wish, path)
            spent += (self.router.cost + _UNNOTED * way.unnoted) if path else 0
            ways.append(way)
        net.ways, net.cost = ways, spent
        return True

    def _annotated(self, way: Way) -> Way:
        if way.path is None or way.wish.edge is None:
            return way
        notes, unnoted = self.noting(self.router, way.path, way.wish.edge, way.wish.request.net)
        return replace(way, notes=tuple(notes), unnoted=unnoted)

    def _pair(self, one: _Net, other: _Net) -> bool:
        """Lays two nets that cross together anew, if they have not been tried as they lie."""
        turns = one.turn, other.turn
        if other.name not in self.router.crossed(one.name):
            return False
        if self.tried.get((one.name, other.name)) == turns:
            return False
        self.tried[one.name, other.name] = turns
        return self._again([one, other], free=False)

    def _again(self, nets: Sequence[_Net], free: bool = True) -> bool:
        """Lays nets anew, in the order given, where the others now lie; whether they are better so.

        Unless it is `free` the first has to lie better than it does, the others not counted.
        """
        router = self.router
        before = [(net.ways, router.lift(net.name)) for net in nets]
        costs = self._costs(nets, [laid for _, laid in before])
        old, spent, better = sum(costs), 0, True
        for index, net in enumerate(nets):
            if not self._route(net, old - spent if free or index else costs[0]):
                better = False
                break
            spent += self._cost_of(net)
        if not better or spent >= old:
            for net in nets:
                router.lift(net.name)
            for net, (ways, laid) in zip(nets, before, strict=True):
                net.ways = ways
                router.lay(net.name, laid)
            return False
        self.changes += 1
        for net in nets:
            net.turn += 1
            net.cost, net.seen = self._cost_of(net), self.changes
        return True

    def _freed(self, net: _Net) -> bool:
        """Lays a net before those that are in the way of its worst wire; whether it is better so."""
        worst = max(net.ways, key=_excess_of)
        names = [name for name in self.router.in_the_way(worst.wish.request) if name != net.name]
        return 0 < len(names) <= BLOCKING and self._again([net, *(self.nets[name] for name in names)])

    def _elsewhere(self, net: _Net) -> bool:
        """Lays a net apart from where its notes have no room, or farther apart; whether it is better so."""
        wishes, better = net.wishes, False
        for beside in BESIDE:
            if net.unnoted:
                net.wishes = [_apart(way, beside) for way in net.ways]
                better = self._again([net]) or better
        net.wishes = wishes
        return better

    def _before_neighbours(self, net: _Net) -> bool:
        """Lays a net whose notes have no room before its neighbours there; whether it is better so."""
        crowded = [_around(way.path, BESIDE[0]) for way in net.ways if way.path and way.unnoted]
        near = dict.fromkeys(name for rectangle in crowded for name in self.router.near(net.name, *rectangle))
        return 0 < len(near) <= NEIGHBOURS and self._again([net, *(self.nets[name] for name in near)])

    def _costs(self, nets: Sequence[_Net], laid: Sequence[Laid]) -> list[int]:
        """What the ways of nets that are lifted cost, each on the grid with those before it."""
        found = []
        for net, one in zip(nets, laid, strict=True):
            found.append(sum(self._way_cost(way) for way in net.ways))
            self.router.lay(net.name, one)
        for net in nets:
            self.router.lift(net.name)
        return found

    def _cost_of(self, net: _Net) -> int:
        """What the ways of a net cost that lies on the grid."""
        laid = self.router.lift(net.name)
        cost = sum(self._way_cost(way) for way in net.ways)
        self.router.lay(net.name, laid)
        return cost

    def _way_cost(self, way: Way) -> int:
        if way.path is None:
            return _MISSING
        request = way.wish.request
        ends = _at_port(request.starts, way.path[0]) + _at_port(request.goals, way.path[-1])
        return self.router.price_of(way.path, request.home) + _UNNOTED * way.unnoted + ends


def laying(router: Router, wishes: Iterable[Wish], noting: Noting) -> Laying:
    """The nets of all `wishes`, in the order given."""
    nets: dict[str, _Net] = {}
    for wish in wishes:
        nets.setdefault(wish.request.net, _Net(wish.request.net)).wishes.append(wish)
    return Laying(router, noting, nets)


def _apart(way: Way, beside: int) -> Wish:
    """The wish of a wire, not to be laid where its notes have no room."""
    if way.path is None or not way.unnoted:
        return way.wish
    left, top, right, bottom = _around(way.path, beside)
    crowded = {(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)}
    return replace(way.wish, request=replace(way.wish.request, avoid=way.wish.request.avoid | crowded))


def _around(path: Sequence[GridPoint], beside: int) -> tuple[int, int, int, int]:
    """What lies so near to the longest piece of a wire, but for its ends: left, top, right and bottom."""
    (x, y), (to_x, to_y) = max(pairwise(path), key=length)
    wide, high = (-2, beside) if y == to_y else (beside, -2)
    return min(x, to_x) - wide, min(y, to_y) - high, max(x, to_x) + wide, max(y, to_y) + high


def _at_port(ports: Sequence[Port], end: GridPoint) -> int:
    return min((cost for x, y, _, cost in ports if (x, y) == end), default=0)


def _excess(net: _Net) -> int:
    """How much longer the ways of a net are than if nothing stood in between; bends count."""
    return sum(map(_excess_of, net.ways))


def _excess_of(way: Way) -> int:
    if way.path is None:
        return _MISSING
    (x, y), (to_x, to_y) = way.path[0], way.path[-1]
    bends = len(way.path) - 2 - (x != to_x and y != to_y)
    return length(way.path) - abs(x - to_x) - abs(y - to_y) + 4 * bends + _UNNOTED * way.unnoted
