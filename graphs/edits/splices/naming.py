"""Renaming in a text: a node, an output, a port, a size, a block, an axis, wherever it is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body
from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, Tree, with_value
from leporello.graphs.edits.renaming import (
    moved,
    owner_moved,
    with_node_renamed,
    with_output_renamed,
    with_port_read_renamed,
    with_shares,
    with_size_renamed,
    with_sizes,
    with_uses,
)
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.places import Place, names_in, place, places, put, reworded, with_body
from leporello.graphs.edits.splices.rewording import Rewording, mapped_entries
from leporello.graphs.edits.splices.weight_moves import in_copies
from leporello.graphs.edits.text.changes import NEW, as_table, at, text, with_key
from leporello.graphs.expressions.grammar import Read
from leporello.graphs.graph import Graph, Node, freeze
from leporello.graphs.names import check_axis, check_name
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.reading.blocks import check_own


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
    tree = reworded(draft.tree, here, _node_words(old, new))
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
        graph = with_shares(graph, shared) if block else graph
        return _given(graph, old, new) if section == "inputs" else graph

    tree = reworded(tree, place(draft), Rewording(shares=shared)) if block else tree
    called = f"rename {here.named(old)} to {new}"
    return concluded(draft, tree, called, intended, words={old: new}, paths=paths)


def _node_words(old: str, new: str) -> Rewording:
    def read(found: Read) -> Read:
        return replace(found, name=new) if found.name == old else found

    return Rewording(read, shares=lambda target: owner_moved(target, old, new))


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
        pairs = ((new if item.text == old else item.text, item, item) for item in _scalars(outputs))
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
        return _with_kind(graph, block, lambda kind: replace(kind, outputs=_replaced(kind.outputs, old, new)))

    return concluded(draft, tree, f"rename {here.named(old)} to {new}", intended, words={old: new})


def _scalars(tree: Sequence) -> list[Scalar]:
    return [item for item in tree.items if isinstance(item, Scalar)]


def _reading(where: Place, block: str, old: str, new: str) -> Callable[[Read], Read]:
    """What reads an output of a use of `block` in a body reads the new one."""

    def read(found: Read) -> Read:
        kind = where.kind_of(found.name)
        uses = found.port == old and kind is not None and kind.name == block
        return replace(found, port=new) if uses else found

    return read


def _replaced(names: Keys, old: str, new: str) -> Keys:
    return tuple(new if name == old else name for name in names)


def _with_kind(graph: Graph, block: str, change: Callable[[BlockType], BlockType]) -> Graph:
    if block not in graph.blocks:
        return graph
    return replace(graph, blocks=freeze({**graph.blocks, block: change(graph.blocks[block])}))


def rename_port(draft: Draft, block: str, old: str, new: str) -> Edited:
    """A port of a block by another name: inside, and where the block is used."""
    here = place(draft, block)
    if old not in here.givers:
        raise refuse(f"the block {block} has no port {old!r}", suggest(old, here.givers, "ports"))
    check_own(Scalar(new, new, NEW, True), "port")
    here.check_free(new, "port")
    _check_key(here, new)
    names = frozenset((*here.nodes, *here.givers))
    tree = _in_table_or_list(reworded(draft.tree, here, _node_words(old, new)), (*here.keys, "inputs"), old, new)
    tree = _uses(draft, tree, block, old, new)

    def intended(graph: Graph, _: Graph) -> Graph:
        graph = with_body(graph, block, lambda body: with_node_renamed(body, f"<{old}", f"<{new}", names, True))
        graph = _with_kind(graph, block, lambda kind: replace(kind, ports=_named(kind.ports, old, new)))

        def change(node: Node) -> Node:
            inputs = tuple((new if port == old else port, wire) for port, wire in node.inputs)
            return replace(node, inputs=inputs) if node.block == block else node

        return _apart_from_paths(with_uses(graph, change), graph, block, old, new)

    return concluded(draft, tree, f"rename {old} of {block} to {new}", intended, words={old: new})


def _apart_from_paths(graph: Graph, before: Graph, block: str, old: str, new: str) -> Graph:
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


def _in_table_or_list(tree: Table, keys: Keys, old: str, new: str) -> Table:
    found = at(tree, keys)
    if isinstance(found, Sequence):
        items = tuple(text(item, new) if item.text == old else item for item in _scalars(found))
        return with_value(tree, keys, replace(found, items=items))
    return with_key(tree, (*keys, old), new)


def _uses(draft: Draft, tree: Table, block: str, old: str, new: str) -> Table:
    """Another key wherever the block is used."""
    for where in places(draft):
        for name in where.nodes:
            kind = where.kind_of(name)
            if kind is not None and kind.name == block:
                tree = with_key(tree, (*where.keys, "nodes", name, old), new)
    return tree


def _named(fields: tuple[Any, ...], old: str, new: str) -> tuple[Any, ...]:
    return tuple(replace(field, name=new) if field.name == old else field for field in fields)


def rename_size(draft: Draft, old: str, new: str, block: str = "") -> Edited:
    """A size `$old` by another name in all of the spec, or a parameter of a block, where the block is used too."""
    here = place(draft, block)
    check_name(new, None, "parameter")
    if block:
        check_own(Scalar(new, new, NEW, True), "parameter")
        if new in here.givers:
            raise refuse(f"{new!r} is a port of {block} already", "choose another name")
    if new in _sizes_in(here):
        raise refuse(f"${new} is a size already", "choose another name: two sizes would become one")

    def words(name: str) -> str:
        return new if name == old else name

    rewording = Rewording(sizes=words)
    tree = reworded(draft.tree, here, rewording)
    for section in ("parameters",) if block else ("inputs", "parameters"):
        keys = (*here.keys, section)
        made = mapped_entries(at(tree, keys), lambda _, item: _sized(item, rewording))
        tree = with_value(tree, keys, made) if made is not None else tree
    tree = _in_table_or_list(tree, (*here.keys, "parameters"), old, new)
    tree = _uses(draft, tree, block, old, new) if block else tree
    if tree is draft.tree or old not in _sizes_in(here):
        raise refuse(f"there is no size ${old}{here.within}", suggest(old, _sizes_in(here), "sizes"))

    def intended(graph: Graph, _: Graph) -> Graph:
        graph = with_body(graph, block, lambda body: with_size_renamed(body, words))
        if not block:
            said = {words(name): with_sizes(value, words) for name, value in graph.parameters.items()}
            return replace(graph, parameters=freeze(said))
        graph = _with_kind(graph, block, lambda kind: replace(kind, parameters=_named(kind.parameters, old, new)))

        def change(node: Node) -> Node:
            said = {words(name): value for name, value in node.parameters.items()}
            return replace(node, parameters=freeze(said)) if node.block == block else node

        return with_uses(graph, change)

    called = f"rename {old} of {block} to {new}" if block else f"rename ${old} to ${new}"
    return concluded(draft, tree, called, intended, words={old: new})


def _sized(tree: Tree, rewording: Rewording) -> Tree:
    made = mapped_entries(tree, lambda _, item: rewording.sized(item))
    return rewording.sized(tree) if made is None or made is tree else made


def _sizes_in(here: Place) -> list[str]:
    """The `$names` that are used or declared in a body."""
    found = list(names_in(here.section("parameters")))
    waiting = [here.section(name) for name in ("inputs", "parameters", "nodes", "outputs")]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, Table):
            waiting += [item for _, item in tree.entries]
        elif isinstance(tree, Sequence):
            waiting += tree.items
        elif isinstance(tree, Scalar) and isinstance(tree.value, str):
            found += re.findall(r"\$([A-Za-z]\w*)", tree.text)
    return list(dict.fromkeys(found))


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


def rename_axis(draft: Draft, old: str, new: str) -> Edited:
    """A time axis by another name, wherever it is said; where `time` is not said, it is."""
    check_axis(new, None)
    inputs = draft.tree.get("inputs")
    axes = {name: _axis(at(inputs, (name,))) for name in names_in(inputs)}
    found: list[tuple[Keys, Tree | None]] = [(("inputs", name), at(inputs, (name, "axis"))) for name in axes]
    for where in places(draft):
        found += [((*where.keys, "nodes", name), at(where.section("nodes"), (name, "axis"))) for name in where.nodes]
    said = {*axes.values(), *(tree.text for _, tree in found if isinstance(tree, Scalar))} - {"none", ""}
    if old not in said:
        raise refuse(f"there is no axis {old!r}", suggest(old, said, "axes"))
    if new in said or new == "none":
        raise refuse(f"{new!r} is an axis already", "choose another name: two axes would become one")
    tree = draft.tree
    for keys, axis in found:
        if isinstance(axis, Scalar) and axis.text == old:
            tree = with_value(tree, (*keys, "axis"), text(axis, new))
        elif axis is None and keys[0] == "inputs" and old == "time" == axes[keys[1]]:
            tree = put(tree, (*keys, "axis"), text(None, new))

    def intended(graph: Graph, _: Graph) -> Graph:
        return with_uses(graph, lambda node: replace(node, axis=new) if node.axis == old else node)

    return concluded(draft, tree, f"rename the axis {old} to {new}", intended, words={old: new})


def _axis(tree: Tree | None) -> str:
    axis = at(tree, ("axis",))
    if isinstance(axis, Scalar):
        return axis.text
    return "time" if isinstance(tree, Table) else ""
