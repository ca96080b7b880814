"""What differs between two models, box by box: those of one alone, those renamed or spelled out, and what changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.components import reached
from leporello.graphs.drawing.views.closing import folded, group
from leporello.graphs.drawing.views.opened import inlined
from leporello.graphs.drawing.views.view import Edge, View
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Modifiers

Facts = Mapping[str, str]
_UNSAID = {"layers": "1", "direction": "forward"}
"""What holds of a block whose use does not say it."""
_NAME = re.compile(r"[A-Za-z]\w*(?![\w(]|\.\w)|[A-Za-z]\w*(?=\((?:t[-+]|last|first|all))")


@frozen
class Pair:
    """A box of one model or of both, with its block or formula in each.

    `what` gives for each thing that changed how it is in the one and in the other.
    """

    a: str | None
    b: str | None
    blocks: tuple[str, str] = ("", "")
    what: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether the box is in both, under one name, and alike."""
        return self.a == self.b and not self.what


@frozen
class Differences:
    """Two models beside each other.

    `same` says that they are one function of the same weights, whatever the names. `spelled` are groups of boxes of
    the one that stand for groups of the other; `starts` are nodes of the first model whose weights begin differently.
    """

    same: bool
    pairs: tuple[Pair, ...]
    spelled: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    starts: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether nothing differs at all."""
        return self.same and not self.spelled and not self.starts and all(pair.equal for pair in self.pairs)


def differences(a: Checked, b: Checked, renaming: Mapping[str, str] | None) -> Differences:
    """What differs between two checked models; `renaming` pairs their nodes if they are the same function."""
    one, other = _Side(a), _Side(b)
    partners, spelled = _grouped(renaming or {}, one, other)
    gone = {path for group_of in spelled for side in group_of for path in side}
    if renaming is None:
        partners |= {path: path for path in one.facts if path in other.facts}
        _rename(one, other, partners)
    left = {path for path in one.facts if path not in partners and path not in gone}
    partners |= {path: path for path in left if path in other.facts and path not in {*partners.values(), *gone}}
    pairs = [_pair(path, partners.get(path), one, other, partners) for path in one.facts if path not in gone]
    taken = {*partners.values(), *gone}
    pairs += [Pair(None, path, ("", known["block"])) for path, known in other.facts.items() if path not in taken]
    return Differences(renaming is not None, tuple(pairs), spelled, _starts(a, b, renaming or {}))


class _Side:
    """One of the two models: its boxes, what is known of each, and what each reads."""

    def __init__(self, checked: Checked) -> None:
        self.view: View = folded(checked.graph, checked.axes)
        self.grouping = inlined(checked.graph)
        self.parameters = {node.path: frozenset(node.parameters) for node in checked.graph.nodes}
        self.parameters |= {one.path: frozenset(one.parameters) for one in checked.graph.composites}
        self.facts = _facts(checked, self.view)
        self.into: dict[str, list[Edge]] = {path: [] for path in self.facts}
        self.out: dict[str, list[Edge]] = {path: [] for path in self.facts}
        for edge in self.view.edges:
            self.into[edge.target].append(edge)
            self.out[edge.source].append(edge)

    def box(self, path: str) -> str:
        """The box of a node or of an output."""
        return path if path.startswith("outputs/") else self.grouping(path)

    def reads(self, path: str, names: Mapping[str, str]) -> dict[str, str]:
        """What a box reads, by other names where there are, and as its own spec says it; initial values aside."""
        found = {}
        for edge in self.into[path]:
            if edge.style != "initial":
                said, read = (
                    f"{edge.label}: " if edge.label else "",
                    (f".{edge.port}" if edge.port else "") + str(edge.time),
                )
                found[f"{said}{names.get(edge.source, edge.source)}{read}"] = f"{said}{edge.source}{read}"
        return found

    def wiring(self, path: str, names: Mapping[str, str]) -> object:
        """The wires of a box to boxes that have names in both models."""
        into = {
            (e.time, e.said, e.style, names.get(e.source, "" if e.source == path else "?")) for e in self.into[path]
        }
        out = {(e.time, e.said, e.style, names.get(e.target, "" if e.target == path else "?")) for e in self.out[path]}
        return frozenset(into), frozenset(out)


def _facts(checked: Checked, view: View) -> dict[str, Facts]:
    """What is known of every box, the wires aside."""
    composites = {composite.path: composite for composite in checked.graph.composites}
    found: dict[str, Facts] = {}
    for box in view.boxes:
        known = {"block": box.block}
        written = composites.get(box.path) or checked.graph.index.get(box.path)
        if written is not None and box.kind != "input":
            known |= {name: str(value) for name, value in written.parameters.items() if value is not None}
        if box.path in checked.written.index:
            known |= _modifiers(checked.written[box.path].modifiers)
        if (box.path, "") in checked.values and box.path not in composites:
            known["size"] = str(checked.values[box.path, ""])
        found[box.path] = known | {"axis": box.axis or "none"} | ({"initial": box.initial} if box.initial else {})
    return found


def _modifiers(said: Modifiers) -> dict[str, str]:
    found = {name: value for name, value in vars(said).items() if value is not None}
    return {name: str(dict(value) if isinstance(value, Mapping) else value) for name, value in found.items()}


def _grouped(
    renaming: Mapping[str, str], one: _Side, other: _Side
) -> tuple[dict[str, str], tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    """Boxes that are each other's only partner, and groups of boxes that stand for each other."""
    beside: dict[tuple[int, str], set[tuple[int, str]]] = {}
    for path, partner in renaming.items():
        ends = (0, one.box(path)), (1, other.box(partner))
        beside.setdefault(ends[0], set()).add(ends[1])
        beside.setdefault(ends[1], set()).add(ends[0])
    partners, spelled, seen = dict[str, str](), [], set[tuple[int, str]]()
    for path in one.facts:
        together = _reached((0, path), beside) if (0, path) not in seen else set()
        seen |= together
        sides = tuple(tuple(p for p in side.facts if (i, p) in together) for i, side in enumerate((one, other)))
        if len(sides[0]) == len(sides[1]) == 1:
            partners[sides[0][0]] = sides[1][0]
        elif together:
            spelled.append((sides[0], sides[1]))
    return partners, tuple(spelled)


