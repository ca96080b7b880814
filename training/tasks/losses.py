"""How far a prediction is from what it predicts: sums over the steps that count, and how many these are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Loss = Literal["cross_entropy", "bernoulli", "squared"]


def cross_entropy(given: Tensor, truth: Tensor, smoothing: float = 0.0) -> Tensor:
    """-log p(token) [...], for logits [..., tokens] and tokens [...]; `smoothing` of it over all tokens evenly."""
    flat = functional.cross_entropy(given.flatten(0, -2), truth.flatten(), reduction="none", label_smoothing=smoothing)
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


def total(loss: Loss, given: Tensor, truth: Tensor, mask: Tensor | None, smoothing: float = 0.0) -> Tensor:
    """The sum of a loss over the steps that count; `smoothing` is for cross entropy.

    What lies behind the end of a sequence is selected away, not multiplied by 0, so that NaN stays out.
    """
    if mask is None and loss == "cross_entropy":  # all at once, in one kernel
        flat = given.flatten(0, -2), truth.flatten()
        return functional.cross_entropy(*flat, reduction="sum", label_smoothing=smoothing)
    if mask is not None:  # before the loss too: the gradient of NaN times 0 is NaN
        given = torch.where(mask[..., None], given, 0)
        truth = torch.where(mask if truth.dim() == mask.dim() else mask[..., None], truth, 0)
    losses = cross_entropy(given, truth, smoothing) if loss == "cross_entropy" else LOSSES[loss](given, truth)
    return losses.sum() if mask is None else torch.where(mask, losses, 0).sum()
