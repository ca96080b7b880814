"""A body with one of its nodes opened, all others standing for themselves: what expanding puts in its place."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Port, Registry
from leporello.graphs.edits.renaming import of_outputs
from leporello.graphs.expressions.named_sizes import worked_out
from leporello.graphs.fields import REQUIRED
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Modifiers, Node, Wire, freeze
from leporello.graphs.opening.first_values import handed_on, weights_within
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.opening.stacking import is_recurrent
from leporello.graphs.problems import SpecError, an, refuse
from leporello.graphs.size import Size

STATE_PORTS = ("state", "final")
ENDS = "="
"""The node that stands for the outputs."""
_INITIAL = "initial"


@frozen
class OneOpened:
    """The node `name` of a body, opened by the opener itself, from which all else is hidden: it has no inside."""

    body: Body
    name: str
    registry: Registry
    given: frozenset[str]

    @cached_property
    def node(self) -> Node:
        found = next((node for node in self.body.nodes if node.path == self.name), None)
        if found is None:
            raise refuse(f"{self.name} cannot be expanded: it cannot be read yet", "mend it first")
        return found

    @cached_property
    def kind(self) -> BlockType:
        kind = self.registry.get(self.node.block)
        if kind is None or not (kind.is_composite or self.node.modifiers.stacks):
            what = an(self.node.block) if kind is not None else "a block that is not known"
            raise refuse(f"{self.name} cannot be expanded: {what} has nothing inside", "expand a composite")
        return kind

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The node's parameters with the defaults of its block."""
        said = {p.name: self.node.parameters.get(p.name, p.default) for p in self.kind.parameters}
        return {key: value for key, value in said.items() if value is not REQUIRED}

    def is_own(self, node: Node) -> bool:
        """Whether a node is what stands at a port of this one: `h/input` for `{block: lstm, input: [x, y]}`."""
        return node.path.startswith(f"{self.name}/") and node.path not in self.apart

    @cached_property
    def apart(self) -> frozenset[str]:
        names = frozenset(node.path for node in self.body.nodes if "/" not in node.path)
        return of_outputs(self.body, names | self.given)

    # The body with only this node opened

    @cached_property
    def opened(self) -> Graph:
        """The body with this one node opened, all others standing for themselves."""
        stubs: dict[str, BlockType] = {}
        # Outputs are what one more node reads: read at another step they would get nodes of their own.
        ends = Node(ENDS, ENDS, tuple((f"={port}", wire) for port, wire in self.body.outputs))
        nodes = (*(self.stub(node, stubs) for node in self.body.nodes), ends)
        stubs[ENDS] = BlockType(ENDS, ports=tuple(Port(port) for port, _ in ends.inputs))
        stubs[self.node.block] = self.with_stubs_inside(stubs)
        graph = Graph("model", nodes)
        shipped: Any = self.registry.types  # a view: stubs are made while blocks are opened
        opened, problems = try_open(graph, Registry(ChainMap(stubs, shipped)))
        if problems:
            raise SpecError(
                tuple(replace(problem, what=f"cannot expand {self.name}: {problem.what}") for problem in problems)
            )
        return opened

    def stub(self, node: Node, stubs: dict[str, BlockType]) -> Node:
        """A node that stands for itself: nothing but its wires, those of its initial value as ports."""
        if node.path == self.name:
            if self.node.modifiers.share is not None and isinstance(self.node.modifiers.share, Mapping):
                raise refuse(f"{self.name} cannot be expanded: it shares single weights", "unset share: first")
            if self.node.modifiers.bridge is not None:
                raise refuse(f"{self.name} cannot be expanded: its first values are bridged", "unset bridge: first")
            initial = self.own_initial() if self.kind.is_composite else node.initial
            return replace(node, modifiers=replace(node.modifiers, share=None), initial=initial, label="", axis=None)
        if self.is_own(node):
            return node
        kind = self.registry.get(node.block)
        block = f"= {len(stubs)}"
        inputs = (*((f"={port}", wire) for port, wire in node.inputs), *_started(node.initial, self.is_state))
        outputs = kind.outputs_of(node.parameters) if kind else ("y",)
        stubs[block] = BlockType(block, ports=tuple(Port(port) for port, _ in inputs), outputs=(*outputs, *STATE_PORTS))
        return Node(node.path, block, inputs)

    def is_state(self, wire: Wire) -> bool:
        """Whether a wire hands over the states of this node, which is done by state."""
        return wire.source == self.name and wire.port == "state"

    def with_stubs_inside(self, stubs: dict[str, BlockType]) -> BlockType:
        kind = self.kind
        if kind.body is None:
            return kind
        inside: Callable[[Mapping[str, Any]], Body] = kind.body

        def body(parameters: Mapping[str, Any]) -> Body:
            found = inside(parameters)
            return Body(tuple(self.inner_stub(node, parameters, stubs) for node in found.nodes), found.outputs)

        return replace(kind, body=body)

    def inner_stub(self, node: Node, parameters: Mapping[str, Any], stubs: dict[str, BlockType]) -> Node:
        """A composite inside, which stays one: with its sizes bound, its modifiers and initial values kept apart."""
        kind = self.registry.get(node.block)
        if kind is None or not (kind.is_composite or node.modifiers.stacks):
            return replace(node, modifiers=replace(node.modifiers, share=None)) if node.modifiers.share else node
        sizes = {key: _bound(value, parameters) for key, value in node.parameters.items()}
        inputs = (*((f"={port}", wire) for port, wire in node.inputs), *_started(node.initial, lambda wire: False))
        block = f"= {self.name}/{node.path}"
        outputs = (*kind.outputs_of(node.parameters), *STATE_PORTS)
        stubs[block] = BlockType(block, ports=tuple(Port(port) for port, _ in inputs), outputs=outputs)
        self.inside[node.path] = replace(
            node, parameters=freeze(sizes), modifiers=_bound_modifiers(node.modifiers, parameters)
        )
        self.blocks[block] = node.path
        return Node(node.path, block, inputs)

    @cached_property
    def inside(self) -> dict[str, Node]:
        """The composites that stand in the body, by their names in it."""
        return {}

    @cached_property
    def blocks(self) -> dict[str, str]:
        return {}

    # Initial values by state

    @cached_property
    def full(self) -> Graph:
        """The body with everything opened."""
        return try_open(Graph("model", self.body.nodes), self.registry)[0]

    def own_initial(self) -> Any:
        """What the states start from; the states of another composite one by one."""
        initial = self.node.initial
        if not isinstance(initial, tuple) or initial[0].port != "state":
            return initial
        giver = initial[0].source
        ports = next((c.ports for c in self.full.composites if c.path == giver), None)
        if ports is None:
            return initial
        found = {}
        for node in self.full.nodes:
            if node.path.startswith(f"{self.name}/") and node.initial_wires and "/" in node.path:
                wire = _only(node.initial_wires, self.name)
                port = next((p for p, wires in ports.items() if wires == (Wire(wire.source),)), None)
                if port is None:
                    hint = f"expand {giver} first"
                    raise refuse(f"{self.name} starts from states of {giver} that are no ports of it", hint)
                found[node.path[len(self.name) + 1 :]] = (Wire(giver, port, wire.time),)
        return freeze(found)

    @cached_property
    def initials(self) -> Mapping[str, Any]:
        """For each node that starts from this node's states, what each of its own states starts from."""
        found: dict[str, Any] = {}
        for node in self.body.nodes:
            said = [wire for wire in _wires_of(node.initial) if self.is_state(wire)]
            if not said or node.path == self.name:
                continue
            if node.modifiers.bridge is not None:
                what = f"{self.name} cannot be expanded: {node.path} bridges its states as a whole"
                raise refuse(what, f"unset bridge: of {node.path} first")
            if isinstance(node.initial, Mapping):
                raise refuse(f"{node.path} starts from {self.name}.state within a mapping", "say it for all its states")
            states = {
                other.path[len(node.path) + 1 :]: (_only(other.initial_wires, self.name),)
                for other in self.full.nodes
                if other.path.startswith(f"{node.path}/")
                and any(w.source.startswith(f"{self.name}/") for w in other.initial_wires)
            }
            alone = self.full.index.get(node.path)
            if not states and (alone is None or not alone.initial_wires):
                raise refuse(f"{node.path} starts from {self.name}.state, which does not fit it", "mend that first")
            found[node.path] = freeze(states) if states or alone is None else (_only(alone.initial_wires, self.name),)
        return found

    def moved(self) -> Iterator[tuple[Wire, Wire]]:
        """For every wire that read this node from outside, what it reads in the opened body."""
        for node in self.body.nodes:
            if node.path != self.name and not self.is_own(node):
                before = (*node.wires, *(wire for _, wire in _started(node.initial, self.is_state)))
                yield from zip(before, self.opened[node.path].wires, strict=True)
        for (_, wire), new in zip(self.body.outputs, self.opened[ENDS].wires, strict=True):
            yield wire, new

    def unstubbed(self, node: Node, inside: Node, backward: bool) -> Node:
        wires = dict(node.inputs)
        kind, modifiers = self.registry[inside.block], inside.modifiers
        if self.node.modifiers.init is not None:
            weights = weights_within(kind, inside.parameters, self.registry)
            modifiers = replace(modifiers, init=handed_on(self.node.modifiers.init, modifiers.init, weights))
        if self.node.modifiers.frozen is not None:
            modifiers = replace(modifiers, frozen=self.node.modifiers.frozen)
        if backward and kind.is_composite and is_recurrent(kind, inside.parameters, self.registry):
            way = {None: "backward", "forward": "backward", "backward": None}
            if modifiers.direction not in way:
                raise refuse(f"{self.name} runs backward, and {inside.path} inside both ways", "it stays as it is")
            modifiers = replace(modifiers, direction=way[modifiers.direction])
        return replace(
            inside,
            path=node.path,
            inputs=tuple((port, wires[f"={port}"]) for port, _ in inside.inputs),
            initial=_restarted(inside.initial, wires),
            modifiers=replace(modifiers, share=None),
        )


