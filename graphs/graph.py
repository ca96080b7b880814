"""The model as a value: nodes that own their incoming wires, each wire with a time."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from leporello.graphs.composing.tree import Source
from leporello.graphs.presenting import WAYS, shown_in_notebooks
from leporello.graphs.problems import Mark, Problem

if TYPE_CHECKING:
    import networkx as nx


EMPTY: Mapping[str, Any] = MappingProxyType({})


def frozen(entries: dict[str, Any]) -> MappingProxyType[str, Any]:
    """A mapping that cannot be changed."""
    return MappingProxyType(entries)


# What is frozen can be sent to another process.
copyreg.pickle(MappingProxyType, lambda mapping: (frozen, (dict(mapping),)))


@dataclass(frozen=True)
class Time:
    """Which steps of the source a wire reads.

    `t` with an offset (-1 is a delay of one step), the `first` or `last` valid step, or `all` of them.
    An offset at `last` or `first` counts from there into the sequence (the delay line of a state).
    `scope` is the path of the body in which `all` was written: reads of one axis share a carried axis there.
    """

    kind: Literal["t", "first", "last", "all"] = "t"
    offset: int = 0
    scope: str = ""

    @property
    def shift(self) -> int:
        """By how many steps what is read lies before (negative) or after the step that reads."""
        return self.offset if self.kind == "t" else 0

    @property
    def is_late(self) -> bool:
        """Whether an earlier step is read."""
        return self.shift < 0

    @property
    def is_ahead(self) -> bool:
        """Whether a later step is read."""
        return self.shift > 0

    def __str__(self) -> str:
        if self.kind == "t" and not self.offset:
            return ""
        return f"({self.kind}{self.offset:+d})" if self.offset else f"({self.kind})"


NOW = Time()
UNKNOWN = "?"
"""The block of a node, the source of a wire and the axis of what is not known, for it could not be read."""
LARGEST = 10_000
"""So many nodes a graph may have, as written and opened."""


@dataclass(frozen=True)
class Wire:
    """A read of another node's port at a time. The empty port is the node's first output."""

    source: str
    port: str = ""
    time: Time = NOW

    def __str__(self) -> str:
        return self.source + (f".{self.port}" if self.port else "") + str(self.time)


NOTHING = Wire(UNKNOWN)
"""A wire that leads nowhere."""


@dataclass(frozen=True)
class Learned:
    """An initial value that is trained: one vector, shared by the batch."""


Initial = None | float | Learned | tuple[Wire, ...] | Mapping[str, Any]
"""Zeros (None), a number, learned, wires (one per place before the first step, the nearest first,
the last repeated), or, on a composite as written, a mapping from its states to such values."""


@dataclass(frozen=True)
class Modifiers:
    """What may be said of any block: stacking, direction, sharing, initial weights."""

    layers: Any = None
    direction: str | None = None
    residual: Any = None
    dropout: Any = None
    bridge: str | None = None
    share: str | Mapping[str, str] | None = None
    init: Any = None
    frozen: bool | None = None

    @property
    def stacks(self) -> bool:
        """Whether anything here makes more than one plain copy of the block."""
        return any(v is not None for v in (self.layers, self.direction, self.residual, self.dropout))


PLAIN = Modifiers()


@dataclass(frozen=True)
class Node:
    """One use of a block. `inputs` are the wires into its ports, in order.

    `path` names it (`decoder/1/forward/W_i` after opening), `body` is the path of the composite in
    which it was written (empty at the top), `mark` its place in the spec. `marks` are the places of what is said
    of it: of the wire at a port, of a parameter, a modifier, `block`, `initial`, `axis`, by these names, and of an
    initial value by state, `initial.c`.
    """

    path: str
    block: str
    inputs: tuple[tuple[str, Wire], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    initial: Initial = None
    axis: str | None = None
    modifiers: Modifiers = PLAIN
    label: str = ""
    body: str = ""
    mark: Mark | None = field(default=None, compare=False)
    marks: Mapping[str, Mark] = field(default_factory=lambda: EMPTY, compare=False, repr=False)

    def at(self, name: str, other: str = "") -> Mark | None:
        """The place of what is said under a name, else under another, else that of the node."""
        return self.marks.get(name) or self.marks.get(other) or self.mark

    def changed(self, **changes: Any) -> Node:
        """As `dataclasses.replace`, in a quarter of its time: opening changes every node several times."""
        made = object.__new__(Node)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    def at_read(self, wire: Wire) -> Mark | None:
        """The place where a wire of this node is written."""
        port = next((port for port, other in self.inputs if other == wire), "initial")
        return self.at(port)

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The wires into the ports, without those of the initial value."""
        return tuple([wire for _, wire in self.inputs])

    @property
    def sources(self) -> list[str]:
        """The paths of all that it reads, initial value included."""
        return [wire.source for wire in (*self.wires, *self.initial_wires)]

    @property
    def initial_wires(self) -> tuple[Wire, ...]:
        """The wires that give the value before the first step."""
        return self.initial if isinstance(self.initial, tuple) else ()

    def rewired(self, change: Any) -> Node:
        """This node with `change(wire)` in place of every wire, initial ones included."""
        initial = tuple([change(w) for w in self.initial]) if isinstance(self.initial, tuple) else self.initial
        return self.changed(inputs=tuple([(port, change(wire)) for port, wire in self.inputs]), initial=initial)


