"""A character model by Leporello and by a plain script, from the same weights on the same text: `make shakespeare`.

python -m benchmarks.shakespeare input.txt.gz                   2,000 updates, three seeds
python -m benchmarks.shakespeare input.txt.gz --seeds 1 --updates 200
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from benchmarks.beside import Turns, in_turns
from benchmarks.plain_characters import CharacterModel, Script
from benchmarks.runner import compare
from benchmarks.weights import copy, with_one_bias
from leporello.blocks.registry import registry
from leporello.graphs.graph import Graph
from leporello.graphs.specs import read_spec
from leporello.training.data.files import read_text
from leporello.training.overrides import apply_overrides

SPEC = """
spec: 1
name: shakespeare
parameters: {units: 128}
inputs: {text: {tokens: $characters}}
nodes:
  e: {block: embedding, input: text(t-1), units: $units}
  h: {block: lstm, input: e, units: $units, layers: 2}
  logits: {block: linear, input: h, units: $characters}
outputs: {next: {from: logits, predicts: text}}
data: {text: {file: input.txt, split: [0.95, 0.05, 0]}}
training: {batch: 50, steps: 50, rate: 2e-3, report_every: 1, checkpoint_every: 1000000, sample: 0}
"""
FIRST = 200
"""So many updates are compared one by one, beside a script whose layers have one bias as ours have.

Over more of them the last digits of both sides grow apart.
"""


def spec(updates: int, seed: int = 1, **training: int) -> Graph:
    """The model, to be trained for so many updates and validated after the last."""
    said = {"updates": updates, "validate_every": updates, "seed": seed, **training}
    return apply_overrides(
        read_spec(SPEC, registry(), ""), [f"training.{name}={value}" for name, value in said.items()]
    )


def script(module: Any, text: str, one_bias: bool = False, **given: int) -> Script:
    """The plain script with the weights of our module; torch's layer has two biases, unless it is to have one."""
    tokens, units = module.e.weight.shape
    layer = module.to_torch("h")
    model = CharacterModel(tokens, units, layer.num_layers)
    for ours, theirs in ((module.e, model.embedding), (layer, model.lstm), (module.logits, model.out)):
        copy(ours, theirs)
    if one_bias:
        with_one_bias(model.lstm)
    return Script(model, text, **given)


def measure(file: str, updates: int, seed: int, one_bias: bool = False) -> Turns:
    """Both sides, trained in turns."""
    text = read_text(Path(file), file)
    return in_turns(spec(updates, seed), lambda module: script(module, text, one_bias), {"text": file})


def main() -> None:
    """Train with each seed and print a line for it, then the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text")
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    bits = []
    for seed in asked.seeds:
        alike = measure(asked.text, min(FIRST, asked.updates), seed, one_bias=True)
        found = measure(asked.text, asked.updates, seed)
        bits.append((found.validation["bits"], found.script.score()))
        time = compare(found.seconds)
        print(
            f"seed {seed}: losses of the first {FIRST} updates at most {alike.apart():.1e} apart; "
            f"{bits[-1][0]:.4f} bits per character, {bits[-1][1]:.4f} by the script; {time.ours:.1f} ms an update, "
            f"{time.theirs:.1f} by the script, ratio {time.ratio:.3f} ({time.lower:.3f} to {time.upper:.3f})",
            flush=True,
        )
    ours, theirs = (mean(side) for side in zip(*bits, strict=True))
    print(f"means: {ours:.4f} bits per character, {theirs:.4f} by the script, {ours - theirs:+.4f}")


if __name__ == "__main__":
    main()
