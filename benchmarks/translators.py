"""A translator as people write it in plain PyTorch: the usual loop, and the same with all that is possible taken out.

Both are a bidirectional GRU, and a GRU that looks with additive scores and is fed what it found (Luong et al. 2015,
arXiv:1508.04025; Bahdanau et al. 2014, arXiv:1409.0473).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Usual(nn.Module):
    """Packed sources, attention keys worked out once, everything else step by step.

    `source` and `target` are [batch, steps], zeros behind the ends; the logits are [batch, target, words].
    """

    def __init__(self, words: tuple[int, int], embedded: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.source, self.target = (nn.Embedding(many, embedded) for many in words)
        self.encoder = nn.GRU(embedded, units // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(units, units)
        self.cell = nn.GRUCell(embedded + units, units)
        self.key = nn.Linear(units, units, bias=False)
        self.query = nn.Linear(units, units)
        self.score = nn.Linear(units, 1, bias=False)
        self.combine = nn.Linear(2 * units, units, bias=False)
        self.out = nn.Linear(units, words[1])

    def encoded(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The memory, where it is valid, and the decoder's first state."""
        packed = pack_padded_sequence(self.source(source), lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, final = self.encoder(packed)
        memory = pad_packed_sequence(outputs, batch_first=True)[0]
        valid = torch.arange(source.shape[1], device=source.device) < lengths[:, None]
        return memory, valid, torch.tanh(self.bridge(torch.cat([final[0], final[1]], -1)))

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        memory, valid, h = self.encoded(source, lengths)
        keys = self.key(memory)
        fed = torch.zeros_like(h)
        before = F.pad(target[:, :-1], (1, 0))  # token 0 begins every sentence
        logits = []
        for step in range(target.shape[1]):
            h = self.cell(torch.cat([self.target(before[:, step]), fed], -1), h)
            fed = self.looked(h, keys, memory, valid)
            logits.append(self.out(fed))
        return torch.stack(logits, 1)

    def looked(self, h: Tensor, keys: Tensor, memory: Tensor, valid: Tensor) -> Tensor:
        """What a state finds in the memory, joined to it."""
        scores = self.score(torch.tanh(self.query(h)[:, None] + keys)).squeeze(-1)
        weights = torch.softmax(scores.masked_fill(~valid, -torch.inf), -1)
        context = torch.bmm(weights[:, None], memory).squeeze(1)
        return torch.tanh(self.combine(torch.cat([context, h], -1)))


class Hoisted(Usual):
    """The same model: the words' share of the gates and the logits are products of all steps together."""

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        memory, valid, h = self.encoded(source, lengths)
        keys = self.key(memory)
        fed = torch.zeros_like(h)
        words = self.target(F.pad(target[:, :-1], (1, 0)))
        width = words.shape[-1]
        of_words, of_fed = self.cell.weight_ih[:, :width], self.cell.weight_ih[:, width:]
        steps = []
        for given in F.linear(words, of_words, self.cell.bias_ih).unbind(1):
            x_r, x_z, x_n = (given + F.linear(fed, of_fed)).chunk(3, -1)
            h_r, h_z, h_n = F.linear(h, self.cell.weight_hh, self.cell.bias_hh).chunk(3, -1)
            r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
            n = torch.tanh(x_n + r * h_n)
            h = n + z * (h - n)
            fed = self.looked(h, keys, memory, valid)
            steps.append(fed)
        logits: Tensor = self.out(torch.stack(steps, 1))
        return logits


@torch.no_grad()
def with_weights(kind: type[Usual], module: Any) -> Usual:
    """A baseline with the weights of a compiled `translating.SPEC`, whose gates have one bias where torch's have two.

    The second bias of r and z learns nothing, so that both sides take the same way.
    """
    ours = {name: value.detach() for name, value in module.named_parameters()}
    words = len(ours["encoder.embedded.weight"]), len(ours["decoder.embedded.weight"])
    theirs = kind(words, ours["encoder.embedded.weight"].shape[1], len(ours["decoder.combined.weight"]))
    for name, other in (
        ("source", "encoder.embedded"),
        ("target", "decoder.embedded"),
        ("bridge", "decoder.bridge.cells.1.forward_.h"),
        ("key", "decoder.attention.K"),
        ("query", "decoder.attention.Q"),
        ("score", "decoder.attention.score"),
        ("combine", "decoder.combined"),
        ("out", "decoder.logits"),
    ):
        for key, value in theirs.get_submodule(name).named_parameters():
            value.copy_(ours[f"{other}.{key}"])
    named = dict(theirs.named_parameters())
    places = {"encoder.{}_l0": "encoder.cells.1.forward_", "encoder.{}_l0_reverse": "encoder.cells.1.backward"}
    for place, path in {**places, "cell.{}": "decoder.cells.1.forward_"}.items():
        for kind_of, value in _gates(ours, path).items():
            named[place.format(kind_of)].copy_(value)
        bias = named[place.format("bias_hh")]
        learns = torch.ones_like(bias)
        learns[: 2 * len(bias) // 3] = 0
        bias.register_hook(lambda gradient, learns=learns: gradient * learns)  # type: ignore[no-untyped-call]
    return theirs


def _gates(ours: dict[str, Tensor], path: str) -> dict[str, Tensor]:
    """The weights of a GRU's gates, as torch names and orders them."""
    weight = {gate: ours[f"{path}.{gate}.weight"] for gate in ("W_r", "W_z", "W_n", "U_n")}
    bias = {gate: ours[f"{path}.{gate}.bias"] for gate in weight}
    width = weight["W_n"].shape[1]
    return {
        "weight_ih": torch.cat([weight["W_r"][:, :width], weight["W_z"][:, :width], weight["W_n"]]),
        "weight_hh": torch.cat([weight["W_r"][:, width:], weight["W_z"][:, width:], weight["U_n"]]),
        "bias_ih": torch.cat([bias["W_r"], bias["W_z"], bias["W_n"]]),
        "bias_hh": torch.cat([torch.zeros_like(bias["W_r"]), torch.zeros_like(bias["W_z"]), bias["U_n"]]),
    }
