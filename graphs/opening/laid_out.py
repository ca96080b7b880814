"""What opening lays out: primitives and composites under their full paths, before their wires are followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leporello.graphs.blocktypes import Registry
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import LARGEST, Composite, Node, Wire
from leporello.graphs.problems import Mark, Problem, refuse


@frozen
class Instance:
    """Where nodes are laid out: the path of their body, its sizes, whether time is reversed in it."""

    path: str
    sizes: Mapping[str, Any] | None
    backward: bool = False
    mark: Mark | None = None
    init: Any = None
    frozen: bool | None = None
    blocks: tuple[str, ...] = ()

    def inner(self, name: str) -> str:
        """The path of `name` in this body."""
        return f"{self.path}/{name}" if self.path else name


@dataclass
class LaidOut:
    """Nodes and composites with their full paths; `aliases` says what ports stand for."""

    registry: Registry
    nodes: list[Node] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    aliases: dict[tuple[str, str], tuple[Wire, ...]] = field(default_factory=dict)
    initials: dict[str, Node] = field(default_factory=dict)
    shares: dict[str, Any] = field(default_factory=dict)
    backward: dict[str, bool] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def ports_of(self, path: str) -> list[str]:
        """The output ports of the composite at `path`, the first one first."""
        return self._ports.get(path, [])

    @cached_property
    def _ports(self) -> dict[str, list[str]]:
        """The output ports by composite; asked for when everything is laid out."""
        found: dict[str, list[str]] = {}
        for owner, port in self.aliases:
            if port:
                found.setdefault(owner, []).append(port)
        return found

    def lengths(self) -> tuple[int, ...]:
        """How much has been laid out, for `forget`."""
        return tuple(map(len, self._kept()))

    def forget(self, lengths: tuple[int, ...]) -> None:
        """Take back what was laid out since: a composite that fails stands as one unknown node."""
        for kept, length in zip(self._kept(), lengths, strict=True):
            if isinstance(kept, dict):
                for key in list(kept)[length:]:
                    del kept[key]
            else:
                del kept[length:]

    def _kept(self) -> tuple[list[Any] | dict[Any, Any], ...]:
        return (self.nodes, self.composites, self.aliases, self.initials, self.shares, self.backward)

    def add(self, node: Node, instance: Instance) -> None:
        """Keep a primitive."""
        if len(self.nodes) >= LARGEST:
            raise refuse(f"the model opens to more than {LARGEST} nodes", "make it smaller", instance.mark)
        self.backward[node.path] = instance.backward
        self.nodes.append(node)
