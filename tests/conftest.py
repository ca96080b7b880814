"""What all tests share: Hypothesis profiles, markers, one torch thread.

`make test` tries the same samples each time, so that its answer depends on the code alone; `make campaign` tries more
and others.
"""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

settings.register_profile("default", max_examples=25, deadline=None, derandomize=True, report_multiple_bugs=False)
settings.register_profile("long", max_examples=1000, deadline=None, report_multiple_bugs=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
UNCOLLECTED = 50_000
"""So many objects are made before cycles are looked for: a tenth of the time of all tests went into that."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the project's markers known; unknown ones are errors. Signals do what they do in a terminal.

    Behind `nohup` or in the background they would be ignored, and so by the runs of the tests.
    """
    config.addinivalue_line("markers", "slow: takes seconds; left out by `make check`")
    config.addinivalue_line("markers", "thinned: on some of many like cases; on all of them by `make campaign`")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    gc.set_threshold(UNCOLLECTED, 10, 10)


def pytest_collection_finish() -> None:
    """What all tests share stays: no cycle of it is looked for again."""
    gc.freeze()


def pytest_runtest_setup() -> None:
    """Keep torch to one thread, so that sums have one order, without importing it for tests that do not need it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)
