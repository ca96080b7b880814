"""What the loop around a model costs: an update of `train` beside the same update written out, same model and batches.

python -m benchmarks.loop                    a character model of two layers of 128, batches of 50 times 50
python -m benchmarks.loop --updates 300
python -m benchmarks.loop --small
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import leporello
from benchmarks.runner import WARM_UP, Comparison, collected, compare, timed
from leporello.blocks.registry import registry
from leporello.graphs.graph import Graph
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import load_data, sizes_from
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.streams import streams_of
from leporello.training.settings import read_settings
from leporello.training.train import train

SPEC = """
spec: 1
name: loop
inputs: {text: {tokens: $characters}}
nodes:
  e: {block: embedding, input: text(t-1), units: UNITS}
  h: {block: lstm, input: e, units: UNITS, layers: 2}
  logits: {block: linear, input: h, units: $characters}
outputs: {next: {from: logits, predicts: text}}
data: {text: {builtin: python_topics, split: [1, 0, 0]}}
training: {batch: 50, steps: STEPS, updates: UPDATES, report_every: 1, checkpoint_every: 1000000}
"""
UPDATES = 100


def measure(units: int = 128, steps: int = 50, updates: int = UPDATES) -> Comparison:
    """An update of `train`, its event among it, beside one written out: in turns, each of processor time."""
    text = SPEC.replace("UNITS", str(units)).replace("STEPS", str(steps)).replace("UPDATES", str(updates))
    graph = read_spec(text, registry(), "")
    by_hand, times, clock = ByHand(graph), [(0.0, 0.0)], time.process_time
    begun = clock()

    def turn(event: Mapping[str, Any]) -> None:
        """After each update of ours one by hand."""
        nonlocal begun
        if event["event"] == "update":
            ours = clock() - begun
            times.append((ours, timed(by_hand.update, clock)))
        begun = clock()

    with tempfile.TemporaryDirectory() as folder, collected():
        train(graph, Path(folder) / "run", on_event=turn)
    return compare(times[1 + WARM_UP :])


class ByHand:
    """The same updates as a plain loop has them."""

    def __init__(self, graph: Graph) -> None:
        self.settings, data = read_settings(graph), load_data(graph)
        self.module: Any = leporello.compile(graph, **sizes_from(graph, data))
        self.optimizer = torch.optim.Adam(self.module.parameters(), self.settings.rate)
        self.batches: Iterator[Batch] = cycle(list(streams_of(data, self.settings).epoch(0)))
        self.state: dict[str, Tensor] | None = None

    def update(self) -> None:
        """One batch forward and back, and a step of Adam."""
        batch = next(self.batches).inputs["text"]
        outputs, state = self.module.run(batch, state=self.state)
        self.state = {name: value.detach() for name, value in state.items()}
        loss = nn.functional.cross_entropy(outputs["next"].flatten(0, 1), batch.flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.module.parameters(), self.settings.clip)
        self.optimizer.step()
        loss.item()


def main() -> None:
    """Measure and print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=UPDATES)
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(16, 10, asked.updates) if asked.small else measure(updates=asked.updates)
    sides = f"{found.ours:.2f} ms by train, {found.theirs:.2f} ms by hand"
    print(f"an update: {sides}, ratio {found.ratio:.3f} ({found.lower:.3f} to {found.upper:.3f})")


if __name__ == "__main__":
    main()
