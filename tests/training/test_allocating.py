"""Memory that is freed stays with a process while it trains, and goes back afterwards."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys

import pytest

from leporello.training.allocating import memory_kept

FAULTS = """
import resource
from contextlib import nullcontext
import torch
from leporello.training.allocating import memory_kept

def faults(within):
    with within:
        before = 0
        for turn in range(9):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt if turn == 5 else before
            large = [torch.ones(12_000_000) for _ in range(3)]
            del large
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    return int(open("/proc/self/statm").read().split()[1])

before = resident()
print(faults(nullcontext()), faults(memory_kept()), resident() - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="C's library here is not glibc")
def test_pages_are_asked_for_once_within_it_and_go_back_afterwards() -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True, env=environment)
    elsewhere, within, left = map(int, run.stdout.split())
    pages = 4 * 3 * 12_000_000 * 4 // resource.getpagesize()
    assert within < pages / 20 < pages / 2 < elsewhere
    assert left < pages / 20


def test_where_the_library_has_no_such_call_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def library(name: object) -> object:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", library)
    with memory_kept():
        pass


def test_a_failure_within_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError), memory_kept():
        assert 1 / 0
