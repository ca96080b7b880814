"""Batches that other processes put together, ahead of when they are needed and in the same order."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait
from typing import Protocol

import torch

from leporello.graphs.frozen import frozen
from leporello.training.feeding.batch import Batch, Feed, Passing
from leporello.training.runs.run import TrainingError
from leporello.training.runs.signals import HEEDED

AHEAD = 2
"""So many batches each process is asked for before the first of them is needed."""


class Listed(Feed, Protocol):
    """A feed that can make any batch of a pass by itself."""

    def epoch(self, number: int) -> Sequence[Batch]:
        """The batches of a pass over the training part."""

    def part(self, place: int) -> Sequence[Batch]:
        """The batches of the validation part (1) or the test part (2), in their order."""


@frozen
class Worked(Passing[Listed]):
    """A feed whose batches `workers` other processes put together.

    Nothing of them is kept: what comes next is known from epoch and position, however far ahead they are.
    """

    feed: Listed
    workers: int

    def rest(self, epoch: int, position: int) -> Iterator[Batch]:
        """The batches of a pass from a position on."""
        return made_ahead(self.feed.epoch(epoch), position, self.workers)

    def part(self, place: int) -> Iterator[Batch]:
        """The batches of a part to be scored."""
        return made_ahead(self.feed.part(place), 0, self.workers)


def worked(feed: Listed, workers: int) -> Feed:
    """A feed with so many workers; with none, or where a process cannot be forked, it is as it was."""
    return Worked(feed, workers) if workers and "fork" in multiprocessing.get_all_start_methods() else feed


def made_ahead(batches: Sequence[Batch], position: int, workers: int) -> Iterator[Batch]:
    """The batches from a position on, put together by so many processes that end with the iterator.

    They are forked, so that what the batches are made of is neither copied nor read again. Raises what putting one
    together raises, and TrainingError where a process is gone.
    """
    places = iter(range(position, len(batches)))
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _begin, (batches,))
    try:
        asked = deque(pool.submit(_made, place) for place in islice(places, workers * AHEAD))
        while asked:
            found = asked.popleft().result()
            asked.extend(pool.submit(_made, place) for place in islice(places, 1))
            yield pickle.loads(found)
    except BrokenProcessPool as error:
        hint = "perhaps memory ran out: go on with fewer, --set training.workers=0"
        raise TrainingError("a process that puts batches together has ended", hint) from error
    finally:
        pool.shutdown(cancel_futures=True)


_batches: Sequence[Batch] = ()


def _begin(batches: Sequence[Batch]) -> None:
    """In a worker: what it has to do; whoever trains heeds the signals, and it ends when that process does."""
    global _batches
    _batches = batches
    for number in HEEDED:
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)  # those of the process that was forked are not here
    threading.Thread(target=_end_together, daemon=True).start()


def _end_together() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _made(place: int) -> bytes:
    """A batch as bytes: by torch's own way between processes each tensor would take room in /dev/shm, and a file."""
    return pickle.dumps(_batches[place], pickle.HIGHEST_PROTOCOL)
