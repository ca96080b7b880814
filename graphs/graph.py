"""The model as a value: its nodes and outputs, and what the spec says beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leporello.graphs.composing.tree import Source
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, Composite, Node, Output, Wire
from leporello.graphs.presenting import WAYS, shown_in_notebooks
from leporello.graphs.problems import Problem

if TYPE_CHECKING:
    import networkx as nx


@frozen
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
