"""Split: a linear over a list, of which a part does not depend on the loop, leaves that part outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from leporello.builder.plan.passes.merge import rows_of
from leporello.builder.plan.passes.rewriting import Keep, free, loop_of, rebuilt, taken_paths
from leporello.builder.plan.slices import Rows, narrowed
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, NOW, Node, Wire, freeze

Span = tuple[Wire, tuple[int, int]]
"""A piece of a list, and its columns."""


def split(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with `W [x, h(t-1)]` as `W_x x + W_h h(t-1)` in loops, the first for all steps at once."""
    loop = loop_of(model)
    taken = taken_paths(model)
    nodes: list[Node] = []
    for node in model.graph.nodes:
        found: list[Node] = []
        if node.block in ("linear", "product") and loop(node.path) >= 0 and node.path not in keep:
            found = _divided(node, model, loop, taken)
        nodes.extend(found or [node])
    return rebuilt(model, nodes, {}, keep) if len(nodes) > len(model.graph) else model


def _divided(node: Node, model: Checked, loop: Callable[[str], int], taken: set[str]) -> list[Node]:
    """The nodes that stand for `node`: two products and their sum, under its own path; none if it stays whole."""
    wire, here = node.wires[0], loop(node.path)
    source = model.graph[wire.source]
    if source.block != "concatenate" or wire.time != NOW or loop(source.path) != here:
        return []
    spans = _spans(source, model)
    outside = [(read, span) for read, span in spans if loop(read.source) != here]
    inside = [(read, span) for read, span in spans if loop(read.source) == here]
    if not outside or not inside:
        return []
    division = _Division(node)
    before, within = free(f"{node.path}_outside", taken), free(f"{node.path}/inside", taken)
    sides = (("left", Wire(before)), ("right", Wire(within)))
    return [
        *division.part(before, outside, True),
        *division.part(within, inside, False),
        replace(node, block="add", inputs=sides, parameters=EMPTY),
    ]


def _spans(source: Node, model: Checked) -> list[Span]:
    spans, start = [], 0
    for wire in source.wires:
        size = int(model.value(wire).size)  # type: ignore[arg-type]
        spans.append((wire, (start, start + size)))
        start += size
    return spans


@frozen
class _Division:
    """Makes products over parts of what a linear (or a product) reads."""

    node: Node

    @property
    def rows(self) -> tuple[Rows, ...]:
        """The rows of the whole."""
        rows: tuple[Rows, ...] = self.node.parameters["rows"] if self.node.block == "product" else (rows_of(self.node),)
        return rows

    def part(self, path: str, spans: Sequence[Span], biased: bool) -> list[Node]:
        """A product over some of the list, called `path`; a sum of several where columns do not follow each other."""
        if any(first[1][1] != second[1][0] for first, second in pairwise(spans)):
            return self._apart(path, spans, biased)
        wires = [wire for wire, _ in spans]
        listed: list[Node] = []
        wire = wires[0]
        if len(wires) > 1:
            listed = [self._node(f"{path}/input", "concatenate", wires)]
            wire = Wire(listed[0].path)
        parameters = {"units": sum(row.units for row in self.rows), "rows": self._narrowed(spans, biased)}
        product = self._node(path, "product", [wire])
        return [*listed, replace(product, inputs=(("input", wire),), parameters=freeze(parameters))]

    def _narrowed(self, spans: Sequence[Span], biased: bool) -> tuple[Rows, ...]:
        start, stop = spans[0][1][0], spans[-1][1][1]
        return tuple(
            Rows(
                row.units,
                replace(row.weight, columns=narrowed(row.weight.columns, start, stop)),
                row.bias if biased else None,
            )
            for row in self.rows
        )

    def _apart(self, path: str, spans: Sequence[Span], biased: bool) -> list[Node]:
        made: list[Node] = []
        total: Wire | None = None
        for i, span in enumerate(spans, 1):
            name = f"{path}/{i}"
            made.extend(self.part(name, [span], biased and i == 1))
            if total is not None:
                last = path if i == len(spans) else f"{path}/sum{i}"
                sides = (("left", total), ("right", Wire(name)))
                made.append(replace(self._node(last, "add", []), inputs=sides))
                name = last
            total = Wire(name)
        return made

    def _node(self, path: str, block: str, wires: Sequence[Wire]) -> Node:
        ports = tuple((str(i), wire) for i, wire in enumerate(wires, 1))
        return Node(path, block, ports, body=self.node.body, mark=self.node.mark)
