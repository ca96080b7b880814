"""The recipe of examples/music.yaml as a plain PyTorch script, without Leporello."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name
from torch.nn.utils.rnn import pad_sequence

LOWEST, KEYS = 21, 88
CELLS: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class ChordModel(nn.Module):
    """A layer of torch's own between two dropouts, and a logit for each key."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer
        self.out = nn.Linear(layer.hidden_size, KEYS)
        nn.init.constant_(self.out.bias, -3)

    def forward(self, notes: Tensor) -> Tensor:
        """Logits [batch, time, 88] of each step of `notes` [batch, time, 88] from those before it."""
        before = F.pad(notes[:, :-1], (0, 0, 1, 0))
        h = self.layer(F.dropout(before, 0.1, self.training))[0]
        logits: Tensor = self.out(F.dropout(h, 0.3, self.training))
        return logits


def roll(piece: Sequence[Sequence[int]]) -> Tensor:
    """A piece as zeros and ones, [time, 88]."""
    found = torch.zeros(len(piece), KEYS)
    for step, chord in enumerate(piece):
        found[step, [note - LOWEST for note in chord]] = 1
    return found


def loss_of(model: ChordModel, pieces: Sequence[Tensor]) -> Tensor:
    """The negative log-likelihood of a step, the mean over the steps of some pieces."""
    lengths = torch.tensor([len(piece) for piece in pieces])
    notes = pad_sequence(list(pieces), batch_first=True)
    losses = F.binary_cross_entropy_with_logits(model(notes), notes, reduction="none").sum(-1)
    valid = torch.arange(notes.shape[1]) < lengths[:, None]
    return losses[valid].sum() / lengths.sum()


def shuffled(count: int, batch: int = 8) -> Iterator[list[int]]:
    """Which pieces each batch has, without end: a new order in each epoch, by torch's generator."""
    while True:
        order = torch.randperm(count).tolist()
        yield from (order[start : start + batch] for start in range(0, count, batch))


class Script:
    """The training of a model on pieces, with batches as `order` says; the rate falls as a cosine to 0."""

    def __init__(
        self, model: ChordModel, pieces: Sequence[Tensor], order: Iterator[Sequence[int]], updates: int
    ) -> None:
        self.model, self.pieces, self.order, self.updates = model, pieces, order, updates
        self.optimizer = torch.optim.Adam(model.parameters(), 1e-2)
        self.done = 0

    def update(self) -> float:
        """A batch forward and back, and a step of Adam; gives the loss."""
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = 1e-2 * (1 + math.cos(math.pi * self.done / self.updates)) / 2
        loss = loss_of(self.model, [self.pieces[place] for place in next(self.order)])
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1
        return loss.item()

    @torch.no_grad()
    def score(self, pieces: Sequence[Tensor]) -> float:
        """The negative log-likelihood of a step of all pieces."""
        self.model.eval()
        return loss_of(self.model, pieces).item()


def reached(cell: str, units: int, parts: Sequence[Sequence[Tensor]], seed: int, epochs: int = 80) -> float:
    """The score of the test part by the weights that did best on the validation part, which is scored each epoch."""
    torch.manual_seed(seed)
    train, valid, test = parts
    each = -(-len(train) // 8)
    model = ChordModel(CELLS[cell](KEYS, units, batch_first=True))
    script = Script(model, train, shuffled(len(train)), epochs * each)
    best, weights = math.inf, model.state_dict()
    for _ in range(epochs):
        for _ in range(each):
            script.update()
        found = script.score(valid)
        if found < best:
            best, weights = found, copy.deepcopy(model.state_dict())
    model.load_state_dict(weights)
    return script.score(test)
