"""Cells that torch has a kernel for: the call of a loop that has the equations of one, and what may forbid it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from leporello.builder.plan.affine import Affine, Reader, owner
from leporello.builder.plan.equations import KERNELS, NAMES, Kernel, Kind
from leporello.builder.plan.recognition import PROJECTION, Match, Recognition
from leporello.builder.plan.slices import Slice
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW, Time, Wire

if TYPE_CHECKING:
    from leporello.builder.plan.cell_words import CellWords
    from leporello.builder.plan.diagnosis import Difference


@frozen
class KernelMatch:
    """A loop that one call of a kernel computes.

    `nodes` are all nodes inside, also those outside the loop that nothing else reads; `sources` what it reads
    at every step; `gates` are in the kernel's order, a gru's last two the candidate's sides of input and state.
    """

    kind: Kind
    nodes: frozenset[str]
    h: str
    c: str
    sources: tuple[Wire, ...]
    gates: tuple[Affine, ...]
    backward: bool
    relu: bool = False
    projection: Slice | None = None

    @property
    def described(self) -> str:
        """The cell in words."""
        return NAMES[self.kind]


def states_of(loop: Loop, model: Checked) -> list[str]:
    """The nodes of a loop that it reads at another step."""
    inside = set(loop.nodes)
    found = {
        wire.source: None
        for path in loop.nodes
        for wire in model.graph[path].wires
        if wire.source in inside and wire.time.offset
    }
    return list(found)


def carries(loop: Loop, model: Checked) -> bool:
    """Whether the steps of a loop each carry a whole axis."""
    return any(model.axes[path].carried for path in loop.nodes)


def reader_of(loop: Loop, model: Checked, hidden: str, states: Sequence[str]) -> Reader:
    """A reader that takes a node for the hidden state."""
    return Reader(model, frozenset(loop.nodes), loop.direction, hidden, frozenset(states))


def find_cell(loop: Loop, model: Checked) -> Cell | None:
    """The cell of which a loop has all the equations."""
    states = states_of(loop, model)
    for hidden in states if len(states) < 3 else ():
        recognition = Recognition(reader_of(loop, model, hidden, states))
        for kernel in KERNELS:
            match = recognition.cell(kernel)
            if match is not None:
                return Cell(kernel, match, loop, model)
    return None


@frozen
class Cell:
    """A loop that has the equations of a kernel's cell, whether or not it can be its call."""

    kernel: Kernel
    match: Match
    loop: Loop
    model: Checked

    @cached_property
    def gates(self) -> tuple[Affine, ...]:
        """What is weighed in each gate, in the kernel's order and with its signs."""
        kernel, gates = self.kernel, self.match.gates
        return tuple(gates[name].negated() if name in kernel.negated else gates[name] for name in kernel.gates)

    @cached_property
    def sources(self) -> tuple[Wire, ...]:
        """What the gates read from outside of the loop."""
        return tuple(dict.fromkeys(wire for gate in self.gates for wire, _ in gate.inputs))

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The loop, and the explained nodes outside that nothing needs as values: they are in the kernel's weights.

        The kernel reads its sources and starts from given values, so these have to be computed although they may be
        explained too; so is what feeds back to itself, for it is a source at another step.
        """
        model, sources, reader = self.model, self.sources, self._reader
        starts = [wire for path in reader.inside for wire in model.graph[path].initial_wires]
        needed = {wire.source for wire in [*sources, *starts, *(output.wire for output in model.graph.outputs)]}
        found = reader.explained() - needed | reader.inside
        while True:
            alone = {path for path in found if all(node.path in found for node, _ in model.graph.readers[path])}
            kept = reader.inside | alone
            if kept == found:
                return found
            found = kept

    @property
    def call(self) -> KernelMatch:
        """The kernel's call; what forbids it must have been looked at."""
        h, c, path = (self.match.bound.get(name, "") for name in ("h", "c", PROJECTION))
        function = self._reader.node(Wire(h))
        relu = function is not None and function.block == "relu"
        projection = Slice(owner(self.model.graph[path], "weight")) if path else None
        backward = self.loop.direction < 0
        return KernelMatch(self.kernel.kind, self.nodes, h, c, self.sources, self.gates, backward, relu, projection)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What beside the equations keeps the loop from being the kernel's call."""
        read = returned(self.match, lambda: self._words, self.loop, self.nodes, self.model)
        return (*self._sizes(), *self._projected(), *self._misread(), *read)

    @property
    def _reader(self) -> Reader:
        return reader_of(self.loop, self.model, self.match.bound["h"], ())

    @cached_property
    def _words(self) -> CellWords:
        body = self.model.graph[self.match.bound["h"]].body
        from leporello.builder.plan.cell_words import CellWords  # late: most loops are what they look like

        return CellWords(self.kernel.kind, self.model, body, self.loop.direction)

    def _sizes(self) -> Iterator[Difference]:
        """A kernel's gates and states have one size each; a size of 1 that serves for all units has no kernel."""
        model = self.model
        for path in sorted(self._reader.explained()):
            if model.registry[model.graph[path].block].weights or model.graph[path].block in ("split", "concatenate"):
                continue
            size = model.values[path, ""].size
            for wire in model.graph[path].wires:
                if model.value(wire).size != size and model.graph[wire.source].block != "number":
                    yield self._words.sized((wire, path), model.value(wire).size, size)

    def _projected(self) -> Iterator[Difference]:
        """A kernel sees that there is a projection by the sizes, and projects to fewer features only."""
        values, path = self.model.values, self.match.bound.get(PROJECTION)
        if path is not None:
            projected, units = values[path, ""].size, values[self.match.bound["c"], ""].size
            if isinstance(projected, int) and isinstance(units, int) and projected >= units:
                yield self._words.says("size", path, f"projects {units} features to {projected}", "projects to fewer")

    def _misread(self) -> Iterator[Difference]:
        """A gate weighs a vector once, and a kernel reads something from outside."""
        h = self.match.bound["h"]
        own = self.model.axes[self.loop.nodes[0]].own
        for gate in self.gates:
            wires = [wire for wire, _ in gate.inputs]
            twice = [wire for wire in dict.fromkeys(wires) if wires.count(wire) > 1]
            twice += [Wire(h, "", Time("t", -self.loop.direction))] if len(gate.hidden) > 1 else []
            for wire in twice:
                what = f"weighs {self._words.text(wire)} twice for one gate"
                yield self._words.says("read", h, what, "weighs it once")
        for wire in self.sources:
            axes = self.model.axes[wire.source]
            once = axes.own is None or wire.time.kind in ("first", "last")
            if axes.carried or wire.time.kind == "all" or not (once or axes.own == own):
                what = f"weighs {self._words.text(wire)}, which is no vector at each step"
                yield self._words.says("read", h, what, "weighs vectors")
        if not self.sources:
            yield self._words.says("missing", h, "reads nothing from outside of the loop", "has an input")


def returned(
    match: Match, words: Callable[[], CellWords], loop: Loop, nodes: frozenset[str], model: Checked
) -> Iterator[Difference]:
    """What is read of a cell's `nodes` beside h at all steps and each state where the loop ends."""
    h, c, end = match.bound["h"], match.bound.get("c"), Time("first" if loop.direction < 0 else "last")
    graph, inside = model.graph, nodes | set(loop.nodes)
    readers = [(node.path, wire) for path in nodes for node, wire in graph.readers[path] if node.path not in inside]
    outputs = [(f"the output {output.name}", output.wire) for output in graph.outputs]
    for number, (reader, wire) in enumerate([*readers, *outputs]):
        if wire.source in nodes and wire.source != h and (wire.source != c or wire.time != end):
            named = words().name(reader) if number < len(readers) else reader
            yield words().returned(named, wire, at_all_steps=wire.source == c and wire.time == NOW)
