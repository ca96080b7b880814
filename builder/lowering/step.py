"""The method `step`: one step of every node on an axis, from inputs and state to outputs and state."""

from __future__ import annotations

from dataclasses import replace

from leporello.builder.lowering.delay_lines import Port, key_of
from leporello.builder.lowering.function import Function, variables
from leporello.builder.lowering.inputs import check_inputs, check_tokens, token_inputs
from leporello.builder.lowering.lines import Line
from leporello.builder.lowering.primitives import Surroundings, expanded
from leporello.builder.lowering.source_text import listed, quoted, tidy
from leporello.builder.lowering.stepping import Stepping
from leporello.builder.lowering.terms import BATCH, CALLED, HYPOTHESES, Dimension, Term
from leporello.builder.names import Names, argument
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.nodes import NOW, Wire


class Step:
    """Prints `step`."""

    def __init__(self, stepping: Stepping) -> None:
        self.stepping, self.model = stepping, stepping.model
        self.names = Names(variables(self.model))
        self.lead = stepping.lead
        self.sizes = {dim: self.names.new(CALLED[str(dim)]) for dim in self.lead}
        inputs = [node for node in self.model.graph.inputs if node.axis == stepping.axis]
        self.inputs = inputs
        self.names.taken.update(argument(node.path) for node in inputs)
        self.names.found.update({node.path: argument(node.path) for node in inputs})
        self.masks = {axis: self.names.new(f"{axis}_mask") for axis in stepping.carried_axes()}
        drawn = [path for path in stepping.here if self.model.graph[path].block == "sample"]
        self.given = {path: self.names.new(f"{self.names.of(path)}_given") for path in drawn}
        own = HYPOTHESES if stepping.hypotheses else None
        around = Surroundings(self.model, own, self._like(), self.masks, self._size, given=self.given)
        self.function = Function(self.model, self.names, around, stepping.begin.function.equations)
        self.function.around = replace(around, once=self.function.once)
        self.items: dict[str, Term] = {}
        self.firsts: set[str] = set()

    def _like(self) -> str:
        for node in self.inputs:
            if "features" in node.parameters:
                return argument(node.path)
        return self.stepping.begin.like()

    def _size(self, dim: Dimension) -> str:
        if dim in self.sizes:
            return self.sizes[dim]
        for key, term in self.stepping.context.items():
            if dim in term.dims:
                return f'state["{key}"].shape[{term.dims.index(dim)}]'
        return "1"

    def body(self) -> list[Line]:
        """The lines of the method."""
        function, say = self.function, self.function.say
        paths = [node.path for node in self.inputs]
        say(f"check_names(inputs, {listed(paths)}{', ' + listed(list(self.given)) if self.given else ''})")
        for node in self.inputs:
            name = argument(node.path)
            say(f"{name} = inputs[{quoted(node.path)}]", nodes=[node.path])
            function.values[node.path, ""] = Term(name, self.lead, tokens="tokens" in node.parameters)
        if self.inputs:
            lead = tuple(self.sizes.values())
            say(check_inputs(self.stepping.schedule.checked, self.inputs, lead), nodes=paths)
        tokens = token_inputs(self.model, self.inputs)
        if tokens:
            say(check_tokens(tokens), nodes=[node.path for node in tokens])
        source = argument(self.inputs[0].path) if self.inputs else "next(iter(state.values()))"
        for place, size in enumerate(self.sizes.values()):
            say(f"{size} = {source}.shape[{place}]")
        keys = [*self.stepping.context, *self.stepping.keys]
        if keys:
            say(f"check_state(state, {self.sizes[BATCH]}, {listed(keys)}{self._advice()})")
        if self.stepping.hypotheses and self.stepping.keys:
            say(f"check_hypotheses(state, {self.sizes[HYPOTHESES]}, {listed(self.stepping.keys)})")
        for axis, name in self.masks.items():
            say(f'{name} = state.get("mask/{axis}")')
        for path, name in self.given.items():
            say(f"{name} = inputs.get({quoted(path)})", nodes=[path])
        self._constants()
        for path in self.stepping.here:
            node = self.model.graph[path]
            if node.block != "input":
                function.emit(node, self.read, function.around)
        self._returns()
        return tidy(function.lines)

    def _advice(self) -> str:
        """What to do about what `run` does not keep."""
        keys = [key for key in self.stepping.context if key not in self.stepping.keys]
        given = ", ".join(f"{name}=..." for name in [*map(argument, self.stepping.others), *self.stepping.ragged])
        told = f"run() does not keep it: pass {{**module.start({given}), **state}}"
        return f", {listed(keys)}, {quoted(told)}" if keys else ""

    def _constants(self) -> None:
        """What depends on weights alone is computed where it is read."""
        values = self.stepping.begin.function.values
        fixed = {port for port, term in values.items() if BATCH not in term.dims}
        wanted = [wire.source for wire in self.stepping.reads() if (wire.source, wire.port) in fixed]
        for path in wanted:
            wanted.extend(wire.source for wire in self.model.graph[path].wires)
        for part in self.model.parts:
            if not isinstance(part, Loop) and part[0] in wanted:
                self.function.emit(self.model.graph[part[0]], self.function.read, self.function.around)

    def read(self, wire: Wire) -> Term:
        """What a wire reads at the step at hand."""
        port = (wire.source, wire.port)
        if self.model.axes[wire.source].own != self.stepping.axis:
            return self._context(wire)
        if wire.time == NOW:
            return self.function.values[port]
        if wire.time.kind == "first":
            return self._first(wire)
        return self._late(port, -wire.time.offset)

    def _context(self, wire: Wire) -> Term:
        key = str(wire)
        if key not in self.stepping.context:
            return self.function.values[wire.source, wire.port]
        if key not in self.items:
            term = self.stepping.context[key]
            base = self.names.of(f"{wire.source}/{wire.port}" if wire.port else wire.source)
            name = base if wire.time == NOW else self.names.new(f"{base}_{wire.time.kind}")
            self.function.say(f'{name} = state["{key}"]', nodes=[wire.source])
            self.items[key] = term.named(name)
        return self.items[key]

    def _first(self, wire: Wire) -> Term:
        """The first step's value: kept in the state once it has been seen."""
        key = str(wire)
        if key not in self.items:
            term = self.function.values[wire.source, wire.port]
            name = self.names.new(f"{self.names.of(wire.source)}_first")
            value = expanded(term, (*self.lead, *self.model.axes[wire.source].carried), self.function.around)
            code = f'{name} = state["{key}"] if "{key}" in state else {value.text}'
            self.function.say(code, nodes=(wire.source, *value.nodes))
            self.items[key] = term.named(name)
            self.firsts.add(key)
        return self.items[key]

    def _late(self, port: Port, delay: int) -> Term:
        places = self.function.delays.late[port]
        dims: tuple[Dimension, ...] = (*self.lead, *self.model.axes[port[0]].carried)
        key = key_of(port)
        index = "" if places == 1 else f"[{self._within}{places - delay}]"
        known = f"{key}-{delay}"
        if known not in self.items:
            base = self.names.of("/".join(filter(None, port)))
            name = self.names.new(f"{base}_before" + (str(delay) if places > 1 else ""))
            self.function.say(f'{name} = state["{key}"]{index}', nodes=port[:1])
            tokens = self.model.values[port].kind == "tokens"
            self.items[known] = Term(name, dims, tokens=tokens)
        return self.items[known]

    def _returns(self) -> None:
        function = self.function
        outputs: list[str] = []
        nodes: list[str] = []
        for output in self.stepping.outputs():
            dims: tuple[Dimension, ...] = (*self.lead, *self.model.axes[output.wire.source].carried)
            term = expanded(self.read(output.wire), dims, function.around)
            outputs.append(f"{quoted(output.name)}: {term.text}")
            nodes.extend(term.nodes)
        entries = [f"{quoted(key_of(port))}: {self._moved(port)}" for port in self.stepping.lines()]
        entries += [f"{quoted(key)}: {term.text}" for key, term in self.items.items() if key in self.firsts]
        function.say(f"outputs = {{{', '.join(outputs)}}}", nodes=nodes)
        function.say(f"return outputs, {{**state{''.join(', ' + entry for entry in entries)}}}")

    def _moved(self, port: Port) -> str:
        places = self.function.delays.late[port]
        dims: tuple[Dimension, ...] = (*self.lead, *self.model.axes[port[0]].carried)
        value = expanded(self.function.values[port], dims, self.function.around)
        if places == 1:
            return value.text
        at = len(self.lead)
        return f'torch.cat([state["{key_of(port)}"][{self._within}1:], {value.atom}.unsqueeze({at})], {at})'

    @property
    def _within(self) -> str:
        """The index of what is in a delay line, up to its place there."""
        return ":, " * len(self.lead)
