"""Coins: whether the truth is read or the model's own choice, as inputs of a module compiled as a curriculum.

A module knows no probability and no schedule: it is given its coins (`NAME_coin`, 1 for the truth), so that what it did
can be done again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from leporello.builder.names import argument
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed, with_outputs
from leporello.graphs.problems import refuse
from leporello.training.curricula import Coin


def coin_axes(checked: Checked, also: Sequence[str] = ()) -> dict[str, str]:
    """The coins that a model takes with `feedback="curriculum"`: by argument, the axis along which they are tossed.

    `also` are inner nodes that it was compiled with as outputs.
    """
    inputs = needed(resolve(with_outputs(checked, also), "curriculum")).graph.inputs
    return {argument(node.path): str(node.axis) for node in inputs if node.path not in checked.graph}


def toss(
    axes: Mapping[str, str],
    truth: float,
    batch: int,
    steps: Mapping[str, int],
    coin: Coin = "token",
    generator: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """Coins for one batch, by argument: `[batch, steps]`, 1 for the truth, 0 for the model's own.

    Args:
        axes: what `coin_axes` says of the model.
        truth: the probability of 1.
        batch: how many sequences there are.
        steps: by axis, how many steps the batch has, padding included.
        coin: what one coin decides: each token, each sequence, or the batch.
        generator: on the CPU; the same state tosses the same.

    >>> axes = {"previous_coin": "time"}
    >>> toss(axes, 1.0, 2, {"time": 3})
    {'previous_coin': tensor([[1, 1, 1],
            [1, 1, 1]])}
    """
    if not 0 <= truth <= 1:
        raise refuse(f"the probability of the truth is {truth}", "a number from 0 to 1")
    return {name: _tossed(truth, batch, steps[axis], coin, generator) for name, axis in axes.items()}


def _tossed(truth: float, batch: int, steps: int, coin: Coin, generator: torch.Generator | None) -> Tensor:
    shape = {"token": (batch, steps), "sequence": (batch, 1), "batch": (1, 1)}[coin]
    # In float64: of 2 ** 24 numbers in float32, one is 0.
    drawn = torch.rand(shape, generator=generator, dtype=torch.float64) < truth
    return drawn.long().expand(batch, steps).contiguous()
