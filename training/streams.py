"""A text as streams side by side, read in chunks, each of which goes on where the one before ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from leporello.graphs.problems import refuse
from leporello.training.settings import Settings
from leporello.training.text import Text
from leporello.training.vocabulary import Vocabulary

SHORTEST = 1000
CHUNK = 250


@dataclass(frozen=True)
class Streams:
    """The training part as `tokens` [batch, length]; row b + 1 goes on where row b ends.

    The last characters, fewer than the batch, are left out so that all rows are equally long.
    """

    tokens: Tensor
    steps: int

    @property
    def chunks(self) -> int:
        """Chunks in one pass over the text; the last may be shorter."""
        return -(-self.tokens.shape[1] // self.steps)

    def chunk(self, update: int) -> Tensor:
        """The tokens [batch, steps] for the update after `update` finished ones."""
        start = update % self.chunks * self.steps
        return self.tokens[:, start : start + self.steps]

    def begins(self, update: int) -> bool:
        """Whether that chunk is the first of a pass, which the carried state must not reach."""
        return update % self.chunks == 0


def training_streams(text: Text, settings: Settings) -> Streams:
    """The streams of the training part. Raises SpecError for a text too short for one whole chunk."""
    needed = settings.batch * settings.steps
    if len(text.train) < needed:
        what = f"{text.source} has {len(text.train)} characters to train on, fewer than batch * steps = {needed}"
        fitting = max(1, len(text.train) // settings.steps)
        raise refuse(what, f"give a longer text, or set a smaller training.batch (such as {fitting}) or training.steps")
    length = len(text.train) // settings.batch
    tokens = tensor_of(text.train[: length * settings.batch], text.vocabulary)
    return Streams(tokens.view(settings.batch, length), settings.steps)


def scored_chunks(text: str, vocabulary: Vocabulary, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The whole of a text to be scored: chunks of tokens [streams, steps] and which of them count.

    It is cut into at most `batch` streams of 1000 characters or more. Each begins without a past, which
    makes the score a little worse than that of one long stream, and many times quicker to find. Behind the
    end of the last streams stand tokens that do not count.
    """
    streams = max(1, min(batch, len(text) // SHORTEST))
    length = -(-len(text) // streams)
    tokens = torch.zeros(streams * length, dtype=torch.int64)
    tokens[: len(text)] = tensor_of(text, vocabulary)
    counted = torch.arange(streams * length) < len(text)
    for start in range(0, length, CHUNK):
        part = slice(start, start + CHUNK)
        yield tokens.view(streams, length)[:, part], counted.view(streams, length)[:, part]


def tensor_of(text: str, vocabulary: Vocabulary) -> Tensor:
    """The tokens [characters] of a text."""
    return torch.frombuffer(vocabulary.encode(text), dtype=torch.int64)
