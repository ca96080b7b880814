"""All wires of a column on its grid: each net once in its order, then those that lie badly once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from leporello.graphs.drawing.column.routing import GridPoint, Laid, Request, Router
from leporello.graphs.drawing.scene.scene import Note
from leporello.graphs.drawing.views.view import Edge

ROUNDS = 2
BESIDE = (3, 6)
"""So far from a piece of a wire that has no room for its notes it is laid anew."""
NEIGHBOURS = 4
"""So many wires are laid anew where one between them has no room for its notes."""
_MISSING, _UNNOTED = 1e6, 60.0
Noting = Callable[[Router, tuple[GridPoint, ...], Edge, str], tuple[list[Note], int]]
"""Places the notes of a wire on the grid; gives them, and how many had no room."""


@dataclass(frozen=True)
class Wish:
    """A wire that is wanted; notes of `edge` stand on it, if one is given."""

    request: Request
    edge: Edge | None = None


@dataclass
class Way:
    """A wire as it lies: its corners (none where there is no way), its notes, and how many had no room."""

    wish: Wish
    path: tuple[GridPoint, ...] | None
    notes: tuple[Note, ...] = ()
    unnoted: int = 0


@dataclass
class _Net:
    """The wires that carry one value in one way, and what they take of the grid while they are lifted."""

    name: str
    wishes: list[Wish]
    ways: list[Way] = field(default_factory=list)
    laid: Laid = field(default_factory=Laid)
    cost: float = 0.0


def lay(router: Router, wishes: Iterable[Wish], noting: Noting, rounds: int = ROUNDS, effort: int = 0) -> list[Way]:
    """The ways of all `wishes`, which are laid net by net in the order given.

    Then `rounds` times those that lie badly are laid anew, and two that cross together, as long as no more than
    `effort` places have been looked at.
    """
    nets: dict[str, _Net] = {}
    for wish in wishes:
        nets.setdefault(wish.request.net, _Net(wish.request.net, [])).wishes.append(wish)
    for net in nets.values():
        _route(router, net, noting)
        if rounds:
            _weigh(router, net)
    for _ in range(rounds):
        bad = sorted((net for net in nets.values() if _excess(net) > 0), key=_excess, reverse=True)
        again = [_laid_again(router, [net], noting) for net in bad if _disturbed(router, net)]
        again += [_laid_elsewhere(router, net, noting) or _laid_first(router, net, nets, noting) for net in bad]
        pairs = [(nets[other], net) for net in nets.values() for other in router.crossed(net.name)]
        again += [_laid_again(router, pair, noting) for pair in pairs if router.looked < effort]
        if not any(again):
            break
    return [way for net in nets.values() for way in net.ways]


def _route(router: Router, net: _Net, noting: Noting) -> None:
    net.ways = []
    for wish in net.wishes:
        net.ways.append(Way(wish, router.route(wish.request)))
        _annotate(router, net.ways[-1], noting)


def _annotate(router: Router, way: Way, noting: Noting) -> None:
    if way.path is not None and way.wish.edge is not None:
        notes, way.unnoted = noting(router, way.path, way.wish.edge, way.wish.request.net)
        way.notes = tuple(notes)


def _weigh(router: Router, net: _Net) -> None:
    net.laid = router.lift(net.name)
    net.cost = _cost(router, [net])
    router.lay(net.name, net.laid)


def _disturbed(router: Router, net: _Net) -> bool:
    """Whether others have come in the way of a net since it was laid: if not there is no better way."""
    before = net.cost
    _weigh(router, net)
    return net.cost > before + 0.5 or any(way.unnoted for way in net.ways)


def _laid_again(router: Router, nets: Sequence[_Net], noting: Noting) -> bool:
    """Lays nets anew, in the order given, where the others now lie; whether they are better so."""
    before = [_Net(net.name, net.wishes, net.ways, router.lift(net.name)) for net in nets]
    old = _cost(router, before)
    for net in nets:
        _route(router, net, noting)
    for net in nets:
        net.laid = router.lift(net.name)
    better = _cost(router, nets) < old - 0.5
    for net, kept in zip(nets, nets if better else before, strict=True):
        net.ways = kept.ways
        router.lay(net.name, kept.laid)
    return better


def _laid_elsewhere(router: Router, net: _Net, noting: Noting) -> bool:
    """Lays a net apart from where its notes have no room, or farther apart; whether it is better so."""
    wishes, better = net.wishes, False
    for beside in BESIDE:
        if any(way.unnoted for way in net.ways):
            net.wishes = [_apart(way, beside) for way in net.ways]
            better = _laid_again(router, [net], noting) or better
    net.wishes = wishes
    return better


def _laid_first(router: Router, net: _Net, nets: Mapping[str, _Net], noting: Noting) -> bool:
    """Lays a net whose notes have no room before its neighbours there; whether it is better so."""
    crowded = [cell for way in net.ways if way.path and way.unnoted for cell in _around(way.path, BESIDE[0])]
    near = router.near(net.name, crowded)
    return 0 < len(near) <= NEIGHBOURS and _laid_again(router, [net, *(nets[name] for name in near)], noting)


def _apart(way: Way, beside: int) -> Wish:
    """The wish of a wire, not to be laid where its notes have no room."""
    if way.path is None or not way.unnoted:
        return way.wish
    crowded = frozenset(_around(way.path, beside)) | way.wish.request.avoid
    return replace(way.wish, request=replace(way.wish.request, avoid=crowded))


def _around(path: Sequence[GridPoint], beside: int) -> Iterator[GridPoint]:
    """What lies so near to the longest piece of a wire, but for its ends."""
    (x, y), (to_x, to_y) = max(pairwise(path), key=lambda leg: abs(leg[0][0] - leg[1][0]) + abs(leg[0][1] - leg[1][1]))
    wide, high = (-2, beside) if y == to_y else (beside, -2)
    for column in range(min(x, to_x) - wide, max(x, to_x) + wide + 1):
        yield from ((column, row) for row in range(min(y, to_y) - high, max(y, to_y) + high + 1))


def _cost(router: Router, nets: Sequence[_Net]) -> float:
    """What the ways of nets that are lifted cost on the grid as it is, and on each other."""
    total = 0.0
    for net in nets:
        total += sum(_cost_of(router, way) for way in net.ways)
        router.lay(net.name, net.laid)
    for net in nets:
        router.lift(net.name)
    return total


def _cost_of(router: Router, way: Way) -> float:
    if way.path is None:
        return _MISSING
    request = way.wish.request
    ports = _at_port(request.starts, way.path[0]) + _at_port(request.goals, way.path[-1])
    return router.price_of(way.path) + _UNNOTED * way.unnoted + ports


def _at_port(ports: Sequence[tuple[int, int, int, float]], end: GridPoint) -> float:
    return min((cost for x, y, _, cost in ports if (x, y) == end), default=0.0)


def _excess(net: _Net) -> float:
    """How much longer the ways of a net are than if nothing stood in between; bends count."""
    total = 0.0
    for way in net.ways:
        if way.path is None:
            return _MISSING
        (x, y), (to_x, to_y) = way.path[0], way.path[-1]
        length = sum(abs(a - c) + abs(b - d) for (a, b), (c, d) in zip(way.path, way.path[1:], strict=False))
        bends = len(way.path) - 2 - (x != to_x and y != to_y)
        total += length - abs(x - to_x) - abs(y - to_y) + 4 * bends + _UNNOTED * way.unnoted
    return total
