"""Shared weights: which node's weights another node uses, followed to the node that owns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from leporello.graphs.nodes import Node, freeze
from leporello.graphs.opening.laid_out import LaidOut
from leporello.graphs.problems import MOST, Problem, an, suggest

WHOLE = "*"


def resolve_shares(nodes: list[Node], layout: LaidOut, problems: list[Problem]) -> list[Node]:
    """The nodes with `modifiers.share` a mapping: weight (`*`: all) to the owner's path or `path/weight`."""
    if not layout.shares:
        return nodes
    sharing = _Sharing({node.path: node for node in nodes}, layout, problems)
    for path, target in layout.shares.items():
        sharing.read(path, target)
    sharing.check()
    return [sharing.resolved(node) for node in nodes]


@dataclass
class _Sharing:
    """`direct` are nodes and composites that share all weights of another, `named` those that share single weights."""

    owners: Mapping[str, Node]
    layout: LaidOut
    problems: list[Problem]
    direct: dict[str, str] = field(default_factory=dict)
    named: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stacks = {composite.path: composite.block for composite in self.layout.composites}
        self.blocks = {**{path: node.block for path, node in self.owners.items()}, **stacks}

    def read(self, path: str, target: str | Mapping[str, str]) -> None:
        if len(self.problems) > MOST:
            return
        if isinstance(target, Mapping):
            wrong = [name for weight, name in target.items() if not self.names_weights(weight, name)]
            for name in wrong:
                hint = suggest(name.rsplit("/", 1)[0], self.owners, "nodes")
                self.problem(path, f"{path} shares {name.replace('/', '.')}, which is no weight", hint)
            if not wrong:
                self.named[path] = target
        elif self.blocks.get(path) != self.blocks.get(target, "") or target == path:
            same = [other for other, block in self.blocks.items() if block == self.blocks.get(path) and other != path]
            what = f"{path}, {an(self.blocks.get(path, 'node'))}, cannot share the weights of {target}"
            self.problem(path, what, suggest(target, same, f"other nodes of block {self.blocks.get(path)}"))
        else:
            self.direct[path] = target

    def names_weights(self, weight: str, name: str) -> bool:
        """Whether `name` is a node's path (for all of its weights) or one weight of a node."""
        owner, slash, _ = name.rpartition("/")
        return name in self.owners if weight == WHOLE else bool(slash) and owner in self.owners

    def problem(self, path: str, what: str, hint: str) -> None:
        users = (node for node in self.owners.values() if node.path == path or node.path.startswith(path + "/"))
        user = next(users, None)
        self.problems.append(Problem(what, hint, user.at("share") if user else None))

    def check(self) -> None:
        """No node owns its weights by way of itself, and what is shared exists in every layer and direction."""
        for ring in _rings(self.direct):
            self.problem(ring[0], "nodes share each other's weights: " + " -> ".join(ring), "one of them owns them")
            for path in ring[:-1]:
                del self.direct[path]
        for ring in _rings(self.single()):
            told = " -> ".join(name.replace("/", ".") for name in ring)
            self.problem(ring[0].rpartition("/")[0], f"weights share each other: {told}", "one node owns them")
            for name in ring[:-1]:
                self.named.pop(name.rpartition("/")[0], None)
        missing: dict[str, str] = {}
        for owner in self.owners:
            found = self.target(owner)
            if found is not None and found[1] not in self.owners:
                missing.setdefault(*found)
        for path, absent in missing.items():
            what = f"{path} shares the weights of {self.direct.pop(path)}, which has no {absent}"
            self.problem(path, what, "both need the same layers, direction and parameters")

    def single(self) -> dict[str, str]:
        """For every weight that is shared by name, `path/weight`, the one that stands for it, one step along."""
        return {
            f"{path}/{weight}": target
            for path, targets in self.named.items()
            for weight, target in targets.items()
            if weight != WHOLE
        }

    def owned(self, name: str) -> str:
        """The weight at the end of all sharing by which `name` is reached."""
        single = self.single()
        while name in single:
            name = single[name]
        path, _, weight = name.rpartition("/")
        return f"{self.end(path)}/{weight}"

    def end(self, path: str) -> str:
        """The node whose weights `path` uses in the end."""
        seen = {path}
        while (further := self.target(path)) is not None and further[1] not in seen:
            path = further[1]
            seen.add(path)
        return path

    def target(self, path: str) -> tuple[str, str] | None:
        """What shares, and the node whose weights `path` uses, one step along: it shares, or a composite around it."""
        kind = self.layout.registry.get(self.owners[path].block) if path in self.owners else None
        if kind is not None and kind.weights is None:
            return None  # what stands at a port has a path below its reader's, but is no part of it
        end = len(path)
        while end > 0:
            if path[:end] in self.direct:
                return path[:end], self.direct[path[:end]] + path[end:]
            end = path.rfind("/", 0, end)
        return None

    def resolved(self, node: Node) -> Node:
        if node.path in self.named:
            named = self.named[node.path]
            share = freeze({weight: t if weight == WHOLE else self.owned(t) for weight, t in named.items()})
        else:
            path = self.end(node.path)
            share = freeze({WHOLE: path}) if path != node.path else None
        return replace(node, modifiers=replace(node.modifiers, share=share))


def _rings(direct: Mapping[str, str]) -> list[list[str]]:
    """The cycles of nodes that share each other's weights."""
    found: list[list[str]] = []
    done: set[str] = set()
    for start in direct:
        way: list[str] = []
        path = start
        while path in direct and path not in done:
            done.add(path)
            way.append(path)
            path = direct[path]
        if path in way:
            found.append([*way[way.index(path) :], path])
    return found
