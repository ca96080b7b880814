"""Delay lines: which values are kept over time, what they start from, and how that is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leporello.builder.lowering.primitives import Surroundings, expanded
from leporello.builder.lowering.terms import BATCH, Dimension, Term
from leporello.builder.names import reference
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Node, Wire

Port = tuple[str, str]
"""A node's path and its port; the empty port is the first."""

BEGIN, END = 0, 1


@frozen
class Lines:
    """By node and port, how many steps late (and how many ahead) it is read at most."""

    late: Mapping[Port, int]
    ahead: Mapping[Port, int]


def find_lines(model: Checked) -> Lines:
    """The delay lines of a model."""
    late: dict[Port, int] = {}
    ahead: dict[Port, int] = {}
    wires = [wire for node in model.graph.nodes for wire in node.wires + node.initial_wires]
    for wire in wires + [output.wire for output in model.graph.outputs]:
        offset = wire.time.offset
        if wire.time.kind != "all" and offset:
            lines, key = (late, ahead)[offset > 0], (wire.source, wire.port)
            lines[key] = max(lines.get(key, 0), abs(offset))
    return Lines(late, ahead)


def key_of(port: Port) -> str:
    """The key of a delay line in the state: the node's path.

    >>> key_of(("h/1/forward/c", ""))
    'h/1/forward/c'
    """
    path, name = port
    return f"{path}.{name}" if name else path


def initial_value(
    node: Node, port: Port, place: int, after: bool, around: Surroundings, read: Callable[[Wire], Term]
) -> Term:
    """What a node is `place` steps before its first step (or after its last): `[batch, carried..., features]`."""
    model = around.model
    carried = model.axes[node.path].carried
    dims: tuple[Dimension, ...] = (BATCH, *carried)
    sizes = [around.sizes(dim) for dim in dims]
    value = model.values[port]
    if node.initial_wires:
        wires = node.initial_wires
        return expanded(read(wires[min(place, len(wires)) - 1]), dims, around)
    shape = ", ".join(sizes)
    if value.kind == "tokens":
        token = (END if after else BEGIN) if node.initial is None else int(node.initial)  # type: ignore[arg-type]
        inner = f"({shape},)" if len(sizes) == 1 else f"({shape})"
        return Term(f"torch.full({inner}, {token}, device={around.like}.device)", dims, tokens=True)
    if node.initial is None or node.initial == 0.0:
        return Term(f"{around.like}.new_zeros({shape}, {value.size})", dims)
    if isinstance(node.initial, float):
        return Term(f"{around.like}.new_full(({shape}, {value.size}), {node.initial!r})", dims)
    return Term(f"{reference(node.path + '/initial')}.expand({shape}, -1)", dims)


def line_text(places: list[Term]) -> str:
    """A delay line `[batch, places, ...]` out of its places, in the order of time."""
    if len(places) == 1:
        return f"{places[0].atom}.unsqueeze(1)"
    return f"torch.stack([{', '.join(place.text for place in places)}], 1)"
