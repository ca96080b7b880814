"""Grouping: nodes of a spec put into a block of their own; opening it gives back what they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Parameter, Port, Registry
from leporello.graphs.edits.renaming import rewired, with_sizes
from leporello.graphs.expressions.grammar import parse_size
from leporello.graphs.expressions.plain_values import EXPRESSIONS, size_text
from leporello.graphs.expressions.tree import SizeName, size_names
from leporello.graphs.graph import Graph
from leporello.graphs.names import LONGEST, RESERVED, check_name
from leporello.graphs.nodes import EMPTY, Modifiers, Node, Time, Wire, freeze, initial_wires
from leporello.graphs.problems import Mark, refuse, suggest
from leporello.graphs.reading.fields import COMMON, names
from leporello.graphs.size import Size

TAKEN = frozenset({*names(COMMON), "block", "value", "state", "final", *RESERVED})
"""Names that no port and no parameter may have."""


def group(
    graph: Graph, names: Iterable[str], block_name: str, node_name: str, registry: Registry | None = None
) -> Graph:
    """The graph with some of its nodes in a new block, of which it has one use in their place.

    What they read from outside comes in by ports, each keeping its time outside; what is read of them goes out
    by ports. Where one of them reads all steps of another, that goes out and comes in again: reads of all steps
    stay in one body and share one carried axis, as before. Sizes (`$units`) become parameters of the block.

    Args:
        graph: as written.
        names: the nodes, named at the top of the spec; their expressions come along.
        block_name: the new block's name.
        node_name: the name of the one node that uses it.
        registry: the blocks that ship, whose names are taken.

    Raises:
        SpecError: for names that are no such nodes or that are taken, and where values would change.
    """
    return Grouping.of(graph, names, block_name, node_name, registry).graph


def _chosen(graph: Graph, names: tuple[str, ...]) -> frozenset[str]:
    """The nodes named, and the anonymous ones that only they read."""
    if graph.composites:
        raise refuse("an opened graph has no nodes to group", "group nodes of the graph as written")
    known = [node.path for node in graph.nodes if "/" not in node.path and node.block != "input"]
    for name in names:
        if name not in known:
            given = name in graph and graph[name].block == "input"
            what = f"{name} is an input, which no block holds" if given else f"there is no node {name!r}"
            raise refuse(what, suggest(name, known, "nodes"))
    if not names:
        raise refuse("no nodes are named to be grouped", suggest("", known, "nodes"))
    readers = _readers(graph)
    found, waiting = set(names), list(names)
    while waiting:
        for wire in _wires(graph[waiting.pop()]):
            path = wire.source
            if "/" in path and path in graph and path not in found and readers[path] <= found:
                found.add(path)
                waiting.append(path)
    return frozenset(found)


def _readers(graph: Graph) -> Mapping[str, set[str]]:
    """What reads each node; an output has the path of no node."""
    found: dict[str, set[str]] = {}
    for node in graph.nodes:
        for wire in _wires(node):
            found.setdefault(wire.source, set()).add(node.path)
    for output in graph.outputs:
        found.setdefault(output.wire.source, set()).add("")
    return found


def _wires(node: Node) -> tuple[Wire, ...]:
    return (*node.wires, *initial_wires(node.initial))


def _check_names(
    graph: Graph, chosen: frozenset[str], block_name: str, node_name: str, shipped: Mapping[str, BlockType]
) -> None:
    check_name(block_name, None, "block")
    check_name(node_name, None, "node")
    bodies = [kind.body(EMPTY) for kind in graph.blocks.values() if isinstance(kind.body, Body)]
    used = {node.block for node in graph.nodes} | {node.block for body in bodies for node in body.nodes}
    if block_name in shipped or block_name in graph.blocks or block_name in used:
        raise refuse(f"there is a block {block_name} already", "give yours another name")
    if node_name in graph and node_name not in chosen:
        raise refuse(f"there is a node {node_name} already", "give yours another name")


def _check_shares(graph: Graph, chosen: frozenset[str]) -> None:
    """Weights are shared within one body, or by the path of what an opened block holds."""
    for node in graph.nodes:
        share = node.modifiers.share
        for target in share.values() if isinstance(share, Mapping) else (share,) if share else ():
            owner = str(target).replace(".", "/").split("/")[0]
            if (owner in chosen) != (node.path in chosen):
                what = f"{node.path} shares weights of {owner}, and only one of them would be in the block"
                raise refuse(what, "group both of them, or neither", node.mark)


@dataclass
class Grouping:
    """Collects the ports of the new block while its nodes are rewired.

    `ports` gives for a wire as it is outside the port by which it comes in, `outputs` for a node and its port the
    port by which that goes out, `sizes` for a `$name` the parameter.
    """

    before: Graph
    chosen: frozenset[str]
    block_name: str
    node_name: str
    ports: dict[Wire, str] = field(default_factory=dict)
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    sizes: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(
        graph: Graph, names: Iterable[str], block_name: str, node_name: str, registry: Registry | None = None
    ) -> Grouping:
        """The grouping of nodes, its graph made; raises what `group` does."""
        chosen = _chosen(graph, tuple(names))
        _check_names(graph, chosen, block_name, node_name, registry or {})
        _check_shares(graph, chosen)
        made = Grouping(graph, chosen, block_name, node_name)
        assert made.graph
        return made

    @cached_property
    def graph(self) -> Graph:
        """The graph with the block and its use."""
        inner = [_worded(node) for node in self.before.nodes if node.path in self.chosen]
        for name in dict.fromkeys(name for node in inner for name in _sizes(node)):
            self.sizes[name] = self._free(name, self.sizes.values())
        body = [self._sized(rewired(node, self.inward)) for node in inner]
        outer = {n.path: rewired(n, self.outward) for n in self.before.nodes if n.path not in self.chosen}
        ends = tuple(replace(output, wire=self.outward(output.wire)) for output in self.before.outputs)
        block = self._block(body)
        blocks = freeze({**self.before.blocks, self.block_name: block})
        return replace(self.before, nodes=tuple(self._placed(outer)), outputs=ends, blocks=blocks)

    def _block(self, body: list[Node]) -> BlockType:
        if not self.outputs:  # nothing is read of it, but a block gives something
            self._output(Wire(next(node.path for node in reversed(body) if "/" not in node.path)))
        outputs = tuple((name, Wire(path, port)) for (path, port), name in self.outputs.items())
        return BlockType(
            self.block_name,
            ports=tuple(Port(name, "any") for name in self.ports.values()),
            parameters=tuple(Parameter(name) for name in self.sizes.values()),
            outputs=tuple(name for name, _ in outputs),
            body=Body(tuple(body), outputs),
            shipped=False,
        )

    def _placed(self, outer: Mapping[str, Node]) -> Iterator[Node]:
        """The nodes outside, with the use of the block where the first of its nodes with a name stood."""
        inputs = tuple((port, wire) for wire, port in self.ports.items())
        parameters = freeze({name: SizeName(size) for size, name in self.sizes.items()})
        first = next(node for node in self.before.nodes if node.path in self.chosen and "/" not in node.path)
        for node in self.before.nodes:
            if node.path in outer:
                yield outer[node.path]
            elif node is first:
                yield Node(self.node_name, self.block_name, inputs, parameters, mark=node.mark)

    def inward(self, wire: Wire) -> Wire:
        """A wire as read in the block."""
        if wire.source in self.chosen and wire.time.kind != "all":
            return wire
        outside = self.outward(wire)
        if outside not in self.ports:
            stem = wire.source.replace("/", "_") + (f"_{wire.port}" if wire.port else "") + _suffix(wire.time)
            self.ports[outside] = self._free(stem, self.ports.values())
        return Wire(f"<{self.ports[outside]}")

    def outward(self, wire: Wire) -> Wire:
        """A wire as read outside the block."""
        if wire.source not in self.chosen:
            return wire
        port = self._output(wire)
        return Wire(self.node_name, "" if port == next(iter(self.outputs.values())) else port, wire.time)

    def _output(self, wire: Wire) -> str:
        key = (wire.source, wire.port)
        if key not in self.outputs:
            # A bare output keeps its node's name, so that the body lists it as it is.
            stem = wire.source.replace("/", "_") + (f"_{wire.port}" if wire.port else "")
            taken = {*self.outputs.values(), *TAKEN, *(self.chosen - {wire.source} if not wire.port else self.chosen)}
            self.outputs[key] = _unlike(stem, taken)
        return self.outputs[key]

    def _free(self, stem: str, others: Iterable[str]) -> str:
        return _unlike(stem, {*others, *self.sizes.values(), *self.ports.values(), *TAKEN, *self.chosen})

    def _sized(self, node: Node) -> Node:
        """The node with its sizes by the names of the block's parameters."""
        words = self.sizes.__getitem__
        parameters = freeze({name: with_sizes(value, words) for name, value in node.parameters.items()})
        said = {name: with_sizes(getattr(node.modifiers, name), words) for name in ("layers", "residual", "dropout")}
        return replace(node, parameters=parameters, modifiers=replace(node.modifiers, **said))


