"""What a block is: ports, parameters, and either an operation with a rule for sizes or a body."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal, Protocol

from leporello.graphs.computation import NOT_COMPUTED, Computation
from leporello.graphs.fields import Field
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, Node, Wire
from leporello.graphs.problems import Mark, SpecError, nearest, refuse, suggest
from leporello.graphs.size import AnySize

Kind = Literal["features", "tokens", "any"]
Parameter = Field
"""A setting of a block."""


@frozen
class Value:
    """What flows on a wire at one step: features of a size, or a token out of a vocabulary of that size."""

    kind: Kind = "any"
    size: AnySize | None = None

    def __str__(self) -> str:
        size = "an unknown size" if self.size is None else str(self.size)
        return f"tokens out of {size}" if self.kind == "tokens" else size


ANYTHING = Value()
"""What is not known."""


class MisfitError(Exception):
    """Sizes or kinds at a node that do not go together: what is wrong, how to mend it, at which port or parameter."""

    def __init__(self, what: str, hint: str = "", at: str = "") -> None:
        super().__init__(what)
        self.what, self.hint, self.at = what, hint, at


@frozen
class Port:
    """An input of a block.

    `reads` says how it reads time: the same step (`t`), only earlier steps (`late`: a delay of at least
    one is needed), or a whole axis (`all`).
    """

    name: str
    kind: Kind = "features"
    optional: bool = False
    reads: str = "t"
    help: str = ""


@frozen
class Body:
    """The inside of a composite, as written: nodes whose wires name each other or (`<x`) a port.

    As a function it gives itself for all parameters, so that a block's `body` may be one and blocks compare.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[tuple[str, Wire], ...]

    def __call__(self, parameters: Mapping[str, Any]) -> Body:
        return self


Infer = Callable[[Mapping[str, Value], Mapping[str, Any]], Mapping[str, Value]]
Weights = Callable[[Mapping[str, Value], Mapping[str, Any]], Mapping[str, tuple[AnySize, ...]]]
Equation = Literal["formula", "product", "list", "call", "none"]


