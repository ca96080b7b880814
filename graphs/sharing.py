"""Shared weights: which node's weights another node uses, followed to the node that owns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leporello.graphs.graph import Node, freeze
from leporello.graphs.instances import Layout
from leporello.graphs.problems import Problem, suggest

WHOLE = "*"


def resolve_shares(nodes: list[Node], layout: Layout, problems: list[Problem]) -> list[Node]:
    """The nodes with `modifiers.share` a mapping from weight (`*`: all of them) to the owner's path or `path/weight`."""
    if not layout.shares:
        return nodes
    owners = {node.path: node for node in nodes}
    stacks = {composite.path: composite.block for composite in layout.composites}
    direct: dict[str, str] = {}
    named: dict[str, Mapping[str, str]] = {}
    for path, target in layout.shares.items():
        mark = next((n.mark for n in nodes if n.path == path or n.path.startswith(path + "/")), None)
        if isinstance(target, Mapping):
            wrong = [t for t in target.values() if t.rsplit("/", 1)[0] not in owners]
            for name in wrong:
                hint = suggest(name.rsplit("/", 1)[0], owners, "nodes")
                problems.append(Problem(f"{path} shares {name.replace('/', '.')}, which is no weight", hint, mark))
            if not wrong:
                named[path] = target
            continue
        blocks = {**{node.path: node.block for node in nodes}, **stacks}
        if target not in blocks or blocks[target] != blocks[path] or target == path:
            same = [other for other, block in blocks.items() if block == blocks[path] and other != path]
            what = f"{path}, a {blocks[path]}, cannot share the weights of {target}"
            problems.append(Problem(what, suggest(target, same, f"other nodes of block {blocks[path]}"), mark))
            continue
        direct[path] = target
    for owner in list(owners):
        target = _target(owner, direct)
        if target is not None and target not in owners:
            problems.append(Problem(f"{owner} shares {target}, which does not exist", "share a node of the same shape"))
    return [_shared(node, direct, named, problems) for node in nodes]


def _target(path: str, direct: Mapping[str, str]) -> str | None:
    """The node whose weights `path` uses, one step along: itself or a composite around it is shared."""
    for source, target in direct.items():
        if path == source or path.startswith(source + "/"):
            return target + path[len(source) :]
    return None


def _shared(node: Node, direct: Mapping[str, str], named: Mapping[str, Mapping[str, str]], problems: list[Problem]) -> Node:
    if node.path in named:
        share = freeze(named[node.path])
        return replace(node, modifiers=replace(node.modifiers, share=share))
    path, seen = node.path, [node.path]
    while (further := _target(path, direct)) is not None:
        if further in seen:
            problems.append(Problem("nodes share each other's weights: " + " -> ".join([*seen, further]), "one owns them", node.mark))
            break
        path = further
        seen.append(path)
    share = freeze({WHOLE: path}) if path != node.path else None
    return replace(node, modifiers=replace(node.modifiers, share=share))
