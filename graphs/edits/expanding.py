"""Expanding: one use of a block replaced by what is inside it, every layer and direction of it, under fresh names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from leporello.graphs.blocktypes import Body, Registry
from leporello.graphs.edits.one_opened import ENDS, STATE_PORTS, OneOpened
from leporello.graphs.edits.renaming import rewired
from leporello.graphs.expressions.spelling import OPERATOR_BLOCKS
from leporello.graphs.fields import REQUIRED
from leporello.graphs.frozen import frozen
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.names import LONGEST, RESERVED
from leporello.graphs.nodes import EMPTY, PLAIN, UNKNOWN, Learned, Node, Time, Wire, freeze
from leporello.graphs.opening.stacking import is_recurrent
from leporello.graphs.problems import refuse


@frozen
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
    return _Expansion(OneOpened(body, name, registry, frozenset(given))).expanded()


@frozen
class _Expansion:
    """Names and writes what is inside."""

    one: OneOpened

    def expanded(self) -> Expanded:
        one = self.one
        others = {node.path for node in one.body.nodes if not one.is_own(node)}
        inner = [node for node in one.opened.nodes if node.path not in others and node.path != ENDS]
        names = self.names_of(inner)
        nodes = tuple(self.placed(node, names) for node in inner)
        reads = {old: _named(new, names) for old, new in one.moved()}
        initials = {
            path: _changed_initial(value, lambda wire: _named(wire, names)) for path, value in one.initials.items()
        }
        return Expanded(nodes, reads, names, initials)

    @property
    def name(self) -> str:
        return self.one.name

    # Names

    def names_of(self, inner: list[Node]) -> dict[str, str]:
        """A name for every node inside that has one there, or that opening made, and the path of what it contains."""
        roots = [node.path for node in inner if self.is_root(node)]
        taken = {*RESERVED, *self.one.given, *(node.path for node in self.one.body.nodes if node.path != self.name)}
        ends = {path: self.short(path, roots) for path in roots}
        first = self.first(roots)
        # Where there is one copy of each and no name is taken, they are called as they are in the block.
        alone = (
            len(set(ends.values())) == len(ends)
            and all(path.endswith(f"/{end}") for path, end in ends.items())
            and not any(
                end in (*taken, *STATE_PORTS) or end in FUNCTIONS or (end == self.name and path != first)
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
        if any(node.path == own.path for own in self.one.body.nodes):
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

    def first(self, roots: list[str]) -> str:
        """The node that has what the bare name meant, which keeps that name."""
        for old, new in self.one.moved():
            if old == Wire(self.name) and new.time == Time() and not new.port and new.source in roots:
                return new.source
        composite = next((c for c in self.one.opened.composites if c.path == self.name), None)
        wires = next(iter(composite.ports.values()), ()) if composite else ()
        if len(wires) == 1 and wires[0].time == Time() and not wires[0].port and wires[0].source in roots:
            return wires[0].source
        return ""

    # The nodes as they are written

    def placed(self, node: Node, names: Mapping[str, str]) -> Node:
        """A node inside under its new name, saying what it said in the block."""
        node = self.restored(node, names)
        kind = self.one.registry.get(node.block)
        defaults = {p.name: p.default for p in kind.parameters} if kind else {}
        said = {
            key: value
            for key, value in node.parameters.items()
            if value is not None and (key not in defaults or defaults[key] is REQUIRED or defaults[key] != value)
        }
        if node.block == "number" and isinstance(value := said["value"], float) and value.is_integer():
            said["value"] = int(value)  # as it was written
        first = next((path for path, name in names.items() if name == self.name), "")
        late = any(wire.time.kind == "t" and wire.time.offset for _, wire in self.one.opened.readers.get(node.path, ()))
        axis = node.axis or (self.one.node.axis if late or node.path == first else None)
        label = node.label or (self.one.node.label if node.path == first else "")
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
        inside = self.one.inside.get("/".join(local)) if node.block in self.one.blocks else None
        if inside is not None:
            node = self.one.unstubbed(node, inside, "backward" in copy.split("/"))
        share = self.shared(node, rest, "/".join(local), copy, names)
        return replace(node, modifiers=replace(node.modifiers, share=share)) if share else node

    def shared(self, node: Node, rest: str, local: str, copy: str, names: Mapping[str, str]) -> Any:
        body = self.one.kind.body(self.one.parameters) if self.one.kind.body else Body((), ())
        said = next((one.modifiers.share for one in body.nodes if one.path == local), None)
        if said is not None:

            def inner(target: str) -> str:
                owner, dot, weight = target.partition(".")
                return named_path(f"{copy}/{owner}", names) + dot + weight

            return freeze({k: inner(v) for k, v in said.items()}) if isinstance(said, Mapping) else inner(said)
        outer = self.one.node.modifiers.share
        kind = self.one.registry.get(node.block)
        if outer is None or kind is None or not (kind.weights or kind.is_composite):
            return None
        layered = is_recurrent(self.one.kind, self.one.parameters, self.one.registry) and not rest[0].isdigit()
        return f"{outer}/1/forward/{rest}" if layered else f"{outer}/{rest}"


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


def _changed_initial(initial: Any, change: Callable[[Wire], Wire]) -> Any:
    if isinstance(initial, Mapping):
        return freeze({state: _changed_initial(value, change) for state, value in initial.items()})
    return tuple(map(change, initial)) if isinstance(initial, tuple) else initial
