"""Where the weights of a model are after an edit, so that a trained run can go on under the new spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from leporello.graphs.analysis.checks import examine
from leporello.graphs.blocktypes import Registry
from leporello.graphs.graph import Graph
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.size import differ
from leporello.graphs.specs import without_loose_ends


@dataclass(frozen=True)
class Moves:
    """Weights by path, such as `h/1/forward/W_i/weight`: those that have another path, are gone, or are new.

    All others stay as they are.
    """

    moved: Mapping[str, str]
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.moved or self.gone or self.new)


def weight_moves(before: Graph, after: Graph, paths: Callable[[str], str], registry: Registry) -> Moves:
    """Where each weight went; `paths` gives the new path of a node of the opened model.

    A weight goes along to where one of its shape has its name.
    """
    old, now = _shapes(before, registry), _shapes(after, registry)
    moved, stayed, gone = {}, set(), []
    for name, shape in old.items():
        owner, _, weight = name.rpartition("/")
        place = f"{paths(owner)}/{weight}"
        if place not in now or place in stayed or _misfit(shape, now[place]):
            gone.append(name)
        else:
            stayed.add(place)
            if place != name:
                moved[name] = place
    return Moves(MappingProxyType(moved), tuple(gone), tuple(name for name in now if name not in stayed))


def _shapes(graph: Graph, registry: Registry) -> dict[str, tuple[Any, ...]]:
    checked = examine(graph, registry)[0]
    weights = replace(checked, graph=without_loose_ends(checked.graph)).weights
    return {f"{path}/{name}": shape for path, shapes in weights.items() for name, shape in shapes.items()}


def _misfit(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) != len(other) or any(map(differ, one, other))


def in_copies(graph: Graph, registry: Registry, block: str, change: Callable[[str], str]) -> Callable[[str], str]:
    """The path of what moved within a block, in every copy of the block that the opened model has."""
    opened = try_open(graph, registry)[0]
    uses = sorted((c.path for c in opened.composites if c.block == block), key=len, reverse=True)

    def path(before: str) -> str:
        for use in uses:
            found = re.fullmatch(rf"({re.escape(use)}(?:/\d+/(?:forward|backward))?)/(.+)", before)
            if found:
                before = f"{found[1]}/{change(found[2])}"
        return before

    return path
