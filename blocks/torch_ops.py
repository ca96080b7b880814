"""Primitives carried out with torch on plain values, for the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name that everybody gives it

from leporello.graphs.blocktypes import BlockType
from leporello.graphs.computation import Computation
from leporello.graphs.problems import refuse

Values = Mapping[str, Tensor]
Parameters = Mapping[str, Any]


def evaluate(
    kind: BlockType, values: Values, parameters: Parameters, weights: Values, over: int
) -> Mapping[str, Tensor]:
    """What a primitive gives at one step, by output port.

    Args:
        kind: the primitive; its `computation` says what is done.
        values: by port, `[carried..., features]` (tokens: `[carried...]`), carried axes aligned.
        parameters: of the node.
        weights: by name.
        over: the dimension that a block which runs over a carried axis runs over, -1 for features.
    """
    computation = kind.computation()
    if computation.evaluate:
        found = _function(computation.evaluate)(values, parameters, weights, over)
    else:
        found = _expression(computation, values, parameters, weights, over)
    if isinstance(found, Mapping):
        return found
    names = kind.outputs_of(parameters)
    return dict(zip(names, found, strict=True)) if isinstance(found, tuple) else {names[0]: found}


def _function(name: str) -> Callable[..., Any]:
    """The function `module:name`; SpecError if it cannot be had."""
    module, _, attribute = name.partition(":")
    try:
        found: Callable[..., Any] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise refuse(f"{name}, which evaluates a block, fails: {error}", "its author can say why") from error
    return found


def _expression(computation: Computation, values: Values, parameters: Parameters, weights: Values, over: int) -> Any:
    lacking = dict.fromkeys(computation.names)
    given = {"dimension": over, **values, **parameters}
    names = {**lacking, **given, **dict.fromkeys(computation.starts), **weights}
    return eval(
        computation.plain, {**_helpers(computation.helper), "__builtins__": {}}, names
    )  # a block's own text, never a spec's


@cache
def _helpers(source: str) -> Mapping[str, Any]:
    """The functions of a helper, and what they and the expression may use."""
    found: dict[str, Any] = {"torch": torch, "Tensor": Tensor, "nn": nn, "F": F}
    exec(f"from __future__ import annotations\n{source}", found)  # as the expression
    return found


def concatenate(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """Features side by side, after the other dimensions are made equal."""
    parts = list(values.values())
    rest = torch.broadcast_tensors(*(value[..., 0] for value in parts))[0].shape  # type: ignore[no-untyped-call]
    return torch.cat([value.expand(*rest, value.shape[-1]) for value in parts], -1)


def split(values: Values, parameters: Parameters, weights: Values, over: int) -> Values:
    """Equal parts by name."""
    return dict(zip(parameters["into"], values["input"].chunk(len(parameters["into"]), -1), strict=True))


def choose(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """The truth where the coin is 1; features have a dimension more than coins."""
    features = values["truth"].dim() > values["coin"].dim()
    coin = values["coin"].unsqueeze(-1) if features else values["coin"]
    return torch.where(coin == 1, values["truth"], values["own"])


def number(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """One feature."""
    return torch.tensor([float(parameters["value"])], dtype=torch.float64)


def softmax(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """All steps are valid."""
    return torch.softmax(values["input"], over)


def sum(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """Over a carried axis, or over features, of which one is left."""
    return values["input"].sum(over, keepdim=parameters["over"] == "features")


def mean(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """As `sum`."""
    return values["input"].mean(over, keepdim=parameters["over"] == "features")


def max(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """As `sum`."""
    return values["input"].amax(over, keepdim=parameters["over"] == "features")


def weigh(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """The sum of values by their weights."""
    return (values["weight"] * values["input"]).sum(over)


def dropout(values: Values, parameters: Parameters, weights: Values, over: int) -> Tensor:
    """What is not being trained drops nothing."""
    return values["input"]
