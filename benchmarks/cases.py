"""The cases that are timed: a compiled model and its rivals, with the same weights and inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, its usual name

from benchmarks import by_hand, weights
from leporello.builder.compiling import compile


@dataclass(frozen=True)
class Sizes:
    """How large the models are, and where they run; ragged sequences have a fifth of the steps to all of them."""

    batch: int = 32
    steps: int = 100
    units: int = 256
    words: int = 1000
    device: str = "cpu"


SMALL = Sizes(2, 5, 4, 6)
"""To see that a case runs, not how fast."""


class Training:
    """A forward and a backward pass. Gives the output; `watched` then holds a gradient, to compare both sides by."""

    def __init__(self, forward: Callable[[], Tensor], module: nn.Module, watched: Tensor) -> None:
        self.forward, self.watched = forward, watched
        self.parameters = [watched, *module.parameters()]
        generator = torch.Generator().manual_seed(2)
        self.gradient = torch.randn(forward().shape, generator=generator).to(watched.device)

    def __call__(self) -> Tensor:
        for parameter in self.parameters:
            parameter.grad = None
        output = self.forward()
        torch.autograd.backward(output, self.gradient)
        return output.detach()


class Update:
    """A training step of a language model over one batch: loss, gradients, clipping, Adam. Gives the loss."""

    def __init__(self, logits: Callable[[Tensor], Tensor], module: nn.Module, watched: Tensor, text: Tensor) -> None:
        self.logits, self.watched, self.text = logits, watched, text
        self.parameters = list(module.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-3)

    def __call__(self) -> Tensor:
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.logits(self.text).flatten(0, 1), self.text.flatten())
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss.detach()


Step = Training | Update


@dataclass(frozen=True)
class Contest:
    """Our side and its rivals by name, of which the fastest counts."""

    ours: Step
    theirs: dict[str, Step]


@dataclass(frozen=True)
class Case:
    """A contest by name, and the ratio that is wanted of it at most."""

    name: str
    make: Callable[[Sizes], Contest]
    wanted: float | None = None


BLOCK = """
spec: 1
inputs: {{x: {{features: {units}}}}}
nodes: {{h: {{{block}, input: x, units: {units}}}}}
outputs: {{y: h}}
"""

EQUATIONS = """
spec: 1
inputs: {{x: {{features: {units}}}}}
nodes:
  W_i: {{block: linear, input: [x, h(t-1)], units: {units}}}
  W_f: {{block: linear, input: [x, h(t-1)], units: {units}}}
  W_g: {{block: linear, input: [x, h(t-1)], units: {units}}}
  W_o: {{block: linear, input: [x, h(t-1)], units: {units}}}
  c: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g)
  h: sigmoid(W_o) * tanh(c)
outputs: {{y: h}}
"""

LUONG = """
spec: 1
inputs: {{source: {{tokens: {words}, axis: source}}, target: {{tokens: {words}, axis: target}}}}
nodes:
  e: {{block: embedding, input: source, units: {units}}}
  encoder: {{block: lstm, input: e, units: {units}, layers: 2}}
  d: {{block: embedding, input: target(t-1), units: {units}}}
  decoder: {{block: lstm, input: [d, attentional(t-1)], units: {units}, layers: 2, initial: encoder.state}}
  attention: {{block: attention, query: decoder, memory: encoder, units: {units}}}
  W_c: {{block: linear, input: [attention.context, decoder], units: {units}, bias: false}}
  attentional: tanh(W_c)
  logits: {{block: linear, input: attentional, units: {words}}}
outputs: {{words: {{from: logits, predicts: target}}}}
"""

LANGUAGE_MODEL = """
spec: 1
inputs: {{text: {{tokens: {words}}}}}
nodes:
  e: {{block: embedding, input: text(t-1), units: {units}}}
  h: {{block: lstm, input: e, units: {units}}}
  logits: {{block: linear, input: h, units: {words}}}
outputs: {{words: {{from: logits, predicts: text}}}}
"""


def made(text: str, sizes: Sizes, **values: str) -> Any:
    """The compiled module of one of the texts above."""
    torch.manual_seed(1)
    return compile(text.format(units=sizes.units, words=sizes.words, **values)).to(sizes.device)


def features(sizes: Sizes) -> Tensor:
    """Random features that want a gradient, `[batch, time, units]`."""
    generator = torch.Generator().manual_seed(3)
    drawn = torch.randn(sizes.batch, sizes.steps, sizes.units, generator=generator)
    return drawn.to(sizes.device).requires_grad_()


def tokens(sizes: Sizes, seed: int) -> Tensor:
    """Random tokens, `[batch, time]`."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(3, sizes.words, (sizes.batch, sizes.steps), generator=generator).to(sizes.device)


