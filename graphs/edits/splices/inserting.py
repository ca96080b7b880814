"""A node put into a wire: what read a source reads the node, and the node reads the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.composing.tree import Table, Tree, with_value
from leporello.graphs.edits.splices.draft import Draft, Edited, concluded
from leporello.graphs.edits.splices.frames import only_changed
from leporello.graphs.edits.splices.places import place
from leporello.graphs.edits.splices.rewording import Rewording
from leporello.graphs.edits.text.changes import at, new, with_entry
from leporello.graphs.expressions.grammar import Read
from leporello.graphs.problems import refuse


def insert(
    draft: Draft, source: str, reader: str, name: str, use: Mapping[str, Any], *, port: str = "input", block: str = ""
) -> Edited:
    """A use of a block between a source (`h`, `attention.context`) and what reads it, at the times at which it does.

    Args:
        draft: the spec.
        source: what is read.
        reader: a node, or `outputs.y`.
        name: what the new node is called; it stands before its reader, or last.
        use: the block and its parameters, such as `{"block": "linear", "units": 8}`.
        port: where it reads the source.
        block: the block of the spec in which this is done.

    Raises:
        SpecError: for names that are not there or taken, and where the reader does not read the source.
    """
    here = place(draft, block)
    here.check_free(name, "node")
    wanted, found = tuple(source.split(".")), list[Read]()

    def read(one: Read) -> Read:
        if (one.name, one.port) != (wanted[0], "".join(wanted[1:])):
            return one
        found.append(one)
        return replace(one, name=name, port="")

    words, is_output = Rewording(read, about=frozenset({wanted[0]})), reader.startswith("outputs.")
    old = here.section("outputs") if is_output else here.section("nodes")
    key = reader.removeprefix("outputs.")
    tree = at(old, (key,))
    if tree is None:
        raise refuse(f"there is no {reader!r}", "name a node, or outputs.NAME")
    made = _output(tree, words) if is_output else words.node(tree, draft.full)
    if not found:
        raise refuse(f"{reader} does not read {source}", "name two that are connected")
    nodes = here.section("nodes")
    if not isinstance(nodes, Table):
        raise refuse("nodes: cannot be read yet", "mend it first")
    before = len(nodes.entries) if is_output else nodes.keys().index(reader)
    put = {"block": use["block"], port: source, **{k: value for k, value in use.items() if k != "block"}}
    changed = with_value(draft.tree, (*here.keys, "outputs" if is_output else "nodes", key), made)
    section = at(changed, (*here.keys, "nodes"))
    assert isinstance(section, Table)
    changed = with_value(changed, (*here.keys, "nodes"), with_entry(section, before, name, new(put)))
    called = f"insert {here.named(name)} between {source} and {key}"
    return concluded(draft, changed, called, only_changed(draft, changed))


def _output(tree: Tree, words: Rewording) -> Tree:
    if not isinstance(tree, Table):
        return words.value(tree)
    given = tree.get("from")
    return with_value(tree, ("from",), words.value(given)) if given is not None else tree
