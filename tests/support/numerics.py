"""Numbers for the truth tests: torch's own layers beside ours, step after step, and outcomes of any callable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from leporello.builder.names import dotted
from tests.support.comparing import Outcome, Tensors, gradients

GATES = {"rnn": ("W",), "lstm": ("W_i", "W_f", "W_g", "W_o"), "gru": ("W_r", "W_z", "W_n")}
"""torch's order of gates, as its documentation of each layer gives it."""
LAYERS: Mapping[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
Take = Callable[[nn.Parameter], Tensor]


def randoms(seed: int, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Normal numbers that a seed gives, ready to be differentiated."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()


def tokens(seed: int, vocabulary: int, *shape: int) -> Tensor:
    """Token ids that a seed gives."""
    return torch.randint(0, vocabulary, shape, generator=torch.Generator().manual_seed(seed))


def outcome(outputs: Mapping[str, Tensor], leaves: Mapping[str, Tensor]) -> Outcome:
    """Outputs, and the gradients of a fixed scalar of them by all leaves."""
    return Outcome({name: value.detach() for name, value in outputs.items()}, gradients(outputs, leaves))


def spread(module: nn.Module, limit: float = 0.9, seed: int = 0) -> nn.Module:
    """The module with every weight drawn anew, biases and initial values too, so that none is zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_((torch.rand(parameter.shape, generator=generator, dtype=torch.float64) * 2 - 1) * limit)
    return module


def torch_layer(block: str, features: int, units: int, seed: int = 0, **options: Any) -> nn.RNNBase:
    """torch's own layer in float64 with weights larger than it starts with."""
    layer: nn.RNNBase = LAYERS[block](features, units, batch_first=True, **options).double()
    spread(layer, 0.8, seed)
    return layer


def as_ours(block: str, layer: nn.RNNBase, path: str, take: Take, summed: bool = False) -> Tensors:
    """What `take` gives of torch's parameters, under the names that we have for them.

    torch has two biases where we have their sum; the gradient of the first is that of the sum.
    """
    found: Tensors = {}
    ways = ("forward", "backward") if layer.bidirectional else ("forward",)
    for number in range(layer.num_layers):
        for way in ways:
            end = f"_l{number}" + ("_reverse" if way == "backward" else "")
            prefix = dotted(f"{path}/{number + 1}/{way}")
            found |= {f"{prefix}.{name}": value for name, value in _cell(block, layer, end, take, summed).items()}
    return found


def _cell(block: str, layer: nn.RNNBase, end: str, take: Take, summed: bool) -> Tensors:
    gates = GATES[block]
    inputs = take(getattr(layer, f"weight_ih{end}")).chunk(len(gates))
    hidden = take(getattr(layer, f"weight_hh{end}")).chunk(len(gates))
    found = {f"{gate}.weight": torch.cat([w, u], 1) for gate, w, u in zip(gates, inputs, hidden, strict=True)}
    if block == "gru":
        found |= {"W_n.weight": inputs[2], "U_n.weight": hidden[2]}
    if layer.bias:
        first = take(getattr(layer, f"bias_ih{end}")).chunk(len(gates))
        second = take(getattr(layer, f"bias_hh{end}")).chunk(len(gates))
        joined = [a + b for a, b in zip(first, second, strict=True)] if summed else first
        found |= {f"{gate}.bias": bias for gate, bias in zip(gates, joined, strict=True)}
        if block == "gru":
            found |= {"W_n.bias": first[2], "U_n.bias": second[2]}
    if layer.proj_size:
        found["h.weight"] = take(getattr(layer, f"weight_hr{end}"))
    return found


def values(block: str, layer: nn.RNNBase, path: str = "h") -> Tensors:
    """torch's weights under our names."""
    return as_ours(block, layer, path, lambda parameter: parameter.detach(), summed=True)


def weight_gradients(block: str, layer: nn.RNNBase, path: str = "h") -> Tensors:
    """The gradients of torch's weights (after `backward`) under our names."""

    def taken(parameter: nn.Parameter) -> Tensor:
        assert parameter.grad is not None
        return parameter.grad

    return as_ours(block, layer, path, taken)


def in_rows(layer: nn.RNNBase, x: Tensor, lengths: Tensor | None, start: Any = None) -> tuple[Tensor, Any]:
    """torch's layer on ragged sequences, packed: all steps `[batch, time, ...]`, zero in the padding, and the end."""
    if lengths is None:
        found: tuple[Tensor, Any] = layer(x, start)
        return found
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    y, end = layer(packed, start)
    return nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0], end


def stepwise(
    module: nn.Module, inputs: Mapping[str, Tensor], state: Tensors | None = None, batch: int | None = None
) -> tuple[Tensors, Tensors]:
    """All outputs by `step` after `step` over inputs `[batch, time, ...]`, and the last state."""
    known = next(iter(inputs.values()))
    state = module.start(batch=batch or known.shape[0]) if state is None else state  # type: ignore[operator]
    rows: dict[str, list[Tensor]] = {}
    for step in range(known.shape[1]):
        outputs, state = module.step({n: v[:, step] for n, v in inputs.items()}, state)  # type: ignore[operator]
        for name, value in outputs.items():
            rows.setdefault(name, []).append(value)
    assert state is not None
    return {name: torch.stack(found, 1) for name, found in rows.items()}, state


def cut(value: Tensor, lengths: Sequence[int] | Tensor) -> Tensor:
    """The value with zeros past each sequence's end."""
    mask = torch.arange(value.shape[1]) < torch.as_tensor(lengths)[:, None]
    return torch.where(mask.reshape(*mask.shape, *[1] * (value.dim() - 2)), value, torch.zeros((), dtype=value.dtype))
