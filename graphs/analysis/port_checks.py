"""What a use of a block gives to its ports, against what the block says of them."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.blocktypes import BlockType, Port, Registry, Value
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import UNKNOWN, Node, Wire
from leporello.graphs.problems import Problem, an

ENDS = ("final", "state")
"""What every composite has where its loops end, whatever its own ports are."""
Values = Mapping[tuple[str, str], Value]


def check_late_ports(opened: Graph, registry: Registry) -> list[Problem]:
    """Ports of primitives that read only earlier steps."""
    found = []
    for node in opened.nodes:
        kind = registry.get(node.block)
        for name, wire in node.inputs:
            port = kind.port(name) if kind else None
            if port and port.reads == "late" and wire.source != UNKNOWN:
                found.extend(_too_early(node, port, wire))
    return found


def check_composite_ports(
    written: Graph, opened: Graph, registry: Registry, axes: Mapping[str, Axes], values: Values
) -> list[Problem]:
    """Ports of the composites at the top: kinds, delays, and whole axes where whole axes are looked at."""
    found = []
    for node in written.nodes:
        kind = registry.get(node.block)
        for name, wire in node.inputs if kind and kind.is_composite else ():
            port = kind.port(name) if kind else None
            ends = _ends(wire, opened)
            if kind and port and port.reads == "all" and wire.port in ENDS and not ends:
                found.append(_lacks_axis(node, kind, port, wire))
            if kind and port and ends:
                found.extend(_check(node, kind, port, wire, ends, axes, values))
    return found


def _ends(wire: Wire, opened: Graph) -> tuple[Wire, ...]:
    """The primitives' ports that a wire of the spec reads in the end; none where that is a state."""
    if wire.source in opened:
        return (wire,)
    composite = next((c for c in opened.composites if c.path == wire.source), None)
    ports = composite.ports if composite else {}
    return ports.get(wire.port or next(iter(ports), ""), ())


def _check(
    node: Node,
    kind: BlockType,
    port: Port,
    wire: Wire,
    ends: tuple[Wire, ...],
    axes: Mapping[str, Axes],
    values: Values,
) -> list[Problem]:
    who = f"{node.path}, {an(kind.name)},"
    given = values.get((ends[0].source, ends[0].port), Value())
    if "any" not in (port.kind, given.kind) and port.kind != given.kind:
        what = f"{who} reads {given.kind} from {wire} at its port {port.name}"
        embed = f"embed them first: e: {{block: embedding, input: {wire.source}, units: 64}}"
        hint = embed if given.kind == "tokens" else "tokens come from an input, argmax or sample"
        return [Problem(what, hint, node.at(port.name), node=node.path)]
    if port.reads == "late":
        return _too_early(node, port, wire)
    static = wire.time.kind in ("first", "last") or all(axes.get(end.source, Axes(UNKNOWN)).own is None for end in ends)
    if port.reads == "all" and static:
        return [_lacks_axis(node, kind, port, wire)]
    return []


def _lacks_axis(node: Node, kind: BlockType, port: Port, wire: Wire) -> Problem:
    what = f"{node.path}, {an(kind.name)}, looks at all steps of its {port.name}, but {wire} has no time axis"
    hint = f"give it what runs on an axis, such as {port.name}: encoder"
    return Problem(what, hint, node.at(port.name), node=node.path)


def _too_early(node: Node, port: Port, wire: Wire) -> list[Problem]:
    if wire.time.is_late:
        return []
    what = f"{node.path} reads {wire} at its port {port.name}, which needs a delay of at least one step"
    return [Problem(what, f"{port.name}: {wire.source}(t-1)", node.at(port.name), node=node.path)]
