"""Decoders of textbooks, written with torch's own layers, with the same weights as ours: the same numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name that everybody gives it

from leporello.builder.compiling import compile
from tests.support.comparing import assert_same
from tests.support.models.decoders import translator
from tests.support.models.formulas import LENGTHS, SOURCE, TARGET
from tests.support.numerics import GATES, cut, in_rows, outcome, spread, tokens

SHIFTED = 0
"""The token before the first: begin."""


class Model(nn.Module):
    """What both models have: words as vectors, and attention of Bahdanau et al. over a padded source."""

    def __init__(self, normalised: bool) -> None:
        super().__init__()
        self.read, self.wrote = nn.Embedding(7, 3), nn.Embedding(6, 3)
        self.asked, self.keys = nn.Linear(4, 4), nn.Linear(8, 4, bias=False)
        self.vector = nn.Parameter(torch.zeros(4))
        self.length = nn.Parameter(torch.zeros(1)) if normalised else None

    def attend(self, query: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Contexts and weights for queries `[batch, target, units]`."""
        vector = self.vector
        if self.length is not None:
            vector = vector / vector.norm() * self.length
        energy = torch.tanh(self.asked(query).unsqueeze(2) + self.keys(memory).unsqueeze(1)) @ vector
        beyond = torch.arange(memory.shape[1]) >= torch.tensor(SOURCE).unsqueeze(1)
        shares = torch.softmax(energy.masked_fill(beyond.unsqueeze(1), -torch.inf), -1)
        return shares @ memory, shares

    def shifted(self, target: Tensor) -> Tensor:
        """The words before each, as vectors."""
        return self.wrote(F.pad(target[:, :-1], (1, 0), value=SHIFTED))


class Bahdanau(Model):
    """Bahdanau et al. 2014: a bidirectional encoder, s_0 = tanh(W h), the state before asks."""

    def __init__(self) -> None:
        super().__init__(normalised=False)
        self.encoder = nn.GRU(3, 4, batch_first=True, bidirectional=True)
        self.first = nn.Linear(8, 4)
        self.cell = nn.GRUCell(3 + 8, 4)
        self.scores = nn.Linear(4 + 8 + 3, 6)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        memory, end = in_rows(self.encoder, self.read(source), torch.tensor(SOURCE))
        state = torch.tanh(self.first(torch.cat([end[0], end[1]], -1)))
        logits = []
        for word in self.shifted(target).unbind(1):
            context = self.attend(state.unsqueeze(1), memory)[0].squeeze(1)
            state = self.cell(torch.cat([word, context], -1), state)
            logits.append(self.scores(torch.cat([state, context, word], -1)))
        return cut(torch.stack(logits, 1), TARGET)


class Gnmt(Model):
    """The decoder of GNMT v2 as the MLPerf benchmark has it, over a bidirectional LSTM."""

    def __init__(self) -> None:
        super().__init__(normalised=True)
        self.encoder = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        self.lowest = nn.LSTM(3, 4, batch_first=True)
        self.upper = nn.ModuleList(nn.LSTM(4 + 8, 4, batch_first=True) for _ in range(3))
        self.scores = nn.Linear(4, 6)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        memory, _ = in_rows(self.encoder, self.read(source), torch.tensor(SOURCE))
        x, _ = self.lowest(self.shifted(target))
        context, _ = self.attend(x, memory)
        for number, layer in enumerate(self.upper):
            above, _ = layer(torch.cat([x, context], -1))
            x = above + x if number else above
        return cut(self.scores(x), TARGET)


def copy_cell(ours: nn.Module, theirs: nn.Module, block: str, ends: tuple[str, ...]) -> None:
    """torch's weights of one layer and direction into our linears, gate by gate."""
    gates = GATES[block]
    inputs, hidden, first, second = (getattr(theirs, end).detach().chunk(len(gates)) for end in ends)
    for gate, w, u, b, c in zip(gates, inputs, hidden, first, second, strict=True):
        own = ours[gate]  # type: ignore[index]
        if block == "gru" and gate == "W_n":
            own.weight.copy_(w), own.bias.copy_(b)
            ours["U_n"].weight.copy_(u), ours["U_n"].bias.copy_(c)  # type: ignore[index]
        else:
            own.weight.copy_(torch.cat([w, u], 1)), own.bias.copy_(b + c)


def layer_ends(end: str) -> tuple[str, ...]:
    """The names of torch's weights with an ending."""
    return tuple(f"{name}{end}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))


@torch.no_grad()
def copied(ours: nn.Module, theirs: Model, block: str) -> None:
    """What both models have in common, into ours."""
    spread(theirs.double())
    encoder, decoder = ours.encoder, ours.decoder
    encoder.embedded.weight.copy_(theirs.read.weight)  # type: ignore[union-attr, operator]
    decoder["embedded"].weight.copy_(theirs.wrote.weight)  # type: ignore[index]
    for way, end in (("forward_", "_l0"), ("backward", "_l0_reverse")):
        copy_cell(encoder["cells"]["1"][way], theirs.encoder, block, layer_ends(end))  # type: ignore[index, arg-type]
    looks = decoder["attention"]  # type: ignore[index]
    looks["Q"].load_state_dict(theirs.asked.state_dict())
    looks["K"].load_state_dict(theirs.keys.state_dict())
    decoder["logits"].load_state_dict(theirs.scores.state_dict())  # type: ignore[index, union-attr, operator]


def agree(ours: nn.Module, theirs: Model) -> None:
    """Both give the same, gradients of the words' vectors included."""
    source, target = tokens(1, 7, 3, 5), tokens(2, 6, 3, 4)
    found = ours(source, target, lengths=LENGTHS)["words"]
    leaves = {"read": ours.encoder.embedded.weight, "wrote": ours.decoder.embedded.weight}  # type: ignore[union-attr]
    expected = {"read": theirs.read.weight, "wrote": theirs.wrote.weight}
    assert_same(outcome({"words": found}, leaves), outcome({"words": theirs(source, target)}, expected))  # type: ignore[arg-type]


def test_a_plain_bahdanau_model_gives_the_same_numbers() -> None:
    said = "memory: encoder, cell: gru, initial: encoder.state, bridge: dense"
    ours = compile(translator(said, "units: 4, cell: gru, direction: both")).double()
    theirs = Bahdanau()
    copied(ours, theirs, "gru")
    with torch.no_grad():
        decoder = ours.decoder
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        copy_cell(decoder["cells"]["1"]["forward_"], theirs.cell, "gru", names)  # type: ignore[index]
        decoder["bridge"]["h"].load_state_dict(theirs.first.state_dict())  # type: ignore[index]
        decoder["attention"]["score"].weight.copy_(theirs.vector.unsqueeze(0))  # type: ignore[index]
    agree(ours, theirs)


def test_a_plain_gnmt_v2_decoder_gives_the_same_numbers() -> None:
    said = "memory: encoder, wiring: gnmt_v2, score: normalised, layers: 4, residual: 3"
    ours = compile(translator(said, "units: 4, direction: both")).double()
    theirs = Gnmt()
    copied(ours, theirs, "lstm")
    with torch.no_grad():
        decoder = ours.decoder
        for number, layer in enumerate([theirs.lowest, *theirs.upper], 1):
            copy_cell(decoder[f"layer_{number}"]["1"]["forward_"], layer, "lstm", layer_ends("_l0"))  # type: ignore[index]
        decoder["attention"]["v"].value.copy_(theirs.vector)  # type: ignore[index]
        decoder["attention"]["g"].value.copy_(theirs.length)  # type: ignore[index]
    agree(ours, theirs)