def ragged_lengths(sizes: Sizes) -> Tensor:
    """From a fifth of the steps to all of them, in no order, `[batch]`."""
    generator = torch.Generator().manual_seed(4)
    lengths = torch.randint(sizes.steps // 5, sizes.steps + 1, (sizes.batch,), generator=generator)
    lengths[sizes.batch // 2] = sizes.steps
    return lengths.to(sizes.device)


def trained(module: nn.Module, x: Tensor, forward: Callable[..., Any], *arguments: Any) -> Training:
    """The training pass of a function of x and more arguments."""

    def output() -> Tensor:
        y = forward(x, *arguments)
        given: Tensor = y["y"] if isinstance(y, dict) else y
        return given

    return Training(output, module, x)


def against_torch(block: str, sizes: Sizes) -> Contest:
    """A block, and torch's own layer."""
    module = made(BLOCK, sizes, block=f"block: {block}")
    layer, x = module.to_torch("h"), features(sizes)
    return Contest(trained(module, x, module), {"torch": trained(layer, x, partial(by_hand.whole, layer))})


def equations(sizes: Sizes) -> Contest:
    """An LSTM spelled out in equations, and torch's own."""
    block = made(BLOCK, sizes, block="block: lstm")
    module, layer, x = weights.spelled(block, made(EQUATIONS, sizes)), block.to_torch("h"), features(sizes)
    return Contest(trained(module, x, module), {"torch": trained(layer, x, partial(by_hand.whole, layer))})


def looped(sizes: Sizes) -> Contest:
    """An LSTM, and a loop over cells."""
    module = made(BLOCK, sizes, block="block: lstm")
    loop, x = weights.looped_lstm(module.to_torch("h")).to(sizes.device), features(sizes)
    return Contest(trained(module, x, module), {"loop": trained(loop, x, loop)})


def ragged(block: str, sizes: Sizes) -> Contest:
    """A block over sequences of many lengths, and torch's packed and padded forms."""
    module = made(BLOCK, sizes, block=f"block: {block}")
    layer, x, lengths = module.to_torch("h"), features(sizes), ragged_lengths(sizes)
    forms = {"packed": by_hand.packed, "padded": by_hand.padded}
    theirs = {name: trained(layer, x, partial(form, layer), lengths) for name, form in forms.items()}
    return Contest(trained(module, x, module, {"time": lengths}), {**theirs})


def cell(block: str, baseline: Callable[[nn.Module], nn.Module], sizes: Sizes) -> Contest:
    """A cell that torch has no kernel for, and the loop that a person writes."""
    module = made(BLOCK, sizes, block=f"block: {block}")
    loop, x = baseline(module).to(sizes.device), features(sizes)
    return Contest(trained(module, x, module), {"loop": trained(loop, x, loop)})


def decoder(sizes: Sizes) -> Contest:
    """Encoder and decoder with attention, and the loop that a person writes."""
    module = made(LUONG, sizes)
    baseline, source, target = weights.luong(module).to(sizes.device), tokens(sizes, 5), tokens(sizes, 6)
    ours = Training(lambda: module(source, target)["words"], module, module.e.weight)
    return Contest(ours, {"loop": Training(lambda: baseline(source, target), baseline, baseline.source.weight)})


def language_model(sizes: Sizes) -> Contest:
    """A language model's training step, optimizer included, and the same by hand."""
    module = made(LANGUAGE_MODEL, sizes)
    baseline, text = weights.language_model(module).to(sizes.device), tokens(sizes, 7)
    ours = Update(lambda text: module(text)["words"], module, module.e.weight, text)
    return Contest(ours, {"torch": Update(baseline, baseline, baseline.embedding.weight, text)})


def control(sizes: Sizes) -> Contest:
    """torch's LSTM against itself: what it shows beside 1 is the machine's noise."""
    module = made(BLOCK, sizes, block="block: lstm")
    first, second, x = module.to_torch("h"), module.to_torch("h"), features(sizes)
    theirs = {"torch": trained(second, x, partial(by_hand.whole, second))}
    return Contest(trained(first, x, partial(by_hand.whole, first)), {**theirs})


CONTROL = Case("control", control)

CASES: Sequence[Case] = (
    CONTROL,
    Case("lstm", partial(against_torch, "lstm"), 1.03),
    Case("gru", partial(against_torch, "gru"), 1.03),
    Case("rnn", partial(against_torch, "rnn"), 1.03),
    Case("lstm_from_equations", equations, 1.03),
    Case("lstm_against_cells", looped),
    Case("ragged_lstm", partial(ragged, "lstm"), 1.05),
    Case("ragged_gru", partial(ragged, "gru"), 1.05),
    Case("stacked_both_ways", partial(against_torch, "lstm, layers: 2, direction: both")),
    Case("peephole_lstm", partial(cell, "lstm, gates: peephole", weights.peephole_lstm), 0.90),
    Case("reset_before_gru", partial(cell, "gru, reset: before", weights.reset_before_gru), 0.82),
    Case("luong", decoder),
    Case("language_model", language_model),
)
