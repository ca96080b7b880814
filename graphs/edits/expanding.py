"""Expanding: one use of a block replaced by what is inside it, every layer and direction of it, under fresh names."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Port, Registry
from leporello.graphs.edits.renaming import of_outputs, rewired
from leporello.graphs.expressions.named_sizes import worked_out
from leporello.graphs.expressions.nodes import UNKNOWN
from leporello.graphs.expressions.spelling import OPERATOR_BLOCKS
from leporello.graphs.fields import REQUIRED
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.graph import EMPTY, PLAIN, Graph, Learned, Modifiers, Node, Time, Wire, freeze
from leporello.graphs.names import LONGEST, RESERVED
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.opening.stacking import is_recurrent
from leporello.graphs.problems import SpecError, an, refuse
from leporello.graphs.size import Size

_STATE = ("state", "final")
_INITIAL = "initial"
_ENDS = "="


@dataclass(frozen=True)
class Expanded:
    """What stands in the place of one use of a block.

    `nodes` are the new ones, `reads` says for every wire that read the block what is read now, `shares` gives for a
    path inside the block the new name (`h/1/forward/W_i` to `h_W_i`), `initials` the initial values that were the
    block's states, of the nodes that had them.
    """

    nodes: tuple[Node, ...]
    reads: Mapping[Wire, Wire]
    names: Mapping[str, str]
    initials: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


def expand(body: Body, name: str, registry: Registry, given: Iterable[str] = ()) -> Expanded:
    """One node of a body expanded: a composite, or a primitive with layers.

    Args:
        body: as written, its ports among its nodes as inputs.
        name: the node.
        registry: all blocks.
        given: names that are taken beside those of the nodes.

    Raises:
        SpecError: for a node that has nothing inside, and where a spec could not say what is inside.
    """
    return _Expansion(body, name, registry, frozenset(given)).expanded()


@dataclass(frozen=True)
class _Expansion:
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

    def expanded(self) -> Expanded:
        opened = self.opened
        others = {node.path for node in self.body.nodes if not self.is_own(node)}
        inner = [node for node in opened.nodes if node.path not in others and node.path != _ENDS]
        names = self.names_of(inner, opened)
        nodes = tuple(self.placed(node, names, opened) for node in inner)
        reads = {old: _named(new, names) for old, new in self.moved(opened)}
        initials = {
            path: _changed_initial(value, lambda wire: _named(wire, names)) for path, value in self.initials.items()
        }
        return Expanded(nodes, reads, names, initials)

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
        ends = Node(_ENDS, _ENDS, tuple((f"={port}", wire) for port, wire in self.body.outputs))
        nodes = (*(self.stub(node, stubs) for node in self.body.nodes), ends)
        stubs[_ENDS] = BlockType(_ENDS, ports=tuple(Port(port) for port, _ in ends.inputs))
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
            initial = self.own_initial() if self.kind.is_composite else node.initial
            return replace(node, modifiers=replace(node.modifiers, share=None), initial=initial, label="", axis=None)
        if self.is_own(node):
            return node
        kind = self.registry.get(node.block)
        block = f"= {len(stubs)}"
        inputs = (*((f"={port}", wire) for port, wire in node.inputs), *_started(node.initial, self.is_state))
        outputs = kind.outputs_of(node.parameters) if kind else ("y",)
        stubs[block] = BlockType(block, ports=tuple(Port(port) for port, _ in inputs), outputs=(*outputs, *_STATE))
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
        outputs = (*kind.outputs_of(node.parameters), *_STATE)
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

    # Names

    def names_of(self, inner: list[Node], opened: Graph) -> dict[str, str]:
        """A name for every node inside that has one there, or that opening made, and the path of what it contains."""
        roots = [node.path for node in inner if self.is_root(node)]
        taken = {*RESERVED, *self.given, *(node.path for node in self.body.nodes if node.path != self.name)}
        ends = {path: self.short(path, roots) for path in roots}
        first = self.first(opened, roots)
        # Where there is one copy of each and no name is taken, they are called as they are in the block.
        alone = (
            len(set(ends.values())) == len(ends)
            and all(path.endswith(f"/{end}") for path, end in ends.items())
            and not any(
                end in (*taken, *_STATE) or end in FUNCTIONS or (end == self.name and path != first)
                for path, end in ends.items()
            )
        )
        names: dict[str, str] = {}
        for path in sorted(roots, key=lambda path: path != first):
            stem = self.name if path == first else ends[path] if alone else f"{self.name}_{ends[path]}"
            names[path] = _free(stem, taken)
            taken.add(names[path])
        return names

    def is_root(self, node: Node) -> bool:
        """Whether a node has a name of its own in the body, or was made by opening."""
        if any(node.path == own.path for own in self.body.nodes):
            return False
        rest = node.path[len(self.name) + 1 :].split("/")
        while len(rest) > 1 and (rest[0].isdigit() or rest[0] in ("forward", "backward")):
            rest = rest[1:]
        return len(rest) == 1

    def short(self, path: str, roots: list[str]) -> str:
        """The end of a path by which it is called; layers and directions are said where there are several."""
        parts = path[len(self.name) + 1 :].split("/")
        several = {p[len(self.name) + 1 :].split("/")[0] for p in roots if "/" in p[len(self.name) + 1 :]} - {"1"}
        ways = {part for p in roots for part in p.split("/")[1:-1] if part in ("forward", "backward")}
        kept = [part for part in parts[:-1] if (part.isdigit() and several) or (part in ways and len(ways) > 1)]
        return "_".join([*kept, parts[-1]])

    def first(self, opened: Graph, roots: list[str]) -> str:
        """The node that has what the bare name meant, which keeps that name."""
        for old, new in self.moved(opened):
            if old == Wire(self.name) and new.time == Time() and not new.port and new.source in roots:
                return new.source
        composite = next((c for c in opened.composites if c.path == self.name), None)
        wires = next(iter(composite.ports.values()), ()) if composite else ()
        if len(wires) == 1 and wires[0].time == Time() and not wires[0].port and wires[0].source in roots:
            return wires[0].source
        return ""

    def moved(self, opened: Graph) -> Iterator[tuple[Wire, Wire]]:
        """For every wire that read this node from outside, what it reads in the opened body."""
        for node in self.body.nodes:
            if node.path != self.name and not self.is_own(node):
                before = (*node.wires, *(wire for _, wire in _started(node.initial, self.is_state)))
                yield from zip(before, opened[node.path].wires, strict=True)
        for (_, wire), new in zip(self.body.outputs, opened[_ENDS].wires, strict=True):
            yield wire, new

    # The nodes as they are written

    def placed(self, node: Node, names: Mapping[str, str], opened: Graph) -> Node:
        """A node inside under its new name, saying what it said in the block."""
        node = self.restored(node, names)
        kind = self.registry.get(node.block)
        defaults = {p.name: p.default for p in kind.parameters} if kind else {}
        said = {
            key: value
            for key, value in node.parameters.items()
            if value is not None and (key not in defaults or defaults[key] is REQUIRED or defaults[key] != value)
        }
        if node.block == "number" and isinstance(value := said["value"], float) and value.is_integer():
            said["value"] = int(value)  # as it was written
        first = next((path for path, name in names.items() if name == self.name), "")
        late = any(wire.time.kind == "t" and wire.time.offset for _, wire in opened.readers.get(node.path, ()))
        axis = node.axis or (self.node.axis if late or node.path == first else None)
        label = node.label or (self.node.label if node.path == first else "")
        if kind is not None and not (kind.weights or kind.is_composite or isinstance(node.initial, Learned)):
            node = replace(node, modifiers=PLAIN)  # what was said of the block concerns its weights
        if node.block in OPERATOR_BLOCKS and node.modifiers.frozen is not None:
            what = (
                f"{self.name} cannot be expanded: it is frozen and learns its initial value, which no expression says"
            )
            raise refuse(what, "unset frozen: or initial: first")
        node = replace(node, parameters=freeze(said), body="", axis=axis, label=label, mark=None, marks=EMPTY)
        node = rewired(node, lambda wire: _named(replace(wire, time=replace(wire.time, scope="")), names))
        return replace(node, path=named_path(node.path, names))

    def restored(self, node: Node, names: Mapping[str, str]) -> Node:
        """The node with what was kept apart: its block, and whose weights it shares."""
        rest = node.path[len(self.name) + 1 :]
        local = rest.split("/")
        while len(local) > 1 and (local[0].isdigit() or local[0] in ("forward", "backward")):
            local = local[1:]
        copy = node.path[: len(node.path) - len("/".join(local))].rstrip("/")
        inside = self.inside.get("/".join(local)) if node.block in self.blocks else None
        if inside is not None:
            node = self.unstubbed(node, inside, "backward" in copy.split("/"))
        share = self.shared(node, rest, "/".join(local), copy, names)
        return replace(node, modifiers=replace(node.modifiers, share=share)) if share else node

    def shared(self, node: Node, rest: str, local: str, copy: str, names: Mapping[str, str]) -> Any:
        body = self.kind.body(self.parameters) if self.kind.body else Body((), ())
        said = next((one.modifiers.share for one in body.nodes if one.path == local), None)
        if said is not None:

            def inner(target: str) -> str:
                owner, dot, weight = target.partition(".")
                return named_path(f"{copy}/{owner}", names) + dot + weight

            return freeze({k: inner(v) for k, v in said.items()}) if isinstance(said, Mapping) else inner(said)
        outer = self.node.modifiers.share
        kind = self.registry.get(node.block)
        if outer is None or kind is None or not (kind.weights or kind.is_composite):
            return None
        layered = is_recurrent(self.kind, self.parameters, self.registry) and not rest[0].isdigit()
        return f"{outer}/1/forward/{rest}" if layered else f"{outer}/{rest}"

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The node's parameters with the defaults of its block."""
        said = {p.name: self.node.parameters.get(p.name, p.default) for p in self.kind.parameters}
        return {key: value for key, value in said.items() if value is not REQUIRED}

    def unstubbed(self, node: Node, inside: Node, backward: bool) -> Node:
        wires = dict(node.inputs)
        modifiers = replace(inside.modifiers, init=self.node.modifiers.init or inside.modifiers.init)
        if self.node.modifiers.frozen is not None:
            modifiers = replace(modifiers, frozen=self.node.modifiers.frozen)
        kind = self.registry[inside.block]
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


