"""Primitives carried out with torch on plain values, for the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812, the name that everybody gives it

from leporello.blocks.primitives import OPERATORS
from leporello.graphs.blocktypes import BlockType

Values = Mapping[str, Tensor]


def evaluate(
    kind: BlockType, values: Values, parameters: Mapping[str, Any], weights: Values, over: int
) -> Mapping[str, Tensor]:
    """What a primitive gives at one step, by output port.

    Args:
        kind: the primitive.
        values: by port, `[carried..., features]` (tokens: `[carried...]`), carried axes aligned.
        parameters: of the node.
        weights: by name.
        over: the dimension that softmax and the reducing blocks run over.
    """
    if kind.name == "concatenate":
        return {"y": _concatenate(list(values.values()))}
    if kind.name == "split":
        parts = values["input"].chunk(len(parameters["into"]), -1)
        return dict(zip(parameters["into"], parts, strict=True))
    if kind.name == "choose":
        features = values["truth"].dim() > values["coin"].dim()
        coin = values["coin"].unsqueeze(-1) if features else values["coin"]
        return {"y": torch.where(coin == 1, values["truth"], values["own"])}
    if kind.name in _SPECIAL:
        return {"y": _SPECIAL[kind.name](values, parameters, over)}
    return {"y": _expression(kind, values, parameters, weights)}


def _concatenate(values: list[Tensor]) -> Tensor:
    rest = torch.broadcast_tensors(*(value[..., 0] for value in values))[0].shape  # type: ignore[no-untyped-call]
    return torch.cat([value.expand(*rest, value.shape[-1]) for value in values], -1)


def _expression(kind: BlockType, values: Values, parameters: Mapping[str, Any], weights: Values) -> Tensor:
    names: dict[str, Any] = {"torch": torch, "F": F, **values, **parameters, "bias": None, **weights}
    if kind.name in OPERATORS:
        return _OPERATE[OPERATORS[kind.name]](names["left"], names["right"])
    text = kind.expression.replace("{", "").replace("}", "")
    result: Tensor = eval(text, {"__builtins__": {}}, names)  # the registry's own text, never a spec's
    return result


_OPERATE: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": torch.div,
}
_SPECIAL: Mapping[str, Callable[[Values, Mapping[str, Any], int], Tensor]] = {
    "number": lambda values, parameters, over: torch.tensor([float(parameters["value"])], dtype=torch.float64),
    "softmax": lambda values, parameters, over: torch.softmax(values["input"], over),
    "sum": lambda values, parameters, over: _reduced(values["input"].sum(over), parameters),
    "weigh": lambda values, parameters, over: (values["weight"] * values["input"]).sum(over),
    "mean": lambda values, parameters, over: _reduced(values["input"].mean(over), parameters),
    "max": lambda values, parameters, over: _reduced(values["input"].amax(over), parameters),
    "dropout": lambda values, parameters, over: values["input"],
}


def _reduced(value: Tensor, parameters: Mapping[str, Any]) -> Tensor:
    return value.unsqueeze(-1) if parameters["over"] == "features" else value
