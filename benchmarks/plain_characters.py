"""A character model as a plain PyTorch script, without Leporello: streams side by side, chunks, a state carried on.

The program after which it is made is char-rnn (Karpathy 2015): two layers of 128, batches of 50 times 50.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

State = tuple[Tensor, Tensor]
SPECIAL = 3
"""Numbers below it are no characters: 0 stands before the first, 2 for one that was not learned."""


class CharacterModel(nn.Module):
    """Embedding, `torch.nn.LSTM`, projection to logits."""

    def __init__(self, tokens: int, units: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, units)
        self.lstm = nn.LSTM(units, units, layers, batch_first=True)
        self.out = nn.Linear(units, tokens)

    def forward(self, before: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Logits [batch, time, tokens] of the characters that follow `before` [batch, time], and the state after."""
        h, state = self.lstm(self.embedding(before), state)
        return self.out(h), state


class Script:
    """The training of a model on the first 95 hundredths of a text; the others are for its score."""

    def __init__(self, model: CharacterModel, text: str, batch: int = 50, steps: int = 50, rate: float = 2e-3) -> None:
        self.model, self.batch, self.steps = model, batch, steps
        cut = round(0.95 * len(text))
        numbers = {character: SPECIAL + place for place, character in enumerate(sorted(set(text[:cut])))}
        self.train, self.valid = (
            torch.tensor([numbers.get(character, 2) for character in part]) for part in (text[:cut], text[cut:])
        )
        self.optimizer = torch.optim.Adam(model.parameters(), rate)
        length = len(self.train) // batch
        self.streams = self.train[: length * batch].view(batch, length)
        self.place, self.state = 0, None

    place: int
    state: State | None

    def update(self) -> float:
        """The next chunk of all streams forward and back, and a step of Adam; gives the loss."""
        if self.place >= self.streams.shape[1]:
            self.place, self.state = 0, None
        chunk = self.streams[:, self.place : self.place + self.steps]
        first = torch.zeros(self.batch, 1, dtype=torch.long) if not self.place else self.streams[:, [self.place - 1]]
        logits, (h, c) = self.model(torch.cat([first, chunk[:, :-1]], 1), self.state)
        self.place, self.state = self.place + self.steps, (h.detach(), c.detach())
        loss = F.cross_entropy(logits.flatten(0, 1), chunk.flatten())
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def score(self) -> float:
        """Bits per character of the rest, cut as `train` cuts it: into `batch` streams of a thousand or more."""
        streams = max(1, min(self.batch, len(self.valid) // 1000))
        total = 0.0
        for stream in self.valid.split(-(-len(self.valid) // streams)):
            before = F.pad(stream[:-1], (1, 0))
            logits, _ = self.model(before[None], None)
            total += F.cross_entropy(logits[0], stream, reduction="sum").item()
        return total / len(self.valid) / math.log(2)
