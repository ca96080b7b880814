"""The column and row of every operation of a cell: what feeds a rail stands below it, what reads one hangs from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leporello.graphs.drawing.cell.parts import Cell, Operation
from leporello.graphs.drawing.cell.rails import Rail
from leporello.graphs.frozen import frozen


@frozen
class Levels:
    """Columns from the left, rows from the bottom, for all operations; those on rails have no row.

    `hanging` are the operations whose values run downward, from a rail.
    """

    columns: Mapping[str, int]
    rows: Mapping[str, int]
    hanging: frozenset[str]
    height: int

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(self.columns.values(), default=-1) + 1


def levels(cell: Cell, carried: Iterable[Rail]) -> Levels:
    """Where the operations of a cell stand."""
    return _Leveller(cell, tuple(carried)).levels()


@dataclass
class _Leveller:
    cell: Cell
    rails: tuple[Rail, ...]
    on_rail: frozenset[str] = field(init=False)
    columns: dict[str, int] = field(init=False, default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.on_rail = frozenset(path for rail in self.rails for path in rail.path)
        self.hanging = self._hanging()
        self.heights = self._heights()

    def _operands(self, path: str) -> list[str]:
        """The operations off the rails that this one reads at the same step."""
        operation = self.cell.operations[path]
        return [v.path for v in operation.reads if self.cell.own(v) and v.path not in self.on_rail]

    def _hanging(self) -> frozenset[str]:
        found = set[str]()
        feeding = self._feeding()
        for path, operation in self.cell.operations.items():
            if path in self.on_rail or path in feeding:
                continue
            if any(operand in found for operand in self._operands(path)) or (
                self._reads_rail(operation) and not self._stands(operation)
            ):
                found.add(path)
        return frozenset(found)

    def _feeding(self) -> set[str]:
        """What leads to a rail within the step: it stands below, whatever it reads."""
        found = set[str]()
        for path in reversed(list(self.cell.operations)):
            if path in self.on_rail or path in found:
                found.update(self._operands(path))
        return found

    def _reads_rail(self, operation: Operation) -> bool:
        return any(self.cell.own(value) and value.path in self.on_rail for value in operation.reads)

    def _stands(self, operation: Operation) -> bool:
        """A layer that reads the rail beside what comes from below stands with the other layers."""
        return operation.role == "layer" and any(not self.cell.own(value) for value in operation.reads)

    def _heights(self) -> dict[str, int]:
        """The longest way to each operation from below, or from its rail."""
        found: dict[str, int] = {}
        for path, operation in self.cell.operations.items():
            if path not in self.on_rail:
                same = [o for o in self._operands(path) if (o in self.hanging) == (path in self.hanging)]
                least = 0 if path in self.hanging or operation.role == "layer" or not same else 1
                found[path] = max([least, *(found[o] + 1 for o in same)])
        return found

    def levels(self) -> Levels:
        """Columns first, then rows."""
        for rail in self.rails:
            for path in rail.path:
                self._settle(path)
        read = {value.path for one in self.cell.operations.values() for value in one.reads if self.cell.own(value)}
        for path in sorted(self.cell.operations, key=lambda path: path in read):
            self._settle(path)
        return self._rows()

    def _settle(self, path: str) -> None:
        """A column for an operation and for what it alone still lacks: the highest of them stands right below it."""
        if path in self.columns:
            return
        fresh = [operand for operand in dict.fromkeys(self._operands(path)) if operand not in self.columns]
        fresh.sort(key=lambda operand: self.heights[operand])
        for operand in fresh:
            self._settle(operand)
        below = [o for o in fresh if path in self.on_rail or (o in self.hanging) == (path in self.hanging)]
        if below and self._top_of(below[-1]):
            self.columns[path] = self.columns[below[-1]]
        else:
            self.columns[path] = self.count
            self.count += 1

    def _top_of(self, path: str) -> bool:
        """Whether nothing stands above an operation in its column yet."""
        column = self.columns[path]
        return not any(
            other != path and c == column and (other in self.on_rail or self.heights[other] > self.heights[path])
            for other, c in self.columns.items()
        )

    def _rows(self) -> Levels:
        rows = {path: self.heights[path] for path in self.heights if path not in self.hanging}
        for path in rows:
            rows[path] = self._beside_reader(path, rows)
        total = max(rows.values(), default=-1) + 1
        for path in self.hanging:
            below = [rows[o] + 1 for o in self._operands(path) if o not in self.hanging]
            total = max(total, self.heights[path] + 1 + max(below, default=0))
        rows |= {path: total - 1 - self.heights[path] for path in self.hanging}
        return Levels(self.columns, rows, self.hanging, total)

    def _beside_reader(self, path: str, rows: Mapping[str, int]) -> int:
        """An operation on what stands elsewhere is done in the row of its only reader, on the way to it."""
        operation = self.cell.operations[path]
        readers = [name for name, one in self.cell.operations.items() if any(v.path == path for v in one.reads)]
        moves = len(operation.reads) == 1 and operation.role != "layer" and len(readers) == 1
        if not moves or readers[0] not in rows or self.columns[readers[0]] <= self.columns[path]:
            return rows[path]
        alone = [other for other, column in self.columns.items() if column == self.columns[path]] == [path]
        return rows[readers[0]] if alone and self.cell.operations[readers[0]].role == "sign" else rows[path]
