"""Memory of a training step, as torch's allocator counts it."""

from __future__ import annotations

from collections.abc import Callable

from torch.profiler import ProfilerActivity, profile

MEGABYTE = 2**20


def peak(step: Callable[[], object]) -> float:
    """The most megabytes that `step` held at once beyond what was held before it.

    torch's own count of what it allocates: the same at every run, where the size of the process depends on the
    system's allocator and on what else the process did before.
    """
    step()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        step()
    assert profiled.profiler is not None and profiled.profiler.kineto_results is not None
    events = [event for event in profiled.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most / MEGABYTE
