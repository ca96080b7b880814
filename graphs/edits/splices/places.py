"""Where an edit is made: in the body of the spec or of one of its blocks, at what name, and at what of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from leporello.graphs.blocktypes import BlockType, Body
from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, Tree, with_value
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.edits.splices.rewording import Rewording, mapped_entries
from leporello.graphs.edits.text.changes import as_table, at, new
from leporello.graphs.edits.text.lines import Lines
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.names import check_name
from leporello.graphs.nodes import Node, freeze
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.reading.blocks import KEYS as BLOCK_KEYS
from leporello.graphs.reading.spec import KEYS

IN_LINES = ("inputs", "blocks", "nodes", "outputs", "data")
"""The sections that have an entry on each line where they are new."""


@frozen
class Place:
    """A body: the spec's own, or that of the spec's block of this name."""

    draft: Draft
    block: str = ""

    @property
    def keys(self) -> Keys:
        """Under which keys it stands."""
        return ("blocks", self.block) if self.block else ()

    def section(self, name: str) -> Tree | None:
        """What stands under a key of the body, such as `nodes`."""
        return at(self.draft.tree, (*self.keys, name))

    @cached_property
    def kind(self) -> BlockType | None:
        """The block whose body this is."""
        return self.draft.graph.blocks.get(self.block)

    @property
    def nodes(self) -> Keys:
        """The names of its nodes."""
        return names_in(self.section("nodes"))

    @property
    def givers(self) -> Keys:
        """The names of what is given to it: inputs of the spec, ports of a block."""
        return names_in(self.section("inputs"))

    def value(self, name: str) -> Tree:
        """What is written at a node.

        Raises:
            SpecError: for a name that no node has.
        """
        tree = at(self.section("nodes"), (name,))
        if tree is None:
            raise refuse(f"there is no node {name!r}{self.within}", suggest(name, self.nodes, "nodes"))
        return tree

    @property
    def within(self) -> str:
        """Where it is, in words."""
        return f" in the block {self.block}" if self.block else ""

    def named(self, name: str) -> str:
        """What something in it is called in the name of an edit."""
        return f"{name} of {self.block}" if self.block else name

    def check_free(self, name: str, noun: str) -> None:
        """Refuse a name that is no name, or that is taken by what can be read here."""
        check_name(name, None, noun)
        for taken, what in ((self.nodes, "node"), (self.givers, "port" if self.block else "input")):
            if name in taken:
                raise refuse(f"{name!r} is the name of {'an' if what == 'input' else 'a'} {what} already", _OTHER)

    def kind_of(self, name: str) -> BlockType | None:
        """The block that a node uses, None for an expression."""
        block = at(self.section("nodes"), (name, "block"))
        return self.draft.full.get(block.text) if isinstance(block, Scalar) else None

    def put(self, keys: Keys, value: Tree, order: Keys = ()) -> Table:
        """The draft's tree with a value in this body; sections that are missing are made where they customarily are."""
        return put(self.draft, self.draft.tree, (*self.keys, *keys), value, order)

    def reworded(self, rewording: Rewording) -> Table:
        """The draft's tree with all of this body said otherwise: nodes and outputs (and at the top, no inputs)."""
        return reworded(self.draft.tree, self, rewording)

    def nodes_of(self, graph: Graph) -> tuple[Node, ...]:
        """The nodes of this body in a graph."""
        return body_of(graph, self.block).nodes


_OTHER = "choose another name"


def place(draft: Draft, block: str = "") -> Place:
    """The body of the spec, or of a block that it defines.

    Raises:
        SpecError: for a block that is not the spec's, or that is in a file of its own.
    """
    if block:
        tree = at(draft.tree, ("blocks", block))
        if tree is None:
            known = names_in(draft.tree.get("blocks"))
            shipped = f"{block} ships with the program; " if block in draft.registry else ""
            raise refuse(f"the spec has no block {block!r}", shipped + suggest(block, known, "its blocks"))
        if not isinstance(tree, Table):
            raise refuse(f"the block {block} stands in a file of its own", "edit that file", tree.mark)
    return Place(draft, block)


