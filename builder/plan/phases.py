"""The schedule in few words: stages that can run together, in their turn, by the paths of the model as written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from leporello.builder.plan.passes.origins import origins_of
from leporello.builder.plan.schedule import Schedule, Stage, schedule
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.nodes import Node
from leporello.graphs.phases import How, Phase

_GIVEN = ("input", "number")


def phases(checked: Checked, feedback: Mode = "teacher") -> tuple[Phase, ...]:
    """How a model runs in a mode of feedback: its loops, and between them what needs no loop, in their turn.

    What rewriting has merged away stands where what came in its place runs; inputs and numbers run nowhere.
    """
    plan = schedule(checked, feedback)
    found = _Phases(plan)
    for stage in plan.stages:
        found.add(stage)
    found.complete(needed(resolve(checked, feedback)))
    return tuple(_phase(group, checked, plan.model) for group in found.groups if group.nodes)


def _phase(group: _Group, checked: Checked, rewritten: Checked) -> Phase:
    nodes = tuple(path for path in checked.graph.index if path in group.nodes)
    made = [path for path in group.nodes if path not in checked.graph]
    told = dict.fromkeys(origin for path in made for origin in origins_of(rewritten, path))
    written = (path for path in told if path in checked.graph and checked.graph[path].block != "concatenate")
    parts = tuple(path for path in written if path not in nodes)
    return Phase(group.how, nodes, group.axis, group.backward, group.why, parts)


@dataclass
class _Group:
    how: How
    axis: str | None
    backward: bool = False
    why: str = ""
    nodes: dict[str, None] = field(default_factory=dict)

    @property
    def loop(self) -> bool:
        return self.how in ("fused", "scanned")


@dataclass
class _Phases:
    plan: Schedule
    groups: list[_Group] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)

    def add(self, stage: Stage) -> None:
        """Puts a stage into the first group of its kind that comes after all that it reads; a loop into a new one."""
        graph = self.plan.model.graph
        inside = dict.fromkeys((*stage.nodes, *(sorted(stage.cell.nodes) if stage.cell else ())))
        nodes = [path for path in inside if path not in graph or graph[path].block not in _GIVEN]
        if not nodes:
            return
        if stage.kind in ("fused", "scanned"):
            index = self._new(_Group(stage.kind, stage.axis, stage.direction < 0, stage.reason))
        else:
            index = self._first(stage.kind, stage.axis, self._read(graph[path] for path in nodes))
        self._put(nodes, index)

    def complete(self, written: Checked) -> None:
        """Gives a place to the nodes of the model as written that the rewritten one has not."""
        for loop in written.loops:
            homes = [self.place[path] for path in loop.nodes if path in self.place]
            home = next((index for index in homes if self.groups[index].loop), None)
            if home is not None:
                self._put([path for path in loop.nodes if path not in self.place], home)
        for node in written.graph.nodes:
            if node.path not in self.place and node.block not in _GIVEN:
                axis = written.axes[node.path].own
                self._put([node.path], self._first("all at once" if axis else "once", axis, self._read([node])))

    def _read(self, nodes: Iterable[Node]) -> int:
        """The last group that nodes read."""
        wires = (wire for node in nodes for wire in (*node.wires, *node.initial_wires))
        return max((self.place.get(wire.source, 0) for wire in wires), default=0)

    def _first(self, how: How, axis: str | None, least: int) -> int:
        for index, group in enumerate(self.groups[least:], least):
            if (group.how, group.axis) == (how, axis):
                return index
        return self._new(_Group(how, axis))

    def _new(self, group: _Group) -> int:
        self.groups.append(group)
        return len(self.groups) - 1

    def _put(self, nodes: Iterable[str], index: int) -> None:
        for path in nodes:
            self.place[path] = index
            self.groups[index].nodes[path] = None
