"""What a spec cannot say of an opened graph, said otherwise: delay lines, axes of composites and of bodies."""

from __future__ import annotations

from dataclasses import replace

from leporello.graphs.analysis.axes import Axes, infer_axes
from leporello.graphs.analysis.loops import find_loops
from leporello.graphs.blocktypes import Registry
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, PLAIN, Learned, Node, Time, Wire


def flatten(graph: Graph) -> Graph:
    """A graph of the same values, each of whose nodes can be written in a spec of one body.

    A graph as written comes back as it is. One that was opened loses what its nodes have been given already:
    parameters of the spec, blocks and composites.
    """
    if graph.composites:
        axes = infer_axes(graph, Registry(graph.kinds), find_loops(graph)[0])[0]
        said = tuple(composite.path + "/" for composite in graph.composites if composite.axis is not None)
        weighty = {node.path for node in graph.nodes if (kind := graph.kinds.get(node.block)) and kind.weights}
        nodes = tuple(
            _alone(node, axes[node.path], node.path.startswith(said), node.path in weighty) for node in graph.nodes
        )
        graph = replace(graph, nodes=nodes, composites=(), parameters=EMPTY, blocks=EMPTY)
    return _without_delay_lines(graph)


def _alone(node: Node, axes: Axes, clocked: bool, weighty: bool) -> Node:
    """The node without its body: it says itself over which axis it runs, and on which (`clocked`)."""
    parameters = {name: value for name, value in node.parameters.items() if value is not None}
    if axes.over is not None and len({*axes.carried, axes.over}) > 1:
        parameters.setdefault("over", axes.over[0])
    axis = axes.own if clocked and axes.own else node.axis
    modifiers = node.modifiers
    if not weighty:  # what a composite says of weights concerns a learned initial value at most
        modifiers = replace(modifiers, share=None) if isinstance(node.initial, Learned) else PLAIN
    return replace(node, parameters=parameters, axis=axis, modifiers=modifiers)


def _without_delay_lines(graph: Graph) -> Graph:
    """The graph with a node for every place of a delay line that is read by itself.

    `h` starting from several values, and `h(last-1)`, are nothing that a spec says. A node that is `h` one step
    late has its value there at the last step, and starts from the value that follows in the line.
    """
    lines = _Lines(graph)
    nodes = tuple(_trimmed(node).rewired(lines.change) for node in graph.nodes)
    outputs = tuple(replace(output, wire=lines.change(output.wire)) for output in graph.outputs)
    return replace(graph, nodes=(*nodes, *lines.made.values()), outputs=outputs)


def _trimmed(node: Node) -> Node:
    return replace(node, initial=node.initial[:1]) if isinstance(node.initial, tuple) else node


class _Lines:
    """Makes the places of delay lines, each when it is first read."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.made: dict[tuple[str, int], Node] = {}
        self.taken = {node.path for node in graph.nodes}

    def change(self, wire: Wire) -> Wire:
        """The wire, through the line where it reads a place of one."""
        time, node = wire.time, self.graph.index.get(wire.source)
        if node is None or not time.offset:
            return wire
        if time.kind != "t":
            return Wire(self._place(node, wire.port, time.offset).path, "", Time(time.kind))
        if len(node.initial_wires) < 2 or abs(time.offset) < 2:
            return wire
        step = 1 if time.offset > 0 else -1
        return Wire(self._place(node, wire.port, time.offset - step).path, "", Time("t", step))

    def _place(self, node: Node, port: str, offset: int) -> Node:
        """The node that is `node` so many steps later (or earlier)."""
        step = 1 if offset > 0 else -1
        if len(node.initial_wires) < 2:
            return self._make(node, offset, Wire(node.path, port, Time("t", offset)), None)
        before = Wire(node.path, port, Time("t", step))
        for place in range(1, abs(offset) + 1):
            initial = node.initial_wires[min(place, len(node.initial_wires) - 1)]
            made = self._make(node, place * step, before, initial)
            before = Wire(made.path, "", Time("t", step))
        return made

    def _make(self, node: Node, offset: int, read: Wire, initial: Wire | None) -> Node:
        key = (node.path, offset)
        if key not in self.made:
            path = f"{node.path}_{'late' if offset < 0 else 'ahead'}{abs(offset)}"
            while path in self.taken:
                path += "_"
            self.taken.add(path)
            start = (self.change(initial),) if initial else None
            self.made[key] = Node(path, "identity", (("input", read),), initial=start)
        return self.made[key]