def places(draft: Draft) -> list[Place]:
    """The body of the spec, and those of all its blocks that stand in it."""
    tree = draft.tree.get("blocks")
    named = [key.text for key, item in tree.entries if isinstance(item, Table)] if isinstance(tree, Table) else []
    return [Place(draft), *(Place(draft, name) for name in named)]


def names_in(tree: Tree | None) -> Keys:
    """The names of a table, or of a list of names."""
    if isinstance(tree, Table):
        return tree.keys()
    return tuple(item.text for item in tree.items if isinstance(item, Scalar)) if isinstance(tree, Sequence) else ()


def put(draft: Draft, tree: Table, keys: Keys, value: Tree, order: Keys = ()) -> Table:
    """A draft's changed tree with a value at these keys; sections that are missing are made where they usually stand.

    Raises:
        SpecError: where something stands on the way that cannot be read: it would be lost.
    """
    for length in range(1, len(keys)):
        found = at(tree, keys[:length])
        if not isinstance(found, Scalar) or found.value is not None or not found.mark.line:
            continue
        if Lines(draft.text).unread(found.mark.start) > found.mark.start:
            raise refuse(f"{'.'.join(keys[:length])} cannot be read yet", "mend it first", found.mark)
    depth = 2 if keys[0] == "blocks" and len(keys) > 2 else 0
    for length in (1, depth + 1) if depth else (1,):
        head = keys[:length]
        if length < len(keys) and not isinstance(at(tree, head), Table | Sequence):
            among = BLOCK_KEYS if length > 1 else KEYS
            made = new({}, block=head[-1] in IN_LINES)
            tree = with_value(tree, head, made, among)
    return with_value(tree, keys, value, order or _customary(keys))


def _customary(keys: Keys) -> Keys:
    if len(keys) == 1:
        return KEYS
    return BLOCK_KEYS if keys[0] == "blocks" and len(keys) == 3 else ()


def reworded(tree: Table, where: Place, rewording: Rewording) -> Table:
    """A tree with what a body reads said otherwise, in its nodes and outputs."""
    full = where.draft.full
    for section, change in (
        ("nodes", lambda _, item: rewording.node(item, full)),
        ("outputs", lambda _, item: _output(item, rewording)),
    ):
        keys = (*where.keys, section)
        old = at(tree, keys)
        if isinstance(old, Sequence):
            made: Tree | None = _listed(old, rewording)
        else:
            made = mapped_entries(old, change)
        if made is not None and made is not old:
            tree = with_value(tree, keys, made)
    return tree


def _output(tree: Tree, rewording: Rewording) -> Tree:
    if not isinstance(tree, Table):
        return rewording.value(tree)
    return mapped_entries(tree, lambda key, item: rewording.value(item) if key == "from" else item) or tree


def _listed(tree: Sequence, rewording: Rewording) -> Tree:
    """A list of outputs, each called as the node that it gives; a mapping where that has another name now."""
    pairs = [(item, rewording.value(item)) for item in tree.items]
    if all(old is now for old, now in pairs):
        return tree
    return as_table(tree, ((old.text, old, now) for old, now in pairs if isinstance(old, Scalar)))


def body_of(graph: Graph, block: str) -> Body:
    """The nodes of a graph, or of a block of it."""
    if not block:
        return Body(graph.nodes, tuple((output.name, output.wire) for output in graph.outputs))
    body = graph.blocks[block].body if block in graph.blocks else None
    return body if isinstance(body, Body) else Body((), ())


def with_body(graph: Graph, block: str, change: Callable[[Body], Body]) -> Graph:
    """The graph with one body changed."""
    if block:
        kind = graph.blocks.get(block)
        if kind is None or not isinstance(kind.body, Body):
            return graph
        blocks = freeze({**graph.blocks, block: replace(kind, body=change(kind.body))})
        return replace(graph, blocks=blocks)
    body = change(body_of(graph, ""))
    wires = dict(body.outputs)
    outputs = tuple(replace(output, wire=wires.get(output.name, output.wire)) for output in graph.outputs)
    return replace(graph, nodes=body.nodes, outputs=outputs)
