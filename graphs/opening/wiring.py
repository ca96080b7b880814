"""The second step of opening: every wire is followed through the ports it names, until it ends at a primitive.

Delays add on the way: a read of `p(t-1)` where `p` stands for `h(t-1)` is a read of `h(t-2)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from leporello.graphs.nodes import NOTHING, NOW, UNKNOWN, Node, Time, Wire
from leporello.graphs.opening.laid_out import LaidOut
from leporello.graphs.problems import Mark, Problem

Key = tuple[str, str]


@dataclass
class Wiring:
    """Follows the wires of a layout; joins the parts of a port (both directions) in nodes of their own."""

    layout: LaidOut
    problems: list[Problem]
    made: dict[str, Node] = field(default_factory=dict)
    memory: dict[tuple[str, str, Time], Wire] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = {node.path: node for node in self.layout.nodes}
        self.taken = set(self.index)
        self.stacks = {composite.path for composite in self.layout.composites}

    def wire_all(self) -> list[Node]:
        """The primitives with all their wires followed, but those that read a state."""
        nodes = [self._wired(node) for node in self.layout.nodes]
        return nodes + list(self.made.values())

    def _wired(self, node: Node) -> Node:
        inputs = tuple([(port, self.follow(wire, node.at(port))) for port, wire in node.inputs])
        initial = node.initial
        if isinstance(initial, tuple):
            initial = tuple([self.follow(wire, node.at("initial")) for wire in initial])
        return node.changed(inputs=inputs, initial=initial)

    def follow(self, wire: Wire, mark: Mark | None = None, seen: tuple[Key, ...] = ()) -> Wire:
        """The wire to the primitive that `wire` reads in the end."""
        if wire.source.split("/")[-1] == UNKNOWN:
            return NOTHING
        key = (wire.source, wire.port)
        if key not in self.layout.aliases:
            return self._ended(wire)
        if key in seen:
            names = " -> ".join(dict.fromkeys(_shown(source) for source, _ in [*seen, key]))
            self.problems.append(
                Problem(f"{_shown(wire.source)} stands for itself", f"{names}: nothing gives it a value", mark)
            )
            return NOTHING
        parts = self.layout.aliases[key]
        if not parts:
            return self._missing(wire, mark)
        if len(parts) == 1:
            return self._through(parts[0], wire.time, wire.source, mark, (*seen, key))
        return self._joined(parts, wire, mark, (*seen, key))

    def _through(self, part: Wire, time: Time, source: str, mark: Mark | None, seen: tuple[Key, ...]) -> Wire:
        """What a read at `time` of `part` reads in the end: the time goes inward as far as it can.

        Only so does a late read find the initial values of the nodes that a port names.
        """
        together = _together(part.time, time)
        if together is None:
            return self.later(self.follow(part, mark, seen), time, source)
        return self.follow(replace(part, time=together), mark, seen)

    def parts(self, path: str, port: str) -> tuple[Wire, ...]:
        """What the port of a composite stands for now: one wire, or one for each direction."""
        wires = self.layout.aliases.get((path, port), ())
        seen: set[Key] = set()
        while len(wires) == 1 and wires[0].time == NOW:
            key = (wires[0].source, wires[0].port)
            if key in seen or key not in self.layout.aliases:
                break
            seen.add(key)
            wires = self.layout.aliases[key]
        return tuple(self.follow(wire) for wire in wires)

    def _ended(self, wire: Wire) -> Wire:
        if wire.source in self.stacks and is_deferred(wire.port):
            return wire
        node = self.index.get(wire.source)
        kind = self.layout.registry.get(node.block) if node and wire.port else None
        single = kind is not None and node is not None and kind.outputs_of(node.parameters) == (wire.port,)
        return replace(wire, port="") if single else wire

    def _missing(self, wire: Wire, mark: Mark | None) -> Wire:
        if "<" in wire.source:
            owner, port = wire.source.rsplit("/<", 1)
            what, hint = f"{owner} reads its port {port}, which is not wired", f"give it a value: {port}: ..."
        else:
            what = f"{wire.source} has no output{f' {wire.port}' if wire.port else ''} as it is set up"
            hint = f"it has {', '.join(self._given(wire.source)) or 'none'}"
        self.problems.append(Problem(what, hint, mark))
        return NOTHING

    def _given(self, path: str) -> list[str]:
        """The output ports of a composite that stand for something."""
        return [port for port in self.layout.ports_of(path) if self.layout.aliases[path, port]]

    def later(self, inner: Wire, time: Time, source: str) -> Wire:
        """A read at `time` of what `inner` reads."""
        if time == NOW or inner == NOTHING:
            return inner
        if inner.time.kind == "t" and time.kind == "t":
            return replace(inner, time=Time("t", inner.time.offset + time.offset))
        if inner.time == NOW:
            return replace(inner, time=time)
        return Wire(self._new("identity", (inner,), source.replace("<", "")).source, "", time)

    def _joined(self, parts: tuple[Wire, ...], wire: Wire, mark: Mark | None, seen: tuple[Key, ...]) -> Wire:
        pushed = wire.time if wire.time.kind != "all" else NOW
        known = (wire.source, wire.port, pushed)
        if known not in self.memory:
            late = tuple(self._through(part, pushed, wire.source, mark, seen) for part in parts)
            port = wire.port or self._first_port(wire.source)
            self.memory[known] = self._new("concatenate", late, f"{wire.source}/{port}{_suffix(pushed)}", mark)
        return replace(self.memory[known], time=wire.time if wire.time.kind == "all" else NOW)

    def _first_port(self, path: str) -> str:
        return next((port for port in self.layout.ports_of(path)), "y")

    def _new(self, block: str, wires: tuple[Wire, ...], path: str, mark: Mark | None = None) -> Wire:
        name, count = path, 2
        while name in self.taken:
            name, count = f"{path}_{count}", count + 1
        self.taken.add(name)
        ports = tuple(str(i) for i in range(1, len(wires) + 1)) if block == "concatenate" else ("input",)
        body = path.rsplit("/", 1)[0] if "/" in path else ""
        self.made[name] = Node(name, block, tuple(zip(ports, wires, strict=True)), body=body, mark=mark)
        return Wire(name)

    def apart(self, wire: Wire, path: str) -> Wire:
        """A read of a new node called `path` that gives what `wire` reads."""
        return self._new("identity", (wire,), path)

    def computed(self, block: str, wire: Wire, path: str, body: str, **said: Any) -> Wire:
        """A read of a new node in `body`, of another block, about which more is said."""
        made = self._new(block, (wire,), path)
        self.made[made.source] = self.made[made.source].changed(body=body, **said)
        return made

    def join(self, wires: tuple[Wire, ...], path: str, body: str = "") -> Wire:
        """One wire for several: itself when there is one, else a concatenation called `path`, which `body` may own."""
        if len(wires) == 1:
            return wires[0]
        made = self._new("concatenate", wires, path)
        if body:
            self.made[made.source] = self.made[made.source].changed(body=body)
        return made


def is_deferred(port: str) -> bool:
    """Whether a port of a composite tells of its loops' ends, which are known when all wires have been followed."""
    return port in ("state", "final") or port.endswith("_final")


def _together(inner: Time, outer: Time) -> Time | None:
    """The time of a read at `outer` of what is read at `inner`, where one time says that."""
    if NOW in (inner, outer):
        return outer if inner == NOW else inner
    return Time("t", inner.offset + outer.offset) if inner.kind == outer.kind == "t" else None


def _suffix(time: Time) -> str:
    if time.kind != "t":
        return f"_{time.kind}"
    return f"_late{-time.offset}" if time.offset < 0 else f"_ahead{time.offset}" if time.offset else ""


def _shown(source: str) -> str:
    return source.replace("<", "")
