"""The rows of a part as numbers: encoded once, checked, and put beside each other when a batch is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, alone
from leporello.training.data.vocabulary import END
from leporello.training.feeding.batch import Batch, padded, tensor_of, without_gaps

NAMES = ("training", "validation", "test")


@frozen
class Encoded:
    """The examples of one part as numbers: by input, by row."""

    columns: Mapping[str, Column]
    rows: Mapping[str, Sequence[Tensor]]
    known: Mapping[str, Sequence[Tensor]] = field(default_factory=dict)

    @cached_property
    def lengths(self) -> list[int]:
        """The steps of each example, along its longest axis."""
        series = [self.rows[name] for name, column in self.columns.items() if column.entry.axis is not None]
        count = len(next(iter(self.rows.values())))
        return [max((len(rows[place]) for rows in series), default=1) for place in range(count)]

    def batch(self, places: Sequence[int]) -> Batch:
        """These examples beside each other."""
        inputs: dict[str, Tensor] = {}
        steps: dict[str, int] = {}
        lengths: dict[str, Tensor] = {}
        for name, column in self.columns.items():
            values, axis = [self.rows[name][place] for place in places], column.entry.axis
            if axis is None:
                inputs[name] = torch.cat(values)
                continue
            inputs[name] = padded(values)
            steps[axis] = inputs[name].shape[1]
            if min(map(len, values)) < steps[axis]:
                lengths[axis] = torch.tensor([len(value) for value in values])
        known = {name: padded([rows[place] for place in places]) for name, rows in self.known.items()}
        return Batch(inputs, steps, lengths, rows=places, known=known)


def encode(columns: Mapping[str, Column], part: int) -> Encoded:
    """A part as numbers, without examples that have an empty sequence, or are longer than `longest` in training.

    Raises SpecError for a value that cannot be encoded, and for inputs of one axis that have different lengths, with
    the row.
    """
    found = {name: _rows(column, part) for name, column in columns.items()}
    found |= {name: _spread(found, columns, name) for name, column in columns.items() if column.entry["spread"]}
    count = len(next(iter(found.values())))
    for row in range(count):
        _check_lengths(columns, {name: len(rows[row]) for name, rows in found.items()}, part, row)
    kept = [row for row in range(count) if all(_fits(found[name][row], columns[name], part) for name in found)]
    if not kept and count:
        column = next(iter(columns.values()))
        what = f"the {NAMES[part]} part of {column.source} has no example that can be used"
        raise refuse(what, "sequences are empty, or longer than data's longest", column.entry.mark())
    rows = {name: [rows[row] for row in kept] for name, rows in found.items()}
    known: dict[str, list[Tensor]] = {}
    for name in [name for name, column in columns.items() if column.entry["gaps"]]:
        both = [without_gaps(row, columns[name].entry["gaps"] == "hold") for row in rows[name]]
        rows[name], known[name] = [filled for filled, _ in both], [here for _, here in both]
    return Encoded(columns, rows, known)


def _spread(rows: Mapping[str, Sequence[Tensor]], columns: Mapping[str, Column], name: str) -> list[Tensor]:
    """The one label of each row, for each step of an input of the same axis. Raises SpecError where there is none."""
    entry = columns[name].entry
    beside = [one for one, column in columns.items() if column.entry.axis == entry.axis and not column.entry["spread"]]
    if not beside:
        hint = f"give the axis {entry.axis} to the input over whose steps it is to be spread"
        raise refuse(f"{name} is spread over steps, and no other input has its axis {entry.axis}", hint, entry.mark())
    both = zip(rows[name], rows[beside[0]], strict=True)
    return [label.expand(len(other)) if len(label) == 1 else label for label, other in both]


def _rows(column: Column, part: int) -> list[Tensor]:
    return [numbers(column, part, row) for row in range(len(column.parts[part]))]


def numbers(column: Column, part: int, row: int = 0) -> Tensor:
    """One row of a column as numbers. Raises SpecError for a value that cannot be encoded."""
    try:
        values = column.encoder.encode(alone(column.entry, column.parts[part][row]))
    except (ValueError, TypeError) as error:
        where = f"{column.source}, row {row + 1} of the {NAMES[part]} part"
        raise refuse(f"{where}: {error}", "", column.entry.mark()) from error
    if column.ends:
        values.append(END)
    return tensor_of(values, 0 if column.entry.tokens else column.encoder.size)


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


def _fits(value: Tensor, column: Column, part: int) -> bool:
    longest = column.entry["longest"]
    return len(value) > 0 and (part > 0 or longest is None or len(value) <= longest)
