"""How well one recipe does on chorales with a tanh layer, a GRU and an LSTM of about 20,000 weights: `make music`.

python -m benchmarks.chorales PATH                 three cells, three seeds each
python -m benchmarks.chorales PATH --cells gru --seeds 1 --set training.epochs=20
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from leporello.blocks.registry import registry
from leporello.examples import examples
from leporello.graphs.specs import read_spec
from leporello.training.overrides import apply_overrides
from leporello.training.train import train

CELLS = {"rnn": 100, "gru": 46, "lstm": 36}
"""Each cell with its units."""


def scored(cell: str, seed: int, chorales: str, overrides: Sequence[str], folder: Path) -> float:
    """The negative log-likelihood of a step of the test part, by the weights that validated best."""
    text = examples()["music"].replace("block: lstm", f"block: {cell}").replace("units: 36", f"units: {CELLS[cell]}")
    said = [f"training.seed={seed}", *overrides]
    graph = apply_overrides(read_spec(text, registry(), "music.yaml"), said)
    found = train(graph, folder / f"{cell}-{seed}", sources={"notes": chorales}, overrides=said).test
    if not found:
        raise SystemExit(f"{cell}, seed {seed}: stopped before its test")
    return found["nll"]


def main() -> None:
    """Train them all and print a line for each cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chorales")
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for cell in asked.cells:
            found = [scored(cell, seed, asked.chorales, asked.overrides, Path(folder)) for seed in asked.seeds]
            told = f"test {mean(found):.3f}, {min(found):.3f} to {max(found):.3f}"
            print(f"{cell:<5} {CELLS[cell]:>4} units  {told}", flush=True)


if __name__ == "__main__":
    main()
