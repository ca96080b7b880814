"""One batch: what a module is given for each input, and which steps of it are valid."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Tensors by input: tokens [batch, time], features [batch, time, features], static ones without time.

    `steps` are those of each axis, `lengths` [batch] those of each sequence where some are shorter. `fresh` says that
    the state begins anew, `counted` [batch, time] which steps are scored, where not all valid ones are, `rows` which
    examples these are.
    """

    inputs: Mapping[str, Tensor]
    steps: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, Tensor] = field(default_factory=dict)
    fresh: bool = True
    counted: Tensor | None = None
    rows: Sequence[int] = ()

    @property
    def size(self) -> int:
        """How many sequences there are."""
        return len(next(iter(self.inputs.values())))

    def mask(self, axis: str | None, steps: int) -> Tensor | None:
        """Which steps of an axis count, [batch, steps], or None for all."""
        if self.counted is not None:
            return self.counted
        length = self.lengths.get(axis or "")
        return None if length is None else torch.arange(steps) < length[:, None]


class Feed(Protocol):
    """The batches of a run.

    `epoch` gives those of one pass over the training part, the same whenever it is asked; `part` those of the
    validation (1) or the test part (2), in their order.
    """

    @property
    def carried(self) -> bool:
        """Whether a state goes on from one batch to the next."""

    def epoch(self, number: int) -> Sequence[Batch]:
        """The batches of one pass, made as they are asked for."""

    def part(self, place: int) -> Sequence[Batch]:
        """The batches of a part that is not trained on."""

    def counts(self) -> Mapping[str, int]:
        """How much there is to train on, to validate with and to test on."""


def tensor_of(values: array[Any], width: int) -> Tensor:
    """Tokens [steps] where `width` is 0, else features [steps, width]."""
    kind = torch.int64 if values.typecode == "q" else torch.float32
    found = torch.frombuffer(values, dtype=kind) if values else torch.empty(0, dtype=kind)
    return found.view(-1, width) if width else found


def padded(values: Sequence[Tensor]) -> Tensor:
    """Sequences beside each other [batch, longest, ...], zeros behind the ends of shorter ones."""
    return torch.nn.utils.rnn.pad_sequence(list(values), batch_first=True)