def _changed_initial(initial: Any, change: Callable[[Wire], Wire]) -> Any:
    if isinstance(initial, Mapping):
        return freeze({state: _changed_initial(value, change) for state, value in initial.items()})
    return tuple(map(change, initial)) if isinstance(initial, tuple) else initial


def _bound(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A parameter's value where the names in it are those of a block's parameters."""
    if value is None or isinstance(value, bool | int | float | str | tuple | Size):
        return value
    return worked_out(value, lambda name: parameters.get(name, Size.named(name)))


def _bound_modifiers(modifiers: Modifiers, parameters: Mapping[str, Any]) -> Modifiers:
    said = {name: _bound(getattr(modifiers, name), parameters) for name in ("layers", "residual", "dropout")}
    return replace(modifiers, **said)


def named_path(path: str, names: Mapping[str, str]) -> str:
    """The path by the new name of the node that it is of."""
    for end in (len(path), *(i for i in range(len(path) - 1, 0, -1) if path[i] == "/")):
        if path[:end] in names:
            return names[path[:end]] + path[end:]
    return path


def _named(wire: Wire, names: Mapping[str, str]) -> Wire:
    return replace(wire, source=named_path(wire.source, names)) if wire.source != UNKNOWN else wire


def _free(stem: str, taken: Iterable[str]) -> str:
    stem = stem[: LONGEST - 10]
    name, count = stem, 2
    while name in taken:
        name, count = f"{stem}_{count}", count + 1
    return name
