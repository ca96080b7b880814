"""A program as a whole process, started as an installed one is: its modules are compiled to bytecode already."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence


def runs(command: Sequence[str], times: int) -> Iterator[tuple[float, str]]:
    """Seconds, and what was written to standard error, of so many runs; one before them warms up and is not counted.

    Of the wall clock always: a process spends much of its start waiting for files. Where a folder of modules may not
    be written (or `PYTHONDONTWRITEBYTECODE` is set, as in many containers) every start would compile them anew.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for run in range(times + 1):
            start = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            if run:
                yield time.perf_counter() - start, done.stderr
