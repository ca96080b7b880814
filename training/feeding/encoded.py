"""The rows of a part as numbers: encoded once, checked, and put beside each other when a batch is asked for."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, alone
from leporello.training.data.stored import pieces
from leporello.training.data.vocabulary import END
from leporello.training.feeding.batch import Batch, padded, tensor_of, without_gaps
from leporello.training.feeding.written import FEATURES, Written, tokens

NAMES = ("training", "validation", "test")


@frozen
class Example:
    """One row: the numbers of each input, and which steps have no gap of those that may have some."""

    values: Mapping[str, Tensor]
    known: Mapping[str, Tensor]


@frozen
class Encoded:
    """The examples of one part as numbers, and the steps of each along its longest axis."""

    columns: Mapping[str, Column]
    examples: Sequence[Example]
    lengths: Sequence[int]

    def batch(self, places: Sequence[int]) -> Batch:
        """These examples beside each other."""
        inputs: dict[str, Tensor] = {}
        steps: dict[str, int] = {}
        lengths: dict[str, Tensor] = {}
        examples = [self.examples[place] for place in places]
        for name, column in self.columns.items():
            values, axis = [example.values[name] for example in examples], column.entry.axis
            if axis is None:
                inputs[name] = torch.cat(values)
                continue
            inputs[name] = padded(values)
            steps[axis] = inputs[name].shape[1]
            if min(map(len, values)) < steps[axis]:
                lengths[axis] = torch.tensor([len(value) for value in values])
        known = {name: padded([example.known[name] for example in examples]) for name in examples[0].known}
        return Batch(inputs, steps, lengths, rows=places, known=known)


@frozen
class Made(Sequence[Example]):
    """Examples made of the rows of each input when they are asked for."""

    columns: Mapping[str, Column]
    rows: Mapping[str, Sequence[Tensor]]
    kept: Sequence[int]

    def __len__(self) -> int:
        return len(self.kept)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        row = self.kept[place]
        values = {name: rows[row] for name, rows in self.rows.items()}
        known: dict[str, Tensor] = {}
        for name, gaps in self._gaps.items():
            values[name], known[name] = without_gaps(values[name], gaps == "hold")
        for name, beside in self._spread.items():
            if len(values[name]) == 1:
                values[name] = values[name].expand(len(values[beside]))
        return Example(values, known)

    @cached_property
    def _gaps(self) -> dict[str, str]:
        return {name: column.entry["gaps"] for name, column in self.columns.items() if column.entry["gaps"]}

    @cached_property
    def _spread(self) -> dict[str, str]:
        return {name: _beside(self.columns, name) for name, column in self.columns.items() if column.entry["spread"]}


def encode(columns: Mapping[str, Column], part: int) -> Encoded:
    """A part as numbers, without examples that have an empty sequence, or are longer than `longest` in training.

    Raises SpecError for a value that cannot be encoded, and for inputs of one axis that have different lengths, with
    the row.
    """
    rows = {name: _rows(column, part) for name, column in columns.items()}
    steps = {name: _steps(one) for name, one in rows.items()}
    for name, column in columns.items():
        if column.entry["spread"]:
            beside = steps[_beside(columns, name)]
            steps[name] = array("q", (b if a == 1 else a for a, b in zip(steps[name], beside, strict=True)))
    count = len(next(iter(steps.values())))
    for row in range(count):
        _check_lengths(columns, {name: found[row] for name, found in steps.items()}, part, row)
    most = [column.entry["longest"] if part == 0 else None for column in columns.values()]
    fits = [
        (steps[name], math.inf if longest is None else longest) for name, longest in zip(columns, most, strict=True)
    ]
    kept = array("q", (row for row in range(count) if all(0 < found[row] <= longest for found, longest in fits)))
    if not kept and count:
        column = next(iter(columns.values()))
        what = f"the {NAMES[part]} part of {column.source} has no example that can be used"
        raise refuse(what, "sequences are empty, or longer than data's longest", column.entry.mark())
    made = Made(columns, rows, kept)
    series = [steps[name] for name, column in columns.items() if column.entry.axis is not None]
    lengths = array("q", (max((found[row] for found in series), default=1) for row in kept))
    return Encoded(columns, made if any(column.stored(part) for column in columns.values()) else [*made], lengths)


def _beside(columns: Mapping[str, Column], name: str) -> str:
    """The input over whose steps the one label of another is spread. Raises SpecError where there is none."""
    entry = columns[name].entry
    beside = [one for one, column in columns.items() if column.entry.axis == entry.axis and not column.entry["spread"]]
    if not beside:
        hint = f"give the axis {entry.axis} to the input over whose steps it is to be spread"
        raise refuse(f"{name} is spread over steps, and no other input has its axis {entry.axis}", hint, entry.mark())
    return beside[0]


def _steps(rows: Sequence[Tensor]) -> array[int]:
    return array("q", (rows.steps(row) for row in range(len(rows))) if isinstance(rows, Written) else map(len, rows))


def _rows(column: Column, part: int) -> Sequence[Tensor]:
    """All rows of a part: in memory, or where they come out of a file in one of numbers."""
    if not column.stored(part):
        return [numbers(column, part, row) for row in range(len(column.parts[part]))]
    return written(column, part)


def written(column: Column, part: int) -> Written:
    """A part in a file of numbers. Raises SpecError for a value that cannot be encoded."""
    size = column.encoder.size
    found = Written(tokens(size)) if column.entry.tokens else Written(FEATURES, size)
    for row, value in enumerate(column.parts[part]):
        for piece in pieces(value):
            found.add(_encoded(column, part, row, piece))
        found.end()
    return found.whole()


def numbers(column: Column, part: int, row: int = 0) -> Tensor:
    """One row of a column as numbers. Raises SpecError for a value that cannot be encoded."""
    values = _encoded(column, part, row, column.parts[part][row])
    return tensor_of(values, 0 if column.entry.tokens else column.encoder.size)


def _encoded(column: Column, part: int, row: int, value: Any) -> array[Any]:
    try:
        values = column.encoder.encode(alone(column.entry, value))
    except (ValueError, TypeError) as error:
        where = f"{column.source}, row {row + 1} of the {NAMES[part]} part"
        raise refuse(f"{where}: {error}", "", column.entry.mark()) from error
    if column.ends:
        values.append(END)
    return values


def _check_lengths(columns: Mapping[str, Column], steps: Mapping[str, int], part: int, row: int) -> None:
    """Inputs of one axis have equally many steps."""
    first: dict[str, str] = {}
    for name, column in columns.items():
        axis = column.entry.axis
        if axis is None or steps[first.setdefault(axis, name)] == steps[name]:
            continue
        other = first[axis]
        what = f"{other} has {steps[other]} steps and {name} {steps[name]} in row {row + 1} of the {NAMES[part]} part"
        hint = f"both run on the axis {axis}: give them equally many steps, or one of them an axis of its own"
        raise refuse(what, hint, column.entry.mark())
