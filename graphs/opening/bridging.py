"""Bridges: how the states of one block become the first values of another's, where they do not fit as they are.

*Copy* gives each layer what the layer at its place has: the top ones where there are more there; states by name, both
directions side by side for a layer of one. What finds no partner begins as it would without. *Dense* gives each state
tanh of a dense layer over all states there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leporello.graphs.blocktypes import ANYTHING, BlockType, MisfitError, Registry, Value
from leporello.graphs.components import components
from leporello.graphs.graph import Node

WAYS = ("forward", "backward")
Layer = Mapping[str, Mapping[str, str]]
"""The states of a layer: by direction and by name in the cell."""


@dataclass(frozen=True)
class Place:
    """Where a state stands: in which layer, which direction, by which name in the cell."""

    layer: str
    way: str
    name: str


def place_of(state: str, owner: str) -> Place | None:
    """The place of a state in the layers of `owner`; None for what its body reads late beside its cells."""
    parts = state[len(owner) + 1 :].split("/")
    for i in range(len(parts) - 2):
        if parts[i].isdigit() and parts[i + 1] in WAYS:
            return Place("/".join(parts[: i + 1]), parts[i + 1], "/".join(parts[i + 2 :]))
    return None


def layers_of(states: Sequence[str], owner: str) -> list[Layer]:
    """The states that lie in layers, the lowest layer first."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for state in states:
        place = place_of(state, owner)
        if place is not None:
            found.setdefault(place.layer, {}).setdefault(place.way, {})[place.name] = state
    return [{way: _short(named) for way, named in layer.items()} for layer in found.values()]


def _short(named: Mapping[str, str]) -> Mapping[str, str]:
    """The states by their last names, where these tell them apart."""
    short = {name.split("/")[-1]: state for name, state in named.items()}
    return short if len(short) == len(named) else named


def copied(here: Sequence[Layer], there: Sequence[Layer]) -> dict[str, tuple[str, ...]]:
    """For each state the states that it is copied from, side by side; none for what finds no partner."""
    found: dict[str, tuple[str, ...]] = {}
    upper = there[max(0, len(there) - len(here)) :]
    for place, layer in enumerate(here):
        other = upper[place] if place < len(upper) else {}
        for way, named in layer.items():
            ways = list(other) if len(layer) == 1 else [way] if way in other else []
            for name, state in named.items():
                found[state] = _givers([other[one] for one in ways], name, len(named) == 1)
    return found


def _givers(there: Sequence[Mapping[str, str]], name: str, alone: bool) -> tuple[str, ...]:
    """The state of that name in each direction; a cell's only state goes with another's only one by any name."""
    found = [next(iter(named.values())) if alone and len(named) == 1 else named.get(name) for named in there]
    return tuple(state for state in found if state is not None) if None not in found else ()


def values_of(nodes: Sequence[Node], registry: Registry) -> Mapping[tuple[str, str], Value]:
    """What nodes give, as far as it can be told before anything has been checked."""
    index = {node.path: node for node in nodes}
    values: dict[tuple[str, str], Value] = {}
    for component in components(nodes):
        for _ in component:  # around a loop until nothing new is known
            before = [values.get((path, "")) for path in component]
            for path in component:
                values.update(_given(index[path], registry.get(index[path].block), values))
            if before == [values.get((path, "")) for path in component]:
                break
    return values


def _given(node: Node, kind: BlockType | None, values: Mapping[tuple[str, str], Value]) -> dict[tuple[str, str], Value]:
    """What a node gives at each of its ports, the first one's also at the empty port."""
    ports = {port: values.get((wire.source, wire.port), ANYTHING) for port, wire in node.inputs}
    try:
        found = kind.infer(ports, node.parameters) if kind is not None and kind.infer is not None else {}
    except MisfitError:
        return {}  # which the inference of sizes tells
    first = next(iter(found.values()), ANYTHING)
    return {(node.path, ""): first, **{(node.path, port): value for port, value in found.items()}}
