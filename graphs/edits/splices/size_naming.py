"""Renaming of sizes and of time axes in a text, wherever they are said."""

from __future__ import annotations

import re
from dataclasses import replace

from leporello.graphs.composing.tree import Keys, Scalar, Sequence, Table, Tree, with_value
from leporello.graphs.edits.renaming import (
    with_size_renamed,
    with_sizes,
    with_uses,
)
from leporello.graphs.edits.splices.block_naming import in_table_or_list, renamed_fields, renamed_uses, with_kind
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.places import Place, names_in, place, places, put, reworded, with_body
from leporello.graphs.edits.splices.rewording import Rewording, mapped_entries
from leporello.graphs.edits.text.changes import NEW, at, text
from leporello.graphs.graph import Graph
from leporello.graphs.names import check_axis, check_name
from leporello.graphs.nodes import Node, freeze
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.reading.blocks import check_own


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

    rewording = Rewording(sizes=words, about=frozenset({old}))
    tree = reworded(draft.tree, here, rewording)
    for section in ("parameters",) if block else ("inputs", "parameters"):
        keys = (*here.keys, section)
        made = mapped_entries(at(tree, keys), lambda _, item: _sized(item, rewording))
        tree = with_value(tree, keys, made) if made is not None else tree
    tree = in_table_or_list(tree, (*here.keys, "parameters"), old, new)
    tree = renamed_uses(draft, tree, block, old, new) if block else tree
    if tree is draft.tree or old not in _sizes_in(here):
        raise refuse(f"there is no size ${old}{here.within}", suggest(old, _sizes_in(here), "sizes"))

    def intended(graph: Graph, _: Graph) -> Graph:
        graph = with_body(graph, block, lambda body: with_size_renamed(body, words))
        if not block:
            said = {words(name): with_sizes(value, words) for name, value in graph.parameters.items()}
            return replace(graph, parameters=freeze(said))
        graph = with_kind(
            graph, block, lambda kind: replace(kind, parameters=renamed_fields(kind.parameters, old, new))
        )

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
            tree = put(draft, tree, (*keys, "axis"), text(None, new))

    def intended(graph: Graph, _: Graph) -> Graph:
        return with_uses(graph, lambda node: replace(node, axis=new) if node.axis == old else node)

    return concluded(draft, tree, f"rename the axis {old} to {new}", intended, words={old: new})


def _axis(tree: Tree | None) -> str:
    axis = at(tree, ("axis",))
    if isinstance(axis, Scalar):
        return axis.text
    return "time" if isinstance(tree, Table) else ""
