"""Affine maps inside a cell: which weights meet which inputs and the hidden state before a gate's function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from leporello.builder.plan.lists import pieces
from leporello.builder.plan.slices import Slice, narrowed
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW, Node, Time, Wire
from leporello.graphs.opening.sharing import WHOLE

MOST = 1000
"""So many terms of a sum are read: sums of sums of the same nodes grow beyond all bounds."""

Of = Literal["both", "outside", "state"]


class Misfit(NamedTuple):
    """A read that a kernel's sum of products has not, by the node at `path`.

    *unweighed*: added without a weight; *taken*: away from the sum; *inside*: of another node of the loop; *delay*: of
    the hidden state at another step; *state*: of the hidden state where only what comes from outside is weighed;
    *outside*: the other way round; *many*: there are more than are looked at.
    """

    kind: Literal["unweighed", "taken", "inside", "delay", "state", "outside", "many"]
    path: str
    wire: Wire


@frozen
class Affine:
    """A sum of products with weights: of inputs from outside the loop, of the hidden state, and biases."""

    inputs: tuple[tuple[Wire, Slice], ...] = ()
    hidden: tuple[Slice, ...] = ()
    biases: tuple[Slice, ...] = ()
    misfits: tuple[Misfit, ...] = ()

    def __add__(self, other: Affine) -> Affine:
        misfits = self.misfits + other.misfits
        return Affine(self.inputs + other.inputs, self.hidden + other.hidden, self.biases + other.biases, misfits)

    def __len__(self) -> int:
        return len(self.inputs) + len(self.hidden) + len(self.biases) + len(self.misfits)

    def negated(self) -> Affine:
        """The same with every sign turned."""
        turn = {True: False, False: True}
        return Affine(
            tuple((wire, replace(piece, negative=turn[piece.negative])) for wire, piece in self.inputs),
            tuple(replace(piece, negative=turn[piece.negative]) for piece in self.hidden),
            tuple(replace(piece, negative=turn[piece.negative]) for piece in self.biases),
        )


@frozen
class Reader:
    """Reads the nodes of one loop as parts of a cell whose hidden state is at the path `hidden`."""

    model: Checked
    inside: frozenset[str]
    direction: int
    hidden: str
    states: frozenset[str]

    def explained(self) -> frozenset[str]:
        """The nodes that make up the loop's steps: its own, and those outside that give it sums, not values to weigh.

        What a linear reads is only a source, unless it is a list, which the columns of its weight stand for.
        """
        found = dict.fromkeys(sorted(self.inside))
        queue = list(found)
        for path in queue:
            node = self.model.graph[path]
            for wire in node.wires:
                listed = self.model.graph[wire.source].block == "concatenate"
                part = wire.time == NOW and (listed or node.block not in ("linear", "concatenate"))
                if part and wire.source not in found:
                    found[wire.source] = None
                    queue.append(wire.source)
        return frozenset(found)

    def node(self, wire: Wire) -> Node | None:
        """The node that a wire reads at the same step, through any `identity`."""
        while wire.time == NOW and not wire.port:
            node = self.model.graph[wire.source]
            if node.block != "identity":
                return node
            wire = node.wires[0]
        return None

    def state(self, wire: Wire) -> str:
        """The path of the state that a wire reads at the same step, else of what it reads."""
        path = wire.source
        while path not in self.states:
            node = self.model.graph[path]
            if node.block != "identity" or node.wires[0].time != NOW:
                return wire.source
            path = node.wires[0].source
        return path

    def terms(self, wire: Wire, block: str, at: str, most: int) -> list[tuple[Wire, str]]:
        """What a sum (or a product) is of, each with the node that reads it; `most` and one more, where there are more.

        What no such node gives is one term, read `at` another node.
        """
        found: list[tuple[Wire, str]] = []
        waiting = [(wire, at)]
        while waiting and len(found) <= most:
            wire, at = waiting.pop()
            node = self.node(wire)
            if node is None or node.block != block:
                found.append((wire, at))
            else:
                waiting.extend((inner, node.path) for inner in reversed(node.wires))
        return found

    def late(self, wire: Wire, path: str) -> bool:
        """Whether a wire reads the state at `path` one step before."""
        found = self.reading(wire, path)
        return found is not None and found[0] == Time("t", -self.direction)

    def reading(self, wire: Wire, path: str) -> tuple[Time, str] | None:
        """At which time a wire reads the node at `path`, if it does, and the path of the `identity` that says so."""
        by = ""
        while wire.source != path and self.model.graph[wire.source].block == "identity" and wire.source in self.inside:
            node = self.model.graph[wire.source]
            if wire.time != NOW and node.wires[0].time != NOW:
                return None
            by = by if node.wires[0].time == NOW else node.path
            wire = replace(node.wires[0], time=wire.time if node.wires[0].time == NOW else node.wires[0].time)
        return (wire.time, by) if wire.source == path and not wire.port else None

    def affine(self, wire: Wire, at: str, of: Of = "both") -> Affine:
        """What a wire reads, by the node `at` a path, as an affine map of inputs and hidden state (or `of` one)."""
        whole = Affine()
        waiting: list[tuple[Wire, str, tuple[int, int] | None]] = [(wire, at, None)]
        while waiting:
            wire, at, rows = waiting.pop()
            node = self.model.graph[wire.source]
            if len(whole) >= MOST:
                return whole + Affine(misfits=(Misfit("many", at, wire),))
            if wire.time != NOW:
                whole += Affine(misfits=(Misfit("unweighed", at, wire),))
            elif node.block in ("identity", "add", "subtract"):
                waiting.extend((inner, node.path, rows) for inner in reversed(node.wires))
                if node.block == "subtract":
                    whole += Affine(misfits=(Misfit("taken", node.path, node.wires[1]),))
            elif node.block == "split":
                waiting.append((node.wires[0], node.path, self._part(node, wire.port, rows)))
            elif node.block == "weight":
                whole += Affine(biases=(Slice(owner(node, "value"), rows),))
            elif node.block == "linear":
                whole += self._linear(node, of, rows)
            else:
                whole += Affine(misfits=(Misfit("unweighed", at, wire),))
        return whole

    def _part(self, node: Node, port: str, rows: tuple[int, int] | None) -> tuple[int, int]:
        names = [str(name) for name in node.parameters["into"]]
        size: Any = self.model.values[node.path, ""].size
        start = size * (names.index(port) if port else 0)
        return (start, start + size) if rows is None else narrowed((start, start + size), *rows)

    def _linear(self, node: Node, of: Of, rows: tuple[int, int] | None) -> Affine:
        path = owner(node, "weight")
        whole = Affine(biases=(Slice(owner(node, "bias"), rows),) if node.parameters["bias"] else ())
        spans = self._spans(node.wires[0])
        for read, span in spans:
            columns = None if len(spans) == 1 else span
            piece = Slice(path, rows, columns)
            misfit = self._misfit(read, node.path, of)
            if misfit is not None:
                whole += Affine(misfits=(misfit,))
            elif self.late(read, self.hidden):
                whole += Affine(hidden=(piece,))
            else:
                whole += Affine(inputs=((read, piece),))
        return whole

    def _misfit(self, read: Wire, at: str, of: Of) -> Misfit | None:
        """What is wrong with what a linear of a gate reads, if anything is."""
        if self.late(read, self.hidden):
            return Misfit("state", at, read) if of == "outside" else None
        if read.source not in self.inside:
            return Misfit("outside", at, read) if of == "state" else None
        found = self.reading(read, self.hidden)
        if found is None or found[0].kind != "t" or found[0] == NOW:
            return Misfit("inside", at, read)
        return Misfit("delay", found[1] or at, Wire(self.hidden, "", found[0]))

    def _spans(self, wire: Wire) -> list[tuple[Wire, tuple[int, int]]]:
        """The pieces of what a linear reads, and their columns."""
        leaves = pieces(wire, self.model.graph)
        spans, start = [], 0
        for leaf in leaves:
            size: Any = self.model.value(leaf).size
            spans.append((leaf, (start, start + size)))
            start += size
        return spans


def owner(node: Node, weight: str) -> str:
    """The path of the weight that a node uses as `weight`: its own, or the one that it shares."""
    share = node.modifiers.share
    if isinstance(share, Mapping):
        if WHOLE in share:
            return f"{share[WHOLE]}/{weight}"
        return str(share.get(weight, f"{node.path}/{weight}"))
    return f"{node.path}/{weight}"
