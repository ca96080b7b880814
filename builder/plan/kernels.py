"""Cells that torch has a kernel for: which loops are one, however they are spelled, and what others lack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from leporello.builder.plan.affine import Affine, NoCellError, Reader
from leporello.builder.plan.recognition import Parts, match_gru, match_lstm, match_rnn
from leporello.builder.plan.slices import Slice
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.blocktypes import Value
from leporello.graphs.graph import NOW, Time, Wire

NAMES = {"rnn": "a simple recurrent layer", "lstm": "an lstm", "gru": "a gru"}


@dataclass(frozen=True)
class KernelMatch:
    """A loop that one call of a kernel computes.

    `nodes` are all nodes inside, also those outside the loop that nothing else reads; `sources` what it reads
    at every step; `gates` are in the kernel's order, a gru's last two the candidate's sides of input and state.
    """

    kind: Literal["rnn", "lstm", "gru"]
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


def find_kernel(loop: Loop, model: Checked) -> KernelMatch | str:
    """The cell that `loop` is, or the reason why it has to be scanned."""
    states = _states(loop, model)
    chosen = next((path for path in states if model.value(Wire(path)).kind == "tokens"), None)
    if chosen is not None:
        return f"each step reads what the model chose before it ({chosen})"
    if loop.delay != 1:
        return "kernels have a delay of one step"
    if any(model.axes[path].carried for path in loop.nodes):
        return "a loop over steps that each carry a whole axis"
    if len(states) not in (1, 2):
        shown = ", ".join(states[:4]) + (", ..." if len(states) > 4 else "")
        return f"{len(states)} states ({shown}), where kernels have one or two"
    attempts: list[Callable[[], Parts]] = []
    if len(states) == 2:
        for h, c in (states, states[::-1]):
            attempts.append(lambda h=h, c=c: match_lstm(_reader(loop, model, h), h, c))  # type: ignore[misc]
    else:
        attempts = [
            lambda: match_rnn(_reader(loop, model, states[0]), states[0]),
            lambda: match_gru(_reader(loop, model, states[0]), states[0]),
        ]
    lacks = []
    for attempt in attempts:
        try:
            return _cell(attempt(), loop, model)
        except NoCellError as lack:
            lacks.append(str(lack))
    return max(reversed(lacks), key=lambda lack: lack.startswith("nearly"))


def _states(loop: Loop, model: Checked) -> list[str]:
    inside = set(loop.nodes)
    found = {
        wire.source: None
        for path in loop.nodes
        for wire in model.graph[path].wires
        if wire.source in inside and wire.time.offset
    }
    return list(found)


def _reader(loop: Loop, model: Checked, hidden: str) -> Reader:
    return Reader(model, frozenset(loop.nodes), loop.direction, hidden)


def _cell(parts: Parts, loop: Loop, model: Checked) -> KernelMatch:
    _check_sizes(parts, model)
    _check_projection(parts, model)
    sources = _sources(parts, loop, model)
    nodes = _nodes(parts.reader, sources, model)
    _check_readers(parts, nodes, loop, model)
    return KernelMatch(
        parts.kind, nodes, parts.h, parts.c, sources, parts.gates, loop.direction < 0, parts.relu, parts.projection
    )


def _check_sizes(parts: Parts, model: Checked) -> None:
    """A kernel's gates and states have one size each; a size of 1 that serves for all units has no kernel."""
    for path in sorted(parts.reader.explained()):
        if model.registry[model.graph[path].block].weights or model.graph[path].block in ("split", "concatenate"):
            continue
        size = model.values[path, ""].size
        for wire in model.graph[path].wires:
            if model.value(wire).size != size and model.graph[wire.source].block != "number":
                told = f"{parts.reader.told(wire)} has the size {model.value(wire).size} and serves for all of {size}"
                raise NoCellError(f"nearly {NAMES[parts.kind]}: {told}")


def _check_projection(parts: Parts, model: Checked) -> None:
    """A kernel sees that there is a projection by the sizes, and projects to fewer features only."""
    projected, units = model.values[parts.h, ""].size, model.values.get((parts.c, ""), Value()).size
    if parts.projection is not None and isinstance(projected, int) and isinstance(units, int) and projected >= units:
        raise NoCellError(f"nearly {NAMES[parts.kind]}: it projects {units} features to {projected}, not to fewer")


def _sources(parts: Parts, loop: Loop, model: Checked) -> tuple[Wire, ...]:
    own = model.axes[loop.nodes[0]].own
    sources = tuple(dict.fromkeys(wire for gate in parts.gates for wire, _ in gate.inputs))
    for gate in parts.gates:
        wires = [wire for wire, _ in gate.inputs]
        if len(set(wires)) < len(wires) or len(gate.hidden) > 1:
            raise NoCellError(f"nearly {NAMES[parts.kind]}: a gate reads the same twice")
    for wire in sources:
        axes = model.axes[wire.source]
        if axes.carried or wire.time.kind == "all" or axes.own not in (own, None):
            raise NoCellError(f"nearly {NAMES[parts.kind]}: {wire} is no vector at each step")
    if not sources:
        raise NoCellError(f"nearly {NAMES[parts.kind]}: it reads nothing from outside")
    return sources


def _nodes(reader: Reader, sources: Sequence[Wire], model: Checked) -> frozenset[str]:
    """The loop, and the explained nodes outside of it that nothing needs as values: they are in the kernel's weights.

    The kernel reads its sources and starts from given values, so these have to be computed although they may be
    explained too; so is what feeds back to itself, for it is a source at another step.
    """
    starts = [wire for path in reader.inside for wire in model.graph[path].initial_wires]
    needed = {wire.source for wire in [*sources, *starts, *(output.wire for output in model.graph.outputs)]}
    found = reader.explained() - needed | reader.inside
    while True:
        alone = {path for path in found if all(node.path in found for node, _ in model.graph.readers[path])}
        kept = reader.inside | alone
        if kept == found:
            return found
        found = kept


def _check_readers(parts: Parts, nodes: frozenset[str], loop: Loop, model: Checked) -> None:
    """A kernel returns h at all steps and every state where the loop ends, nothing else."""
    end = Time("first" if loop.direction < 0 else "last")
    readers = [
        (node.path, wire) for path in nodes for node, wire in model.graph.readers[path] if node.path not in nodes
    ]
    readers += [(output.name, output.wire) for output in model.graph.outputs]
    for reader, wire in readers:
        if wire.source not in nodes or wire.source == parts.h:
            continue
        if wire.source != parts.c or wire.time != end:
            steps = " at every step" if wire.source == parts.c and wire.time == NOW else ""
            what = f"{reader} reads {wire}{steps}, which a kernel does not return"
            raise NoCellError(f"nearly {NAMES[parts.kind]}: {what}")
