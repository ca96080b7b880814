"""How far a prediction is from what it predicts: sums over the steps that count, and how many these are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

Loss = Literal["cross_entropy", "bernoulli", "squared"]


class _CrossEntropy(torch.autograd.Function):
    """The sum of -log p(token) of the rows that count, for logits [rows, tokens]: two passes over them, no copy.

    What torch's own kernel makes of smoothed labels and of rows left out takes twice the time of a step's products.
    """

    @staticmethod
    def forward(ctx: Any, given: Tensor, truth: Tensor, mask: Tensor | None, smoothing: float) -> Tensor:
        log = torch.log_softmax(given, -1)
        ctx.save_for_backward(log, truth, mask)
        ctx.smoothing = smoothing
        losses = log.gather(-1, truth.unsqueeze(-1)).squeeze(-1) * (smoothing - 1)
        if smoothing:
            losses -= log.mean(-1) * smoothing
        return losses.sum() if mask is None else torch.where(mask, losses, 0).sum()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        log, truth, mask = ctx.saved_tensors
        found = log.exp()
        if ctx.smoothing:
            found -= ctx.smoothing / log.shape[-1]
        found.scatter_add_(-1, truth.unsqueeze(-1), found.new_full((len(truth), 1), ctx.smoothing - 1))
        found *= gradient
        return found if mask is None else found.index_fill_(0, (~mask).nonzero().squeeze(-1), 0), None, None, None


def cross_entropy(given: Tensor, truth: Tensor, mask: Tensor | None = None, smoothing: float = 0.0) -> Tensor:
    """The sum of -log p(token), for logits [..., tokens] and tokens [...]; `smoothing` of it over all tokens evenly."""
    if mask is not None and int(mask.sum()) < 0.9 * mask.numel():  # then a copy of the others is less work
        given, truth, mask = given[mask], truth[mask], None
    if mask is not None:
        truth, mask = torch.where(mask, truth, 0), mask.flatten()
    found: Tensor = _CrossEntropy.apply(given.flatten(0, -2), truth.flatten(), mask, smoothing)  # type: ignore[no-untyped-call]
    return found


def bernoulli(given: Tensor, truth: Tensor) -> Tensor:
    """-log p of all features of a step together [...], for logits and zeros or ones [..., features]."""
    return functional.binary_cross_entropy_with_logits(given, truth, reduction="none").sum(-1)


def squared(given: Tensor, truth: Tensor) -> Tensor:
    """The mean over features of the squared error [...], of values [..., features]."""
    return (given - truth).square().mean(-1)


LOSSES: dict[Loss, Callable[[Tensor, Tensor], Tensor]] = {"bernoulli": bernoulli, "squared": squared}
"""Those that are found step by step."""


def total(loss: Loss, given: Tensor, truth: Tensor, mask: Tensor | None, smoothing: float = 0.0) -> Tensor:
    """The sum of a loss over the steps that count; `smoothing` is for cross entropy.

    What lies behind the end of a sequence is selected away, not multiplied by 0, so that NaN stays out.
    """
    if loss == "cross_entropy":
        return cross_entropy(given, truth, mask, smoothing)
    if mask is None:
        return LOSSES[loss](given, truth).sum()
    # before the loss too: the gradient of NaN times 0 is NaN
    given, truth = torch.where(mask[..., None], given, 0), torch.where(mask[..., None], truth, 0)
    return torch.where(mask, LOSSES[loss](given, truth), 0).sum()
