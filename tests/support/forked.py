"""Processes of their own that begin at once: forked from one that has imported torch and what trains.

A process that imports all of it takes three seconds before it does anything. How a process begins from nothing is
tested with such: `tests/cli/test_processes.py`, `tests/house/test_layers.py`.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

PATIENCE = 300.0
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.forked_from"])


@dataclass(frozen=True)
class Forked:
    """A process that works, and the file of what it says on stderr."""

    process: BaseProcess
    heard: Path

    def ended(self, patience: float = PATIENCE) -> tuple[int | None, str]:
        """Its exit status, negative for a signal, and what it has said, when it has ended."""
        self.process.join(patience)
        self.process.kill()
        self.process.join()
        return self.process.exitcode, self.heard.read_text(encoding="utf-8")


def forked(act: Callable[..., Any], *given: Any, heard: Path, **environment: str) -> Forked:
    """A process that does `act`, a function of a module, with what is given; its exit status is what `act` returns."""
    process = CONTEXT.Process(target=_work, args=(act, given, heard, environment))
    process.start()
    return Forked(process, heard)


def _work(act: Callable[..., Any], given: tuple[Any, ...], heard: Path, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    with heard.open("wb") as file:
        os.dup2(file.fileno(), 2)
    sys.exit(act(*given))
