"""A loop that is scanned: a statement for each node inside a `for` over the steps."""

from __future__ import annotations

import re
from dataclasses import replace

from leporello.builder.lowering.delay_lines import Port, initial_value, key_of
from leporello.builder.lowering.function import Function, comment
from leporello.builder.lowering.lines import Line, indented
from leporello.builder.lowering.primitives import expanded
from leporello.builder.lowering.terms import BATCH, Dimension, Term
from leporello.builder.plan.schedule import Stage
from leporello.graphs.nodes import Node, Wire

LARGE = 2**16
"""A weight of so many numbers has its gradient as one product after the loop: of smaller ones that is no gain."""


class Scan:
    """Prints one loop into a function."""

    def __init__(self, stage: Stage, function: Function) -> None:
        self.stage, self.function = stage, function
        self.inside = frozenset(stage.nodes)
        self.axis = str(stage.axis)
        self.backward = stage.direction < 0
        self.values: dict[Port, Term] = {}
        self.items: dict[str, str] = {}
        self.before: dict[Port, list[str]] = {}
        self._outer: list[Line] = []
        self.mask = function.names.new("valid")
        drawn = [path for path in stage.nodes if function.model.graph[path].block == "sample"]
        self.given = {path: function.names.new(f"{function.names.of(path)}_given") for path in drawn}
        self.around = replace(function.around, own=None, step_mask=self.mask, given=self.given, later=self._later)
        self.products: dict[str, str] = {}

    def emit(self) -> None:
        """The loop: what it starts from, its steps, and the values of all steps after it."""
        function = self.function
        self._starts()
        outer, function.lines = function.lines, []
        function.around_loop = self._outer = outer
        for path in self.stage.nodes:
            function.emit(function.model.graph[path], self.read, self.around, self.values, "_t")
        body, function.lines, function.around_loop = function.lines, outer, None
        lists = {port: function.names.new(f"{self._base(port)}_steps") for port in self._collected()}
        for port, name in lists.items():
            function.say(f"{name} = []", nodes=port[:1])
        function.say(self._header())
        function.lines.extend(indented(body, 1))
        for port, name in lists.items():
            step = self._whole_step(port)
            function.say(f"{name}.append({step.text})", 3, (port[0], *step.nodes))
        self._advance()
        for port, name in lists.items():
            self._collect(port, name)

    def _later(self, node: Node, weight: str) -> str:
        """The variable, outside of the loop, of products with a large weight, or with a memory."""
        model = self.function.model
        size, read = model.values[node.path, ""].size, model.value(node.inputs[-1][1]).size
        large = isinstance(size, int) and isinstance(read, int) and size * read >= LARGE
        if not large and node.block != "weigh":
            return ""
        if node.path not in self.products:
            name = self.function.names.new(f"{self.function.names.of(node.path)}_product")
            self._outer.append(self.function.line(f"{name} = Later({weight})", 2, [node.path]))
            self.products[node.path] = name
        return self.products[node.path]

    def read(self, wire: Wire) -> Term:
        """What a wire reads at one step of the loop."""
        function = self.function
        port = (wire.source, wire.port)
        if wire.source in self.inside:
            if not wire.time.offset:
                return self.values[port]
            dims: tuple[Dimension, ...] = (BATCH, *function.model.axes[wire.source].carried)
            tokens = function.model.values[port].kind == "tokens"
            return Term(self.before[port][abs(wire.time.offset) - 1], dims, tokens=tokens)
        return self._item(wire)

    def _item(self, wire: Wire) -> Term:
        """One step of what was computed for all steps, or what is the same for all of them."""
        function = self.function
        lines, function.lines = function.lines, self._outer
        term = function.read(wire)
        function.lines = lines
        if self.axis not in term.dims:
            return term
        if term.atom not in self.items:
            base = term.text if term.text.isidentifier() else function.names.of(wire.source)
            self.items[term.atom] = function.names.new(f"{base}_t")
        dims = tuple(dim for dim in term.dims if dim != self.axis)
        return replace(term.named(self.items[term.atom]), dims=dims)

    def _starts(self) -> None:
        """The values of every state before the first step, nearest first, each a variable."""
        function = self.function
        lines = function.delays.ahead if self.backward else function.delays.late
        for port, places in lines.items():
            if port[0] not in self.inside or not self._read_inside(port):
                continue
            names = []
            for place in range(1, places + 1):
                node = function.model.graph[port[0]]
                start = initial_value(node, port, place, self.backward, function.around, function.read)
                name = function.names.new(f"{self._base(port)}_before" + (str(place) if places > 1 else ""))
                text = start.text
                if port in function.streamed:
                    kept = f'state["{key_of(port)}"]' + (f"[:, {places - place}]" if places > 1 else "")
                    text = f"{text} if state is None else {kept}"
                told = comment(function.shape(port[0], port[1], start))
                function.say(f"{name} = {text}{told}", nodes=(port[0], *start.nodes))
                names.append(name)
            self.before[port] = names

    def _read_inside(self, port: Port) -> bool:
        return any(
            (wire.source, wire.port) == port and wire.time.offset
            for path in self.inside
            for wire in self.function.model.graph[path].wires
        )

    def _base(self, port: Port) -> str:
        return self.function.names.of("/".join(filter(None, port)))

    def _header(self) -> str:
        function = self.function
        mask = function.around.masks[self.axis]
        steps = function.around.sizes(self.axis)
        sources = [f"{text}.unbind(1)" for text in self.items]
        sources += [f"steps_of({self.function.around.given[path]}, {steps})" for path in self.given]
        sources += [f"steps_of({mask}, {steps})"]
        if self.backward:
            sources = [f"reversed({source})" for source in sources]
        names = [*self.items.values(), *self.given.values(), self.mask]
        if len(names) == 1:
            return f"for {names[0]} in {sources[0]}:"
        return f"for {', '.join(names)} in zip({', '.join(sources)}, strict=True):"

    def _advance(self) -> None:
        """The states move one step on, where the step is valid."""
        moved = self._news()
        for port, names in self.before.items():
            news = [moved[port].text, *names[:-1]]
            for name, new in reversed(list(zip(names, news, strict=True))):
                nodes = (port[0], *moved[port].nodes)
                self.function.say(f"{name} = hold({self.mask}, {new}, {name})", 3, nodes)

    def _news(self) -> dict[Port, Term]:
        """The new value of each state; one that is another's old value is kept before that moves on."""
        states = {name for names in self.before.values() for name in names}
        found = {port: self._whole_step(port) for port in self.before}
        for port, term in found.items():
            if states.intersection(re.findall(r"\w+", term.text)):
                found[port] = term.named(self.function.names.new(f"{self._base(port)}_t"))
                self.function.say(f"{found[port].text} = {term.text}", 3, (port[0], *term.nodes))
        return found

    def _whole_step(self, port: Port) -> Term:
        dims: tuple[Dimension, ...] = (BATCH, *self.function.model.axes[port[0]].carried)
        return expanded(self.values[port], dims, self.around)

    def _collected(self) -> list[Port]:
        """The ports that are read outside the loop."""
        model = self.function.model
        wires = [
            wire
            for node in model.graph.nodes
            if node.path not in self.inside
            for wire in node.wires + node.initial_wires
        ]
        wires += [output.wire for output in model.graph.outputs]
        found = {(wire.source, wire.port) for wire in wires if wire.source in self.inside}
        return [port for port in self.values if port in found]

    def ends(self) -> dict[Port, str]:
        """The delay lines after the last step, `[batch, places, ...]` (one place: `[batch, ...]`)."""
        found = {}
        for port, names in self.before.items():
            found[port] = names[0] if len(names) == 1 else f"torch.stack([{', '.join(reversed(names))}], 1)"
        return found

    def _collect(self, port: Port, name: str) -> None:
        function = self.function
        order = "[::-1]" if self.backward else ""
        step = self._whole_step(port)
        dims: tuple[Dimension, ...] = (BATCH, self.axis, *step.dims[1:])
        value = Term(f"torch.stack({name}{order}, 1)", dims, tokens=step.tokens)
        function.assign(port[0], value, port[1])
