"""One batch: what a module is given for each input, and which steps of it are valid."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.training.resumable import Resumable


@frozen
class Batch:
    """Tensors by input: tokens [batch, time], features [batch, time, features], static ones without time.

    `steps` are those of each axis, `lengths` [batch] those of each sequence where some are shorter. `fresh` says that
    the state begins anew, `counted` [batch, time] which steps are scored, where not all valid ones are, `rows` which
    examples these are, `known` [batch, time] by input which steps have no gap, of inputs that may have some.
    """

    inputs: Mapping[str, Tensor]
    steps: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, Tensor] = field(default_factory=dict)
    fresh: bool = True
    counted: Tensor | None = None
    rows: Sequence[int] = ()
    known: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many sequences there are."""
        return len(next(iter(self.inputs.values())))

    def mask(self, axis: str | None, steps: int) -> Tensor | None:
        """Which steps of an axis count, [batch, steps], or None for all."""
        if self.counted is not None:
            return self.counted
        length = self.lengths.get(axis or "")
        return None if length is None else torch.arange(steps, device=length.device) < length[:, None]


class Feed(Protocol):
    """The batches of a run."""

    @property
    def carried(self) -> bool:
        """Whether a state goes on from one batch to the next."""

    @property
    def parts(self) -> Mapping[str, Resumable]:
        """What of it must be kept in a checkpoint, beside which batch comes next."""

    def rest(self, epoch: int, position: int) -> Iterator[Batch]:
        """The batches of a pass over the training part from a position on, the same whenever they are asked for."""

    def passing(self) -> int | None:
        """How many batches there are in a pass, or None where that cannot be known."""

    def part(self, place: int) -> Iterable[Batch]:
        """The batches of the validation part (1) or the test part (2), in their order."""

    def counts(self) -> Mapping[str, int]:
        """How much there is to train on, to validate with and to test on."""


Inner = TypeVar("Inner", bound=Feed)


class Passing(Generic[Inner]):
    """A feed of another one's batches, which it gives in a way of its own; all else is as the other has it."""

    feed: Inner

    @property
    def carried(self) -> bool:
        """Whether a state goes on from one batch to the next."""
        return self.feed.carried

    @property
    def parts(self) -> Mapping[str, Resumable]:
        """What of it must be kept in a checkpoint."""
        return self.feed.parts

    def passing(self) -> int | None:
        """How many batches there are in a pass."""
        return self.feed.passing()

    def counts(self) -> Mapping[str, int]:
        """How much there is."""
        return self.feed.counts()


def rest_of(batches: Sequence[Batch], position: int) -> Iterator[Batch]:
    """The batches from a position on, each made when it is asked for."""
    return (batches[place] for place in range(position, len(batches)))


def tensor_of(values: array[Any], width: int) -> Tensor:
    """Tokens [steps] where `width` is 0, else features [steps, width]."""
    kind = torch.int64 if values.typecode == "q" else torch.float32
    found = torch.frombuffer(values, dtype=kind) if values else torch.empty(0, dtype=kind)
    return found.view(-1, width) if width else found


def without_gaps(values: Tensor, hold: bool) -> tuple[Tensor, Tensor]:
    """Features [steps, width] with something in place of NaN, and which steps had none [steps].

    With `hold` it is the number before, and before the first the mean, which is 0; without it always the mean.

    >>> without_gaps(torch.tensor([[torch.nan], [2.0], [torch.nan]]), hold=True)[0].flatten().tolist()
    [0.0, 2.0, 2.0]
    """
    here = ~values.isnan()
    filled = torch.where(here, values, 0)
    if hold and len(values):
        places = torch.arange(1, len(values) + 1)[:, None]
        last = torch.where(here, places, 0).cummax(0).values  # [steps, width], the newest that is there, 0 for none
        filled = torch.cat([filled.new_zeros(1, values.shape[1]), filled]).gather(0, last)
    return filled, here.all(1)


def padded(values: Sequence[Tensor]) -> Tensor:
    """Sequences beside each other [batch, longest, ...], zeros behind the ends of shorter ones."""
    return torch.nn.utils.rnn.pad_sequence(list(values), batch_first=True)
