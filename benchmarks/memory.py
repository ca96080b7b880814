"""Memory of a training step, as torch's allocator counts it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch.profiler import ProfilerActivity, profile

MEGABYTE = 2**20


def peak(step: Callable[[], object]) -> float:
    """The most megabytes that `step` held at once beyond what was held before it.

    torch's own count of what it allocates: the same at every run, where the size of the process depends on the
    system's allocator and on what else the process did before.
    """
    step()
    if torch.cuda.is_initialized():
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        step()
        return (torch.cuda.max_memory_allocated() - before) / MEGABYTE
    with hushed(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        step()
    assert profiled.profiler is not None and profiled.profiler.kineto_results is not None
    events = [event for event in profiled.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most / MEGABYTE


@contextmanager
def hushed() -> Iterator[None]:
    """Nothing on standard error, where torch's profiler tells of itself past Python's own stream."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
