"""Small models from sequence to sequence, and what they give for a string by teacher forcing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from leporello.builder.compiling import compile
from tests.support.paths import EXAMPLES

BEGIN, END, UNKNOWN = 0, 1, 2
WORDS = (3, 4, 5)
"""The tokens that a string is made of."""
LOOK = "attention.weights"

FEATURES = """
spec: 1
name: listener
inputs: {sound: {features: 2, axis: source}, speaker: {features: 2, axis: none}, target: {tokens: 6, axis: target}}
nodes:
  encoder: {block: gru, input: sound, units: 4, direction: both}
  previous: {block: feedback, truth: target(t-1), own: choice(t-1)}
  d: {block: embedding, input: previous, units: 3}
  decoder: {block: gru, input: [d, speaker, attention(t-1)], units: 4}
  attention: {block: attention, query: decoder, memory: encoder, units: 3}
  logits: {block: linear, input: [attention, decoder], units: 6}
  choice: {block: argmax, input: logits}
outputs: {words: {from: logits, predicts: target}}
"""


def luong(seed: int = 0, scale: float = 0.3) -> Any:
    """The example in float64 with six target tokens, its weights drawn so that it is sure of nothing."""
    return drawn(compile(EXAMPLES / "luong.yaml", also=[LOOK], source_words=9, target_words=6), seed, scale)


def listener(seed: int = 0, scale: float = 1.0) -> Any:
    """A model that reads features, with a value for each sequence beside them."""
    return drawn(compile(FEATURES, also=[LOOK]), seed, scale)


def drawn(module: Any, seed: int, scale: float) -> Any:
    """The module in float64, every weight drawn anew."""
    generator = torch.Generator().manual_seed(seed)
    module = module.double().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64) * scale)
    return module


def ragged(batch: int, seed: int = 1) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Sources of one to seven tokens, and their lengths."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 8, (batch,), generator=generator)
    return {"source": torch.randint(3, 9, (batch, 7), generator=generator)}, {"source": lengths}


def strings(longest: int) -> Iterator[tuple[int, ...]]:
    """All strings of at most so many words."""
    for length in range(longest + 1):
        yield from itertools.product(WORDS, repeat=length)


def taught(module: Any, row: dict[str, Tensor], tokens: Sequence[int]) -> tuple[Tensor, Tensor]:
    """By teacher forcing of one source: log probabilities `[steps, vocabulary]` and attention `[steps, source]`."""
    target = torch.tensor([[*tokens, END]])
    with torch.no_grad():
        found = module(**row, target=target)
    return found["words"][0].log_softmax(-1), found[LOOK][0, :, :, 0]


def log_probability(module: Any, row: dict[str, Tensor], tokens: Sequence[int]) -> float:
    """Of a string and its end."""
    found, _ = taught(module, row, tokens)
    return sum(float(found[step, token]) for step, token in enumerate([*tokens, END]))


def alone(sources: dict[str, Tensor], lengths: dict[str, Tensor], row: int) -> dict[str, Tensor]:
    """One source without its padding."""
    length = int(lengths["source"][row])
    return {name: value[row : row + 1, :length] for name, value in sources.items()}
