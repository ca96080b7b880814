"""The third step of opening: states, what they start from, and what `.state` and `.final` stand for.

A composite's states are its inner nodes that are read late inside it, ordered by layer, direction and the
body's order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from leporello.graphs.blocktypes import ANYTHING, Value
from leporello.graphs.components import components, reached
from leporello.graphs.nodes import NOTHING, Initial, Node, Output, Time, Wire
from leporello.graphs.opening.given_values import values_of
from leporello.graphs.opening.laid_out import LaidOut
from leporello.graphs.opening.layers import names_of, place_of
from leporello.graphs.opening.wiring import Wiring, is_deferred
from leporello.graphs.problems import Mark, Problem, SpecError


def give_initials(
    nodes: list[Node], outputs: tuple[Output, ...], layout: LaidOut, wiring: Wiring, problems: list[Problem]
) -> tuple[list[Node], tuple[Output, ...]]:
    """The nodes with what composites say of their states' initial values, and no wire to a state left."""
    giver = _Giver(nodes, layout, wiring, problems)
    giver.give()
    ended = tuple(replace(output, wire=giver.end(output.wire, output.mark)) for output in outputs)
    made = set(wiring.made)
    kept = [node for path, node in giver.nodes.items() if path not in made]
    joined = [giver.ended(giver.nodes.get(path, node)) for path, node in wiring.made.items()]
    return kept + joined, ended


