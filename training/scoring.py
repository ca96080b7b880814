"""How well a model predicts a text: cross entropy in nats, and the same in bits per character."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from leporello.training.streams import scored_chunks
from leporello.training.vocabulary import Vocabulary


def bits(loss: float) -> float:
    """Bits per character from a cross entropy in nats.

    >>> bits(math.log(8))
    3.0
    """
    return loss / math.log(2)


def cross_entropy(logits: Tensor, tokens: Tensor) -> Tensor:
    """The mean over all places of -log p(token); logits [batch, time, vocabulary], tokens [batch, time]."""
    return functional.cross_entropy(logits.flatten(0, 1), tokens.flatten())


@torch.no_grad()
def score(
    module: nn.Module,
    names: tuple[str, str],
    text: str,
    vocabulary: Vocabulary,
    batch: int,
    pause: Callable[[], None] = lambda: None,
) -> float:
    """The cross entropy per character, in nats, of a whole text, with the state carried from chunk to chunk.

    `names` are the module's input and its output of logits. Dropout is off; torch's generator is left as it was.
    `pause` is called between chunks and may raise in order to stop.
    """
    run: Any = module.run
    total, state = torch.zeros((), dtype=torch.float64), None
    training, generator = module.training, torch.get_rng_state()
    module.eval()
    try:
        for tokens, counted in scored_chunks(text, vocabulary, batch):
            outputs, state = run(**{names[0]: tokens}, state=state)
            losses = functional.cross_entropy(outputs[names[1]].flatten(0, 1), tokens.flatten(), reduction="none")
            total += losses[counted.flatten()].double().sum()
            pause()
    finally:
        module.train(training)
        torch.set_rng_state(generator)
    return float(total) / len(text)
