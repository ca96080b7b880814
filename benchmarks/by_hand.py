"""The baselines: the same models as a person writes them in plain PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def whole(layer: nn.Module, x: Tensor) -> Tensor:
    """h at all steps of a `torch.nn.RNN`, `LSTM` or `GRU`, `[batch, time, units]`."""
    h: Tensor = layer(x)[0]
    return h


def padded(layer: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    """h of ragged sequences: all steps are computed, and those beyond a sequence's end set to zero."""
    beyond = torch.arange(x.shape[1], device=x.device) >= lengths.unsqueeze(1)
    return whole(layer, x).masked_fill(beyond.unsqueeze(-1), 0)


def packed(layer: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
    """h of ragged sequences by torch's packed form, which computes the valid steps only."""
    h = layer(pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False))[0]
    return pad_packed_sequence(h, batch_first=True, total_length=x.shape[1])[0]


class LoopedLSTM(nn.Module):
    """An LSTM as a loop over `torch.nn.LSTMCell`: `[batch, time, features]` to `[batch, time, units]`."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.cell = nn.LSTMCell(features, units)

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(x.shape[0], self.units)
        steps = []
        for x_t in x.unbind(1):
            h, c = self.cell(x_t, (h, c))
            steps.append(h)
        return torch.stack(steps, 1)


class PeepholeLSTM(nn.Module):
    """An LSTM whose gates see the cell state: per step one product of x and one of h.

    Gers and Schmidhuber 2000, "Recurrent nets that time and count". `[batch, time, features]` to
    `[batch, time, units]`; the gates are i, f, g, o.
    """

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.of_x = nn.Linear(features, 4 * units)
        self.of_h = nn.Linear(units, 4 * units, bias=False)
        self.p_i = nn.Parameter(torch.zeros(units))
        self.p_f = nn.Parameter(torch.zeros(units))
        self.p_o = nn.Parameter(torch.zeros(units))

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(x.shape[0], self.units)
        steps = []
        for x_t in x.unbind(1):
            i, f, g, o = (self.of_x(x_t) + self.of_h(h)).chunk(4, -1)
            i = torch.sigmoid(i + self.p_i * c)
            f = torch.sigmoid(f + self.p_f * c)
            c = f * c + i * torch.tanh(g)
            h = torch.sigmoid(o + self.p_o * c) * torch.tanh(c)
            steps.append(h)
        return torch.stack(steps, 1)


class ResetBeforeGRU(nn.Module):
    """A GRU whose reset gate stands before the product, so that the candidate needs a product of its own.

    Cho et al. 2014, arXiv:1406.1078. Per step one product of x, one of h and one of the h that was reset.
    `[batch, time, features]` to `[batch, time, units]`; the gates are r, z, n.
    """

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.of_x = nn.Linear(features, 3 * units)
        self.of_h = nn.Linear(units, 2 * units, bias=False)
        self.of_reset = nn.Linear(units, units, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(x.shape[0], self.units)
        steps = []
        for x_t in x.unbind(1):
            x_r, x_z, x_n = self.of_x(x_t).chunk(3, -1)
            h_r, h_z = self.of_h(h).chunk(2, -1)
            r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
            n = torch.tanh(x_n + self.of_reset(r * h))
            h = z * h + (1 - z) * n
            steps.append(h)
        return torch.stack(steps, 1)


class Luong(nn.Module):
    """Encoder and decoder with additive attention and input feeding, the decoder as a loop over two `LSTMCell`s.

    Luong et al. 2015, arXiv:1508.04025, with the scores of Bahdanau et al. 2014, arXiv:1409.0473.
    """

    def __init__(self, words: int, embedded: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.source = nn.Embedding(words, embedded)
        self.target = nn.Embedding(words, embedded)
        self.encoder = nn.LSTM(embedded, units, num_layers=2, batch_first=True)
        self.cells = nn.ModuleList([nn.LSTMCell(embedded + units, units), nn.LSTMCell(units, units)])
        self.key = nn.Linear(units, units, bias=False)
        self.query = nn.Linear(units, units)
        self.score = nn.Linear(units, 1, bias=False)
        self.combine = nn.Linear(2 * units, units, bias=False)
        self.out = nn.Linear(units, words)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Logits of every target word, `[batch, target, words]`, from all that come before it."""
        memory, (h_n, c_n) = self.encoder(self.source(source))
        keys = self.key(memory)
        before = F.pad(target[:, :-1], (1, 0))  # token 0 begins every sentence
        h, c = list(h_n), list(c_n)
        attentional = memory.new_zeros(source.shape[0], self.units)
        steps = []
        for word in self.target(before).unbind(1):
            below = torch.cat([word, attentional], -1)
            for layer, cell in enumerate(self.cells):
                below, c[layer] = cell(below, (h[layer], c[layer]))
                h[layer] = below
            weights = torch.softmax(self.score(torch.tanh(self.query(below).unsqueeze(1) + keys)), 1)
            context = (weights * memory).sum(1)
            attentional = torch.tanh(self.combine(torch.cat([context, below], -1)))
            steps.append(attentional)
        logits: Tensor = self.out(torch.stack(steps, 1))
        return logits


class LanguageModel(nn.Module):
    """A language model over tokens: embedding, `torch.nn.LSTM`, projection to logits."""

    def __init__(self, words: int, embedded: int, units: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, embedded)
        self.lstm = nn.LSTM(embedded, units, batch_first=True)
        self.out = nn.Linear(units, words)

    def forward(self, text: Tensor) -> Tensor:
        """Logits of every token, `[batch, time, words]`, from all that come before it."""
        before = F.pad(text[:, :-1], (1, 0))  # token 0 begins every text
        logits: Tensor = self.out(whole(self.lstm, self.embedding(before)))
        return logits
