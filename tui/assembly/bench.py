"""A text while a model is assembled in it: its draft, and what is known of everything that can be read there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.blocktypes import ANYTHING, BlockType, Registry, Value
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.edits.splices.places import Place, place
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Wire
from leporello.graphs.problems import Problem, SpecError
from leporello.training.settings import read_settings

OUTPUTS = "outputs/"
"""What the path of an output's box begins with."""


@frozen
class Source:
    """Something that can be read: a node or an input (its port empty), or another output of a node."""

    name: str
    port: str
    value: Value
    axis: str | None

    @property
    def read(self) -> str:
        """How it is read at the same step."""
        return f"{self.name}.{self.port}" if self.port else self.name


@frozen
class Bench:
    """What stands in a text, as far as it goes. Nothing of it changes: the next text has another one."""

    draft: Draft

    @staticmethod
    def of(text: str, file: str) -> Bench:
        """What stands in this text.

        Raises:
            SpecError: for a graph in JSON, which is data of programs.
        """
        return Bench(Draft.read(text, registry(), file, (_settings,)))

    @cached_property
    def examined(self) -> tuple[Checked, tuple[Problem, ...]]:
        """What is known of the model, and what is wrong with it beside what cannot be read."""
        return examine(self.draft.graph, registry())

    @property
    def checked(self) -> Checked:
        """What is known of the model."""
        return self.examined[0]

    @cached_property
    def wrong(self) -> frozenset[str]:
        """Everything that is wrong, in words."""
        return frozenset(problem.what for problem in (*self.draft.problems, *self.examined[1]) if not problem.warning)

    @property
    def graph(self) -> Graph:
        """The model as written."""
        return self.draft.graph

    @property
    def blocks(self) -> Registry:
        """The blocks that ship, and those of the spec."""
        return self.draft.full

    @property
    def own(self) -> frozenset[str]:
        """The names of the blocks that the spec itself has."""
        return frozenset(self.graph.blocks)

    @cached_property
    def place(self) -> Place:
        """The body of the spec."""
        return place(self.draft)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of its nodes."""
        return self.place.nodes

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs."""
        return self.place.givers

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that can be read, as it is written."""
        return (*self.inputs, *self.nodes)

    def kind(self, name: str) -> BlockType | None:
        """The block that a node uses, None for an expression."""
        return self.place.kind_of(name)

    def _wire(self, name: str, port: str = "") -> Wire:
        """Where a value comes from in the opened model."""
        found = next((one for one in self.checked.graph.composites if one.path == name), None)
        wires = found.ports.get(port or next(iter(found.ports), ""), ()) if found else ()
        return wires[0] if wires else Wire(name, port)

    def value(self, name: str, port: str = "") -> Value:
        """What flows there, as far as it is known."""
        wire = self._wire(name, port)
        found = self.checked.values.get((wire.source, wire.port), ANYTHING)
        known = self.graph.index.get(name)
        if found.kind == "any" and known is not None and known.block == "feedback":
            return self.truth(name)
        return found

    def truth(self, name: str) -> Value:
        """What a feedback whose own choice is not connected yet gives: what its truth is."""
        wire = dict(self.graph[name].inputs).get("truth")
        return self.value(wire.source, wire.port) if wire is not None and wire.source in self.inputs else ANYTHING

    def axis(self, name: str) -> str | None:
        """On which time axis it runs; None where it has none, or where that is not known."""
        found = self.checked.axes.get(self._wire(name).source)
        return found.own if found else None

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Everything that can be read, in the order in which it is written."""
        return tuple(self._sources())

    def _sources(self) -> Iterator[Source]:
        for name in self.names:
            axis, kind = self.axis(name), self.kind(name)
            yield Source(name, "", self.value(name), axis)
            node = self.graph.index.get(name)
            outputs = kind.outputs_of(node.parameters) if kind and node else ()
            for port in outputs[1:]:
                yield Source(name, port, self.value(name, port), axis)

    @cached_property
    def read(self) -> frozenset[str]:
        """The names that something reads, or is scored against."""
        found = {wire.source for node in self.graph.nodes for wire in (*node.wires, *node.initial_wires)}
        found |= {output.wire.source for output in self.graph.outputs}
        return frozenset(found | {output.predicts for output in self.graph.outputs})

    @property
    def unpredicted(self) -> tuple[str, ...]:
        """The inputs that no output predicts yet."""
        predicted = {output.predicts for output in self.graph.outputs}
        return tuple(name for name in self.inputs if name not in predicted)

    @cached_property
    def open_ports(self) -> tuple[tuple[str, str], ...]:
        """The ports that need something to read and have nothing."""
        found = []
        for name in self.nodes:
            kind, said = self.kind(name), self.place.value(name)
            ports = [port.name for port in kind.ports if not port.optional] if kind and not kind.many else []
            found += [(name, port) for port in ports if port not in getattr(said, "keys", tuple)()]
        return tuple(found)

    def free(self, wanted: str) -> str:
        """A name that nothing has: the wanted one, or with a number behind it."""
        taken = {*self.names, *(output.name for output in self.graph.outputs)}
        if wanted not in taken:
            return wanted
        return next(name for number in range(2, 10_000) if (name := f"{wanted}_{number}") not in taken)

    def outer(self, path: str) -> str:
        """The node, input or output (`outputs/y`) that a box belongs to; nothing where there is none any more."""
        name = path.partition("/")[0]
        if path.startswith(OUTPUTS) and any(OUTPUTS + output.name == path for output in self.graph.outputs):
            return path
        return name if name in self.names else ""


def _settings(graph: Graph) -> tuple[Problem, ...]:
    """What is wrong under `training:`."""
    try:
        read_settings(graph)
    except SpecError as error:
        return error.problems
    return ()
