"""From an opened graph to its folded picture: every top-level group closed into one box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.blocktypes import BlockType
from leporello.graphs.components import reached
from leporello.graphs.drawing.letters.alike import mistakable
from leporello.graphs.drawing.letters.apart import told_apart
from leporello.graphs.drawing.views.formula import formula, side_by_side
from leporello.graphs.drawing.views.holes import clocks, written
from leporello.graphs.drawing.views.opened import CLOSED, Grouping, inlined
from leporello.graphs.drawing.views.ports import FINAL, ports_read
from leporello.graphs.drawing.views.view import SHARED, Box, Edge, Kind, View, style_of
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, NOW, UNKNOWN, Composite, Learned, Node, Output, Time, Wire
from leporello.graphs.problems import Mark


def folded(graph: Graph, axes: Mapping[str, Axes], grouping: Grouping = CLOSED) -> View:
    """The opened `graph` as it was written: one box for each top-level node and for each output.

    Wires within a box vanish, unless they are late: those stay as loops with their delays. `axes` gives the
    axis of every node by its path. `grouping` says which composites are drawn open. An expression that is written at a
    port is a box of its own.
    """
    grouping = inlined(graph, grouping)
    known, lines, ports = clocks(graph, axes), tuple(graph.text.splitlines()), ports_read(graph, grouping)
    groups = _groups(graph, known, lines, grouping, ports)
    own = {one.path: one.axis for one in groups}
    quotient = _Quotient(graph, known, own, grouping, ports)
    edges = tuple(dict.fromkeys([*quotient.wires(), *quotient.outputs()]))
    late = {edge.source for edge in edges if edge.style in ("delay", "backward")}
    apart = _marks(groups, edges)
    groups = [replace(one, marks=apart, axes=axes) for one in groups]
    boxes = [one.box(one.path in late) for one in groups] + [_output(output, known, lines) for output in graph.outputs]
    return View(graph.label or graph.name, _told_from_values(boxes, edges), edges, _named(box.axis for box in boxes))


def time_axes(graph: Graph, axes: Mapping[str, Axes]) -> tuple[str, ...]:
    """The time axes of the folded picture, without the picture."""
    grouping, known = inlined(graph), clocks(graph, axes)
    own = [one.axis for one in _groups(graph, known, (), grouping, EMPTY)]
    return _named([*own, *(_ended(output, known) for output in graph.outputs)])


def _named(axes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(axis for axis in axes if axis is not None))


def _groups(
    graph: Graph,
    clocks: Mapping[str, str | None],
    lines: tuple[str, ...],
    grouping: Grouping,
    ports: Mapping[str, str],
) -> list[_Group]:
    """The nodes by the boxes in which they are, in the order written."""
    inside: dict[str, dict[str, Node]] = {}
    marks = {composite.path: composite.mark for composite in graph.composites}
    for node in graph.nodes:
        marked = node if node.mark else replace(node, mark=marks.get(group(node.path)))
        inside.setdefault(grouping(node.path), {})[node.path] = marked
    composites = _composites(graph, inside, grouping)
    roots = {box: path for path, box in grouping.inline.items()}
    spelled = {node.path: node for node in graph.nodes if grouping(node.path) in roots}
    found = [
        _Group(
            path, nodes, composites.get(path), clocks, lines, grouping, ports, graph.kinds, roots.get(path, ""), spelled
        )
        for path, nodes in inside.items()
    ]
    lost = {node.path: node for node in graph.nodes if node.block == UNKNOWN}
    return [replace(one, unread=written(graph, lost[one.path])) if one.path in lost else one for one in found]


def _told_from_values(boxes: Sequence[Box], edges: Iterable[Edge]) -> tuple[Box, ...]:
    """The boxes, those upright whose names would look like another's or like its value at a step.

    What gives the initial value of `s` may be called `s0` or `s_0`: then it is that value.
    """
    label = {box.path: box.label for box in boxes}
    begins = {
        e.source for e in edges if e.style == "initial" and label[e.source].replace("_", "") == f"{label[e.target]}0"
    }
    stepped = [box.label for box in boxes if box.axis]
    found = mistakable(stepped, [box.label for box in boxes if not (box.axis or box.path in begins)])
    return tuple(replace(box, upright=box.label in found and box.path not in begins) for box in boxes)


def _composites(graph: Graph, groups: Mapping[str, Mapping[str, Node]], grouping: Grouping) -> dict[str, Composite]:
    """The composites by path; a layer, a direction or a bridge that stands closed in an open one is a composite too."""
    found = {composite.path: composite for composite in graph.composites}
    bodies = {node.body for node in graph.nodes if node.body} if grouping.opened else set()
    for path, inside in groups.items():
        if path not in found and any(body == path or body.startswith(path + "/") for body in bodies):
            outer, name = found.get(path.partition("/")[0]), path.rpartition("/")[2]
            if outer and (name.isdigit() or name in ("forward", "backward")):
                block = outer.block
            else:
                blocks = {node.block for node in inside.values()}
                block = blocks.pop() if len(blocks) == 1 else "group"
            found[path] = Composite(path, block, mark=outer.mark if outer else None)
    return found


def _marks(groups: Sequence[_Group], edges: Iterable[Edge]) -> dict[str, str]:
    """What tells values apart that have one name where a formula reads them: it stands beside the names of their boxes.

    What stands at the top has none.
    """
    spelled = {one.path for one in groups if one.spells}
    sources: dict[str, set[str]] = {}
    for edge in edges:
        if edge.target in spelled:
            sources.setdefault(edge.target, set()).add(edge.source)
    found: dict[str, str] = {}
    for read in sources.values():
        found |= told_apart({path: _last_name(path) for path in sorted(read)})
    return {path: mark for path, mark in found.items() if "/" in path}


def _last_name(path: str) -> str:
    """What a box is called where its place says the rest: a node's name, a layer's number."""
    name = path.rpartition("/")[2]
    return f"layer {name}" if name.isdigit() else name


def group(path: str) -> str:
    """The top-level node to which an opened node belongs.

    >>> group("decoder/1/forward/W_i")
    'decoder'
    """
    return path.partition("/")[0]


def output_path(name: str) -> str:
    """The path of an output's box, which no top-level node can have."""
    return f"outputs/{name}"


