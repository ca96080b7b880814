"""A text while a model is assembled in it: its draft, and what is known of everything that can be read there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.blocktypes import ANYTHING, BlockType, Registry, Value
from leporello.graphs.composing.tree import Keys
from leporello.graphs.edits.renaming import rewired
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.edits.splices.places import Place, body_of, names_in, place, places
from leporello.graphs.edits.text.changes import at
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Composite, Node, Output, Wire
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
    """What stands in a text, as far as it goes. Nothing of it changes: the next text has another one.

    Its names are those of one body: the spec's, or with `block` that of a block of the spec, whose values are those of
    a use of it: `use` is the path of that body in the opened model, and `outside` what the use itself stands in.
    """

    draft: Draft
    block: str = ""
    use: str = ""
    outside: Bench | None = None

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
        return self.outside.examined if self.outside else examine(self.draft.graph, registry())

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
        """The body."""
        return place(self.draft, self.block)

    def keys(self, *keys: str) -> Keys:
        """The keys in the text of what has these in the body."""
        return (*self.place.keys, *keys)

    @cached_property
    def index(self) -> Mapping[str, Node]:
        """The nodes of the body, as written, by their paths; a port of a block is read by its name."""
        nodes = body_of(self.graph, self.block).nodes
        return {node.path: rewired(node, _by_name) if self.block else node for node in nodes}

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs of the spec, which have boxes; those of a block have none."""
        return () if self.block else self.graph.outputs

    @property
    def sizes(self) -> tuple[str, ...]:
        """The names that sizes are given by here, each written with a `$`."""
        return names_in(self.place.section("parameters")) if self.block else tuple(self.graph.parameters)

    def written(self, size: object) -> str:
        """A size as it is written here: in a block, by the name of a size that has this value where it is used."""
        use = self._composites.get(self.outside.path(self.outside.outer(self.use))) if self.outside else None
        names = [name for name in self.sizes if use and use.parameters.get(name) == size]
        return f"${names[0]}" if names else str(size)

    @property
    def users(self) -> tuple[str, ...]:
        """Every node that uses the block whose body this is, wherever it stands."""
        found = ((where, name) for where in places(self.draft) for name in where.nodes)
        return tuple(where.named(name) for where, name in found if _uses(where, name, self.block))

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

    @cached_property
    def _composites(self) -> Mapping[str, Composite]:
        return self.outside._composites if self.outside else {one.path: one for one in self.checked.graph.composites}

    def _wire(self, name: str, port: str = "") -> Wire:
        """Where a value comes from in the opened model."""
        path = self.path(name)
        found = self._composites.get(path)
        wires = found.ports.get(port or next(iter(found.ports), ""), ()) if found else ()
        return wires[0] if wires else Wire(path, port)

    def _given(self, port: str) -> Wire | None:
        """What a port of the block reads where it is used: a wire of what the use stands in, if it is one."""
        node = self.outside.index.get(self.outside.outer(self.use)) if self.outside else None
        wires = [wire for name, wire in node.inputs if name == port] if node else []
        return wires[0] if len(wires) == 1 else None

    def value(self, name: str, port: str = "") -> Value:
        """What flows there, as far as it is known."""
        if self.outside and name in self.inputs:
            given = self._given(name)
            return self.outside.value(given.source, given.port) if given else ANYTHING
        wire = self._wire(name, port)
        found = self.checked.values.get((wire.source, wire.port), ANYTHING)
        known = self.index.get(name)
        if found.kind == "any" and known is not None and known.block == "feedback":
            return self.truth(name)
        return found

    def truth(self, name: str) -> Value:
        """What a feedback whose own choice is not connected yet gives: what its truth is."""
        wire = dict(self.index[name].inputs).get("truth")
        return self.value(wire.source, wire.port) if wire is not None and wire.source in self.inputs else ANYTHING

    def axis(self, name: str) -> str | None:
        """On which time axis it runs; None where it has none, or where that is not known."""
        if self.outside and name in self.inputs:
            given = self._given(name)
            return self.outside.axis(given.source) if given else None
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
            node = self.index.get(name)
            outputs = kind.outputs_of(node.parameters) if kind and node else ()
            for port in outputs[1:]:
                yield Source(name, port, self.value(name, port), axis)

    @cached_property
    def read(self) -> frozenset[str]:
        """The names that something reads, or is scored against."""
        found = {wire.source for node in self.index.values() for wire in (*node.wires, *node.initial_wires)}
        found |= {wire.source for _, wire in body_of(self.graph, self.block).outputs}
        return frozenset(found | {output.predicts for output in self.outputs})

    @property
    def unpredicted(self) -> tuple[str, ...]:
        """The inputs that no output predicts yet."""
        predicted = {output.predicts for output in self.outputs}
        return tuple(name for name in self.inputs if name not in predicted and not self.block)

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
        taken = {*self.names, *(output.name for output in self.outputs)}
        if wanted not in taken:
            return wanted
        return next(name for number in range(2, 10_000) if (name := f"{wanted}_{number}") not in taken)

    def outer(self, path: str) -> str:
        """The node, input or output (`outputs/y`) that a box belongs to; nothing where there is none any more.

        What a port of the block reads outside is that port.
        """
        if path.startswith(OUTPUTS) and any(OUTPUTS + output.name == path for output in self.outputs):
            return path
        if self.outside and not path.startswith(f"{self.use}/"):
            away = self.outside.outer(path)
            return next((port for port in self.inputs if (one := self._given(port)) and one.source == away), "")
        name = path.removeprefix(f"{self.use}/" if self.use else "").partition("/")[0]
        return name if name in self.names else ""

    def path(self, name: str) -> str:
        """The path in the opened model of what has this name."""
        return f"{self.use}/{name}" if self.use and name else name

    def inside(self, path: str) -> Bench:
        """The body in which a box stands: this one, or that of a block of the spec's own that is used here."""
        parts = path.split("/")
        for count in range(len(parts) - 1, 0, -1):
            use = self._composites.get("/".join(parts[:count]))
            if use is None or use.block not in self.own:
                continue
            here = count + _layered(parts[count:])
            if parts[here] in names_in(at(self.draft.tree, ("blocks", use.block, "nodes"))):
                return Bench(self.draft, use.block, "/".join(parts[:here]), self.inside("/".join(parts[:count])))
        return self


def _by_name(wire: Wire) -> Wire:
    return replace(wire, source=wire.source.lstrip("<"))


def _layered(parts: list[str]) -> int:
    """How many names say in which layer and direction a body stands: none of `W`, two of `1/forward/W`."""
    if not parts[0].isdigit() or len(parts) == 1:
        return 0
    return 2 if parts[1] in ("forward", "backward") and len(parts) > 2 else 1


def _uses(where: Place, name: str, block: str) -> bool:
    kind = where.kind_of(name)
    return kind is not None and kind.name == block


def _settings(graph: Graph) -> tuple[Problem, ...]:
    """What is wrong under `training:`."""
    try:
        read_settings(graph)
    except SpecError as error:
        return error.problems
    return ()
