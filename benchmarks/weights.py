"""Weights from compiled modules into the baselines, so that both sides compute the same."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.by_hand import LanguageModel, LoopedLSTM, Luong, PeepholeLSTM, ResetBeforeGRU


@torch.no_grad()
def copy(source: nn.Module, target: nn.Module, **names: str) -> None:
    """Every parameter of `target`, from the one that `names` gives for it or that has its name."""
    given = dict(source.named_parameters())
    for name, parameter in target.named_parameters():
        parameter.copy_(given[names.get(name, name)])


def spelled(block: nn.Module, module: nn.Module) -> nn.Module:
    """`module`, its linears at the top, with the weights of the first layer of block `h`."""
    copy(block, module, **{name: f"h.1.forward_.{name}" for name, _ in module.named_parameters()})
    return module


def looped_lstm(layer: nn.Module) -> LoopedLSTM:
    """The loop over cells with the weights of a `torch.nn.LSTM` of one layer."""
    assert isinstance(layer, nn.LSTM)
    loop = LoopedLSTM(layer.input_size, layer.hidden_size)
    copy(layer, loop, **{name: name.removeprefix("cell.") + "_l0" for name, _ in loop.named_parameters()})
    return loop


@torch.no_grad()
def peephole_lstm(module: nn.Module) -> PeepholeLSTM:
    """The baseline with the weights of a compiled `{block: lstm, gates: peephole}` named h."""
    weights = _cell(module)
    units, width = weights["W_i.weight"].shape
    baseline = PeepholeLSTM(width - units, units)
    _fill(baseline.of_x, [weights[f"W_{gate}.weight"][:, :-units] for gate in "ifgo"])
    _fill(baseline.of_h, [weights[f"W_{gate}.weight"][:, -units:] for gate in "ifgo"])
    baseline.of_x.bias.copy_(torch.cat([weights[f"W_{gate}.bias"] for gate in "ifgo"]))
    for name, parameter in (("p_i", baseline.p_i), ("p_f", baseline.p_f), ("p_o", baseline.p_o)):
        parameter.copy_(weights[f"{name}.value"])
    return baseline


@torch.no_grad()
def reset_before_gru(module: nn.Module) -> ResetBeforeGRU:
    """The baseline with the weights of a compiled `{block: gru, reset: before}` named h."""
    weights = _cell(module)
    units, width = weights["W_r.weight"].shape
    baseline = ResetBeforeGRU(width - units, units)
    _fill(baseline.of_x, [weights[f"W_{gate}.weight"][:, :-units] for gate in "rzn"])
    _fill(baseline.of_h, [weights[f"W_{gate}.weight"][:, -units:] for gate in "rz"])
    _fill(baseline.of_reset, [weights["W_n.weight"][:, -units:]])
    baseline.of_x.bias.copy_(torch.cat([weights[f"W_{gate}.bias"] for gate in "rzn"]))
    return baseline


def luong(module: Any) -> Luong:
    """The baseline with the weights of a compiled `cases.LUONG`."""
    words, embedded = module.e.weight.shape
    baseline = Luong(words, embedded, module.W_c.weight.shape[0])
    copy(module.to_torch("encoder"), baseline.encoder)
    decoder = module.to_torch("decoder")
    for layer, cell in enumerate(baseline.cells):
        copy(decoder, cell, **{name: f"{name}_l{layer}" for name, _ in cell.named_parameters()})
    for ours, theirs in (
        (module.e, baseline.source),
        (module.d, baseline.target),
        (module.attention["K"], baseline.key),
        (module.attention["Q"], baseline.query),
        (module.attention["score"], baseline.score),
        (module.W_c, baseline.combine),
        (module.logits, baseline.out),
    ):
        copy(ours, theirs)
    return baseline


def language_model(module: Any) -> LanguageModel:
    """The baseline with the weights of a compiled `cases.LANGUAGE_MODEL`."""
    words, embedded = module.e.weight.shape
    layer = module.to_torch("h")
    baseline = LanguageModel(words, embedded, layer.hidden_size)
    for ours, theirs in ((module.e, baseline.embedding), (layer, baseline.lstm), (module.logits, baseline.out)):
        copy(ours, theirs)
    return baseline


def with_one_bias(layer: nn.RNNBase) -> nn.RNNBase:
    """A layer of torch's own that learns one bias of a gate in place of two, as ours do: the other stays as it is.

    Two that always have the same gradient move twice as far at each step of Adam. The candidate of a GRU needs two.
    """
    needed = layer.hidden_size if isinstance(layer, nn.GRU) else 0
    for name, parameter in layer.named_parameters():
        if name.startswith("bias_hh"):
            kept = torch.arange(len(parameter)) >= len(parameter) - needed
            parameter.register_hook(kept.to(parameter.dtype).mul)
    return layer


def _cell(module: nn.Module) -> dict[str, Tensor]:
    named = dict(module.named_parameters())
    return {name.removeprefix("h.1.forward_."): value for name, value in named.items()}


def _fill(linear: nn.Linear, rows: list[Tensor]) -> None:
    linear.weight.copy_(torch.cat(rows))