def _reached(start: tuple[int, str], beside: Mapping[tuple[int, str], set[tuple[int, str]]]) -> set[tuple[int, str]]:
    return set(reached([start] if start in beside else [], beside.__getitem__))


def _rename(one: _Side, other: _Side, partners: dict[str, str]) -> None:
    """Adds boxes of other names but alike in block, parameters and wires, where there is no choice."""
    for _ in range(len(one.facts)):
        back = {path: name for name, path in partners.items()}
        mine = _alike(one, [path for path in one.facts if path not in partners], {p: p for p in partners})
        theirs = _alike(other, [path for path in other.facts if path not in back], back)
        pairs = {
            paths[0]: theirs[key][0] for key, paths in mine.items() if len(paths) == 1 and len(theirs.get(key, ())) == 1
        }
        if not pairs:
            return
        partners |= pairs


def _alike(side: _Side, paths: Iterable[str], names: Mapping[str, str]) -> dict[object, list[str]]:
    found: dict[object, list[str]] = {}
    for path in paths:
        known = tuple(sorted((name, _NAME.sub("#", said)) for name, said in side.facts[path].items()))
        found.setdefault((known, side.wiring(path, names)), []).append(path)
    return found


def _pair(path: str, partner: str | None, one: _Side, other: _Side, names: Mapping[str, str]) -> Pair:
    if partner is None:
        return Pair(path, None, (one.facts[path]["block"], ""))
    mine, theirs = one.facts[path], other.facts[partner]
    said = {name: (_of(mine, name), _of(theirs, name)) for name in dict.fromkeys((*mine, *theirs))}
    what = {name: pair for name, pair in said.items() if _renamed(pair[0], names) != pair[1]}
    if "block" in what:
        # Another block has other parameters: only those of both can have changed.
        own = one.parameters.get(path, frozenset()) ^ other.parameters.get(partner, frozenset())
        what = {name: said for name, said in what.items() if name not in own}
    if what.get("size") == what.get("units"):
        what.pop("size", None)
    # A formula that changed says itself what it reads.
    told = "block" in what and any(" " in known["block"] or "(" in known["block"] for known in (mine, theirs))
    mine, theirs = one.reads(path, names), other.reads(partner, {})
    if not told and set(mine) != set(theirs):
        only = [said for said in mine if said not in theirs], [said for said in theirs if said not in mine]
        what["reads"] = (", ".join(mine[said] for said in only[0]) or "none", ", ".join(only[1]) or "none")
    return Pair(path, partner, (one.facts[path]["block"], other.facts[partner]["block"]), what)


def _of(known: Facts, name: str) -> str:
    """What is known under a name, or what holds where nothing is said."""
    return known.get(name, _UNSAID.get(name, "none"))


def _renamed(said: str, names: Mapping[str, str]) -> str:
    """What is said of a box, by the names of the other model."""
    return _NAME.sub(lambda found: names.get(found[0], found[0]), said)


def _starts(a: Checked, b: Checked, renaming: Mapping[str, str]) -> tuple[str, ...]:
    """The boxes of `a` whose weights have other first values than those of `b`, or are frozen in one alone."""
    found: dict[str, None] = {}
    for path, partner in renaming.items():
        if path in a.weights and partner in b.graph:
            mine, theirs = a.graph[path].modifiers, b.graph[partner].modifiers
            if (str(mine.init), bool(mine.frozen)) != (str(theirs.init), bool(theirs.frozen)):
                found[group(path)] = None
    return tuple(found)


def spelled_out(mine: Sequence[str], theirs: Sequence[str]) -> str:
    """Boxes that stand for each other, in words.

    >>> spelled_out(("h",), ("W", "U", "h"))
    'h of A is W, U, h of B'
    """
    return f"{', '.join(mine)} of A {'is' if len(mine) == 1 else 'are'} {', '.join(theirs)} of B"
