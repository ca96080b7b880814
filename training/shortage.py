"""Memory that is short: a run that surely needs more is refused, one that runs out says what would fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from leporello.builder.memory import memory
from leporello.graphs.problems import refuse
from leporello.training.feeding.batch import Batch
from leporello.training.runs.run import TrainingError
from leporello.training.settings import Settings

MOMENTS = {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 0}
"""So many numbers an optimiser keeps of each weight."""
SIGNS = ("can't allocate memory", "not enough memory", "out of memory", "std::bad_alloc", "cannot allocate")


def check_room(module: nn.Module, settings: Settings, available: int | None = None) -> None:
    """Refuse a run whose weights, gradients and optimiser alone need more than the machine's memory.

    Raises:
        SpecError: with the estimate. What the steps of a batch need comes on top and is not known before.
    """
    room = memory() if available is None else available
    learned = [weight for weight in module.parameters() if weight.requires_grad]
    kept = sum(weight.numel() * weight.element_size() for weight in module.parameters())
    copies = 1 + MOMENTS[settings.optimizer] + (1 if settings.average else 0)
    needed = kept + copies * sum(weight.numel() * weight.element_size() for weight in learned)
    if room and needed > room:
        what = (
            f"training needs {needed / 2**30:,.1f} GiB for weights, gradients and {settings.optimizer} alone, "
            f"of {room / 2**30:,.1f} GiB here"
        )
        raise refuse(what, "make units or vocabularies smaller, or say optimizer: sgd, which keeps nothing")


@contextmanager
def told(update: int, batches: Sequence[Batch], settings: Settings) -> Iterator[None]:
    """Say of memory that runs out within how large the batch was and what would do the same in less.

    Raises:
        TrainingError: in place of what torch says.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        raise TrainingError(f"update {update}: memory ran out {_size(batches)}", _smaller(settings)) from error


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was no memory left.

    >>> ran_out(MemoryError()), ran_out(RuntimeError("shapes differ"))
    (True, False)
    """
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in SIGNS)


def _size(batches: Sequence[Batch]) -> str:
    sequences = max(batch.size for batch in batches)
    steps = {axis: max(batch.steps.get(axis, 0) for batch in batches) for batch in batches for axis in batch.steps}
    long = ", ".join(f"{count:,} steps of {axis}" for axis, count in steps.items())
    return f"with a batch of {sequences:,} sequences" + (f" and {long}" if long else "")


def _smaller(settings: Settings) -> str:
    """Settings that need half of it and learn from as many sequences at each update."""
    if settings.batch == 1:
        return "cut sequences shorter (data's longest, training.steps), or make the model smaller"
    half = settings.batch // 2
    same = settings.accumulate * 2
    hint = f"--set training.batch={half} --set training.accumulate={same} learns from as many sequences at each update"
    return f"{hint}; a run goes on with its own batch only, so begin a new one"
