"""Two loops over the same values, one each way, that are a known cell: one call of torch's kernel for both."""

from __future__ import annotations

from dataclasses import replace

from leporello.builder.lowering.delay_lines import Port
from leporello.builder.lowering.function import Function, comment
from leporello.builder.lowering.fusing import Fused
from leporello.builder.lowering.lines import together
from leporello.builder.lowering.terms import BATCH, Dimension, Term
from leporello.builder.plan.schedule import Stage
from leporello.graphs.nodes import Wire


class BothWays:
    """Prints two fused cells into a function: h of both side by side, as the list of both is."""

    def __init__(self, one: Stage, other: Stage, function: Function) -> None:
        self.forward, self.backward = sorted(
            (Fused(one, function), Fused(other, function)), key=lambda fused: fused.cell.backward
        )
        self.function, self.axis = function, str(one.axis)
        self.list = self._list()

    def emit(self) -> None:
        """The call; where something reads one direction alone, h of each; c where the loops end."""
        function, ways = self.function, (self.forward, self.backward)
        dims: tuple[Dimension, ...] = (BATCH, self.axis)
        x = self.forward.input(dims)
        arguments = [f"({', '.join(way.arguments())})" for way in ways]
        for way in ways:
            way.tell()
        kind, length = self.forward.cell.kind, function.lengths[self.axis]
        term = Term(f"both_{kind}({x.text}, {length}, {', '.join(arguments)})", dims)
        name = function.names.of(self.list) if self.list else self._new("both_ways")
        nodes = together(*(way.nodes for way in ways), [self.list] if self.list else [], x.nodes)
        told = comment(function.shape(self.list, "", term)) if self.list else ""
        ends = f", {self._ends()}" if self.forward.cell.c else ""
        function.say(f"{name}{ends} = {term.text}{told}", nodes=nodes)
        whole = replace(term, text=name)
        if self.list:
            function.values[self.list, ""] = whole
        if not self.list or any(self._read_alone(way) for way in ways):
            names = [function.names.of(way.cell.h) for way in ways]
            function.say(f"{', '.join(names)} = {name}.chunk(2, -1)", nodes=[way.cell.h for way in ways])
        else:  # a cell above may read both, in another order
            names = [f"{name}.chunk(2, -1)[{place}]" for place in (0, 1)]
        function.values.update({way.h: Term(text, dims) for way, text in zip(ways, names, strict=True)})

    def ends(self) -> dict[Port, str]:
        """No state is carried on where a loop runs backward."""
        return {}

    def _new(self, told: str) -> str:
        return self.function.names.new(f"{self.function.names.of(self.forward.cell.h)}_{told}")

    def _ends(self) -> str:
        """The variables of c where the loops end, as far as they are read."""
        ways = (self.forward, self.backward)
        names = [way.end() for way in ways]
        return "_" if set(names) == {"_"} else f"({', '.join(names)})"

    def _list(self) -> str | None:
        """The list of both, forward first, which needs not be put together again."""
        graph = self.function.model.graph
        both = (Wire(self.forward.cell.h), Wire(self.backward.cell.h))
        lists = [node.path for node, _ in graph.readers[both[0].source] if node.block == "concatenate"]
        return next((path for path in lists if graph[path].wires == both), None)

    def _read_alone(self, way: Fused) -> bool:
        graph, h = self.function.model.graph, way.cell.h
        readers = {node.path for node, _ in graph.readers[h]} - way.cell.nodes - {self.list}
        return bool(readers) or any(output.wire.source == h for output in graph.outputs)
