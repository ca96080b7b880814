"""Where states stand, layer by layer and direction by direction, and which of one block go with which of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

WAYS = ("forward", "backward")
Layer = Mapping[str, Mapping[str, str]]
"""The states of a layer: by direction and by name in the cell."""


class Place(NamedTuple):
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


def names_of(path: str, states: Sequence[str]) -> dict[str, str]:
    """Each state's path below the composite, without the folders that all of them share."""
    parts = {state: state[len(path) + 1 :].split("/") for state in states}
    shared = 0
    while parts and all(len(p) > shared + 1 for p in parts.values()) and len({p[shared] for p in parts.values()}) == 1:
        shared += 1
    return {state: "/".join(p[shared:]) for state, p in parts.items()}
