"""A small task of two time axes: strings written backwards, by an encoder and a decoder with attention."""

from __future__ import annotations

import random
from pathlib import Path

REVERSE = """\
spec: 1
name: reverse
inputs:
  there: {tokens: $letters, axis: source}
  back: {tokens: $letters, axis: target}
nodes:
  e: {block: embedding, input: there, units: 12}
  encoder: {block: gru, input: e, units: 24, direction: both}
  previous: {block: feedback, truth: back(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 12}
  s: {block: gru, input: [d, attention(t-1)], units: 32}
  attention: {block: attention, query: s, memory: encoder, units: 24}
  logits: {block: linear, input: [s, attention], units: $letters}
  choice: {block: argmax, input: logits}
outputs:
  line: {from: logits, predicts: back}
data:
  there: {file: pairs.tsv, column: 1}
  back: {file: pairs.tsv, column: 2}
training: {batch: 20, rate: 2e-2, updates: 160, validate_every: 80}
"""


def reverse_spec(folder: Path, text: str = REVERSE) -> Path:
    """The spec in a file of `folder`, its data beside it: 400 strings of three or four of the letters a to e."""
    chance = random.Random(1)
    strings = ["".join(chance.choices("abcde", k=chance.choice((3, 4)))) for _ in range(400)]
    (folder / "pairs.tsv").write_text("".join(f"{one}\t{one[::-1]}\n" for one in strings))
    spec = folder / "reverse.yaml"
    spec.write_text(text)
    return spec
