"""A command in a process that may take only so much memory beyond what torch has taken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

needs_a_limit = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="only Linux says how much a process has"
)
_LIMITED = """
import resource, sys
import torch
import leporello.training.train, leporello.builder.compiling
from leporello.cli.main import main
torch.set_num_threads(1)
torch.nn.LSTM(4, 4)(torch.zeros(2, 1, 4))[0].sum().backward()  # what torch makes room for once is there by then
here = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (here + int(sys.argv.pop(1)) * 2**20,) * 2)
main()
"""


def limited(room: int, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder with so many MiB of `room`."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "c")}
    command = [sys.executable, "-c", _LIMITED, str(room), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
