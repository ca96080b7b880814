"""Nodes put into a block of their own: their lines move there, with their comments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.tree import Scalar, Table, Tree, with_value
from leporello.graphs.edits.grouping import Grouping
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.places import Place, place, put, reworded
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.splices.weight_moves import is_layered
from leporello.graphs.edits.text.changes import NEW, new
from leporello.graphs.expressions.grammar import Read
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import UNKNOWN, Wire
from leporello.graphs.problems import refuse
from leporello.graphs.writing.blocks import block_data


def group_nodes(draft: Draft, names: Iterable[str], block: str, node: str) -> Edited:
    """Nodes of the spec put into a new block, of which one use called `node` stands in their place.

    Raises:
        SpecError: for names that are no such nodes or that are taken, and where values would change.
    """
    here, chosen = place(draft), tuple(dict.fromkeys(names))
    for name in chosen:
        if name in draft.graph and draft.graph[name].block == UNKNOWN:
            raise refuse(f"{name} cannot be grouped: it cannot be read yet", "mend it first", draft.graph[name].mark)
    made = Grouping.of(draft.graph, chosen, block, node, draft.registry)
    outer = reworded(draft.tree, here, Rewording(_outside(made), about=made.chosen))
    nodes = outer.get("nodes")
    assert isinstance(nodes, Table)
    tree = with_value(outer, ("nodes",), _with_use(nodes, made, here))
    tree = put(draft, tree, ("blocks", block), _block(here, made))

    def intended(graph: Graph, _: Graph) -> Graph:
        return Grouping.of(graph, chosen, block, node, draft.registry).graph

    kind = made.graph.blocks[block]
    inner = f"{node}/1/forward" if is_layered(kind, draft.registry.extended(made.graph.blocks)) else node

    def path(before: str) -> str:
        return f"{inner}/{before}" if before.split("/")[0] in made.chosen else before

    return concluded(draft, tree, f"group {', '.join(chosen)} as {node}", intended, paths=path)


def _outside(made: Grouping) -> Any:
    def read(found: Read) -> Read:
        if found.name not in made.chosen:
            return found
        wire = made.outward(Wire(found.name, found.port, found.time))
        return Read(wire.source, wire.port, wire.time)

    return read


def _inside(made: Grouping) -> Any:
    def read(found: Read) -> Read:
        wire = made.inward(Wire(found.name, found.port, found.time))
        return found if wire.source == found.name else Read(wire.source.lstrip("<"))

    return read


def _with_use(nodes: Table, made: Grouping, here: Place) -> Table:
    """The nodes outside, the use of the block where the first node inside stood."""
    use = made.graph[made.node_name]
    said = {"block": made.block_name, **{port: str(wire) for port, wire in use.inputs}}
    said |= {name: f"${size.name}" for name, size in use.parameters.items()}
    entries: list[tuple[Scalar, Tree]] = []
    placed = False
    for key, item in nodes.entries:
        if key.text not in made.chosen:
            entries.append((key, item))
        elif not placed:
            entries.append((Scalar(made.node_name, made.node_name, NEW, True), new(said)))
            placed = True
    return replace(nodes, entries=tuple(entries))


def _block(here: Place, made: Grouping) -> Table:
    """The block: its nodes as they stood, read by its ports and parameters."""
    rewording = Rewording(_inside(made), sizes=lambda name: made.sizes.get(name, name))
    nodes = here.section("nodes")
    assert isinstance(nodes, Table)
    full = here.draft.full
    inner = tuple((key, rewording.node(item, full)) for key, item in nodes.entries if key.text in made.chosen)
    data = block_data(made.graph.blocks[made.block_name])
    said: dict[str, Tree] = {key: new(value) for key, value in data.items()}
    said["nodes"] = Table(inner, NEW)
    return Table(tuple((Scalar(key, key, NEW, True), value) for key, value in said.items()), NEW)
