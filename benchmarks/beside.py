"""Updates of `train` and of a plain script in turns: the losses of both, their time, and their scores."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch

from leporello.builder.compiling import compile
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.training.train import train


class Script(Protocol):
    """A plain script that trains."""

    def update(self) -> float:
        """One update; gives its loss."""


@dataclass
class Turns:
    """What both sides did: the loss of each update, seconds of the processor (ours, theirs), our last validation."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    validation: Mapping[str, Any] = field(default_factory=dict)
    script: Any = None

    def apart(self, updates: int | None = None) -> float:
        """How far the losses of the first updates are apart at most, as a share of the script's."""
        pairs = list(zip(self.ours, self.theirs, strict=True))[:updates]
        return max(abs(mine - other) / abs(other) for mine, other in pairs)


def in_turns(
    graph: Graph, scripted: Callable[[Any], Script], sources: Mapping[str, str] = EMPTY, most: int | None = None
) -> Turns:
    """Train, and after each update let a script do one that began with the same weights and random numbers.

    `scripted` makes the script from our module as it is before the first update; it does `most` updates at most. The
    graph must say `report_every: 1`.
    """
    found, built, clock = Turns(), [], time.process_time
    theirs, begun = torch.get_rng_state(), clock()

    def build(*given: Any, **more: Any) -> Any:
        built.append(compile(*given, **more))
        return built[-1]

    def turn(event: Mapping[str, Any]) -> None:
        nonlocal theirs, begun
        mine = torch.get_rng_state()
        if event["event"] == "start":
            found.script, theirs = scripted(built[0]), mine
            torch.set_rng_state(mine)
        elif event["event"] == "validation":
            found.validation = event
        elif event["event"] == "update" and (most is None or event["update"] <= most):
            spent = clock() - begun
            torch.set_rng_state(theirs)
            start = clock()
            found.theirs.append(found.script.update())
            found.seconds.append((spent, clock() - start))
            found.ours.append(event["loss"])
            theirs = torch.get_rng_state()
            torch.set_rng_state(mine)
        begun = clock()

    with tempfile.TemporaryDirectory() as folder:
        train(graph, Path(folder) / "run", sources=sources, on_event=turn, build=build)
    return found
