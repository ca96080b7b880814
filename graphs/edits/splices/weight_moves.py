"""Where the weights of a model are after an edit, so that a trained run can go on under the new spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.analysis.weights import weights_of
from leporello.graphs.blocktypes import BlockType, Registry, Value
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Learned, Node
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.opening.stacking import is_recurrent
from leporello.graphs.problems import SpecError
from leporello.graphs.size import differ


@frozen
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


def _shapes(before: Graph, registry: Registry) -> dict[str, tuple[Any, ...]]:
    """The weights that a model owns, with their shapes as far as they are known."""
    checked = examine(before, registry)[0]
    found: dict[str, tuple[Any, ...]] = {}
    for node in checked.graph:
        share = node.modifiers.share
        own = {} if isinstance(share, Mapping) and WHOLE in share else _weights(node, checked)
        found |= {f"{node.path}/{name}": shape for name, shape in own.items() if name not in (share or ())}
        if isinstance(node.initial, Learned):
            found[f"{node.path}/initial"] = (checked.values.get((node.path, ""), Value()).size,)
    return found


def _weights(node: Node, checked: Checked) -> Mapping[str, tuple[Any, ...]]:
    kind = checked.registry.get(node.block)
    ports = {port.name: Value() for port in kind.ports} if kind else {}
    ports |= {port: checked.values.get((wire.source, wire.port), Value()) for port, wire in node.inputs}
    return weights_of(node, checked.registry, ports)


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


def is_layered(kind: BlockType, registry: Registry) -> bool:
    """Whether what is inside a use of a block stands in layers (`h/1/forward/W`); a block that is faulty has none."""
    said = {parameter.name: parameter.default for parameter in kind.parameters}
    try:
        return kind.is_composite and not kind.takes and is_recurrent(kind, said, registry)
    except SpecError:
        return False