@frozen
class BlockType:
    """A kind of node, primitive or composite.

    A primitive has `infer` (ports' values and parameters to outputs' values, `MisfitError` when they do not go
    together), `weights` (names to shapes; with any it is a learned layer) and `computation`, what torch does. A
    composite has `body`, a function from parameters to its inside. One that is made of blocks which its user names, as
    an encoder of any cell, has `structure` instead, to which the registry by which it is found is given too. `takes`
    are modifiers that its inside is made by, as parameters, in place of copies of it as a whole.

    `carried` says what becomes of a carried axis: kept, closed (`sum`), or used (`softmax`). `varies` marks what may
    differ between two uses that read the same: what is given from outside, and what chance decides. `work` is what a
    step takes, as expressions of sizes (`$port`, `$output`, `$parameter`): multiply-adds of products with weights, and
    operations on single features. `equation` is how pictures write it: within the `formula` that expressions spell, as
    a `product` of a weight with what it reads, as the `list` of what it reads, as a `call` of its name, or not at all;
    `activation` is the sign that it puts on a layer of which it alone makes something.
    `operator` marks what is written in expressions only; `text` is the YAML of a composite; `shipped` says that what is
    wrong inside is told where the block is used.
    """

    name: str
    help: str = ""
    paper: str = ""
    ports: tuple[Port, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[str, ...] = ("y",)
    infer: Infer | None = None
    weights: Weights | None = None
    computation: Callable[[], Computation] = NOT_COMPUTED
    carried: Literal["kept", "closed", "used"] = "kept"
    many: bool = False
    varies: bool = False
    work: tuple[str, str] = ("", "")
    equation: Equation = "call"
    activation: str = ""
    body: Callable[[Mapping[str, Any]], Body] | None = None
    structure: Callable[[Mapping[str, Any], Registry], Body] | None = None
    takes: tuple[str, ...] = ()
    operator: bool = False
    shipped: bool = True
    text: str = ""
    mark: Mark | None = field(default=None, compare=False)

    @property
    def short(self) -> str:
        """The name without its pack."""
        return self.name.rpartition("/")[2]

    @property
    def is_unique(self) -> bool:
        """Whether every use is one of a kind, also beside one that reads the same."""
        return self.varies or self.weights is not None

    @property
    def is_composite(self) -> bool:
        """Whether it can be opened."""
        return self.body is not None or self.structure is not None

    def within(self, registry: Registry) -> BlockType:
        """The block where the blocks that its user may name are those of a registry."""
        structure = self.structure
        if structure is None or self.body is not None:
            return self
        return replace(self, body=lambda parameters: structure(parameters, registry))

    def port(self, name: str) -> Port | None:
        """The port called `name`; blocks with `many` ports number them."""
        if self.many:
            return Port(name, "any") if name.isdigit() else None
        return next((port for port in self.ports if port.name == name), None)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called `name`."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def outputs_of(self, parameters: Mapping[str, Any] = EMPTY) -> tuple[str, ...]:
        """The output ports; `split` names them by its parameter `into`."""
        into = parameters.get("into")
        return tuple(str(name) for name in into) if isinstance(into, tuple) else self.outputs

    def read_ports(self, parameters: Mapping[str, Any] = EMPTY) -> tuple[str, ...] | None:
        """What may be read of a use of it: outputs, and of a composite what they are where their loops end.

        None where its parameters, which name the outputs, are not known.
        """
        if self.parameter("into") and "into" not in parameters:
            return None
        own = self.outputs_of(parameters)
        return (*own, "state", "final", *(f"{port}_final" for port in own)) if self.is_composite else own


class Packs(Protocol):
    """Blocks from elsewhere by `pack/block`, each loaded when it is found."""

    def find(self, name: str, mark: Mark | None = None) -> BlockType:
        """The block; SpecError says why there is none."""

    def called(self, name: str) -> Sequence[str]:
        """The blocks that are called so in their packs."""


@frozen
class Registry(Mapping[str, BlockType]):
    """The block types by name. `broken` are blocks whose definition was refused already.

    It lists what ships and what a spec defines; the blocks of `packs` are found by their names. `meant` says of names
    from elsewhere, in small letters and without `_`, which block or what else is meant.
    """

    types: Mapping[str, BlockType]
    broken: frozenset[str] = frozenset()
    packs: Packs | None = field(default=None, compare=False, repr=False)
    meant: Mapping[str, str] = field(default_factory=lambda: EMPTY, compare=False, repr=False)

    def __getitem__(self, name: str) -> BlockType:
        if self.packs is None or "/" not in name:
            return self.types[name].within(self)
        try:
            return self.packs.find(name).within(self)
        except SpecError:
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None if isinstance(name, str) and "/" in name else name in self.types

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    def find(self, name: str, mark: Mark | None = None) -> BlockType:
        """The block called `name`, or an error that lists the known ones, nearest first."""
        if name in self.types:
            return self.types[name].within(self)
        if name in self.broken:
            raise SpecError()  # what is wrong with it has been said where it is defined
        if "/" in name and self.packs is not None:
            return self.packs.find(name, mark).within(self)
        raise refuse(f"unknown block {name!r}", f"{self._suggested(name)}; `leporello blocks` lists all", mark)

    def _suggested(self, name: str) -> str:
        """What may be meant: the blocks of packs called so, what is called so elsewhere, what is spelled like it."""
        known = [n for n, kind in self.types.items() if not kind.operator]
        there = self.packs.called(name) if self.packs is not None else ()
        hint = f"packs have it: {', '.join(there)}; " if there else ""
        meant = self.meant.get(re.sub(r"[_ -]|^(torch\.)?nn\.", "", name[:80].lower()), "")
        if meant not in known:
            return hint + (f"write {meant}; " if meant else "") + suggest(name, known, "blocks")
        others = [other for other in nearest(name, known) if other != meant]
        return f"{hint}did you mean {meant}? blocks: {', '.join([meant, *others[:11]])}"

    def extended(self, more: Mapping[str, BlockType], broken: frozenset[str] = frozenset()) -> Registry:
        """This registry with more types, which hide those of the same name; `broken` are names without a type."""
        # A view: merging would read the file of every shipped block.
        types: Any = self.types
        if not more and not broken:
            return self
        return Registry(ChainMap(dict(more), types), self.broken | broken, self.packs, self.meant)
