"""Memory: a model that cannot fit is refused before anything is allocated."""

from __future__ import annotations

import os

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.problems import Mark, refuse

BYTES = 4
"""Of a parameter in float32."""


def memory() -> int:
    """The machine's memory in bytes; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 0


def check_memory(checked: Checked, available: int | None = None) -> None:
    """Refuse a model whose parameters need more than the machine's memory (or than `available` bytes).

    Raises:
        SpecError: with the estimate, and the node that has most of them.
    """
    room = memory() if available is None else available
    needed = checked.parameters * BYTES
    if not room or needed <= room:
        return
    counts = {path: sum(_count(shape) for shape in weights.values()) for path, weights in checked.weights.items()}
    largest = max(counts, key=lambda path: counts[path])
    mark: Mark | None = checked.graph[largest].mark
    what = (
        f"{checked.parameters:,} parameters need {needed / 2**30:,.1f} GiB in float32, of {room / 2**30:,.1f} GiB here"
    )
    raise refuse(what, f"{largest} alone has {counts[largest]:,}; make units or vocabularies smaller", mark)


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
