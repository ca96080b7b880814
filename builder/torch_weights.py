"""Weights from and to torch's own recurrent layers: gates in order, biases added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from leporello.builder.names import dotted
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Composite
from leporello.graphs.problems import refuse, suggest

LAYERS: Mapping[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
GATES = {"rnn": ("W",), "lstm": ("W_i", "W_f", "W_g", "W_o"), "gru": ("W_r", "W_z", "W_n")}


@frozen
class _Copy:
    """One layer and direction: where its weights are here, and how they end in torch's names."""

    path: str
    end: str


def _composite(module: Any, path: str) -> Composite:
    blocks = {composite.path: composite for composite in module.graph.composites if composite.block in LAYERS}
    if path not in blocks:
        raise refuse(f"{path!r} is no rnn, lstm or gru", suggest(path, blocks, "such blocks"))
    composite: Composite = blocks[path]
    said = composite.parameters
    if said.get("gates", "separate") != "separate" or said.get("reset", "after") != "after":
        raise refuse(f"{path} is a variant that torch does not have", "separate gates, reset: after")
    return composite


def _copies(module: Any, path: str) -> list[_Copy]:
    """Every layer and direction of the block, in torch's order."""
    found = dict.fromkeys(
        tuple(name[len(path) + 1 :].split("/")[:2])
        for name in module.graph.index
        if name.startswith(path + "/") and name.count("/") >= path.count("/") + 3
    )
    copies = [pair for pair in found if len(pair) == 2 and pair[0].isdigit() and pair[1] in ("forward", "backward")]
    copies.sort(key=lambda pair: (int(pair[0]), pair[1] == "backward"))
    only = {pair[1] for pair in copies} == {"backward"}
    if only:
        raise refuse(f"{path} runs backward only, which torch has no layer for", "direction: forward or both")
    return [
        _Copy(f"{path}/{layer}/{way}", f"_l{int(layer) - 1}" + ("_reverse" if way == "backward" else ""))
        for layer, way in copies
    ]


@torch.no_grad()
def from_torch(module: nn.Module, path: str, layer: nn.Module) -> None:
    """Copy the weights of `layer` into the block at `path` of a compiled module."""
    composite = _composite(module, path)
    if not isinstance(layer, LAYERS[composite.block]):
        raise refuse(
            f"{path} is a {composite.block}, not {type(layer).__name__}", f"give a torch.nn.{composite.block.upper()}"
        )
    copies = _copies(module, path)
    _check_layout(composite, copies, layer)
    taken: dict[str, Tensor] = {}
    for copy in copies:
        for name, value in _taken(composite.block, layer, copy.end).items():
            taken[dotted(f"{copy.path}/{name}")] = value
    places = tuple(dotted(copy.path) + "." for copy in copies)
    mine = {
        name: parameter
        for name, parameter in module.named_parameters()
        if name.startswith(places) and not name.endswith(".initial")
    }
    _check_shapes(mine, taken)
    for name, value in taken.items():
        mine[name].copy_(value)


def _check_layout(composite: Composite, copies: list[_Copy], layer: nn.RNNBase) -> None:
    """Refuse a layer of another number of layers, other directions or another activation."""
    path = composite.path
    ours = {copy.end for copy in copies}
    ways = ("", "_reverse") if layer.bidirectional else ("",)
    theirs = {f"_l{number}{way}" for number in range(layer.num_layers) for way in ways}
    if ours != theirs:
        both = " of both directions" if layer.bidirectional else ""
        raise refuse(
            f"{path} has {len(ours)} layers and directions, the torch layer {layer.num_layers} layers{both}",
            f"num_layers={max(int(end[2:].removesuffix('_reverse')) for end in ours) + 1}, "
            f"bidirectional={any(end.endswith('_reverse') for end in ours)}",
        )
    activation = composite.parameters.get("activation")
    if activation and activation != layer.nonlinearity:
        raise refuse(
            f"{path} takes {activation}, the torch layer {layer.nonlinearity}", f"give nonlinearity={activation!r}"
        )


