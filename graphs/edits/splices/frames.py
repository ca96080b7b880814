"""The frame of an edit: what its tree did not change must be the same in the graph that is read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body
from leporello.graphs.composing.tree import Sequence, Table, Tree
from leporello.graphs.edits.splices.draft import Draft, Intended
from leporello.graphs.edits.text.changes import at
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, freeze

Names = frozenset[str]


def only_changed(draft: Draft, tree: Table, touched: Names = frozenset()) -> Intended:
    """The graph before, with what the changed tree says otherwise as it is read, and the nodes that this touches."""
    old = draft.tree

    def intended(before: Graph, found: Graph) -> Graph:
        changed = _changed(old, tree, ("inputs", "nodes", "outputs")) | touched
        nodes = _merged(before.nodes, found.nodes, changed)
        outputs = {output.name: output for output in before.outputs}
        ends = (output if output.name in changed else outputs.get(output.name, output) for output in found.outputs)
        sizes = _changed(old, tree, ("parameters",))
        said = {name: getattr(found if _differs(old, tree, name) else before, name) for name in _WHOLE}
        return replace(
            before,
            nodes=nodes,
            outputs=tuple(ends),
            parameters=freeze(_one_by_one(before.parameters, found.parameters, sizes)),
            blocks=freeze(_blocks(before, found, old, tree, touched)),
            **said,
        )

    return intended


_WHOLE = ("name", "label", "data", "training")


def _differs(old: Table, new: Table, *keys: str) -> bool:
    return at(old, keys) is not at(new, keys)


def _changed(old: Tree | None, new: Tree | None, sections: tuple[str, ...]) -> Names:
    """The names in these sections at which two trees are not the same."""
    found: set[str] = set()
    for section in sections:
        before, after = at(old, (section,)), at(new, (section,))
        if before is after:
            continue
        one, other = _entries(before), _entries(after)
        found |= {name for name in {**one, **other} if one.get(name) is not other.get(name)}
    return frozenset(found)


def _entries(tree: Tree | None) -> Mapping[str, Tree]:
    if isinstance(tree, Table):
        return {key.text: item for key, item in tree.entries}
    return {getattr(item, "text", ""): item for item in tree.items} if isinstance(tree, Sequence) else {}


def _merged(before: tuple[Node, ...], found: tuple[Node, ...], changed: Names) -> tuple[Node, ...]:
    """The nodes found, those of entries that did not change as they were."""
    one, other = _by_entry(before), _by_entry(found)
    nodes = [node for entry, group in other.items() for node in (group if entry[0] in changed else one.get(entry, ()))]
    lost = [node for entry, group in one.items() if entry not in other and entry[0] not in changed for node in group]
    return (*nodes, *lost)


def _by_entry(nodes: tuple[Node, ...]) -> Mapping[tuple[str, bool], list[Node]]:
    """The nodes by the names that they are called after, those of an output apart from those of a node."""
    found: dict[tuple[str, bool], list[Node]] = {}
    for node in nodes:
        name, _, rest = node.path.partition("/")
        found.setdefault((name, rest.split("/")[0] == "output"), []).append(node)
    return found


def _one_by_one(before: Mapping[str, Any], found: Mapping[str, Any], changed: Names) -> dict[str, Any]:
    kept = {name: value if name in changed else before.get(name, value) for name, value in found.items()}
    return {**kept, **{name: value for name, value in before.items() if name not in found and name not in changed}}


def _blocks(before: Graph, found: Graph, old: Table, new: Table, touched: Names) -> dict[str, Any]:
    changed = _changed(old, new, ("blocks",))
    merged = _one_by_one(before.blocks, found.blocks, changed)
    for name in merged.keys() & before.blocks.keys() & found.blocks.keys() if changed or touched else ():
        one, other = at(old, ("blocks", name)), at(new, ("blocks", name))
        merged[name] = _block(before.blocks[name], found.blocks[name], one, other, touched)
    return merged


def _block(before: BlockType, found: BlockType, old: Tree | None, new: Tree | None, touched: Names) -> BlockType:
    one, other = before.body, found.body
    if not isinstance(one, Body) or not isinstance(other, Body):
        return found if old is not new or touched else before
    body = Body(_merged(one.nodes, other.nodes, _changed(old, new, ("nodes", "outputs")) | touched), other.outputs)
    return replace(found, body=body) if old is not new else replace(before, body=body)
