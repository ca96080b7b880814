"""Which states a cell carries on by element-wise operations alone: those are its rails (c in an LSTM, h in a GRU)."""

from __future__ import annotations

from collections import deque

from leporello.graphs.drawing.cell.parts import Cell, CellValue, Operation
from leporello.graphs.frozen import frozen


@frozen
class Rail:
    """A state that is carried: the value that comes in, and the operations that it passes, the last one gives it."""

    state: str
    entry: CellValue
    path: tuple[str, ...]


def rails(cell: Cell) -> tuple[Rail, ...]:
    """A rail for every state that is carried, by the shortest way; no operation lies on two of them."""
    found: list[Rail] = []
    taken: set[str] = set()
    for state, values in cell.states.items():
        for entry in sorted(values, key=lambda value: abs(value.time.offset)):
            path = _shortest(cell, entry, state, taken)
            if path:
                found.append(Rail(state, entry, path))
                taken.update(path)
                break
    return tuple(found)


def _shortest(cell: Cell, entry: CellValue, state: str, taken: set[str]) -> tuple[str, ...]:
    waiting = deque[tuple[str, ...]]((path,) for path in cell.readers(entry))
    seen = set[str]()
    while waiting:
        way = waiting.popleft()
        last = way[-1]
        if last in seen or last in taken or not _carries(cell.operations[last]):
            continue
        seen.add(last)
        if last == state:
            return way
        waiting.extend((*way, reader) for reader in cell.readers(CellValue(last)))
    return ()


def _carries(operation: Operation) -> bool:
    return operation.role == "sign" or operation.scales
