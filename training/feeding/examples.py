"""Examples of different length as batches: of like length together, shuffled anew in each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import torch

from leporello.graphs.frozen import frozen
from leporello.training.data.columns import Data
from leporello.training.data.reading import PARTS
from leporello.training.feeding.batch import Batch, rest_of
from leporello.training.feeding.encoded import Encoded, encode
from leporello.training.resumable import Resumable
from leporello.training.settings import Settings

POOL, POOLS = 64, 4
"""So many batches are shuffled together and sorted by length: like lengths meet, and not always the same examples.

There are so many such pools at least: were all examples in one, every epoch would have nearly the same batches.
"""


@frozen
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


@frozen
class Examples:
    """Data whose rows are sequences of their own."""

    data: Data
    settings: Settings
    kept: dict[int, Encoded] = field(default_factory=dict, compare=False)
    carried: bool = False
    parts: Mapping[str, Resumable] = field(default_factory=dict, compare=False)

    def rest(self, epoch: int, position: int) -> Iterator[Batch]:
        """The batches of one pass from a position on."""
        return rest_of(self.epoch(epoch), position)

    def passing(self) -> int:
        """The batches of a pass."""
        return len(self.epoch(0))

    def epoch(self, number: int) -> Batches:
        """The batches of one pass: a function of the seed and the number of the epoch."""
        return Batches(self.encoded(0), plan(self.encoded(0).lengths, self.settings, number))

    def part(self, place: int) -> Batches:
        """The batches of a part, examples of like length together."""
        encoded = self.encoded(place)
        order = sorted(range(len(encoded.lengths)), key=lambda row: encoded.lengths[row])
        return Batches(encoded, list(_cut(order, encoded.lengths, self.settings)))

    def counts(self) -> Mapping[str, int]:
        """Examples of each part, those left out not counted."""
        return {name: len(self.encoded(place).lengths) for place, name in enumerate(PARTS)}

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
    order = torch.randperm(len(lengths), generator=generator)
    size = settings.batch * max(min(POOL, len(lengths) // (POOLS * settings.batch)), 1)
    batches: list[list[int]] = []
    for start in range(0, len(order), size):
        pool = sorted(order[start : start + size].tolist(), key=lambda row: lengths[row])
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
