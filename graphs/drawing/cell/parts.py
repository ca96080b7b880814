"""What a cell is made of: operations that read values, states, what comes in and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Literal

from leporello.graphs.drawing.letters.alike import mistakable
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import NOW, Time

Role = Literal["layer", "sign", "pill"]


@frozen
class CellValue:
    """What a wire carries: the value of a node at a step, of a `port` where it is not the only one."""

    path: str
    time: Time = NOW
    port: str = ""

    @property
    def net(self) -> str:
        """Its name as a net of wires."""
        return f"{self.path}{'.' * bool(self.port)}{self.port}{self.time}"


@frozen
class Operation:
    """One thing that a cell does. `sign` is the operator of a binary one, `text` what stands in any other.

    `reads` are the values in the order of the operands; `scales` says that it is an operation with a number; `parts`
    are the outputs of one that has several.
    """

    path: str
    role: Role
    reads: tuple[CellValue, ...]
    text: str = ""
    sign: str = ""
    name: str = ""
    title: str = ""
    scales: bool = False
    parts: tuple[str, ...] = ()


@frozen
class Cell:
    """A cell: operations in an order in which they can be done, by path.

    `states` are the values of earlier (or later) steps that are read, by the path of the operation that gives
    them; `inputs` come from outside, `outs` are the operations read outside. `names` are the labels of values,
    `static` those that are computed once per sequence, `marks` what tells values of one name apart.
    """

    name: str
    block: str
    operations: Mapping[str, Operation]
    states: Mapping[str, tuple[CellValue, ...]]
    inputs: tuple[CellValue, ...]
    outs: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    static: frozenset[str] = frozenset()
    marks: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def upright(self) -> frozenset[str]:
        """The names that are written as they are typed: as maths they would be another's."""
        named = {path: name or path.rpartition("/")[2] for path, name in self.names.items()}
        stepped = (name for path, name in named.items() if path not in self.static)
        return mistakable(stepped, (name for path, name in named.items() if path in self.static))

    @property
    def layered(self) -> bool:
        """Whether it goes through several layers of a stack, so that names need the layer's number."""
        return len({part for path in self.operations for part in path.split("/")[1:-1] if part.isdigit()}) > 1

    def own(self, value: CellValue) -> bool:
        """Whether a value is computed in this step of the cell."""
        return value.time == NOW and value.path in self.operations

    def readers(self, value: CellValue) -> list[str]:
        """The operations that read a value."""
        return [path for path, operation in self.operations.items() if value in operation.reads]
