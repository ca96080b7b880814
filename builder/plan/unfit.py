"""Loops without a kernel: the cell that each is nearest to, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from leporello.builder.plan.diagnosis import Diagnosis, Difference, merged
from leporello.builder.plan.equations import KERNELS, KINDS, Kind
from leporello.builder.plan.kernels import KernelMatch, find_cell, reader_of, returned, states_of
from leporello.builder.plan.recognition import Match
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.graph import NOW, Wire

ROOTS = 6
"""So many nodes of a loop are tried as the hidden state of a cell that it is near."""

MOST = 4
"""With more differences a loop is not near a cell."""


@dataclass(frozen=True)
class Unfit:
    """A loop of a model that no kernel computes. What it is nearest to is worked out when somebody asks."""

    loop: Loop
    model: Checked

    @property
    def nearest(self) -> Diagnosis | None:
        """The cell that it is nearest to, if it has more of one than it lacks."""
        return self._told if isinstance(self._told, Diagnosis) else None

    @property
    def reason(self) -> str:
        """Why it has to be scanned."""
        return str(self._told)

    @cached_property
    def _told(self) -> Diagnosis | str:
        chosen = next(iter(_chosen(self.loop, self.model)), None)
        if chosen is not None:
            return f"each step reads what the model chose before it ({chosen})"
        cell = None if _carries(self.loop, self.model) else find_cell(self.loop, self.model)
        if cell is not None:
            return _diagnosis(cell.kernel.kind, cell.match, cell.differences, self.loop, self.model)
        return _nearest(self.loop, self.model) or _far(self.loop, self.model)


def find_kernel(loop: Loop, model: Checked) -> KernelMatch | Unfit:
    """The call of a kernel that computes `loop`, if there is one."""
    cell = None if _chosen(loop, model) or _carries(loop, model) else find_cell(loop, model)
    return Unfit(loop, model) if cell is None or cell.differences else cell.call


def _chosen(loop: Loop, model: Checked) -> list[str]:
    """The states that are tokens."""
    return [path for path in states_of(loop, model) if model.value(Wire(path)).kind == "tokens"]


def _carries(loop: Loop, model: Checked) -> bool:
    return any(model.axes[path].carried for path in loop.nodes)


def _nearest(loop: Loop, model: Checked) -> Diagnosis | None:
    """The cell that a loop is nearest to, if it has more of one than it lacks."""
    from leporello.builder.plan.cell_words import CellWords  # late, both: most models have no such loop
    from leporello.builder.plan.nearness import Nearness

    most, best = (-1, 0), None
    states = states_of(loop, model)
    for hidden in _roots(loop, model, states):
        reader = reader_of(loop, model, hidden, states)
        words = {kind: CellWords(kind, model, model.graph[hidden].body, loop.direction) for kind in KINDS}
        near = {kind: Nearness(reader, words=words[kind]) for kind in KINDS}
        for kernel in KERNELS:
            match = near[kernel.kind].cell(kernel)
            if match is not None and (match.likeness, -len(match.differences)) > most:
                most = match.likeness, -len(match.differences)
                best = (kernel.kind, match, words[kernel.kind])
    if best is None:
        return None
    kind, match, told = best
    differences = [tell(match.bound) for tell in match.differences]
    if match.bound["h"] in loop.nodes:
        inside = frozenset(match.bound.values()).intersection(loop.nodes)
        differences += returned(match, lambda: told, loop, inside, model)
    else:
        differences.append(told.beside(match.bound))
    found = _diagnosis(kind, match, differences, loop, model)
    return found if len(found.differences) <= MOST else None


def _diagnosis(kind: Kind, match: Match, told: Sequence[Difference], loop: Loop, model: Checked) -> Diagnosis:
    body = model.graph[match.bound["h"]].body
    whole = all(model.graph[path].body == body for path in loop.nodes)
    return Diagnosis(kind, merged(told, list(model.graph.index)), "" if whole else body)


def _roots(loop: Loop, model: Checked, states: Sequence[str]) -> list[str]:
    """What may be the hidden state of a cell: the states, what is read outside, and products made of that."""
    inside, readers = set(loop.nodes), model.graph.readers
    read = [path for path in loop.nodes if any(node.path not in inside for node, _ in readers[path])]
    read += [output.wire.source for output in model.graph.outputs if output.wire.source in inside]
    beyond = [node.path for path in read for node, wire in readers[path] if wire.time == NOW]
    beyond += [node.path for path in beyond for node, wire in readers[path] if wire.time == NOW]
    made = [path for path in beyond if path not in inside and model.graph[path].block in ("multiply", "linear")]
    return [path for path in dict.fromkeys([*states, *read, *made]) if not model.axes[path].carried][:ROOTS]


def _far(loop: Loop, model: Checked) -> str:
    """Why a loop that is near no cell has to be scanned."""
    states = states_of(loop, model)
    if _carries(loop, model):
        return "a loop over steps that each carry a whole axis"
    if len(states) not in (1, 2):
        shown = ", ".join(states[:4]) + (", ..." if len(states) > 4 else "")
        return f"{len(states)} states ({shown}), where kernels have one or two"
    if loop.delay != 1:
        return "kernels have a delay of one step"
    from leporello.builder.plan.cell_words import CellWords

    words = CellWords("rnn", model, model.graph[states[0]].body, loop.direction)
    return f"a loop that no kernel computes: {words.told(states[0])}"