def _worded(node: Node) -> Node:
    """The node with sizes that were worked out as expressions again: in a block they are made of its parameters."""

    def worded(value: Any) -> Any:
        return parse_size(size_text(value), Mark("", 1, 1)) if isinstance(value, Size) else value

    said = {name: worded(getattr(node.modifiers, name)) for name in ("layers", "residual", "dropout")}
    parameters = freeze({name: worded(value) for name, value in node.parameters.items()})
    return replace(node, parameters=parameters, modifiers=replace(node.modifiers, **said))


def _sizes(node: Node) -> list[str]:
    """The `$names` that a node says."""
    said: Modifiers = node.modifiers
    values = (*node.parameters.values(), said.layers, said.residual, said.dropout)
    return [name for value in values if isinstance(value, EXPRESSIONS) for name in size_names(value)]


def _suffix(time: Time) -> str:
    if time.kind != "t":
        return f"_{time.kind}"
    return f"_late{-time.offset}" if time.offset < 0 else f"_ahead{time.offset}" if time.offset else ""


def _unlike(stem: str, taken: set[str]) -> str:
    """The stem, or the first numbered name after it that is not taken."""
    stem = stem[: LONGEST - 10]
    name, count = stem, 2
    while name in taken:
        name, count = f"{stem}_{count}", count + 1
    return name
