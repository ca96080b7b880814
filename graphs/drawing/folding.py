"""From an opened graph to its folded picture: every top-level group closed into one box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from leporello.graphs.axes import Axes
from leporello.graphs.drawing.formula import formula
from leporello.graphs.drawing.view import Box, Edge, Kind, View, style_of
from leporello.graphs.graph import NOW, Composite, Graph, Learned, Node, Output, Time, Wire
from leporello.graphs.problems import Mark

LAYERS = frozenset({"linear", "embedding", "weight", "layer_norm"})
_NAMED = LAYERS | {"input", "feedback", "concatenate", "split", "argmax", "sample", "dropout"}


def folded(graph: Graph, axes: Mapping[str, Axes]) -> View:
    """The opened `graph` as it was written: one box for each top-level node and for each output.

    Wires within a box vanish, unless they are late: those stay as loops with their delays. `axes` gives the
    axis of every node by its path.
    """
    inside: dict[str, dict[str, Node]] = {}
    for node in graph.nodes:
        inside.setdefault(group(node.path), {})[node.path] = node
    composites = {composite.path: composite for composite in graph.composites}
    clocks = {path: axis.own for path, axis in axes.items()}
    lines = tuple(graph.text.splitlines())
    groups = [_Group(path, nodes, composites.get(path), clocks, lines) for path, nodes in inside.items()]
    own = {one.path: one.axis for one in groups}
    edges = tuple(dict.fromkeys([*_wires(graph, clocks, own), *_outputs(graph)]))
    late = {edge.source for edge in edges if edge.style in ("delay", "backward")}
    boxes = [one.box(one.path in late) for one in groups] + [_output(output, clocks, lines) for output in graph.outputs]
    names = tuple(dict.fromkeys(box.axis for box in boxes if box.axis is not None))
    return View(graph.name, tuple(boxes), edges, names)


def group(path: str) -> str:
    """The top-level node to which an opened node belongs.

    >>> group("decoder/1/forward/W_i")
    'decoder'
    """
    return path.partition("/")[0]


def output_path(name: str) -> str:
    """The path of an output's box, which no top-level node can have."""
    return f"outputs/{name}"


@dataclass(frozen=True)
class _Group:
    """A top-level node as written, with the primitives that it opened into."""

    path: str
    inside: Mapping[str, Node]
    composite: Composite | None
    clocks: Mapping[str, str | None]
    lines: tuple[str, ...]

    @property
    def axis(self) -> str | None:
        """The axis on which the first output runs."""
        ports = self.composite.ports.values() if self.composite else ()
        first = next((wires[0].source for wires in ports if wires), self.path)
        return self.clocks.get(first if first in self.clocks else list(self.inside)[-1])

    def box(self, late: bool) -> Box:
        """The closed box; `late` says that something reads it with a delay."""
        written = self.composite or self.inside.get(self.path)
        label, mark = (written.label, written.mark) if written else ("", None)
        title = _title(self.path, self.block, self.axis, mark, self.lines)
        return Box(self.path, self._kind(late), label or self.path, self.axis, self.block, title, self._initial())

    @property
    def block(self) -> str:
        """The block's name, or the formula where an expression was written."""
        if self.composite:
            return self.composite.block
        node = self.inside.get(self.path)
        if node is None:
            return "group"
        return node.block if node.block in _NAMED else formula(self.path, self.inside)

    def _kind(self, late: bool) -> Kind:
        node = self.inside.get(self.path)
        if node and node.block in ("input", "feedback"):
            return "input" if node.block == "input" else "feedback"
        if self.composite and "attention" in self.composite.block:
            return "attention"
        if late:
            return "state"
        return "composite" if self.composite else "layer" if node and node.block in LAYERS else "function"

    def _initial(self) -> str:
        found: dict[str, None] = {}
        for node in self.inside.values():
            if isinstance(node.initial, Learned):
                found["learned"] = None
            elif isinstance(node.initial, int | float):
                found[f"{node.initial:g}"] = None
            for wire in node.initial_wires:
                found[f"{group(wire.source)}{replace(wire.time, scope='')}"] = None
        return " and ".join(found)


def _wires(graph: Graph, clocks: Mapping[str, str | None], own: Mapping[str, str | None]) -> Iterable[Edge]:
    for node in graph.nodes:
        target = group(node.path)
        for port, wire in node.inputs:
            edge = _edge(wire, target, own[target], clocks)
            if node.block == "feedback":
                style = "fed_back" if port == "own" else edge.style
                edge = replace(edge, style=style, label=port if node.path == target else "")
            if not _hidden(edge, clocks.get(wire.source), own[target]):
                yield edge
        for wire in node.initial_wires:
            edge = replace(_edge(wire, target, None, clocks), style="initial")
            if edge.source != target:
                yield edge


def _edge(wire: Wire, target: str, axis: str | None, clocks: Mapping[str, str | None]) -> Edge:
    """The wire between groups. Across clocks a closed box reads every step, whatever its inside does first."""
    time, clock = replace(wire.time, scope=""), clocks.get(wire.source)
    if time.kind == "t" and clock is not None and clock != axis:
        time = Time("all")
    return Edge(group(wire.source), target, time, style_of(time))


def _hidden(edge: Edge, clock: str | None, axis: str | None) -> bool:
    """Whether a wire stays inside a closed box: it is not late, or it belongs to another clock than the box's."""
    return edge.source == edge.target and (edge.style in ("now", "ends") or clock != axis)


def _outputs(graph: Graph) -> Iterable[Edge]:
    """The edges to the outputs; an input that is read by nothing hangs on the output that predicts it."""
    read = {group(wire.source) for node in graph.nodes for wire in (*node.wires, *node.initial_wires)}
    for output in graph.outputs:
        time = replace(output.wire.time, scope="")
        yield Edge(group(output.wire.source), output_path(output.name), time, style_of(time))
        if output.predicts in graph and output.predicts not in read:
            yield Edge(output_path(output.name), output.predicts, NOW, "predicts")


def _output(output: Output, clocks: Mapping[str, str | None], lines: tuple[str, ...]) -> Box:
    axis = None if output.wire.time.kind in ("first", "last") else clocks.get(output.wire.source)
    block = "output" + (f", predicts {output.predicts}" if output.predicts else "")
    title = _title(output.name, block, axis, output.mark, lines)
    return Box(output_path(output.name), "output", output.name, axis, block, title)


def _title(name: str, block: str, axis: str | None, mark: Mark | None, lines: tuple[str, ...]) -> str:
    """The hover text: name, block, axis, and the spec's line."""
    inside = mark is not None and 0 < mark.line <= len(lines)
    written = f"\nline {mark.line}: {lines[mark.line - 1].strip()}" if mark and inside else ""
    return f"{name}: {block}, " + (f"at every step of {axis}" if axis else "once per sequence") + written
