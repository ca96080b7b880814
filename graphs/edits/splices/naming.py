"""Renaming in a text of a node, an input, an output, wherever it is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from leporello.graphs.blocktypes import Body
from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, with_value
from leporello.graphs.edits.renaming import (
    moved,
    state_moved,
    with_node_renamed,
    with_output_renamed,
    with_port_read_renamed,
    with_shares,
    with_states_renamed,
)
from leporello.graphs.edits.splices.block_naming import node_words, rename_port, scalars, with_kind
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.places import Place, names_in, place, places, reworded, with_body
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.splices.weight_moves import in_copies
from leporello.graphs.edits.text.changes import as_table, at, text, with_key
from leporello.graphs.expressions.grammar import Read
from leporello.graphs.graph import Graph
from leporello.graphs.names import check_name
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import refuse, suggest


def rename_node(draft: Draft, old: str, new: str, block: str = "") -> Edited:
    """A node or an input by another name: wherever it is read, shared, predicted or given data.

    Raises:
        SpecError: if there is no such name, or if the new one is taken or no name.
    """
    here = place(draft, block)
    section = "nodes" if old in here.nodes else "inputs"
    if old not in (*here.nodes, *here.givers):
        raise refuse(f"there is no {old!r}{here.within}", suggest(old, (*here.nodes, *here.givers), "names"))
    if section == "inputs" and block:
        return rename_port(draft, block, old, new)
    here.check_free(new, "input" if section == "inputs" else "node")
    names = frozenset((*here.nodes, *here.givers))
    tree = reworded(draft.tree, here, node_words(old, new))
    for keys in ((*here.keys, section, old), *((("data", old),) if section == "inputs" else ())):
        tree = with_key(tree, keys, new)
    if section == "inputs":
        tree = _predicting(tree, old, new)

    def path(before: str) -> str:
        return moved(before, old, new)

    paths = in_copies(draft.graph, draft.registry, block, path) if block else path

    def shared(target: str) -> str:
        owner, dot, weight = target.partition(".")
        return paths(owner) + dot + weight

    def intended(graph: Graph, _: Graph) -> Graph:
        graph = with_body(graph, block, lambda body: with_node_renamed(body, old, new, names, bool(block)))
        if block:
            graph = with_states_renamed(with_shares(graph, shared), block, old, new)
        return _given(graph, old, new) if section == "inputs" else graph

    if block:
        tree = _states(draft, reworded(tree, place(draft), Rewording(shares=shared)), block, old, new)
    called = f"rename {here.named(old)} to {new}"
    return concluded(draft, tree, called, intended, words={old: new}, paths=paths)


def _states(draft: Draft, tree: Table, block: str, old: str, new: str) -> Table:
    """Another name for a state of a block where uses of it say what that starts from."""
    for where in places(draft):
        for name in where.nodes:
            kind = where.kind_of(name)
            keys = (*where.keys, "nodes", name, "initial")
            for state in names_in(at(tree, keys)) if kind is not None and kind.name == block else ():
                tree = with_key(tree, (*keys, state), state_moved(state, old, new))
    return tree


def _predicting(tree: Table, old: str, new: str) -> Table:
    outputs = tree.get("outputs")
    for name in names_in(outputs):
        keys = ("outputs", name, "predicts")
        said = at(tree, keys)
        if isinstance(said, Scalar) and said.text == old:
            tree = with_value(tree, keys, text(said, new))
    return tree


def _given(graph: Graph, old: str, new: str) -> Graph:
    """The graph with another name for an input in what outputs predict, and in its data."""
    outputs = tuple(replace(o, predicts=new) if o.predicts == old else o for o in graph.outputs)
    data = graph.data
    if hasattr(data, "items"):
        data = freeze({new if name == old else name: value for name, value in data.items()})
    return replace(graph, outputs=outputs, data=data)


def rename_output(draft: Draft, old: str, new: str, block: str = "") -> Edited:
    """An output by another name; that of a block wherever it is read."""
    here = place(draft, block)
    known = names_in(here.section("outputs"))
    if old not in known:
        raise refuse(f"there is no output {old!r}{here.within}", suggest(old, known, "outputs"))
    check_name(new, None, "output")
    if new in known:
        raise refuse(f"{new!r} is an output already", "choose another name")
    keys = (*here.keys, "outputs")
    outputs = at(draft.tree, keys)
    if isinstance(outputs, Sequence):
        pairs = ((new if item.text == old else item.text, item, item) for item in scalars(outputs))
        tree: Table = with_value(draft.tree, keys, as_table(outputs, pairs))
    else:
        tree = with_key(draft.tree, (*keys, old), new)
    for where in places(draft) if block else ():
        tree = reworded(tree, where, Rewording(_reading(where, block, old, new)))
    names = frozenset((*here.nodes, *here.givers))

    def intended(graph: Graph, _: Graph) -> Graph:
        if not block:
            nodes = with_output_renamed(
                Body(graph.nodes, tuple((o.name, o.wire) for o in graph.outputs)), old, new, names
            )
            wires = dict(nodes.outputs)
            ends = (replace(o, name=new) if o.name == old else o for o in graph.outputs)
            return replace(graph, nodes=nodes.nodes, outputs=tuple(replace(o, wire=wires[o.name]) for o in ends))
        graph = with_body(graph, block, lambda body: with_output_renamed(body, old, new, names, True))
        for name in ("", *graph.blocks):
            graph = with_body(graph, name, lambda body: with_port_read_renamed(body, block, old, new))
        return with_kind(graph, block, lambda kind: replace(kind, outputs=_replaced(kind.outputs, old, new)))

    return concluded(draft, tree, f"rename {here.named(old)} to {new}", intended, words={old: new})


def _reading(where: Place, block: str, old: str, new: str) -> Callable[[Read], Read]:
    """What reads an output of a use of `block` in a body reads the new one."""

    def read(found: Read) -> Read:
        kind = where.kind_of(found.name)
        uses = found.port == old and kind is not None and kind.name == block
        return replace(found, port=new) if uses else found

    return read


def _replaced(names: Keys, old: str, new: str) -> Keys:
    return tuple(new if name == old else name for name in names)
