"""What a model is made of: nodes that own their incoming wires, each wire with a time, and outputs."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Literal

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark

EMPTY: Mapping[str, Any] = MappingProxyType({})


def read_only(entries: dict[str, Any]) -> MappingProxyType[str, Any]:
    """A mapping that cannot be changed."""
    return MappingProxyType(entries)


# What is frozen can be sent to another process.
copyreg.pickle(MappingProxyType, lambda mapping: (read_only, (dict(mapping),)))


@frozen
class Time:
    """Which steps of the source a wire reads.

    `t` with an offset (-1 is a delay of one step), the `first` or `last` valid step, or `all` of them.
    An offset at `last` or `first` counts from there into the sequence (the delay line of a state).
    `scope` is the path of the body in which `all` was written: reads of one axis share a carried axis there.
    """

    kind: Literal["t", "first", "last", "all"] = "t"
    offset: int = 0
    scope: str = ""

    @property
    def shift(self) -> int:
        """By how many steps what is read lies before (negative) or after the step that reads."""
        return self.offset if self.kind == "t" else 0

    @property
    def is_late(self) -> bool:
        """Whether an earlier step is read."""
        return self.shift < 0

    @property
    def is_ahead(self) -> bool:
        """Whether a later step is read."""
        return self.shift > 0

    def __str__(self) -> str:
        if self.kind == "t" and not self.offset:
            return ""
        return f"({self.kind}{self.offset:+d})" if self.offset else f"({self.kind})"


NOW = Time()
UNKNOWN = "?"
"""The block of a node, the source of a wire and the axis of what is not known, for it could not be read."""
LARGEST = 10_000
"""So many nodes a graph may have, as written and opened."""


@frozen
class Wire:
    """A read of another node's port at a time. The empty port is the node's first output."""

    source: str
    port: str = ""
    time: Time = NOW

    def __str__(self) -> str:
        return self.source + (f".{self.port}" if self.port else "") + str(self.time)


NOTHING = Wire(UNKNOWN)
"""A wire that leads nowhere."""


@frozen
class Learned:
    """An initial value that is trained: one vector, shared by the batch."""


Initial = None | float | Learned | tuple[Wire, ...] | Mapping[str, Any]
"""Zeros (None), a number, learned, wires (one per place before the first step, the nearest first,
the last repeated), or, on a composite as written, a mapping from its states to such values."""


@frozen
class Modifiers:
    """What may be said of any block: stacking, direction, sharing, initial weights."""

    layers: Any = None
    direction: str | None = None
    residual: Any = None
    dropout: Any = None
    bridge: str | None = None
    share: str | Mapping[str, str] | None = None
    init: Any = None
    frozen: bool | None = None

    @property
    def stacks(self) -> bool:
        """Whether anything here makes more than one plain copy of the block."""
        return any(v is not None for v in (self.layers, self.direction, self.residual, self.dropout))


PLAIN = Modifiers()


@frozen
class Node:
    """One use of a block. `inputs` are the wires into its ports, in order.

    `path` names it (`decoder/1/forward/W_i` after opening), `body` is the path of the composite in
    which it was written (empty at the top), `mark` its place in the spec. `marks` are the places of what is said
    of it: of the wire at a port, of a parameter, a modifier, `block`, `initial`, `axis`, by these names, and of an
    initial value by state, `initial.c`.
    """

    path: str
    block: str
    inputs: tuple[tuple[str, Wire], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    initial: Initial = None
    axis: str | None = None
    modifiers: Modifiers = PLAIN
    label: str = ""
    body: str = ""
    mark: Mark | None = field(default=None, compare=False)
    marks: Mapping[str, Mark] = field(default_factory=lambda: EMPTY, compare=False, repr=False)

    def at(self, name: str, other: str = "") -> Mark | None:
        """The place of what is said under a name, else under another, else that of the node."""
        return self.marks.get(name) or self.marks.get(other) or self.mark

    def changed(self, **changes: Any) -> Node:
        """As `dataclasses.replace`, in a quarter of its time: opening changes every node several times."""
        made = object.__new__(Node)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    def at_read(self, wire: Wire) -> Mark | None:
        """The place where a wire of this node is written."""
        port = next((port for port, other in self.inputs if other == wire), "initial")
        return self.at(port)

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The wires into the ports, without those of the initial value."""
        return tuple([wire for _, wire in self.inputs])

    @property
    def sources(self) -> list[str]:
        """The paths of all that it reads, initial value included."""
        return [wire.source for wire in (*self.wires, *self.initial_wires)]

    @property
    def initial_wires(self) -> tuple[Wire, ...]:
        """The wires that give the value before the first step."""
        return self.initial if isinstance(self.initial, tuple) else ()

    def rewired(self, change: Any) -> Node:
        """This node with `change(wire)` in place of every wire, initial ones included."""
        initial = tuple([change(w) for w in self.initial]) if isinstance(self.initial, tuple) else self.initial
        return self.changed(inputs=tuple([(port, change(wire)) for port, wire in self.inputs]), initial=initial)


@frozen
class Output:
    """A named output; with `predicts` it is scored against that input.

    `scoring` has what is said of that beside the loss: `score`, `weight`, `levels`, `class_weights`.
    """

    name: str
    wire: Wire
    predicts: str = ""
    loss: str = ""
    leak: bool = False
    scoring: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    mark: Mark | None = field(default=None, compare=False)
    marks: Mapping[str, Mark] = field(default_factory=lambda: EMPTY, compare=False, repr=False)

    def at(self, name: str) -> Mark | None:
        """The place of what is said under `name` (`from`, `predicts`, `loss`, ...), else that of the output."""
        return self.marks.get(name, self.mark)


@frozen
class Composite:
    """An opened composite: which block stands at a path, and the wires that its ports name.

    `axis` is what it says of the clock of its loops and outputs.
    """

    path: str
    block: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    ports: Mapping[str, tuple[Wire, ...]] = field(default_factory=lambda: EMPTY)
    body: str = ""
    label: str = ""
    axis: str | None = None
    mark: Mark | None = field(default=None, compare=False)


def initial_wires(initial: Any) -> Iterator[Wire]:
    """All wires in an initial value, those of a composite's states included."""
    if isinstance(initial, tuple):
        yield from initial
    elif isinstance(initial, Mapping):
        for value in initial.values():
            yield from initial_wires(value)


def freeze(value: Any) -> Any:
    """`value` with its dicts read-only and its lists tuples, all the way down."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value
