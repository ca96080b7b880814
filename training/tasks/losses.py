"""How far a prediction is from what it predicts: sums over the steps that count, and how many these are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Loss = Literal["cross_entropy", "bernoulli", "squared"]


def cross_entropy(given: Tensor, truth: Tensor) -> Tensor:
    """-log p(token) [...], for logits [..., tokens] and tokens [...]."""
    flat = functional.cross_entropy(given.flatten(0, -2), truth.flatten(), reduction="none")
    return flat.view(truth.shape)


def bernoulli(given: Tensor, truth: Tensor) -> Tensor:
    """-log p of all features of a step together [...], for logits and zeros or ones [..., features]."""
    return functional.binary_cross_entropy_with_logits(given, truth, reduction="none").sum(-1)


def squared(given: Tensor, truth: Tensor) -> Tensor:
    """The mean over features of the squared error [...], of values [..., features]."""
    return (given - truth).square().mean(-1)


LOSSES: dict[Loss, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": cross_entropy,
    "bernoulli": bernoulli,
    "squared": squared,
}


def total(loss: Loss, given: Tensor, truth: Tensor, mask: Tensor | None) -> Tensor:
    """The sum of a loss over the steps that count.

    What lies behind the end of a sequence is selected away, not multiplied by 0, so that NaN stays out.
    """
    if mask is None and loss == "cross_entropy":  # all at once, in one kernel
        return functional.cross_entropy(given.flatten(0, -2), truth.flatten(), reduction="sum")
    if mask is None:
        return LOSSES[loss](given, truth).sum()
    given = torch.where(mask[..., None], given, 0)  # before the loss too: the gradient of NaN times 0 is NaN
    truth = torch.where(mask if truth.dim() == mask.dim() else mask[..., None], truth, 0)
    return torch.where(mask, LOSSES[loss](given, truth), 0).sum()
