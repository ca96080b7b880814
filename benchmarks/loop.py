"""What the loop around a model costs: an update of `train` beside the same update written out, same model and batches.

python -m benchmarks.loop                    a character model of two layers of 128, batches of 50 times 50
python -m benchmarks.loop --pairs 20 --small
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import torch
from torch import nn

import leporello
from benchmarks.runner import quartiles
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
training: {batch: 50, steps: STEPS, updates: UPDATES, report_every: 10, checkpoint_every: 1000000}
"""
UPDATES = 40


def measure(units: int = 128, steps: int = 50, updates: int = UPDATES, pairs: int = 5) -> Mapping[str, float]:
    """Milliseconds of processor time of an update, ours and written out, and the quartiles of the pairs' ratios."""
    text = SPEC.replace("UNITS", str(units)).replace("STEPS", str(steps)).replace("UPDATES", str(updates))
    graph = read_spec(text, registry(), "")
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(pairs):
        ours.append(_trained(graph))
        theirs.append(_by_hand(graph))
    lower, ratio, upper = quartiles([a / b for a, b in zip(ours, theirs, strict=True)])
    found = {"ours": statistics.median(ours), "by hand": statistics.median(theirs)}
    return {**found, "ratio": ratio, "lower": lower, "upper": upper}


def _trained(graph: Graph) -> float:
    """Milliseconds of an update of `train`, its events among it; the first updates are left out."""
    times: list[tuple[int, float]] = []

    def note(event: Mapping[str, Any]) -> None:
        if event["event"] == "update":
            times.append((event["update"], time.process_time()))

    with tempfile.TemporaryDirectory() as folder:
        train(graph, Path(folder) / "run", on_event=note)
    (first, begun), (last, ended) = times[0], times[-1]
    return 1000 * (ended - begun) / (last - first)


def _by_hand(graph: Graph) -> float:
    """Milliseconds of the same update in a plain loop."""
    settings, data = read_settings(graph), load_data(graph)
    module: Any = leporello.compile(graph, **sizes_from(graph, data))
    optimizer = torch.optim.Adam(module.parameters(), settings.rate)
    batches: Iterator[Batch] = cycle(list(streams_of(data, settings).epoch(0)))
    state = None
    for update in range(settings.updates):
        if update == settings.report_every:
            begun = time.process_time()
        batch = next(batches).inputs["text"]
        outputs, state = module.run(batch, state=state)
        state = {name: value.detach() for name, value in state.items()}
        loss = nn.functional.cross_entropy(outputs["next"].flatten(0, 1), batch.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), settings.clip)
        optimizer.step()
        loss.item()
    return 1000 * (time.process_time() - begun) / (settings.updates - settings.report_every)


def main() -> None:
    """Measure and print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(16, 10, 20, asked.pairs) if asked.small else measure(pairs=asked.pairs)
    sides = f"{found['ours']:.2f} ms by train, {found['by hand']:.2f} ms by hand"
    print(f"an update: {sides}, ratio {found['ratio']:.3f} ({found['lower']:.3f} to {found['upper']:.3f})")


if __name__ == "__main__":
    main()
