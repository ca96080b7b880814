"""Split: a linear over a list, of which a part does not depend on the loop, leaves that part outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from leporello.builder.passes.merge import free, rows_of
from leporello.builder.passes.rewriting import Keep, loop_of, rebuilt
from leporello.builder.slices import Rows, narrowed
from leporello.graphs.checks import Checked
from leporello.graphs.graph import EMPTY, NOW, Node, Wire, freeze


def split(model: Checked, keep: Keep = frozenset()) -> Checked:
    """The model with `W [x, h(t-1)]` as `W_x x + W_h h(t-1)` in loops, the first for all steps at once."""
    loop = loop_of(model)
    taken = {"/".join(path.split("/")[:i]) for path in model.graph.index for i in range(1, path.count("/") + 2)}
    nodes: list[Node] = []
    for node in model.graph.nodes:
        found = None
        if node.block in ("linear", "product") and loop(node.path) >= 0 and node.path not in keep:
            found = _divided(node, model, loop, taken)
        nodes.extend(found or [node])
    return rebuilt(model, nodes, {}, keep) if len(nodes) > len(model.graph) else model


def _divided(node: Node, model: Checked, loop: Callable[[str], int], taken: set[str]) -> list[Node] | None:
    """The nodes that stand for `node`: two lists, two products and their sum, under its own path."""
    wire = node.wires[0]
    source = model.graph[wire.source]
    here = loop(node.path)
    if source.block != "concatenate" or wire.time != NOW or loop(source.path) != here:
        return None
    spans = _spans(source, model)
    outside = [(read, span) for read, span in spans if loop(read.source) != here]
    inside = [(read, span) for read, span in spans if loop(read.source) == here]
    if not outside or not inside:
        return None
    rows: tuple[Rows, ...] = node.parameters["rows"] if node.block == "product" else (rows_of(node),)
    units = sum(row.units for row in rows)
    pieces: list[Node] = []
    before, within = free(f"{node.path}_outside", taken), f"{node.path}/inside"
    for path, part, biased in ((before, outside, True), (within, inside, False)):
        pieces.extend(_part(path, part, rows, units, biased, node, model))
    sides = (("left", Wire(before)), ("right", Wire(within)))
    return [*pieces, replace(node, block="add", inputs=sides, parameters=EMPTY)]


def _spans(source: Node, model: Checked) -> list[tuple[Wire, tuple[int, int]]]:
    spans, start = [], 0
    for wire in source.wires:
        size = int(model.value(wire).size)  # type: ignore[arg-type]
        spans.append((wire, (start, start + size)))
        start += size
    return spans


def _part(
    path: str,
    part: list[tuple[Wire, tuple[int, int]]],
    rows: tuple[Rows, ...],
    units: int,
    biased: bool,
    node: Node,
    model: Checked,
) -> list[Node]:
    """A product over some of the list; columns that follow each other are one span."""
    wires = [wire for wire, _ in part]
    spans = [span for _, span in part]
    if any(a[1] != b[0] for a, b in pairwise(spans)):
        return _parts_apart(path, part, rows, units, biased, node, model)
    columns = (spans[0][0], spans[-1][1])
    made = tuple(
        Rows(
            row.units,
            replace(row.weight, columns=narrowed(row.weight.columns, *columns)),
            row.bias if biased else None,
        )
        for row in rows
    )
    parameters = freeze({"units": units, "rows": made})
    joined: list[Node] = []
    wire = wires[0]
    if len(wires) > 1:
        ports = tuple((str(i), read) for i, read in enumerate(wires, 1))
        joined = [Node(f"{path}/input", "concatenate", ports, body=node.body, mark=node.mark)]
        wire = Wire(joined[0].path)
    return [*joined, Node(path, "product", (("input", wire),), parameters, body=node.body, mark=node.mark)]


def _parts_apart(
    path: str,
    part: list[tuple[Wire, tuple[int, int]]],
    rows: tuple[Rows, ...],
    units: int,
    biased: bool,
    node: Node,
    model: Checked,
) -> list[Node]:
    """Columns that do not follow each other: a product for each, and their sum."""
    made: list[Node] = []
    total: Wire | None = None
    for i, piece in enumerate(part, 1):
        name = f"{path}/{i}"
        made.extend(_part(name, [piece], rows, units, biased and i == 1, node, model))
        if total is None:
            total = Wire(name)
            continue
        last = path if i == len(part) else f"{path}/sum{i}"
        made.append(Node(last, "add", (("left", total), ("right", Wire(name))), body=node.body, mark=node.mark))
        total = Wire(last)
    return made
