"""Several processes that train one model, each on its share of every batch, by torch.distributed.

All begin with the same weights and add up their gradients at each update, so that the weights stay the same. What a
batch counts for is known before: the sum is exact, whatever lengths the shares have. The first process writes the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError, refuse
from leporello.training.ranks import EchoedError, Rank, rank_here
from leporello.training.resumable import Resumable
from leporello.training.runs.run import TrainingError

Found = TypeVar("Found")
PATIENCE = timedelta(days=365)
"""How long one waits for another: a pause may be long, and one that dies is noticed by its closed connection."""


@frozen
class Together:
    """A process among others; alone it has nobody to ask, and everything here is what it gives."""

    rank: Rank = field(default_factory=Rank)

    @property
    def facts(self) -> Mapping[str, int]:
        """What a run keeps of it: a run of one process says nothing."""
        return {} if self.rank.alone else {"processes": self.rank.count}

    def added(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """Counts by name, added up over all processes."""
        if self.rank.alone:
            return counts
        values = torch.tensor(list(counts.values()))
        with _noticed():
            dist.all_reduce(values)
        return dict(zip(counts, values.tolist(), strict=True))

    def gradients(self, module: nn.Module, loss: float) -> float:
        """Add up the gradients of all processes, and their losses; what none of them gives a gradient has none."""
        if self.rank.alone:
            return loss
        learned = [weight for weight in module.parameters() if weight.requires_grad]
        given = [torch.zeros_like(one) if one.grad is None else one.grad for one in learned]
        flat = torch.cat([one.flatten() for one in given])
        told = torch.tensor([loss, *(one.grad is not None for one in learned)], dtype=torch.float64)
        with _noticed():
            dist.all_reduce(flat)
            dist.all_reduce(told)
        whole, *many = told.tolist()
        parts = torch.split(flat, [one.numel() for one in learned])
        for weight, part, count in zip(learned, parts, many, strict=True):
            weight.grad = part.view_as(weight) if count else None
        return float(whole)

    def asked(self, stop: int, pause: bool) -> tuple[int, bool]:
        """Which signal asked any process to stop, 0 for none, and whether the first one was asked to wait."""
        if self.rank.alone:
            return stop, pause
        values = torch.tensor([stop, int(pause and self.rank.first)])
        with _noticed():
            dist.all_reduce(values, dist.ReduceOp.MAX)
        return int(values[0]), bool(values[1])

    def gathered(self, value: Found) -> list[Found]:
        """What each process gives, in their order."""
        if self.rank.alone:
            return [value]
        found: list[Any] = [None] * self.rank.count
        with _noticed():
            dist.all_gather_object(found, value)
        return found

    @contextmanager
    def alike(self) -> Iterator[None]:
        """What each process does for itself; where one cannot, all of them raise why, and one of them tells it."""
        failed = None
        try:
            yield
        except SpecError as error:
            if self.rank.alone:
                raise
            failed = error
        for number, told in enumerate(self.gathered(failed)):
            if told is not None:
                raise told if number == self.rank.number else EchoedError(told.problems)

    def first(self, act: Callable[[], Found]) -> Found | None:
        """What the first process alone does while others wait; where it cannot be done, all of them raise why."""
        if self.rank.alone:
            return act()
        self.gathered(None)  # until all have read what is there before it changes
        found, failed = None, None
        if self.rank.first:
            try:
                found = act()
            except SpecError as error:
                failed = error
        told = self.gathered(failed)[0]
        if told is not None:
            raise told if self.rank.first else EchoedError(told.problems)
        return found

    def part(self, part: Resumable) -> Resumable:
        """A part of a checkpoint that each process has its own of."""
        return part if self.rank.alone else Each(part, self)


@frozen
class Each:
    """What each process keeps of a part, under its number; they must ask for it at the same moment."""

    own: Resumable
    together: Together

    def state_dict(self) -> Mapping[str, Any]:
        """The states of all."""
        mine = {name: _home(value) for name, value in self.own.state_dict().items()}
        return {str(number): one for number, one in enumerate(self.together.gathered(mine))}

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on with that of this process; KeyError where it has none."""
        self.own.load_state_dict(state[str(self.together.rank.number)])


@contextmanager
def joined() -> Iterator[Together]:
    """Within it the processes that were started together know each other."""
    rank = rank_here()
    if rank.alone or dist.is_initialized():
        yield Together(rank)
        return
    try:
        with _noticed():
            dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE)
    except ValueError as error:  # the environment does not say, or not rightly, where the first process is
        what = f"processes cannot find each other: {str(error).splitlines()[0]}"
        raise refuse(what, "start them by torchrun or accelerate launch") from error
    try:
        yield Together(rank)
    finally:
        dist.destroy_process_group()


@contextmanager
def _noticed() -> Iterator[None]:
    """Say of a process that is gone that it is gone."""
    try:
        yield
    except RuntimeError as error:
        what = f"another process of this run does not answer: {str(error).strip().splitlines()[0]}"
        raise TrainingError(what, "see what it said; then start them all again, with --resume") from error


def _home(value: Any) -> Any:
    return value.cpu() if isinstance(value, Tensor) else value
