"""Examples of different length as batches: of like length together, shuffled anew in each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data
from leporello.training.data.vocabulary import END
from leporello.training.feeding.batch import Batch, padded, tensor_of
from leporello.training.settings import Settings

POOL = 64
"""So many batches are shuffled together and sorted by length: like lengths meet, and not always the same examples."""


@dataclass(frozen=True)
class Encoded:
    """The examples of one part as numbers: by input, by row."""

    columns: Mapping[str, Column]
    rows: Mapping[str, Sequence[Tensor]]

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
        return Batch(inputs, steps, lengths, rows=places)


@dataclass(frozen=True)
class Batches(Sequence[Batch]):
    """Batches made as they are asked for."""

    examples: Encoded
    plan: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, place: Any) -> Any:
        return [self[one] for one in range(len(self))[place]] if isinstance(place, slice) else self._made(place)

    def _made(self, place: int) -> Batch:
        return self.examples.batch(self.plan[place])


@dataclass(frozen=True)
class Examples:
    """Data whose rows are sequences of their own."""

    data: Data
    settings: Settings
    kept: dict[int, Encoded] = field(default_factory=dict, compare=False)
    carried: bool = False

    def epoch(self, number: int) -> Batches:
        """The batches of one pass: a function of the seed and the number of the epoch."""
        return Batches(self.encoded(0), plan(self.encoded(0).lengths, self.settings, number))

    def part(self, place: int) -> Batches:
        """The batches of a part, examples of like length together."""
        encoded = self.encoded(place)
        order = sorted(range(len(encoded.lengths)), key=lambda row: encoded.lengths[row])
        return Batches(encoded, list(_cut(order, encoded.lengths, self.settings)))

    def counts(self) -> Mapping[str, int]:
        """Examples of each part."""
        return {name: len(self.data.only.parts[place]) for place, name in enumerate(("train", "valid", "test"))}

    def encoded(self, place: int) -> Encoded:
        """The examples of a part, encoded when they are first asked for."""
        if place not in self.kept:
            self.kept[place] = encode(self.data.columns, place)
        return self.kept[place]


def plan(lengths: Sequence[int], settings: Settings, epoch: int) -> list[list[int]]:
    """Which examples each batch of an epoch holds.

    All are shuffled; pools of some batches are sorted by length and cut; the batches are shuffled again.

    >>> sorted(row for batch in plan([3, 1, 2, 3, 1], Settings(batch=2), epoch=7) for row in batch)
    [0, 1, 2, 3, 4]
    """
    generator = torch.Generator().manual_seed((settings.seed * 1_000_003 + epoch) % 2**63)
    order = torch.randperm(len(lengths), generator=generator).tolist()
    size = settings.batch * POOL
    batches: list[list[int]] = []
    for start in range(0, len(order), size):
        pool = sorted(order[start : start + size], key=lambda row: lengths[row])
        batches.extend(_cut(pool, lengths, settings))
    return [batches[place] for place in torch.randperm(len(batches), generator=generator).tolist()]


def _cut(order: Sequence[int], lengths: Sequence[int], settings: Settings) -> Iterator[list[int]]:
    """Batches of at most `batch` examples, and of at most `tokens` steps, padding counted."""
    batch: list[int] = []
    longest = 0
    for row in order:
        longest = max(longest, lengths[row])
        full = len(batch) == settings.batch or (settings.tokens and longest * (len(batch) + 1) > settings.tokens)
        if batch and full:
            yield batch
            batch, longest = [], lengths[row]
        batch.append(row)
    if batch:
        yield batch


def encode(columns: Mapping[str, Column], part: int) -> Encoded:
    """A part as numbers, without examples that have an empty sequence, or are longer than `longest` in training.

    Raises SpecError for a value that cannot be encoded, with its row.
    """
    found = {name: _encoded(column, part) for name, column in columns.items()}
    count = len(next(iter(found.values())))
    kept = [row for row in range(count) if all(_fits(found[name][row], columns[name], part) for name in found)]
    if not kept and count:
        column = next(iter(columns.values()))
        raise refuse(
            f"{column.source} has no example that can be trained on", "see data's longest", column.entry.mark()
        )
    return Encoded(columns, {name: [rows[row] for row in kept] for name, rows in found.items()})


def _encoded(column: Column, part: int) -> list[Tensor]:
    width = 0 if column.entry.tokens else column.encoder.size
    rows = []
    for number, value in enumerate(column.parts[part]):
        try:
            values = column.encoder.encode([value] if column.entry.axis is None else value)
        except (ValueError, TypeError) as error:
            where = f"{column.source}, row {number + 1} of the {('training', 'validation', 'test')[part]} part"
            raise refuse(f"{where}: {error}", "", column.entry.mark()) from error
        if column.ends:
            values.append(END)
        rows.append(tensor_of(values, width))
    return rows


def _fits(value: Tensor, column: Column, part: int) -> bool:
    longest = column.entry["longest"]
    return len(value) > 0 and (part > 0 or longest is None or len(value) <= longest)
