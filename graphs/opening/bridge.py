"""A bridge: first values for the states of one block, made of the states of another where they do not fit as they are.

*Copy* gives each layer what the layer at its place has: the top ones where there are more there; states by name, both
directions side by side for a layer of one. What finds no partner begins as it would without. *Dense* gives each state
tanh of a dense layer over all states there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import ANYTHING, Value
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import PLAIN, Node, Wire, freeze
from leporello.graphs.opening.first_values import handed_on, weights_within
from leporello.graphs.opening.layers import copied, layers_of, place_of
from leporello.graphs.opening.wiring import Wiring
from leporello.graphs.problems import refuse
from leporello.graphs.size import AnySize, differ

FirstValues = dict[str, tuple[Wire, ...]]


@frozen
class Bridge:
    """The bridge that `composite` says, from the states `there` of `source` to its own, called by `names`.

    `ends` are the last values of a state there for the places before the first step of one here, `whole` is all of the
    states there side by side.
    """

    composite: Node
    names: Mapping[str, str]
    source: str
    there: Sequence[str]
    values: Mapping[tuple[str, str], Value]
    wiring: Wiring
    ends: Callable[[str, str], tuple[Wire, ...]]
    whole: Callable[[], Wire]

    def first_values(self) -> FirstValues:
        """The wires that give the first values, by state.

        Raises:
            SpecError: if there is no cell, or if what is to be copied has another size.
        """
        states = [state for state in self.names if place_of(state, self.composite.path) is not None]
        if not states:
            raise self._refused(f"{self.composite.path} has no cell whose states could be bridged", "take bridge: away")
        return self._copied(states) if self.composite.modifiers.bridge == "copy" else self._dense(states)

    def _refused(self, what: str, hint: str) -> Exception:
        return refuse(what, hint, self.composite.at("bridge"))

    def _size(self, state: str) -> AnySize | None:
        return self.values.get((state, ""), ANYTHING).size

    def _copied(self, states: list[str]) -> FirstValues:
        found = copied(layers_of(states, self.composite.path), layers_of(self.there, self.source))
        if not any(found.values()):
            raise self._refused(f"no state of {self.source} goes with one of {self.composite.path}", "bridge: dense")
        for state, givers in found.items():
            self._check_size(state, givers)
        wires: FirstValues = {}
        for state, givers in found.items():
            rows = zip(*(self.ends(giver, state) for giver in givers), strict=False)
            wires[state] = tuple(self.wiring.join(row, self._called(state), self._body) for row in rows)
        return {state: first for state, first in wires.items() if first}

    def _check_size(self, state: str, givers: Sequence[str]) -> None:
        sizes = [size for giver in givers if (size := self._size(giver)) is not None]
        total: Any = sum(sizes)
        if givers and len(sizes) == len(givers) and differ(total, self._size(state)):
            given = f"{' and '.join(givers)} {'have' if len(givers) > 1 else 'has'} {total}"
            raise self._refused(f"{state} has {self._size(state)}, {given}: that cannot be copied", "bridge: dense")

    def _called(self, state: str) -> str:
        return f"{self._body}/{self.names[state]}"

    @property
    def _body(self) -> str:
        """The part of its own that the bridge is."""
        return f"{self.composite.path}/bridge"

    def _dense(self, states: list[str]) -> FirstValues:
        registry, said = self.wiring.layout.registry, self.composite.modifiers
        init = None
        if said.init is not None:
            init = handed_on(said.init, None, weights_within(registry["linear"], {}, registry))
        modifiers = replace(PLAIN, init=init, frozen=said.frozen)
        whole, wires = self.whole(), FirstValues()
        for state in states:
            size = self._size(state)
            if size is None:
                raise self._refused(f"the size of {state} is not known", "give a node of its loop units:")
            body, mark = self._body, self.composite.mark
            parameters = freeze({"units": size, "bias": True})
            more = {"parameters": parameters, "modifiers": modifiers, "mark": mark}
            layer = self.wiring.computed("linear", whole, self._called(state), body, **more)
            wires[state] = (self.wiring.computed("tanh", layer, f"{layer.source}_start", body, mark=mark),)
        return wires
