"""How well one recipe does on chorales with a tanh layer, a GRU and an LSTM of about 20,000 weights: `make music`.

python -m benchmarks.chorales PATH                 three cells, three seeds each
python -m benchmarks.chorales PATH --cells gru --seeds 1 --set training.epochs=20
python -m benchmarks.chorales PATH --beside        each also by a plain script of the same recipe
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from torch import Tensor

from benchmarks import plain_chorales as plain
from benchmarks.weights import copy, with_one_bias
from leporello.blocks.registry import registry
from leporello.examples import examples
from leporello.graphs.graph import Graph
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import load_data
from leporello.training.data.files import read_text
from leporello.training.feeding.examples import Examples
from leporello.training.overrides import apply_overrides
from leporello.training.settings import read_settings
from leporello.training.train import train

CELLS = {"rnn": 100, "gru": 46, "lstm": 36}
"""Each cell with its units."""


def spec(cell: str, overrides: Sequence[str] = ()) -> Graph:
    """The example with another cell, at its size."""
    text = examples()["music"].replace("block: lstm", f"block: {cell}").replace("units: 36", f"units: {CELLS[cell]}")
    return apply_overrides(read_spec(text, registry(), "music.yaml"), overrides)


def pieces(chorales: str) -> list[list[Tensor]]:
    """The three parts as the script reads them."""
    found = json.loads(read_text(Path(chorales), chorales))
    return [[plain.roll(piece) for piece in found[part]] for part in ("train", "valid", "test")]


def script(module: Any, graph: Graph, chorales: str) -> plain.Script:
    """The plain script with the weights of our module, one bias in its layer, and the graph's batches."""
    model = plain.ChordModel(with_one_bias(module.to_torch("h")))
    copy(module.logits, model.out)
    settings = read_settings(graph)
    feed = Examples(load_data(graph, {"notes": chorales}), settings)
    order = (row for epoch in range(settings.epochs) for row in feed.epoch(epoch).plan)
    return plain.Script(model, pieces(chorales)[0], order, settings.epochs * feed.passing())


def scored(cell: str, seed: int, chorales: str, overrides: Sequence[str], folder: Path) -> float:
    """The negative log-likelihood of a step of the test part, by the weights that validated best."""
    said = [f"training.seed={seed}", *overrides]
    graph = spec(cell, said)
    found = train(graph, folder / f"{cell}-{seed}", sources={"notes": chorales}, overrides=said).test
    if not found:
        raise SystemExit(f"{cell}, seed {seed}: stopped before its test")
    return found["nll"]


def beside(cell: str, seeds: Sequence[int], chorales: str, ours: Sequence[float]) -> str:
    """What the plain script reaches from the same seeds, and how far apart the means are, in their standard error."""
    parts = pieces(chorales)
    theirs = [plain.reached(cell, CELLS[cell], parts, seed) for seed in seeds]
    told = f"by a plain script {mean(theirs):.3f}, {min(theirs):.3f} to {max(theirs):.3f}"
    if len(seeds) < 2:
        return told
    error = math.sqrt((stdev(ours) ** 2 + stdev(theirs) ** 2) / len(seeds))
    return (
        f"{told}; {mean(ours) - mean(theirs):+.3f} apart, {abs(mean(ours) - mean(theirs)) / error:.1f} standard errors"
    )


def main() -> None:
    """Train them all and print a line for each cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chorales")
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for cell in asked.cells:
            found = [scored(cell, seed, asked.chorales, asked.overrides, Path(folder)) for seed in asked.seeds]
            told = f"test {mean(found):.3f}, {min(found):.3f} to {max(found):.3f}"
            print(f"{cell:<5} {CELLS[cell]:>4} units  {told}", flush=True)
            if asked.beside:
                print(beside(cell, asked.seeds, asked.chorales, found), flush=True)


if __name__ == "__main__":
    main()
