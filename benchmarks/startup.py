"""How long it takes until a model is there: the command as a whole process, and specs of many nodes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.drawn import many_nodes
from benchmarks.processes import runs
from benchmarks.runner import Clock, collected, timed
from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.lowering.generate import source
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.specs import read_spec

ELMAN = Path(__file__).resolve().parent.parent / "examples" / "elman.yaml"
TIMES = 10


def check_command(times: int = TIMES) -> float:
    """Milliseconds of `leporello check` of a small spec as a whole process, the median."""
    command = [sys.executable, "-m", "leporello", "check", str(ELMAN)]
    return 1000 * statistics.median(seconds for seconds, _ in runs(command, times))


def checked(text: str) -> Checked:
    """A spec read, checked and opened."""
    return check(read_spec(text, registry()), registry(), {})


def checking(nodes: int, times: int = TIMES, clock: Clock = time.perf_counter) -> float:
    """Milliseconds to read, check, open and put in order a spec of so many nodes, the median."""
    text = many_nodes(nodes)
    return _median(lambda: checked(text).parts, times, clock)


def to_source(nodes: int, times: int = TIMES, clock: Clock = time.perf_counter) -> float:
    """Milliseconds from the text of so many nodes to the source of a module, the median."""
    text = many_nodes(nodes)
    return _median(lambda: source(checked(text)), times, clock)


def to_module(nodes: int, times: int = TIMES, clock: Clock = time.perf_counter) -> float:
    """Milliseconds from the text of so many nodes to a module with its weights, the median."""
    text = many_nodes(nodes)
    return _median(lambda: compile(text), times, clock)


def _median(call: Callable[[], object], times: int, clock: Clock) -> float:
    call()
    with collected():
        return 1000 * statistics.median(timed(call, clock) for _ in range(times))