def _only(wires: tuple[Wire, ...], name: str) -> Wire:
    """The last value of a state; a spec cannot hand over several of one."""
    if len(wires) != 1 or wires[0].time.offset:
        raise refuse(f"{name} cannot be expanded: several last values of a state are handed over", "it stays as it is")
    return wires[0]


def _wires_of(initial: Any) -> Iterator[Wire]:
    if isinstance(initial, tuple):
        yield from initial
    elif isinstance(initial, Mapping):
        for value in initial.values():
            yield from _wires_of(value)


def _started(initial: Any, apart: Callable[[Wire], bool]) -> Iterator[tuple[str, Wire]]:
    """The wires of an initial value as ports."""
    if isinstance(initial, Mapping):
        for state, value in initial.items():
            yield from ((f"{_INITIAL} {state}", wire) for wire in _wires_of(value) if not apart(wire))
    elif isinstance(initial, tuple):
        yield from ((_INITIAL, wire) for wire in initial if not apart(wire))


def _restarted(initial: Any, wires: Mapping[str, Wire], port: str = _INITIAL) -> Any:
    """An initial value with its wires as they are now."""
    if isinstance(initial, Mapping):
        return freeze({state: _restarted(value, wires, f"{_INITIAL} {state}") for state, value in initial.items()})
    return (wires[port],) if isinstance(initial, tuple) else initial


def _bound(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A parameter's value where the names in it are those of a block's parameters."""
    if value is None or isinstance(value, bool | int | float | str | tuple | Size):
        return value
    return worked_out(value, lambda name: parameters.get(name, Size.named(name)))


def _bound_modifiers(modifiers: Modifiers, parameters: Mapping[str, Any]) -> Modifiers:
    said = {name: _bound(getattr(modifiers, name), parameters) for name in ("layers", "residual", "dropout")}
    return replace(modifiers, **said)
