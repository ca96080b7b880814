"""A run killed by force again and again: a process that has torch at hand forks, trains in the child, and kills it.

python -m tests.support.faults.killing FOLDER COUNT SEED: FOLDER/spec.yaml trained in FOLDER/cut, killed COUNT times at
random moments, then let end. FOLDER/kills.json says how the kills fell.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from leporello.blocks.registry import registry
from leporello.graphs.specs import read_spec
from leporello.training.models import read_kept
from leporello.training.resuming import trained_graph
from leporello.training.runs.run import FACTS, STATUS, Run
from leporello.training.train import train


def work(folder: Path) -> None:
    """Begin the run, or go on with it."""
    run = Run(folder / "cut")
    if (run.folder / FACTS).exists():
        train(trained_graph(run, read_kept), run.folder, resume=True)
    else:
        text = (folder / "spec.yaml").read_text()
        train(read_spec(text, registry(), str(folder / "spec.yaml")), run.folder)


def child(folder: Path) -> int:
    """The process id of a child that works, and ends by itself when it has done all."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work(folder)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def main(folder: Path, count: int, seed: int) -> None:
    """Kill it so many times, each time after at most as long as a whole run takes; then let it end."""
    chance, longest = random.Random(seed), 0.6
    found = {"killed": 0, "amid a save": 0, "before a checkpoint": 0}
    cut = Run(folder / "cut")
    heard, held = os.pipe()
    os.set_inheritable(held, True)
    while found["killed"] < count:
        pid = child(folder)
        time.sleep(chance.uniform(0.0, longest))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise SystemExit("the child failed")
        if os.WIFEXITED(status) or _finished(cut):
            longest /= 2  # it was done before: shorter from now on, and from its beginning again
            _forget(folder)
            continue
        found["killed"] += 1
        found["amid a save"] += any(cut.checkpoints.glob(".*.partial"))
        found["before a checkpoint"] += not cut.steps()
    pid = child(folder)
    _, status = os.waitpid(pid, 0)
    found["exit"] = os.waitstatus_to_exitcode(status)
    os.close(held)  # what is left of those that were killed has it open
    found["gone"] = bool(select.select([heard], [], [], 60)[0])
    (folder / "kills.json").write_text(json.dumps(found))


def _finished(run: Run) -> bool:
    return (run.folder / STATUS).exists() and run.status().state == "finished"


def _forget(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder / "cut", ignore_errors=True)


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
