"""The method `run`: from inputs of all steps to outputs of all steps, and the state after the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from leporello.builder.lowering.both_ways import BothWays
from leporello.builder.lowering.comments import Equations
from leporello.builder.lowering.delay_lines import Port, key_of
from leporello.builder.lowering.function import Function, count_uses, variables
from leporello.builder.lowering.fusing import Fused
from leporello.builder.lowering.inputs import check_inputs, check_tokens, token_inputs
from leporello.builder.lowering.lines import Line, together
from leporello.builder.lowering.primitives import Surroundings, expanded, operate
from leporello.builder.lowering.scanning import Scan
from leporello.builder.lowering.source_text import listed, quoted, tidy
from leporello.builder.lowering.terms import ATOM, BATCH, Dimension, Term
from leporello.builder.names import STATE_WANTED, Names, argument, reference
from leporello.builder.plan.pairs import pairs
from leporello.builder.plan.schedule import Schedule, Stage
from leporello.builder.plan.streaming import ahead, obstacle
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.nodes import NOW, Node, Wire


@dataclass
class Run:
    """Prints `run` for one schedule; `started` are the keys of the state that `start` gives."""

    schedule: Schedule
    only: frozenset[str] | None = None
    started: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.model: Checked = self.schedule.model
        self.names = Names(variables(self.model))
        self.inputs = [node for node in self.model.graph.inputs if self.wanted(node.path)]
        used = [axes.own for path, axes in self.model.axes.items() if axes.own and self.wanted(path)]
        self.axes = tuple(dict.fromkeys(used))
        self.names.taken.update(argument(node.path) for node in self.inputs)
        self.names.found.update({node.path: argument(node.path) for node in self.inputs})
        self.batch = self.names.new("batch")
        prefix = {axis: "" if len(self.axes) == 1 else f"{axis}_" for axis in self.axes}
        self.steps = {axis: self.names.new(f"{prefix[axis]}steps") for axis in self.axes}
        self.lengths = {axis: self.names.new(f"{prefix[axis]}length") for axis in self.axes}
        self.masks = {axis: self.names.new(f"{prefix[axis]}mask") for axis in self.axes}
        self.samples = {
            node.path: self.names.new(f"{self.names.of(node.path)}_given")
            for node in self.model.graph.nodes
            if node.block == "sample" and self.wanted(node.path)
        }
        around = Surroundings(self.model, None, self.like(), self.masks, self._size, given=self.samples)
        equations = Equations(self.schedule.written)
        self.function = Function(self.model, self.names, around, equations, lengths=self.lengths)
        self.function.around = replace(around, once=self.function.once)
        self.ends: dict[Port, str] = {}
        self.widening, self.zeroed = widening(self.model), set[str]()

    def wanted(self, path: str) -> bool:
        """Whether the node is printed here."""
        return self.only is None or path in self.only

    def _size(self, dim: Dimension) -> str:
        if dim == BATCH:
            return self.batch
        return self.steps[dim if isinstance(dim, str) else dim[0]]

    def like(self) -> str:
        """A tensor of the type and device in which the model computes."""
        for node in self.inputs:
            if "features" in node.parameters:
                return argument(node.path)
        for path, weights in self.model.weights.items():
            return reference(f"{path}/{next(iter(weights))}")
        return "self._like"

    def _free(self) -> frozenset[str]:
        """The axes along which the model can be cut in pieces, so that a state is carried on."""
        return frozenset(axis for axis in self.axes if not obstacle(self.model, axis) and not ahead(self.model, axis))

    def obstacle(self) -> str:
        """Why no state can be given, or nothing."""
        reasons = [obstacle(self.model, axis) or ahead(self.model, axis) for axis in self.axes]
        return reasons[0] if len(reasons) == 1 and reasons[0] else ""

    def body(self) -> list[Line]:
        """The lines of the method."""
        free = self._free()
        self.function.kept = free
        self.function.streamed = frozenset(p for p in self.function.delays.late if self.model.axes[p[0]].own in free)
        if self.obstacle():
            self.function.say("if state is not None:")
            self.function.say(f"raise ValueError({quoted('a state cannot be carried on: ' + self.obstacle())})", 3)
        self.prologue()
        if self.function.streamed:
            keys = [key_of(port) for port in sorted(self.function.streamed)]
            self.function.say("if state is not None:")
            self.function.say(f"check_state(state, {self.batch}, {listed(keys)}{self._advice(keys)})", 3)
        self.stages()
        self._outputs()
        return tidy(self.function.lines)

    def _advice(self, keys: Sequence[str]) -> str:
        """What to do about keys that `start` does not give: those of what the caller hands to `step`."""
        late = [key for key in keys if self.started is not None and key not in self.started]
        told = "start() has none: leave out a state without steps, else add the value at the last one"
        return f", {listed(late)}, {quoted(told)}" if late else ""

    def prologue(self) -> None:
        """Batch, steps and masks; what lies in the padding is set to zero."""
        say = self.function.say
        say(f"check_axes(lengths, {listed(self.axes)})")
        known = [node for node in self.inputs if node.axis != "none"]
        if self.inputs:
            say(check_inputs(self.schedule.checked, self.inputs), nodes=[node.path for node in self.inputs])
            name = argument(self.inputs[0].path)
            if self.only is not None:  # `start`, which may be told the batch as well
                say(f"if batch not in (None, {name}.shape[0]):")
                say(f'raise ValueError(f"batch is {{batch}}, but {name} holds {{{name}.shape[0]}} sequences")', 3)
            say(f"{self.batch} = {name}.shape[0]")
        for axis in self.axes:
            first = next((node for node in known if node.axis == axis), None)
            length, mask, steps = self.lengths[axis], self.masks[axis], self.steps[axis]
            if first is None:
                batch = self.batch if self.inputs else "None"
                say(f"{length}, {steps} = asked(lengths, {quoted(axis)}, {batch})")
                if not self.inputs:
                    say(f"{self.batch} = {length}.shape[0]")
                say(f"{length} = {length}.to({self.function.around.like}.device)")
            else:
                name = argument(first.path)
                say(f"{steps} = {name}.shape[1]")
                say(f"{length} = length_of(lengths, {quoted(axis)}, {name})")
            say(f"{mask} = mask_of({length}, {steps})")
        if not self.inputs and not self.axes:
            say(f"{self.batch} = 1")
        for node in self.inputs:
            self._input(node)
        tokens = token_inputs(self.model, self.inputs)
        if tokens:
            say(check_tokens(tokens), nodes=[node.path for node in tokens])
        if self.samples:
            say("if samples is not None:")
            say(f"check_names(samples, {listed(list(self.samples))})", 3)
        for path, name in self.samples.items():
            say(f"{name} = None if samples is None else samples[{quoted(path)}]", nodes=[path])

    def _input(self, node: Node) -> None:
        name, axis = argument(node.path), node.axis
        if axis in self.masks:
            self.function.say(f"{name} = keep({name}, {self.masks[str(axis)]})", nodes=[node.path])
        dims: tuple[Dimension, ...] = (BATCH, str(axis)) if axis in self.masks else (BATCH,)
        self.function.values[node.path, ""] = Term(name, dims, tokens="tokens" in node.parameters)

    def stages(self) -> None:
        """Every stage, in order."""
        function = self.function
        function.scanned = frozenset(
            path for stage in self.schedule.stages if stage.kind == "scanned" for path in stage.nodes
        )
        stages = [stage for stage in self.schedule.stages if self.wanted(stage.nodes[0])]
        paired = pairs(stages, self.model)
        for place, stage in enumerate(stages):
            if place in paired.values():
                continue
            if stage.kind in ("scanned", "fused"):
                earlier = stages[paired[place]] if place in paired else None
                loop = BothWays(earlier, stage, function) if earlier else _LOOPS[stage.kind](stage, function)
                loop.emit()
                self.ends.update(loop.ends())
                continue
            node = self.model.graph[stage.nodes[0]]
            if (node.path, "") in function.values:
                continue
            if node.path in self.widening:
                self._widened(node, self.around(stage.axis))
            elif node.block != "input":
                function.emit(node, function.read, self.around(stage.axis))

    def _widened(self, node: Node, around: Surroundings) -> None:
        """A large product that only an output gives: of the valid steps alone, with zeros in the padding."""
        (port, wire), function, mask = node.inputs[0], self.function, self.masks[str(around.own)]
        read = function.read(wire)
        if read.dims != (BATCH, around.own):
            function.emit(node, function.read, around)
            return
        self.zeroed.add(node.path)
        term = operate(node, {port: replace(read, text=f"gathered({read.text}, {mask})", strength=ATOM)}, around)
        nodes = together((node.path,), read.nodes)
        function.assign(node.path, replace(term, text=f"scattered({term.text}, {mask})", nodes=nodes), block=node.block)

    def around(self, axis: str | None) -> Surroundings:
        """What surrounds a node that runs on `axis`, all steps at once."""
        return replace(self.function.around, own=axis)

    def _outputs(self) -> None:
        function = self.function
        terms = [self._output(output.wire) for output in self.model.graph.outputs]
        texts = [f"{quoted(out.name)}: {term.text}" for out, term in zip(self.model.graph.outputs, terms, strict=True)]
        states = [f"{quoted(key_of(port))}: {self._state(port)}" for port in sorted(function.streamed)]
        states += [f"{quoted(key)}: {name}" for key, name in function.firsts.items()]
        function.say(f"outputs = {{{', '.join(texts)}}}", nodes=together(*(term.nodes for term in terms)))
        if any(STATE_WANTED in line.text for line in function.lines):
            function.say(f"if not {STATE_WANTED}:")
            function.say("return outputs, {}", 3)
        function.say(f"state = {{{', '.join(states)}}}")
        function.say("return outputs, state")

    def _output(self, wire: Wire) -> Term:
        """A value with all its dimensions, zero in the padding."""
        function = self.function
        axes = self.model.axes[wire.source]
        own = axes.own if wire.time.kind == "t" else None
        carried = list(axes.carried)
        if wire.time.kind == "all" and axes.own:
            carried.insert(0, (axes.own, wire.time.scope))
        dims: list[Dimension] = [BATCH, *([own] if own else []), *carried]
        term = expanded(function.read(wire), dims, function.around)
        if wire.source in self.zeroed:
            return term
        for place, dim in enumerate(dims[1:], 1):
            mask = self.masks[dim if isinstance(dim, str) else dim[0]]
            term = replace(term, text=f"keep({term.text}, {mask}{'' if place == 1 else f', 0, {place}'})")
        return term

    def _state(self, port: Port) -> str:
        """A delay line after the last valid step."""
        function = self.function
        places = function.delays.late[port]
        if port in self.ends and (places == 1 or port[0] not in self._fused()):
            return self.ends[port]
        own = self.model.axes[port[0]].own
        dims: list[Dimension] = [BATCH, str(own), *self.model.axes[port[0]].carried]
        value = expanded(function.values[port], dims, function.around).text
        text = f"ending({value}, {places}, {function.before(port)}, {self.lengths[str(own)]})"
        return text + ("[:, 0]" if places == 1 else "")

    def _fused(self) -> set[str]:
        return {path for stage in self.schedule.stages if stage.kind == "fused" for path in stage.nodes}


_LOOPS: Mapping[str, Callable[[Stage, Function], Scan | Fused]] = {"scanned": Scan, "fused": Fused}


def widening(model: Checked) -> frozenset[str]:
    """The linear nodes that only an output gives, and that are wider than what they read, as logits of words are.

    Their product is most of what such a model does; padding is worth leaving out of it.
    """
    uses, found = count_uses(model), set()
    for output in model.graph.outputs:
        node, axes = model.graph[output.wire.source], model.axes[output.wire.source]
        alone = output.wire.time == NOW and uses[node.path] == 1 and len(node.inputs) == 1
        if alone and node.block in ("linear", "product") and axes.own and not axes.carried:
            size, read = model.values[node.path, ""].size, model.value(node.inputs[0][1]).size
            if isinstance(size, int) and isinstance(read, int) and size > read:
                found.add(node.path)
    return frozenset(found)