@frozen
class _Group:
    """A top-level node as written, with the primitives that it opened into.

    `unread` is what stands in the text for one that could not be read. `inline` is the node that gives the value of an
    expression at a port; the nodes of all these are `spelled` out.
    """

    path: str
    inside: Mapping[str, Node]
    composite: Composite | None
    clocks: Mapping[str, str | None]
    lines: tuple[str, ...]
    group: Grouping
    ports: Mapping[str, str]
    kinds: Mapping[str, BlockType]
    inline: str = ""
    spelled: Mapping[str, Node] = field(default_factory=lambda: EMPTY)
    marks: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    axes: Mapping[str, Axes] = field(default_factory=lambda: EMPTY)
    unread: str = ""

    @property
    def spells(self) -> bool:
        """Whether it is told as a formula."""
        return self.composite is None and self.type is not None and self.type.equation == "formula"

    @property
    def root(self) -> str:
        """The path of the node that gives its value, unless it is a composite."""
        return self.inline or self.path

    @property
    def axis(self) -> str | None:
        """The axis on which the first output runs; of a layer, the last axis on which something in it does."""
        ports = self.composite.ports.values() if self.composite else ()
        first = next((wires[0].source for wires in ports if wires), self.root)
        if first in self.clocks:
            return self.clocks[first]
        return next((axis for path in reversed([*self.inside]) if (axis := self.clocks[path])), None)

    def box(self, late: bool) -> Box:
        """The closed box; `late` says that something reads it with a delay."""
        written = self.composite or self.inside.get(self.root)
        label, mark = (written.label, written.mark) if written else ("", next(iter(self.inside.values())).mark)
        title = _title(self.path, self.block, self.axis, mark, self.lines)
        apart = f"^{self.marks[self.path]}" if self.path in self.marks else ""
        kind, name = self._kind(late), self.block if self.inline else (label or _last_name(self.path)) + apart
        box = Box(self.path, kind, name, self.axis, self.block, title, self._initial())
        if self.type and not self.composite:
            told = self.type
            box = replace(box, equation=told.equation, activation=told.activation, ports=len(told.ports) or 1)
        return replace(
            box, bias=self._bias, reads=self._reads, parts=self._parts, shares=self._shares, carried=self._carried
        )

    @property
    def _carried(self) -> tuple[str, ...]:
        """The axes that its value carries, those of an attention's insides aside."""
        ports = self.composite.ports.values() if self.composite else ()
        first = next((wires[0].source for wires in ports if wires), self.root)
        return tuple(dict.fromkeys(axis for axis, _ in self.axes[first].carried)) if first in self.axes else ()

    @property
    def _shares(self) -> str:
        """Whose weights it uses, in words."""
        found: dict[str, None] = {}
        for node in self.inside.values():
            shared = node.modifiers.share
            for owner in shared.values() if isinstance(shared, Mapping) else ():
                path = str(owner) if str(owner) in self.clocks else str(owner).rpartition("/")[0]
                if self.group(path) != self.path:
                    found[self.group(path)] = None
        return SHARED + " and ".join(found) if found else ""

    @property
    def type(self) -> BlockType | None:
        """The block type of the node that stands at the path itself."""
        node = self.inside.get(self.root)
        return self.kinds.get(node.block) if node is not None else None

    @property
    def _bias(self) -> bool:
        adds = self.type is not None and self.type.parameter("bias") is not None
        return adds and bool(self.inside[self.root].parameters.get("bias", True))

    @property
    def block(self) -> str:
        """The block's name, or the formula where an expression was written."""
        if self.composite:
            return self.composite.block
        if self.unread:
            return self.unread
        # An expression that is written as an output has no name of its own.
        node = self.inside.get(self.root) or self.inside.get(f"{self.path}/output")
        if node is None:
            return "group"
        kind = self.kinds.get(node.block)
        named = kind is not None and kind.equation != "formula"
        return node.block if named else formula(node.path, self.inside, self.group, self.ports, self.marks)

    @property
    def _reads(self) -> tuple[str, ...]:
        if self.type is None or self.type.equation in ("formula", "none"):
            return ()
        node, known = self.inside[self.root], {**self.inside, **self.spelled}
        if len(self.type.ports) < 2:
            return side_by_side(node, known, self.group, self.ports, self.marks)
        pairs = [replace(node, inputs=(pair,)) for pair in node.inputs]
        reads = [side_by_side(one, known, self.group, self.ports, self.marks) for one in pairs]
        return tuple(read[0] if len(read) == 1 else f"[{', '.join(read)}]" for read in reads)

    @property
    def _parts(self) -> tuple[str, ...]:
        named = self.inside[self.root].parameters.get("into", ()) if self.type else ()
        return tuple(str(name) for name in named)

    def _kind(self, late: bool) -> Kind:
        node = self.inside.get(self.root)
        if node and node.block in ("input", "feedback"):
            return "input" if node.block == "input" else "feedback"
        if self.composite and "attention" in self.composite.block:
            return "attention"
        if late:
            return "state"
        return "composite" if self.composite else "layer" if self.type and self.type.weights else "function"

    def _initial(self) -> str:
        found: dict[str, None] = {}
        for node in self.inside.values():
            if isinstance(node.initial, Learned):
                found["learned"] = None
            elif isinstance(node.initial, int | float):
                found[f"{node.initial:g}"] = None
            for wire in node.initial_wires:
                found[f"{self.group(wire.source)}{replace(wire.time, scope='')}"] = None
        return " and ".join(found)