def _check_shapes(mine: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> None:
    """Refuse weights of other shapes, missing or left over, before any of them is copied."""
    for name in (*theirs, *(name for name in mine if name not in theirs)):
        here, there = (str(list(side[name].shape)) if name in side else "missing" for side in (mine, theirs))
        if here != there:
            raise refuse(f"{name} is {here} here and {there} in torch", "give both the same sizes and the same bias")


def _taken(block: str, layer: nn.RNNBase, end: str) -> dict[str, Tensor]:
    """Our weights, by name, out of torch's."""
    gates = GATES[block]
    inputs = getattr(layer, f"weight_ih{end}").chunk(len(gates))
    hidden = getattr(layer, f"weight_hh{end}").chunk(len(gates))
    found = {f"{gate}/weight": torch.cat([w, u], 1) for gate, w, u in zip(gates, inputs, hidden, strict=True)}
    if layer.bias:
        first = getattr(layer, f"bias_ih{end}").chunk(len(gates))
        second = getattr(layer, f"bias_hh{end}").chunk(len(gates))
        found |= {f"{gate}/bias": b + c for gate, b, c in zip(gates, first, second, strict=True)}
        if block == "gru":
            found |= {"W_n/bias": first[2], "U_n/bias": second[2]}
    if block == "gru":
        found |= {"W_n/weight": inputs[2], "U_n/weight": hidden[2]}
    if getattr(layer, "proj_size", 0):
        found["h/weight"] = getattr(layer, f"weight_hr{end}")
    return found


@torch.no_grad()
def to_torch(module: nn.Module, path: str) -> nn.RNNBase:
    """torch's own layer with the weights of the block at `path`; its input is `[batch, time, features]`."""
    composite = _composite(module, path)
    mine = dict(module.named_parameters())
    copies = _copies(module, path)
    first = mine[dotted(f"{copies[0].path}/{GATES[composite.block][0]}/weight")]
    said = composite.parameters
    units, hidden = int(said["units"]), int(said.get("projection") or said["units"])
    options: dict[str, Any] = {"proj_size": hidden} if said.get("projection") else {}
    if composite.block == "rnn":
        options["nonlinearity"] = said["activation"]
    both = any(copy.end.endswith("_reverse") for copy in copies)
    layer: nn.RNNBase = LAYERS[composite.block](
        first.shape[1] - hidden,
        units,
        len(copies) // (2 if both else 1),
        bias=bool(said["bias"]),
        batch_first=True,
        bidirectional=both,
        device=first.device,
        dtype=first.dtype,
        **options,
    )
    for copy in copies:
        _give(composite.block, layer, copy, mine, hidden)
    return layer


def _give(block: str, layer: nn.RNNBase, copy: _Copy, mine: Mapping[str, Tensor], hidden: int) -> None:
    """Put our weights into torch's; the second bias is zero where ours stands for both."""

    def own(name: str) -> Tensor:
        return mine[dotted(f"{copy.path}/{name}")]

    gates = GATES[block]
    weights = [own(f"{gate}/weight") for gate in gates if not (block == "gru" and gate == "W_n")]
    inputs, recurrent = [w[:, :-hidden] for w in weights], [w[:, -hidden:] for w in weights]
    if block == "gru":
        inputs.append(own("W_n/weight"))
        recurrent.append(own("U_n/weight"))
    getattr(layer, f"weight_ih{copy.end}").copy_(torch.cat(inputs))
    getattr(layer, f"weight_hh{copy.end}").copy_(torch.cat(recurrent))
    if layer.bias:
        first, second = getattr(layer, f"bias_ih{copy.end}"), getattr(layer, f"bias_hh{copy.end}")
        first.copy_(torch.cat([own(f"{gate}/bias") for gate in gates]))
        second.zero_()
        if block == "gru":
            second[-hidden:].copy_(own("U_n/bias"))
    if getattr(layer, "proj_size", 0):
        getattr(layer, f"weight_hr{copy.end}").copy_(own("h/weight"))
