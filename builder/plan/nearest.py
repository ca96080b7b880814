"""The cell that a loop without a kernel is nearest to, or why there is none; loops that are alike share the search."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import field
from functools import cached_property

from leporello.builder.plan.cell_words import CellWords
from leporello.builder.plan.diagnosis import Diagnosis, Difference, merged
from leporello.builder.plan.equations import KERNELS, KINDS, Kernel, Kind
from leporello.builder.plan.kernels import carries, find_cell, reader_of, returned, states_of
from leporello.builder.plan.nearness import Nearness
from leporello.builder.plan.recognition import Match
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW

ROOTS = 6
"""So many nodes of a loop are tried as the hidden state of a cell that it is near."""

MOST = 4
"""With more differences a loop is not near a cell."""

AROUND = 3
"""Loops are alike if they are so for this many nodes from where they read."""


@frozen
class Near:
    """A kernel's cell that a loop is near, with the `root`-th of the nodes that may be it as the hidden state."""

    root: int
    kernel: Kernel
    match: Match
    words: CellWords

    @property
    def rank(self) -> tuple[int, int]:
        """The nearest has the highest."""
        return self.match.likeness, -len(self.match.differences)


@frozen
class Diagnoses:
    """Tells of the loops of a model, one after another, what each is."""

    model: Checked
    known: dict[Hashable, Near | None] = field(default_factory=dict, compare=False)

    def of(self, loop: Loop) -> Diagnosis | str:
        """The cell that a loop is nearest to, if it has more of one than it lacks, else why it has to be scanned."""
        cell = None if carries(loop, self.model) else find_cell(loop, self.model)
        if cell is not None:
            return self._diagnosis(cell.kernel.kind, cell.match, cell.differences, loop)
        return self._nearest(loop) or _far(loop, self.model)

    def _nearest(self, loop: Loop) -> Diagnosis | None:
        near = self._near(loop)
        if near is None:
            return None
        match = near.match
        differences = [tell(match.bound) for tell in match.differences]
        if match.bound["h"] in loop.nodes:
            inside = frozenset(match.bound.values()).intersection(loop.nodes)
            differences += returned(match, lambda: near.words, loop, inside, self.model)
        else:
            differences.append(near.words.beside(match.bound))
        found = self._diagnosis(near.kernel.kind, match, differences, loop)
        return found if len(found.differences) <= MOST else None

    def _diagnosis(self, kind: Kind, match: Match, told: Sequence[Difference], loop: Loop) -> Diagnosis:
        body = self.model.graph[match.bound["h"]].body
        whole = all(self.model.graph[path].body == body for path in loop.nodes)
        return Diagnosis(kind, merged(told, self._places), "" if whole else body)

    def _near(self, loop: Loop) -> Near | None:
        """The nearest cell; where a loop of the same shape was seen before, that one's, if this is as near to it."""
        roots = _roots(loop, self.model)
        shape = _shape(loop, roots, self.model)
        if shape in self.known:
            like = self.known[shape]
            again = next(self._tried(loop, roots, like.root, [like.kernel]), None) if like else None
            if like is None or (again is not None and again.rank == like.rank):
                return again
        ways = [near for root in range(len(roots)) for near in self._tried(loop, roots, root, KERNELS)]
        best = max(ways, key=lambda near: near.rank, default=None)
        self.known[shape] = best if best is not None and best.match.likeness >= 0 else None
        return self.known[shape]

    def _tried(self, loop: Loop, roots: Sequence[str], root: int, kernels: Sequence[Kernel]) -> Iterator[Near]:
        """What a loop has of each kernel's cell, if one root is the hidden state."""
        reader = reader_of(loop, self.model, roots[root], states_of(loop, self.model))
        body = self.model.graph[roots[root]].body
        words = {kind: CellWords(kind, self.model, body, loop.direction) for kind in KINDS}
        searches = {kind: Nearness(reader, words=words[kind]) for kind in KINDS}
        for kernel in kernels:
            match = searches[kernel.kind].cell(kernel)
            if match is not None:
                yield Near(root, kernel, match, words[kernel.kind])

    @cached_property
    def _places(self) -> dict[str, int]:
        return {path: place for place, path in enumerate(self.model.graph.index)}


def _shape(loop: Loop, roots: Sequence[str], model: Checked) -> Hashable:
    """The equations of a loop without the names, with what it reads from up to `AROUND` nodes away."""
    numbers = {path: number for number, path in enumerate(loop.nodes)}
    outermost = [model.graph[path] for path in loop.nodes]
    nodes: list[Hashable] = []
    for _ in range(AROUND):
        before = len(numbers)
        for node in outermost:
            wires = [(numbers.setdefault(wire.source, len(numbers)), wire.port, wire.time) for wire in node.wires]
            nodes.append((node.block, str(node.parameters), str(model.values[node.path, ""]), tuple(wires)))
        outermost = [model.graph[path] for path in list(numbers)[before:]]
    sizes = [(node.block, str(model.values[node.path, ""])) for node in outermost]
    places = [(numbers.get(path), model.graph[path].block) for path in roots]
    return tuple(nodes), tuple(sizes), tuple(places), loop.direction, loop.delay


def _roots(loop: Loop, model: Checked) -> list[str]:
    """What may be the hidden state of a cell: the states, what is read outside, and products made of that."""
    inside, readers = set(loop.nodes), model.graph.readers
    read = [path for path in loop.nodes if any(node.path not in inside for node, _ in readers[path])]
    read += [output.wire.source for output in model.graph.outputs if output.wire.source in inside]
    beyond = [node.path for path in read for node, wire in readers[path] if wire.time == NOW]
    beyond += [node.path for path in beyond for node, wire in readers[path] if wire.time == NOW]
    made = [path for path in beyond if path not in inside and model.graph[path].block in ("multiply", "linear")]
    roots = dict.fromkeys([*states_of(loop, model), *read, *made])
    return [path for path in roots if not model.axes[path].carried][:ROOTS]


def _far(loop: Loop, model: Checked) -> str:
    """Why a loop that is near no cell has to be scanned."""
    states = states_of(loop, model)
    if carries(loop, model):
        return "a loop over steps that each carry a whole axis"
    if len(states) not in (1, 2):
        shown = ", ".join(states[:4]) + (", ..." if len(states) > 4 else "")
        return f"{len(states)} states ({shown}), where kernels have one or two"
    if loop.delay != 1:
        return "kernels have a delay of one step"
    words = CellWords("rnn", model, model.graph[states[0]].body, loop.direction)
    return f"a loop that no kernel computes: {words.told(states[0])}"
