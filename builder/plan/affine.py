"""Affine maps inside a cell: which weights meet which inputs and the hidden state before a gate's function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from leporello.builder.plan.slices import Slice, narrowed
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.graph import NOW, Node, Time, Wire
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import an


class NoCellError(Exception):
    """The loop is not the cell that was tried; says what it lacks."""


@dataclass(frozen=True)
class Affine:
    """A sum of products with weights: of inputs from outside the loop, of the hidden state, and biases."""

    inputs: tuple[tuple[Wire, Slice], ...] = ()
    hidden: tuple[Slice, ...] = ()
    biases: tuple[Slice, ...] = ()

    def __add__(self, other: Affine) -> Affine:
        return Affine(self.inputs + other.inputs, self.hidden + other.hidden, self.biases + other.biases)

    def negated(self) -> Affine:
        """The same with every sign turned."""
        turn = {True: False, False: True}
        return Affine(
            tuple((wire, replace(piece, negative=turn[piece.negative])) for wire, piece in self.inputs),
            tuple(replace(piece, negative=turn[piece.negative]) for piece in self.hidden),
            tuple(replace(piece, negative=turn[piece.negative]) for piece in self.biases),
        )


@dataclass(frozen=True)
class Reader:
    """Reads the nodes of one loop as parts of a cell."""

    model: Checked
    inside: frozenset[str]
    direction: int
    hidden: str

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

    def opened(self, wire: Wire, block: str) -> tuple[Wire, ...] | None:
        """The wires into the node that a wire reads, if it is of that block."""
        node = self.node(wire)
        return None if node is None or node.block != block else node.wires

    def late(self, wire: Wire, path: str) -> bool:
        """Whether a wire reads the state at `path` one step before."""
        while wire.source != path and self.model.graph[wire.source].block == "identity" and wire.source in self.inside:
            node = self.model.graph[wire.source]
            if wire.time != NOW and node.wires[0].time != NOW:
                return False
            wire = replace(node.wires[0], time=wire.time if node.wires[0].time == NOW else node.wires[0].time)
        return wire.source == path and not wire.port and wire.time == Time("t", -self.direction)

    def affine(self, wire: Wire, rows: tuple[int, int] | None = None) -> Affine:
        """What a wire reads as an affine map of inputs and hidden state."""
        node = self.model.graph[wire.source]
        if wire.time != NOW:
            raise NoCellError(f"{wire} is added without a weight")
        if node.block == "identity":
            return self.affine(node.wires[0], rows)
        if node.block == "add":
            left, right = node.wires
            return self.affine(left, rows) + self.affine(right, rows)
        if node.block == "split":
            return self.affine(node.wires[0], self._part(node, wire.port, rows))
        if node.block == "weight":
            return Affine(biases=(Slice(owner(node, "value"), rows),))
        if node.block == "linear":
            return self._linear(node, rows)
        raise NoCellError(f"{self.told(wire)}, {an(node.block)}, is added where only products with weights are")

    def told(self, wire: Wire) -> str:
        """A wire as its reader knows it: what an expression opened to has no name of its own."""
        owner = wire.source.rpartition("/")[0]
        return f"a part of {owner}" if owner in self.model.graph else str(wire)

    def _part(self, node: Node, port: str, rows: tuple[int, int] | None) -> tuple[int, int]:
        names = [str(name) for name in node.parameters["into"]]
        size: Any = self.model.values[node.path, ""].size
        start = size * (names.index(port) if port else 0)
        return (start, start + size) if rows is None else narrowed((start, start + size), *rows)

    def _linear(self, node: Node, rows: tuple[int, int] | None) -> Affine:
        path = owner(node, "weight")
        whole = Affine(biases=(Slice(owner(node, "bias"), rows),) if node.parameters["bias"] else ())
        spans = self._spans(node.wires[0])
        for read, span in spans:
            columns = None if len(spans) == 1 else span
            piece = Slice(path, rows, columns)
            if self.late(read, self.hidden):
                whole += Affine(hidden=(piece,))
            elif read.source in self.inside:
                raise NoCellError(f"{node.path} reads {read}, which is part of the loop")
            else:
                whole += Affine(inputs=((read, piece),))
        return whole

    def _spans(self, wire: Wire) -> list[tuple[Wire, tuple[int, int]]]:
        """The pieces of what a linear reads, and their columns."""
        leaves = self._leaves(wire)
        spans, start = [], 0
        for leaf in leaves:
            size: Any = self.model.value(leaf).size
            spans.append((leaf, (start, start + size)))
            start += size
        return spans

    def _leaves(self, wire: Wire) -> list[Wire]:
        node = self.model.graph[wire.source]
        if wire.time != NOW or node.block != "concatenate":
            return [wire]
        return [leaf for inner in node.wires for leaf in self._leaves(inner)]


def owner(node: Node, weight: str) -> str:
    """The path of the weight that a node uses as `weight`: its own, or the one that it shares."""
    share = node.modifiers.share
    if isinstance(share, Mapping):
        if WHOLE in share:
            return f"{share[WHOLE]}/{weight}"
        return str(share.get(weight, f"{node.path}/{weight}"))
    return f"{node.path}/{weight}"