@frozen
class _Quotient:
    """The wires of an opened graph as edges between its groups."""

    graph: Graph
    clocks: Mapping[str, str | None]
    own: Mapping[str, str | None]
    group: Grouping
    ports: Mapping[str, str]

    def wires(self) -> Iterable[Edge]:
        """The edges into the groups."""
        for node in self.graph.nodes:
            target = self.group(node.path)
            for port, wire in node.inputs:
                for edge in self._edges(wire, target, self.own[target]):
                    if node.block == "feedback":
                        style = "fed_back" if port == "own" else edge.style
                        edge = replace(edge, style=style, label=port if node.path == target else "")
                    if not self._hidden(edge, wire):
                        yield edge
            yield from (replace(edge, port=self.starts[edge]) for edge in self._initial(node))

    def _initial(self, node: Node) -> list[Edge]:
        """The edges of a node's initial value, whatever output they read."""
        target = self.group(node.path)
        edges = [edge for wire in node.initial_wires for edge in self._edges(wire, target, None)]
        return [replace(edge, style="initial", port="") for edge in edges if edge.source != target]

    @cached_property
    def starts(self) -> Mapping[Edge, str]:
        """The output that an initial value reads; of several outputs it is the state, and one wire."""
        found: dict[Edge, set[str]] = {}
        for node in self.graph.nodes:
            for wire in node.initial_wires:
                for edge in self._initial(replace(node, initial=(wire,))):
                    found.setdefault(edge, set()).add(self._port(wire))
        return {edge: ports.pop() if len(ports) == 1 else "" for edge, ports in found.items()}

    def outputs(self) -> Iterable[Edge]:
        """The edges to the outputs; an input that is read by nothing hangs on the output that predicts it."""
        nodes = self.graph.nodes
        read = {self.group(wire.source) for node in nodes for wire in (*node.wires, *node.initial_wires)}
        for output in self.graph.outputs:
            path, clock = output_path(output.name), self.clocks.get(output.wire.source)
            yield from self._edges(output.wire, path, clock)
            if output.predicts in self.graph and output.predicts not in read:
                yield Edge(path, output.predicts, NOW, "predicts")

    def _edges(self, wire: Wire, target: str, axis: str | None) -> Iterable[Edge]:
        for time in self._times(wire, axis) if self.group(wire.source) != target else (wire.time,):
            shown = replace(time, scope="")
            source = self.group(wire.source)
            yield Edge(source, target, shown, style_of(shown), port=self._port(wire) if source != target else "")

    def _port(self, wire: Wire) -> str:
        """Which output of a box a wire reads, if it is not the first: of the last step its time tells."""
        port = self.ports.get(wire.source, wire.port)
        return "" if port == FINAL else port

    def _times(self, wire: Wire, axis: str | None) -> tuple[Time, ...]:
        """The steps of the closed source box that a wire from outside reads.

        From another clock a closed box reads every step, whatever its inside does first. What a box computes
        once per sequence is read at those of its own steps that it is computed from.
        """
        clock, around = self.clocks.get(wire.source), self.own[self.group(wire.source)]
        if wire.time.kind == "t" and clock is not None and clock != axis:
            return (Time("all"),)
        if clock is None and around is not None:
            return self._inner_times(wire.source) or (Time("last"),)
        return (wire.time,)

    def _inner_times(self, path: str) -> tuple[Time, ...]:
        def within(place: str) -> Iterable[Wire]:
            return (wire for wire in self.graph[place].wires if self.group(wire.source) == self.group(path))

        once = reached([path], lambda place: [w.source for w in within(place) if self.clocks.get(w.source) is None])
        ends = (w.time for place in once for w in within(place) if w.source not in once and w.time.kind != "t")
        return tuple(dict.fromkeys(replace(time, scope="") for time in ends))

    def _hidden(self, edge: Edge, wire: Wire) -> bool:
        """Whether a wire stays inside a closed box: it is not late, or belongs to another clock than the box's."""
        foreign = self.clocks.get(wire.source) != self.own[edge.target]
        return edge.source == edge.target and (edge.style in ("now", "ends") or foreign)


def _output(output: Output, clocks: Mapping[str, str | None], lines: tuple[str, ...]) -> Box:
    axis = _ended(output, clocks)
    block = "output" + (f", predicts {output.predicts}" if output.predicts else "")
    title = _title(output.name, block, axis, output.mark, lines)
    return Box(output_path(output.name), "output", output.name, axis, block, title)


def _ended(output: Output, clocks: Mapping[str, str | None]) -> str | None:
    """The axis on which an output runs; one that is read where a loop ends has none."""
    return None if output.wire.time.kind in ("first", "last") else clocks.get(output.wire.source)


def _title(name: str, block: str, axis: str | None, mark: Mark | None, lines: tuple[str, ...]) -> str:
    """The hover text: name, block, axis, and the spec's line."""
    inside = mark is not None and 0 < mark.line <= len(lines)
    written = f"\nline {mark.line}: {lines[mark.line - 1].strip()}" if mark and inside else ""
    return f"{name}: {block}, " + (f"at every step of {axis}" if axis else "once per sequence") + written
