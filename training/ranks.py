"""Which of several processes this is that train one model together, as `torchrun` and `accelerate launch` tell it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError, refuse


@frozen
class Rank:
    """The number of a process among `count`, and among those of its machine."""

    number: int = 0
    count: int = 1
    local: int = 0

    @property
    def alone(self) -> bool:
        """Whether there is no other."""
        return self.count == 1

    @property
    def first(self) -> bool:
        """Whether it is the one that writes the run and speaks."""
        return self.number == 0


class EchoedError(SpecError):
    """A refusal that another process tells already."""


@contextmanager
def alike_here(rank: Rank) -> Iterator[None]:
    """What each process of a machine does for itself and in the same way: what is refused, the first of them tells.

    Raises EchoedError in others.
    """
    try:
        yield
    except SpecError as error:
        if rank.local:
            raise EchoedError(error.problems) from error
        raise


def rank_here(environment: Mapping[str, str] | None = None) -> Rank:
    """What the environment says. Raises SpecError for numbers that cannot be.

    >>> rank_here({"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"})
    Rank(number=1, count=2, local=1)
    >>> rank_here({}).alone
    True
    """
    said = os.environ if environment is None else environment
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
    values = [said.get(name, default) for name, default in zip(names, ("0", "1", "0"), strict=True)]
    for name, value in zip(names, values, strict=True):
        if not value.isdecimal():
            raise refuse(f"the environment has {name}={value!r}", "start processes by torchrun or accelerate launch")
    number, count, local = map(int, values)
    if number >= count:
        what = f"the environment has RANK={number}, and WORLD_SIZE={count}"
        raise refuse(what, "ranks are counted from 0: start processes by torchrun or accelerate launch")
    return Rank(number, count, local)