@dataclass
class _Giver:
    listed: list[Node]
    layout: LaidOut
    wiring: Wiring
    problems: list[Problem]
    nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = {node.path: node for node in self.listed}
        self.late = self._late()
        self.states = self._states()

    def _late(self) -> dict[str, int]:
        """For each node that is read late, the largest delay (either way) by which it is."""
        found: dict[str, int] = {}
        for node in self.listed:
            for wire in node.wires:
                if wire.time.shift:
                    found[wire.source] = max(found.get(wire.source, 0), abs(wire.time.offset))
        return found

    def _states(self) -> dict[str, list[str]]:
        """For each composite, the paths of its states in order."""
        stacks = {composite.path: set[str]() for composite in self.layout.composites}
        for node in self.listed:
            for wire in node.wires:
                if wire.time.shift:
                    for owner in _owners(wire.source):
                        if owner in stacks and node.path.startswith(owner + "/"):
                            stacks[owner].add(wire.source)
        order = {node.path: i for i, node in enumerate(self.listed)}
        return {owner: sorted(paths, key=order.__getitem__) for owner, paths in stacks.items()}

    def give(self) -> None:
        for path, composite in self.layout.initials.items():
            if composite.initial is not None or composite.modifiers.bridge is not None:
                self._give_composite(path, composite)
        for path, node in list(self.nodes.items()):
            if isinstance(node.initial, Mapping):
                self._problem(
                    f"{path} has one value, but its initial: is a mapping", "write the value itself", node.at("initial")
                )
                node = replace(node, initial=None)
            elif isinstance(node.initial, tuple):
                node = replace(node, initial=self._single(node.initial, path, node.at("initial")))
            self.nodes[path] = self.ended(node)

    def _problem(self, what: str, hint: str, mark: Mark | None) -> None:
        self.problems.append(Problem(what, hint, mark))

    def _give_composite(self, path: str, composite: Node) -> None:
        states, initial = self._with_values(self.states[path]), composite.initial
        if composite.modifiers.bridge is not None:
            self._bridge(path, states, composite)
        elif not states:
            hint = "initial: is for blocks that read themselves late"
            self._problem(f"{path} has no state", hint, composite.at("initial"))
        elif isinstance(initial, Mapping):
            for key, value in initial.items():
                self._give_named(path, key, value, composite.at(f"initial.{key}", "initial"))
        elif isinstance(initial, tuple):
            self._give_wires(path, states, initial, composite.at("initial"))
        else:
            for state in states:
                self.nodes[state] = replace(self.nodes[state], initial=initial)

    def _give_named(self, path: str, key: str, value: Initial, mark: Mark | None) -> None:
        names = names_of(path, self.states[path])
        chosen = [state for state, name in names.items() if key in (name, state[len(path) + 1 :], state.split("/")[-1])]
        if not chosen:
            known = ", ".join(names.values())
            self._problem(f"{path} has no state {key!r}", f"its states: {known}", mark)
        elif isinstance(value, tuple):
            self._give_wires(path, chosen, value, mark)
        else:
            for state in chosen:
                self.nodes[state] = replace(self.nodes[state], initial=value)

    def _give_wires(self, path: str, states: list[str], wires: tuple[Wire, ...], mark: Mark | None) -> None:
        wire = self.wiring.follow(wires[0], mark)
        if wire.port == "state" and wire.source in self.states:
            self._give_states(path, states, wire.source, mark)
        elif len(states) > 1:
            names = self._said_names(path)
            listed = ", ".join(names[state] for state in states)
            self._problem(
                f"one reference for {len(states)} states of {path}: {listed}",
                f"say which: initial: {{{names[states[0]]}: {wires[0]}}}",
                mark,
            )
        else:
            self.nodes[states[0]] = replace(self.nodes[states[0]], initial=(wire,))

    def _give_states(self, path: str, states: list[str], source: str, mark: Mark | None) -> None:
        """Hand the states of `source` to those of `path` that fit by layer, direction and name."""
        here, there = names_of(path, states), names_of(source, self.states[source])
        if sorted(here.values()) != sorted(there.values()):
            # What a body reads late beside its cells, such as the attentional vector, begins as the body says.
            cells = [state for state in states if place_of(state, path) is not None]
            here = names_of(path, cells or states)
        if sorted(here.values()) != sorted(there.values()) and not len(here) == len(there) == 1:
            self._misfit(path, source, here, there, mark)
            return
        by_name = {name: state for state, name in there.items()}
        for state, name in here.items():
            giver = by_name.get(name) or self.states[source][0]
            self.nodes[state] = replace(self.nodes[state], initial=self._ends(giver, self.late.get(state, 1)))

    def _misfit(self, path: str, source: str, here: dict[str, str], there: dict[str, str], mark: Mark | None) -> None:
        self._problem(
            f"the states of {source} do not fit those of {path}: "
            f"{', '.join(there.values()) or 'none'} against {', '.join(here.values())}",
            f"bridge them: {path} says bridge: dense, or bridge: copy where sizes are equal",
            mark,
        )

    def _with_values(self, states: list[str]) -> list[str]:
        """Those states that first values can be given for all together: not tokens, which begin with begin."""
        if len(states) < 2:
            return states
        return [state for state in states if self._values.get((state, ""), ANYTHING).kind != "tokens"]

    @cached_property
    def _values(self) -> Mapping[tuple[str, str], Value]:
        return values_of([*self.nodes.values(), *self.wiring.made.values()], self.layout.registry)

    def _bridge(self, path: str, states: list[str], composite: Node) -> None:
        """Give the states of `path` what its bridge makes of those that its initial: names."""
        from leporello.graphs.opening.bridge import Bridge  # late: few models have one

        mark = composite.at("bridge", "initial")
        initial = composite.initial if isinstance(composite.initial, tuple) else ()
        wire = self.wiring.follow(initial[0], mark) if initial else NOTHING
        if wire.port != "state" or not self.states.get(wire.source):
            self._problem(f"{path} says bridge:, but not from which states", "initial: encoder.state beside it", mark)
            return
        bridge = Bridge(
            composite,
            names_of(path, states),
            wire.source,
            self.states[wire.source],
            self._values,
            self.wiring,
            lambda giver, state: self._ends(giver, self.late.get(state, 1)),
            lambda: self.end(Wire(wire.source, "state"), mark),
        )
        try:
            for state, wires in bridge.first_values().items():
                self.nodes[state] = replace(self.nodes[state], initial=wires)
        except SpecError as error:
            self.problems.extend(error.problems)

    def _said_names(self, path: str) -> dict[str, str]:
        """How each state of a composite is named under `initial:`: as short as tells it from the others."""
        names = names_of(path, self.states[path])
        short = {state: state.split("/")[-1] for state in names}
        count = Counter(short.values())
        return {state: name if count[short[state]] > 1 else short[state] for state, name in names.items()}

    def _single(self, wires: tuple[Wire, ...], path: str, mark: Mark | None) -> Initial:
        wire = wires[0]
        if wire.port != "state" or wire.source not in self.states:
            return wires
        states = self.states[wire.source]
        if len(states) == 1:
            return self._ends(states[0], self.late.get(path, 1))
        listed = ", ".join(names_of(wire.source, states).values())
        self._problem(
            f"{path} has one state, {wire.source} has {len(states)}: {listed}",
            f"name the port that is meant, such as {wire.source}.final",
            mark,
        )
        return None

    def _ends(self, state: str, places: int) -> tuple[Wire, ...]:
        """Reads of the last values of `state` where its loop ends, the last one first."""
        backward = self._is_backward(state)
        places = min(places, self.late.get(state, 1))
        kind, step = ("first", 1) if backward else ("last", -1)
        return tuple(Wire(state, "", Time(kind, step * i)) for i in range(places))  # type: ignore[arg-type]

    def ended(self, node: Node) -> Node:
        """The node with no wire to `.state` or `.final` left."""
        if not any(is_deferred(wire.port) for wire in (*node.wires, *node.initial_wires) if wire.port):
            return node
        return node.rewired(lambda wire: self.end(wire, node.at_read(wire)))

    def end(self, wire: Wire, mark: Mark | None) -> Wire:
        """The wire, or what stands for `.state` or `.final` where it reads them."""
        if not is_deferred(wire.port) or wire.source not in self.states:
            return wire
        known = (wire.source, wire.port, Time())
        if known not in self.wiring.memory:
            if wire.port == "state":
                parts = tuple(w for state in self.states[wire.source] for w in self._ends(state, self.late[state]))
            else:
                port = wire.port.removesuffix("final").removesuffix("_")
                parts = tuple(self._final(part, wire.source, mark) for part in self.wiring.parts(wire.source, port))
            if not parts:
                self._problem(f"{wire.source} has no state", ".state is of blocks that read themselves late", mark)
                return NOTHING
            self.wiring.memory[known] = self.wiring.join(parts, f"{wire.source}/{wire.port}")
        found = self.wiring.memory[known]
        return self.wiring.later(found, wire.time, f"{wire.source}/{wire.port}")

    def _final(self, part: Wire, owner: str, mark: Mark | None) -> Wire:
        if part.time.kind != "t":
            return part
        ways = self._ways(part.source, owner)
        if len(ways) > 1:
            what = f"{owner}.final is its last step, where loops that run backward inside have seen one step"
            self.problems.append(Problem(what, f"read {owner}.state, or an output of one direction", mark, True))
        return replace(part, time=Time("first" if ways == {True} else "last", part.time.offset))

    def _ways(self, path: str, owner: str) -> set[bool]:
        """Whether the loops inside `owner` that `path` is in or depends on run backward; without one, its body does."""

        def inside(place: str) -> list[str]:
            wires = self.nodes[place].wires if place in self.nodes and place not in self._directed else ()
            return [wire.source for wire in wires if wire.source.startswith(f"{owner}/")]

        found = {self._directed[place] for place in reached([path], inside) if place in self._directed}
        return found or {self.layout.backward.get(path, False)}

    def _is_backward(self, path: str) -> bool:
        """Whether the loop of `path` runs from the last step to the first; outside loops its body's direction."""
        return self._directed.get(path, self.layout.backward.get(path, False))

    @cached_property
    def _directed(self) -> Mapping[str, bool]:
        return _directions(list(self.nodes.values()))


def _owners(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]


def _directions(nodes: list[Node]) -> dict[str, bool]:
    """For the nodes of every loop, whether it runs backward."""
    place = {path: i for i, component in enumerate(components(nodes)) for path in component}
    backward: dict[str, bool] = {}
    for node in nodes:
        for wire in node.wires:
            if wire.time.shift and place.get(wire.source) == place[node.path]:
                backward[node.path] = backward[wire.source] = wire.time.offset > 0
    return backward
