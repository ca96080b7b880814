"""Renaming of a block in a text, and of its ports: inside, and where the block is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body
from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, with_value
from leporello.graphs.edits.renaming import (
    owner_moved,
    with_node_renamed,
    with_uses,
)
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.places import Place, names_in, place, places, reworded, with_body
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.text.changes import NEW, at, text, with_key
from leporello.graphs.expressions.grammar import Read
from leporello.graphs.graph import Graph
from leporello.graphs.names import check_name
from leporello.graphs.nodes import Node, freeze
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.reading.blocks import check_own


def rename_block(draft: Draft, old: str, new: str) -> Edited:
    """A block of the spec by another name, where it is used too."""
    known = names_in(draft.tree.get("blocks"))
    if old not in known:
        raise refuse(f"the spec has no block {old!r}", suggest(old, known, "its blocks"))
    check_name(new, None, "block")
    if new in known or new in draft.registry:
        raise refuse(f"there is a block {new} already", "choose another name")
    tree = draft.tree
    for where in places(draft):
        for name in where.nodes:
            keys = (*where.keys, "nodes", name, "block")
            said = at(tree, keys)
            if isinstance(said, Scalar) and said.text == old:
                tree = with_value(tree, keys, text(said, new))
    tree = with_key(tree, ("blocks", old), new)

    def intended(graph: Graph, _: Graph) -> Graph:
        graph = with_uses(graph, lambda node: replace(node, block=new) if node.block == old else node)
        kinds = {new if name == old else name: kind for name, kind in graph.blocks.items()}
        if new in kinds:
            kinds[new] = replace(kinds[new], name=new)
        return replace(graph, blocks=freeze(kinds))

    return concluded(draft, tree, f"rename the block {old} to {new}", intended, words={old: new})


def rename_port(draft: Draft, block: str, old: str, new: str) -> Edited:
    """A port of a block by another name: inside, and where the block is used."""
    here = place(draft, block)
    if old not in here.givers:
        raise refuse(f"the block {block} has no port {old!r}", suggest(old, here.givers, "ports"))
    check_own(Scalar(new, new, NEW, True), "port")
    here.check_free(new, "port")
    _check_key(here, new)
    names = frozenset((*here.nodes, *here.givers))
    tree = in_table_or_list(reworded(draft.tree, here, node_words(old, new)), (*here.keys, "inputs"), old, new)
    tree = renamed_uses(draft, tree, block, old, new)

    def intended(graph: Graph, _: Graph) -> Graph:
        graph = with_body(graph, block, lambda body: with_node_renamed(body, f"<{old}", f"<{new}", names, True))
        graph = with_kind(graph, block, lambda kind: replace(kind, ports=renamed_fields(kind.ports, old, new)))

        def change(node: Node) -> Node:
            inputs = tuple((new if port == old else port, wire) for port, wire in node.inputs)
            return replace(node, inputs=inputs) if node.block == block else node

        return _with_paths_at_ports(with_uses(graph, change), block, old, new)

    return concluded(draft, tree, f"rename {old} of {block} to {new}", intended, words={old: new})


def _with_paths_at_ports(graph: Graph, block: str, old: str, new: str) -> Graph:
    """What stands at a port is called after it: `h/x/1` for `{block: mine, x: a + b}`."""
    for name in ("", *graph.blocks):
        body = graph.blocks[name].body if name else Body(graph.nodes, ())
        for node in body.nodes if isinstance(body, Body) else ():
            if node.block == block and "/" not in node.path:
                here, then = f"{node.path}/{old}", f"{node.path}/{new}"
                graph = with_body(graph, name, lambda body, a=here, b=then: _with_paths(body, a, b))  # type: ignore[misc]
    return graph


def _with_paths(body: Body, old: str, new: str) -> Body:
    return with_node_renamed(body, old, new, frozenset(node.path for node in body.nodes))


def _check_key(here: Place, name: str) -> None:
    """Refuse a name that a parameter of the block has."""
    if name in names_in(here.section("parameters")):
        raise refuse(f"{name!r} is a parameter of {here.block} already", "choose another name")


def in_table_or_list(tree: Table, keys: Keys, old: str, new: str) -> Table:
    """The tree with another name in a mapping, or in a list of names."""
    found = at(tree, keys)
    if isinstance(found, Sequence):
        items = tuple(text(item, new) if item.text == old else item for item in scalars(found))
        return with_value(tree, keys, replace(found, items=items))
    return with_key(tree, (*keys, old), new)


def renamed_uses(draft: Draft, tree: Table, block: str, old: str, new: str) -> Table:
    """Another key wherever the block is used."""
    for where in places(draft):
        for name in where.nodes:
            kind = where.kind_of(name)
            if kind is not None and kind.name == block:
                tree = with_key(tree, (*where.keys, "nodes", name, old), new)
    return tree


def renamed_fields(fields: tuple[Any, ...], old: str, new: str) -> tuple[Any, ...]:
    """Ports or parameters, one of them by another name."""
    return tuple(replace(field, name=new) if field.name == old else field for field in fields)


def node_words(old: str, new: str) -> Rewording:
    """How a node is read and shared under another name."""

    def read(found: Read) -> Read:
        return replace(found, name=new) if found.name == old else found

    return Rewording(read, shares=lambda target: owner_moved(target, old, new), about=frozenset({old}))


def with_kind(graph: Graph, block: str, change: Callable[[BlockType], BlockType]) -> Graph:
    """The graph with one of its blocks changed."""
    if block not in graph.blocks:
        return graph
    return replace(graph, blocks=freeze({**graph.blocks, block: change(graph.blocks[block])}))


def scalars(tree: Sequence) -> list[Scalar]:
    """The names in a list of names."""
    return [item for item in tree.items if isinstance(item, Scalar)]
