"""Timing in alternating pairs, and what the pairs say: the median of their ratios, with quartiles."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

Clock = Callable[[], float]


def on_card() -> float:
    """Seconds by the clock, once the graphics card has done all that was asked of it."""
    torch.cuda.synchronize()
    return time.perf_counter()


CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "processor": time.process_time, "card": on_card}
"""In seconds. The processor's own time tells more where other programs share the machine; a card works by itself."""

WARM_UP = 3
"""So many pairs run before the first is timed."""


@dataclass(frozen=True)
class Comparison:
    """What was measured of two sides: milliseconds of each (medians), and the ratio ours / theirs of each pair.

    `lower`, `ratio` and `upper` are the quartiles of the pairs' ratios: what disturbs the machine for longer than
    a pair disturbs both of its halves.
    """

    ours: float
    theirs: float
    ratio: float
    lower: float
    upper: float


def compare(pairs: Sequence[tuple[float, float]]) -> Comparison:
    """The comparison of pairs of seconds (ours, theirs).

    >>> compare([(0.002, 0.001), (0.003, 0.001), (0.001, 0.001)])
    Comparison(ours=2.0, theirs=1.0, ratio=2.0, lower=1.5, upper=2.5)
    """
    lower, ratio, upper = quartiles([ours / theirs for ours, theirs in pairs])
    ours, theirs = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
    return Comparison(ours, theirs, ratio, lower, upper)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile, between neighbours where none is exact.

    >>> quartiles([4, 1, 2, 3, 5])
    (2.0, 3.0, 4.0)
    """
    if len(values) == 1:
        return values[0], values[0], values[0]
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, median, upper


def alternate(ours: Callable[[], object], theirs: Callable[[], object], pairs: int, clock: Clock) -> Comparison:
    """Time both sides one after the other, `pairs` times; every other pair begins with the other side."""
    for _ in range(min(WARM_UP, pairs)):
        ours()
        theirs()
    times = []
    with collected():
        for number in range(pairs):
            if number % 2:
                second = timed(theirs, clock)
                first = timed(ours, clock)
            else:
                first = timed(ours, clock)
                second = timed(theirs, clock)
            times.append((first, second))
    return compare(times)


def timed(call: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """The seconds that one call takes."""
    start = clock()
    call()
    return clock() - start


@contextmanager
def collected() -> Iterator[None]:
    """Collect garbage now, and none within."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
