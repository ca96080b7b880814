"""One of several processes that train a spec together, forked or started by `torchrun`; it may stop, pause or kill.

torchrun --nproc-per-node 2 -m tests.support.together FOLDER RUN [--double] [--resume] [--AT=UPDATE ...]
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.training.ranks import rank_here
from leporello.training.runs.run import TrainingError
from leporello.training.train import train


def main(*arguments: str) -> int:
    """Train; 2 for what is refused, 1 for a run that cannot go on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("run")
    parser.add_argument("--double", action="store_true")
    parser.add_argument("--resume", action="store_true")
    for name in ("stop", "pause", "die", "kill"):
        parser.add_argument(f"--{name}", type=int, default=-1)
    asked = parser.parse_args(arguments)
    pids = asked.folder / "pids"
    pids.mkdir(exist_ok=True)
    (pids / str(rank_here().number)).write_text(str(os.getpid()))

    def on_event(event: Mapping[str, Any]) -> None:
        if event["event"] == "paused":
            os.kill(os.getpid(), signal.SIGUSR2)
        if event["event"] != "update":
            return
        if event["update"] == asked.pause:
            os.kill(os.getpid(), signal.SIGUSR1)
        if event["update"] == asked.stop:
            os.kill(os.getpid(), signal.SIGTERM)
        if event["update"] == asked.die:
            os.kill(os.getpid(), signal.SIGKILL)
        if event["update"] == asked.kill:
            os.kill(int((pids / "1").read_text()), signal.SIGKILL)

    def build(*given: Any, **more: Any) -> Any:
        module = compile(*given, **more)
        return module.double() if asked.double else module

    graph = read_spec((asked.folder / "spec.yaml").read_text(), registry(), str(asked.folder / "spec.yaml"))
    try:
        return train(graph, asked.folder / asked.run, resume=asked.resume, on_event=on_event, build=build).exit
    except (SpecError, TrainingError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, SpecError) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
