"""What curriculum learning is worth to a model that goes on by itself: `python -m benchmarks.free_running`.

`examples/curriculum.yaml` is trained as it stands, and again on true states only, from three seeds each. Both then
label the test part reading their own labels.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import torch

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.examples import examples
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import load_data
from leporello.training.feeding.examples import Examples
from leporello.training.models import read_kept
from leporello.training.overrides import apply_overrides
from leporello.training.runs.run import Run
from leporello.training.settings import read_settings
from leporello.training.tasks.task import evaluate, task_of
from leporello.training.train import train
from leporello.training.using.trained import load_trained

WAYS = {"true states only": ["training.k=1e9"], "curriculum": []}
"""By name what is set: with so large a k the truth is read always."""


def accuracies(folder: Path) -> tuple[float, float]:
    """The shares of right labels of a run's model on its test part: reading true labels, and its own."""
    trained = load_trained(Run(folder), read_kept)
    data = load_data(trained.graph)
    batches = Examples(data, read_settings(trained.graph)).part(2)
    task = task_of(trained.graph, data)
    free = compile(trained.graph, feedback="free", sharing=trained.module, **trained.run.facts()["sizes"])
    truth, own = (evaluate(one, task, batches, carried=False)["accuracy"] for one in (trained.module, free))
    return truth, own


def taught(way: Sequence[str], seed: int, overrides: Sequence[str], folder: Path) -> tuple[float, float]:
    """How a model does that was trained one way, with the truth and by itself."""
    said = [f"training.seed={seed}", *overrides, *way]
    graph = apply_overrides(read_spec(examples()["curriculum"], registry(), "curriculum.yaml"), said)
    train(graph, folder, overrides=said)
    return accuracies(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train them all and print a line for each way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.free_running", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for way, said in WAYS.items():
            found = [taught(said, seed, asked.overrides, Path(folder) / f"{way} {seed}") for seed in asked.seeds]
            for told, values in zip(("reading the truth", "by itself"), zip(*found, strict=True), strict=True):
                print(f"{way}, {told}: {mean(values):.1%} ({min(values):.1%} to {max(values):.1%})", flush=True)


if __name__ == "__main__":
    main()
