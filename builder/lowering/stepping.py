"""The methods `start` and `step`: one step along an axis at a time, the state in the caller's hands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from leporello.builder.lowering.delay_lines import Port, initial_value, key_of
from leporello.builder.lowering.function import Function, variables
from leporello.builder.lowering.lines import Line
from leporello.builder.lowering.primitives import Surroundings, expanded
from leporello.builder.lowering.running import Run, check_of_tokens, given_shape, given_tokens, given_type
from leporello.builder.lowering.source_text import listed, quoted, tidy
from leporello.builder.lowering.terms import BATCH, Dimension, Term
from leporello.builder.names import Names, argument
from leporello.builder.plan.schedule import Schedule
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.graph import NOW, Output, Wire


@dataclass
class Stepping:
    """Prints `start` and `step` along `axis` for a schedule in which every feedback is an input."""

    schedule: Schedule
    axis: str
    context: dict[str, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model = self.schedule.model
        self.here = self._ordered()
        inside = frozenset(self.here)
        others = frozenset(node.path for node in self.model.graph.nodes if node.path not in inside)
        self.begin = Run(self.schedule, only=others)

    def _ordered(self) -> list[str]:
        order = [path for part in self.model.parts for path in (part.nodes if isinstance(part, Loop) else part)]
        return [path for path in order if self.model.axes[path].own == self.axis]

    @property
    def keys(self) -> list[str]:
        """The keys of the delay lines in the state."""
        return [key_of(port) for port in self._lines()]

    @property
    def others(self) -> list[str]:
        """The inputs that `start` takes."""
        return [node.path for node in self.begin.inputs]

    def start_body(self) -> list[Line]:
        """What is computed once, and the delay lines before the first step."""
        begin = self.begin
        begin.steps.pop(self.axis, None)
        begin.axes = tuple(axis for axis in begin.axes if axis != self.axis)
        say = begin.function.say
        say(f"if axis not in (None, {quoted(self.axis)}):")
        say(f'raise ValueError(f"the model steps along {self.axis}, not along {{axis}}")', 3)
        self._prologue()
        begin.stages()
        handed = self._contexts()
        starts = [(port, self._starts(port)) for port in self._lines()]
        entries = [f"{quoted(key)}: {term.text}" for key, term in handed]
        entries += [f"{quoted(key_of(port))}: {_stacked(terms)}" for port, terms in starts]
        nodes = [path for _, term in handed for path in term.nodes]
        nodes += [path for port, terms in starts for path in (port[0], *(p for term in terms for p in term.nodes))]
        if not entries:  # nothing else would tell `step` how many sequences there are
            entries = [f'"batch": {begin.function.around.like}.new_zeros({begin.batch})']
        say(f"state = {{{', '.join(entries)}}}", nodes=nodes)
        for axis in self._carried_axes():
            say(f"if {begin.masks[axis]} is not None:")
            say(f'state["mask/{axis}"] = {begin.masks[axis]}', 3)
        say("return state")
        return tidy(begin.function.lines)

    def _prologue(self) -> None:
        begin = self.begin
        if not begin.inputs:
            begin.function.say(f"{begin.batch} = 1 if batch is None else batch")
            begin.function.say(f"check_axes(lengths, {listed(begin.axes)})")
        else:
            begin.prologue()

    def _lines(self) -> list[Port]:
        return [port for port in self.begin.function.delays.late if self.model.axes[port[0]].own == self.axis]

    def _starts(self, port: Port) -> list[Term]:
        """What a delay line holds before the first step, in the order of time."""
        function = self.begin.function
        places = function.delays.late[port]
        node = self.model.graph[port[0]]
        return [
            initial_value(node, port, place, False, function.around, function.read) for place in range(places, 0, -1)
        ]

    def _reads(self) -> list[Wire]:
        """The wires by which nodes on the axis read what is not on it."""
        inside = set(self.here)
        wires = [wire for path in self.here for wire in self.model.graph[path].wires]
        wires += [output.wire for output in self._outputs()]
        return list(dict.fromkeys(wire for wire in wires if wire.source not in inside))

    def _outputs(self) -> list[Output]:
        return [output for output in self.model.graph.outputs if self.model.axes[output.wire.source].own == self.axis]

    def _contexts(self) -> list[tuple[str, Term]]:
        """What `start` hands to every step, by key."""
        function, found = self.begin.function, []
        for wire in self._reads():
            term = function.read(wire)
            if BATCH in term.dims:
                self.context[str(wire)] = term
                found.append((str(wire), term))
        return found

    def _carried_axes(self) -> list[str]:
        axes = [dim[0] for path in self.here for dim in self.model.axes[path].carried]
        axes += [over[0] for path in self.here if (over := self.model.axes[path].over)]
        return [axis for axis in dict.fromkeys(axes) if axis in self.begin.masks]

    def step_body(self) -> list[Line]:
        """One step of every node on the axis."""
        step = _Step(self)
        return step.body()


def _stacked(terms: list[Term]) -> str:
    """A delay line out of its places."""
    return terms[0].text if len(terms) == 1 else f"torch.stack([{', '.join(term.text for term in terms)}], 1)"


class _Step:
    """Prints `step`."""

    def __init__(self, stepping: Stepping) -> None:
        self.stepping, self.model = stepping, stepping.model
        self.names = Names(variables(self.model))
        self.batch = self.names.new("batch")
        inputs = [node for node in self.model.graph.inputs if node.axis == stepping.axis]
        self.inputs = inputs
        self.names.taken.update(argument(node.path) for node in inputs)
        self.names.found.update({node.path: argument(node.path) for node in inputs})
        self.masks = {axis: self.names.new(f"{axis}_mask") for axis in stepping._carried_axes()}
        drawn = [path for path in stepping.here if self.model.graph[path].block == "sample"]
        self.given = {path: self.names.new(f"{self.names.of(path)}_given") for path in drawn}
        around = Surroundings(self.model, None, self._like(), self.masks, self._size, given=self.given)
        self.function = Function(self.model, self.names, around, stepping.begin.function.equations)
        self.function.around = replace(around, once=self.function.once)
        self.items: dict[str, Term] = {}
        self.firsts: set[str] = set()

    def _like(self) -> str:
        for node in self.inputs:
            if "features" in node.parameters:
                return argument(node.path)
        return self.stepping.begin._like()

    def _size(self, dim: Dimension) -> str:
        if dim == BATCH:
            return self.batch
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
            function.values[node.path, ""] = Term(name, (BATCH,), tokens="tokens" in node.parameters)
        if self.inputs:
            shapes = ", ".join(given_shape(node) for node in self.inputs)
            say(f"check_inputs({given_type(self.model, self.inputs)}, {shapes})", nodes=paths)
        tokens = given_tokens(self.model, self.inputs)
        if tokens:
            say(check_of_tokens(tokens), nodes=[node.path for node in tokens])
        source = argument(self.inputs[0].path) if self.inputs else "next(iter(state.values()))"
        say(f"{self.batch} = {source}.shape[0]")
        keys = [*self.stepping.context, *self.stepping.keys]
        if keys:
            say(f"check_state(state, {self.batch}, {listed(keys)}{self._advice()})")
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
        given = ", ".join(f"{argument(name)}=..." for name in self.stepping.others)
        told = f"run() does not keep it: pass {{**module.start({given}), **state}}"
        return f", {listed(keys)}, {quoted(told)}" if keys else ""

    def _constants(self) -> None:
        """What depends on weights alone is computed where it is read."""
        values = self.stepping.begin.function.values
        fixed = {port for port, term in values.items() if BATCH not in term.dims}
        wanted = [wire.source for wire in self.stepping._reads() if (wire.source, wire.port) in fixed]
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
            value = expanded(term, (BATCH, *self.model.axes[wire.source].carried), self.function.around)
            code = f'{name} = state["{key}"] if "{key}" in state else {value.text}'
            self.function.say(code, nodes=(wire.source, *value.nodes))
            self.items[key] = term.named(name)
            self.firsts.add(key)
        return self.items[key]

    def _late(self, port: Port, delay: int) -> Term:
        places = self.function.delays.late[port]
        dims: tuple[Dimension, ...] = (BATCH, *self.model.axes[port[0]].carried)
        key = key_of(port)
        index = "" if places == 1 else f"[:, {places - delay}]"
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
        for output in self.stepping._outputs():
            dims: tuple[Dimension, ...] = (BATCH, *self.model.axes[output.wire.source].carried)
            term = expanded(self.read(output.wire), dims, function.around)
            outputs.append(f"{quoted(output.name)}: {term.text}")
            nodes.extend(term.nodes)
        entries = [f"{quoted(key_of(port))}: {self._moved(port)}" for port in self.stepping._lines()]
        entries += [f"{quoted(key)}: {term.text}" for key, term in self.items.items() if key in self.firsts]
        function.say(f"outputs = {{{', '.join(outputs)}}}", nodes=nodes)
        function.say(f"return outputs, {{**state{''.join(', ' + entry for entry in entries)}}}")

    def _moved(self, port: Port) -> str:
        places = self.function.delays.late[port]
        dims: tuple[Dimension, ...] = (BATCH, *self.model.axes[port[0]].carried)
        value = expanded(self.function.values[port], dims, self.function.around)
        if places == 1:
            return value.text
        return f'torch.cat([state["{key_of(port)}"][:, 1:], {value.atom}.unsqueeze(1)], 1)'
