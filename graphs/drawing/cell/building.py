"""From the nodes of a cell to its parts: equal operations once, learned sums with their activation as one layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from leporello.graphs.blocktypes import BlockType
from leporello.graphs.components import ordered
from leporello.graphs.drawing.cell.members import Members, written_path
from leporello.graphs.drawing.cell.parts import Cell, CellValue, Operation
from leporello.graphs.drawing.letters.apart import told_apart
from leporello.graphs.drawing.views.formula import MOST_DIGITS
from leporello.graphs.expressions.spelling import SIGNS as OPERATORS
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import NOW, Node, Wire


def built(graph: Graph, members: Members, clocks: Mapping[str, str | None]) -> Cell:
    """The cell that the `members` of a graph make; `clocks` give the axis of every node by its path."""
    return _Builder(graph, members, clocks).cell()


@dataclass
class _Builder:
    graph: Graph
    members: Members
    clocks: Mapping[str, str | None]
    nodes: dict[str, Node] = field(init=False)
    same: dict[str, str] = field(init=False, default_factory=dict)
    gone: set[str] = field(init=False, default_factory=set)
    made: dict[str, Operation] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = self._distinct(self._ordered())
        self.outs = self._read_outside()
        self.uses: dict[str, list[tuple[str, Wire]]] = {}
        for node in self.nodes.values():
            for wire in node.wires:
                self.uses.setdefault(self._source(wire), []).append((node.path, wire))

    def _ordered(self) -> list[Node]:
        """The nodes in an order in which they can be computed."""
        place = {node.path: index for index, node in enumerate(self.members.nodes)}
        sources: dict[str, list[str]] = {path: [] for path in place}
        for node in self.members.nodes:
            now = [wire.source for wire in node.wires if wire.source in place and wire.time.kind == "t"]
            sources[node.path] = [source for source in now if self._now(node, source)]
        return [self.graph[path] for path in ordered(sources, place)]

    def _now(self, node: Node, source: str) -> bool:
        return any(wire.source == source and wire.time == NOW for wire in node.wires)

    def _distinct(self, ordered: list[Node]) -> dict[str, Node]:
        """The nodes without those that compute again what another does."""
        first: dict[object, str] = {}
        kept: dict[str, Node] = {}
        for node in ordered:
            wires = tuple((self._source(wire), wire.port, wire.time) for wire in node.wires)
            key = (node.block, repr(sorted(node.parameters.items())), wires)
            kind = self.graph.kinds.get(node.block)
            if kind and not kind.is_unique and key in first and _anonymous(node):
                self.same[node.path] = first[key]
                continue
            first.setdefault(key, node.path)
            kept[node.path] = node
        return kept

    def _source(self, wire: Wire) -> str:
        return self.same.get(wire.source, wire.source)

    def _value(self, wire: Wire) -> CellValue:
        return CellValue(self._source(wire), replace(wire.time, scope=""), wire.port)

    def _read_outside(self) -> dict[str, None]:
        everywhere = {node.path for node in self.members.nodes}
        wires = [
            w for node in self.graph.nodes if node.path not in everywhere for w in (*node.wires, *node.initial_wires)
        ]
        wires += [output.wire for output in self.graph.outputs]
        return dict.fromkeys(self._source(wire) for wire in wires if wire.source in everywhere)

    def cell(self) -> Cell:
        """All parts."""
        for node in self.nodes.values():
            self.made[node.path] = self._operation(node)
        kept = {path: one for path, one in self.made.items() if path not in self.gone}
        states: dict[str, dict[CellValue, None]] = {}
        inputs: dict[CellValue, None] = {}
        for value in (value for one in kept.values() for value in one.reads):
            if value.path not in kept or value.time.kind != "t":
                inputs[value] = None
            elif value.time != NOW:
                states.setdefault(value.path, {})[value] = None
        kept = {path: replace(one, name="" if path in states else one.name) for path, one in kept.items()}
        ordered = {path: tuple(states[path]) for path in kept if path in states}
        outs = tuple(path for path in kept if path in self.outs)
        names = {path: _named(self.nodes[path]) for path in kept}
        read = {value.path for value in inputs}
        names |= {node.path: _named(node) for node in self.graph.nodes if node.path in read}
        static = frozenset(node.path for node in self.graph.nodes if self.clocks.get(node.path) is None)
        told = [path for path, one in kept.items() if one.name or path in states or path in outs]
        marks = told_apart({path: names[path] for path in told})
        called = next((one.label for one in self.graph.composites if one.path == self.members.name and one.label), "")
        return Cell(
            called or self.members.name, self.members.block, kept, ordered, tuple(inputs), outs, names, static, marks
        )

    def _operation(self, node: Node) -> Operation:
        name = "" if _anonymous(node) else _named(node)
        reads = tuple(self._value(wire) for wire in node.wires)
        title = self._title(node)
        kind: BlockType | None = self.graph.kinds.get(node.block)
        block = kind.short if kind else node.block
        given = kind.outputs_of(node.parameters) if kind else ()
        parts = given if len(given) > 1 else ()
        said = f"{name}: {block}" if parts else block
        whole = Operation(node.path, "pill", reads, said, name="" if parts else name, title=title, parts=parts)
        if kind and kind.activation:
            terms = self._learned(node.wires[0]) if len(node.wires) == 1 else None
            if terms:
                self.gone |= {path for path, _ in terms if path}
                read = tuple(dict.fromkeys(value for _, values in terms for value in values))
                learned = ", ".join(path for path, values in terms if values)
                title = f"{whole.title}\nlearned: {learned}"
                return replace(whole, role="layer", reads=read, text=kind.activation, title=title)
            return replace(whole, text=kind.activation)
        if node.block == "negative":
            return replace(whole, role="sign", sign="-")
        if node.block in OPERATORS:
            return self._binary(node, whole)
        if node.block == "linear":
            self.gone |= {wire.source for wire in node.wires if self._joins(wire)}
            return replace(
                whole, role="layer", reads=tuple(self._side_by_side(node)), text=weight_name(_named(node)), name=""
            )
        if kind and kind.weights:
            return replace(whole, role="layer", text=block.replace("_", " ") if node.wires else _named(node))
        if node.block == "number":
            return replace(whole, text=_number(node))
        return whole

    def _title(self, node: Node) -> str:
        """The hover text: path, block, and the spec's line."""
        lines = self.graph.text.splitlines()
        if node.mark is None or not 0 < node.mark.line <= len(lines):
            return f"{node.path}: {node.block}"
        return f"{node.path}: {node.block}\nline {node.mark.line}: {lines[node.mark.line - 1].strip()}"

    def _binary(self, node: Node, whole: Operation) -> Operation:
        """An operator; with a number it is an operation on one value, with a learned vector a layer."""
        sign = OPERATORS[node.block]
        for index, wire in enumerate(node.wires):
            other = self.nodes.get(self._source(wire))
            rest = whole.reads[1 - index : 2 - index]
            if other is None or wire.time != NOW:
                continue
            if other.block == "number":
                self._drop(other)
                shown = f"{_number(other)}{_SHOWN[sign]}" if index == 0 else f"{_SHOWN[sign]}{_number(other)}"
                return replace(whole, reads=rest, text=shown, scales=True)
            if other.block == "weight" and sign == "*" and self._once(wire.source):
                self.gone.add(other.path)
                return replace(whole, role="layer", reads=rest, text=_named(other))
        if whole.reads[0] == whole.reads[1]:
            text = {"*": "square", "+": "\N{MULTIPLICATION SIGN}2"}.get(sign, f"x {sign} x")
            return replace(whole, reads=whole.reads[:1], text=text)
        return replace(whole, role="sign", sign=sign)

    def _drop(self, number: Node) -> None:
        binary = (self.nodes[reader].block in OPERATORS for reader, _ in self.uses[number.path])
        if number.path not in self.outs and all(binary):
            self.gone.add(number.path)

    def _learned(self, wire: Wire) -> list[tuple[str, tuple[CellValue, ...]]] | None:
        """The learned terms of a sum that is read here alone, with what they read; None where one is not learned."""
        path = self._source(wire)
        if wire.time != NOW or path not in self.nodes or not self._once(path):
            return None
        node, made = self.nodes[path], self.made[path]
        if made.role == "layer" and node.block in ("linear", "weight", "multiply"):
            return [(path, made.reads)]
        if node.block != "add" or made.role != "sign":
            return None
        left, right = (self._learned(w) for w in node.wires)
        return [(path, ()), *left, *right] if left and right else None

    def _once(self, path: str) -> bool:
        return path not in self.outs and [wire.time for _, wire in self.uses.get(path, ())] == [NOW]

    def _side_by_side(self, node: Node) -> Iterator[CellValue]:
        for wire in node.wires:
            if self._joins(wire):
                yield from (self._value(inner) for inner in self.nodes[self._source(wire)].wires)
            else:
                yield self._value(wire)

    def _joins(self, wire: Wire) -> bool:
        """Whether a wire comes from a list of values that only layers read."""
        source = self._source(wire)
        node = self.nodes.get(source)
        if node is None or node.block != "concatenate" or source in self.outs:
            return False
        return all(self.nodes[reader].block == "linear" and w.time == NOW for reader, w in self.uses[source])


_SHOWN: Mapping[str, str] = {"+": "+", "-": "\N{MINUS SIGN}", "*": "\N{MULTIPLICATION SIGN}", "/": "/"}


def _anonymous(node: Node) -> bool:
    """Whether a node stands for a part of an expression: its own name is a number, or that of a port."""
    return written_path(node) != node.path


def _named(node: Node) -> str:
    return node.label or node.path.rpartition("/")[2]


def weight_name(name: str) -> str:
    """The matrix of a layer: its own name where that is one of a matrix, else W with the layer's name."""
    return name if name[:1] in "WUV" else f"W_{name}"


def _number(node: Node) -> str:
    value = node.parameters.get("value", 0)
    if not isinstance(value, int | float):
        return str(value)
    shown = repr(int(value) if float(value).is_integer() and abs(value) < MOST_DIGITS else value)
    return "\N{MINUS SIGN}" + shown[1:] if shown.startswith("-") else shown