@dataclass(frozen=True)
class Output:
    """A named output; with `predicts` it is scored against that input.

    `scoring` has what is said of that beside the loss: `score`, `weight`, `levels`, `class_weights`.
    """

    name: str
    wire: Wire
    predicts: str = ""
    loss: str = ""
    leak: bool = False
    scoring: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    mark: Mark | None = field(default=None, compare=False)
    marks: Mapping[str, Mark] = field(default_factory=lambda: EMPTY, compare=False, repr=False)

    def at(self, name: str) -> Mark | None:
        """The place of what is said under `name` (`from`, `predicts`, `loss`, ...), else that of the output."""
        return self.marks.get(name, self.mark)


@dataclass(frozen=True)
class Composite:
    """An opened composite: which block stands at a path, and the wires that its ports name.

    `axis` is what it says of the clock of its loops and outputs.
    """

    path: str
    block: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    ports: Mapping[str, tuple[Wire, ...]] = field(default_factory=lambda: EMPTY)
    body: str = ""
    label: str = ""
    axis: str | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, repr=False)
class Graph:
    """A model: nodes in the order written, outputs, and what the spec says beside them.

    As read, nodes may be composites and parameters may name sizes (`$words`). After `opening.open_graph`
    all nodes are primitives, `composites` remembers what they were opened from, and `kinds` is the registry by which:
    what is told of a graph, in pictures and in text, is read off the types of its blocks.
    """

    name: str = "model"
    nodes: tuple[Node, ...] = ()
    outputs: tuple[Output, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    blocks: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    data: Any = None
    training: Any = None
    label: str = ""
    composites: tuple[Composite, ...] = ()
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    source: Source = field(default=Source(), compare=False, repr=False)
    kinds: Mapping[str, Any] = field(default_factory=lambda: EMPTY, compare=False, repr=False)

    @property
    def file(self) -> str:
        """The name of the file it was read from, empty for none."""
        return self.source.file

    @property
    def text(self) -> str:
        """The text it was read from."""
        return self.source.text

    @cached_property
    def index(self) -> Mapping[str, Node]:
        """The nodes by path."""
        return MappingProxyType({node.path: node for node in self.nodes})

    def __getitem__(self, path: str) -> Node:
        return self.index[path]

    def __contains__(self, path: object) -> bool:
        return path in self.index

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The nodes that are given from outside."""
        return tuple(node for node in self.nodes if node.block == "input")

    @cached_property
    def readers(self) -> Mapping[str, tuple[tuple[Node, Wire], ...]]:
        """For each path, the nodes that read it and the wire by which they do."""
        found: dict[str, list[tuple[Node, Wire]]] = {node.path: [] for node in self.nodes}
        for node in self.nodes:
            for wire in node.wires + node.initial_wires:
                found.setdefault(wire.source, []).append((node, wire))
        return MappingProxyType({path: tuple(pairs) for path, pairs in found.items()})

    def with_nodes(self, nodes: Iterable[Node]) -> Graph:
        """This graph with other nodes."""
        return replace(self, nodes=tuple(nodes))

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """This graph as one of networkx (`interchange.node_link.to_networkx`)."""
        found: nx.MultiDiGraph[str] = WAYS["to_networkx"](self)
        return found

    @staticmethod
    def from_networkx(graph: nx.DiGraph[Any] | nx.MultiDiGraph[Any], registry: Any) -> Graph:
        """The graph that a graph of networkx describes (`interchange.node_link.from_networkx`)."""
        found: Graph = WAYS["from_networkx"](graph, registry)
        return found

    def __str__(self) -> str:
        return str(WAYS["text"](self))

    def __repr__(self) -> str:
        return f"<Graph {self.name}: {len(self.inputs)} inputs, {len(self) - len(self.inputs)} nodes>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the folded picture, and in text the nodes."""
        return shown_in_notebooks(self, str(self))


def initial_wires(initial: Any) -> Iterator[Wire]:
    """All wires in an initial value, those of a composite's states included."""
    if isinstance(initial, tuple):
        yield from initial
    elif isinstance(initial, Mapping):
        for value in initial.values():
            yield from initial_wires(value)


def freeze(value: Any) -> Any:
    """`value` with its dicts read-only and its lists tuples, all the way down."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value
