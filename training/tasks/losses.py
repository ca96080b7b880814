"""How far a prediction is from what it predicts: sums over the steps that count.

What an output gives for each loss, and which inputs have it, is said in `leporello.graphs.losses`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

LEAST_SCALE = 1e-4
"""No scale of a likelihood is smaller: a value that is met exactly would be infinitely likely."""
LEAST_FREEDOM = 2.0
"""Student's t has a variance above so many degrees of freedom."""


def cross_entropy(given: Tensor, truth: Tensor, smoothing: float = 0.0, costs: Tensor | None = None) -> Tensor:
    """-log p(token) [...], for logits [..., tokens] and tokens [...]; `smoothing` of it over all tokens evenly.

    `costs` [tokens] are what each token is multiplied by.
    """
    flat = given.flatten(0, -2), truth.flatten()
    return functional.cross_entropy(*flat, weight=costs, reduction="none", label_smoothing=smoothing).view(truth.shape)


def bernoulli(given: Tensor, truth: Tensor) -> Tensor:
    """-log p of all features of a step together [...], for logits and zeros or ones [..., features]."""
    return functional.binary_cross_entropy_with_logits(given, truth, reduction="none").sum(-1)


def squared(given: Tensor, truth: Tensor) -> Tensor:
    """The mean over features of the squared error [...], of values [..., features]."""
    return (given - truth).square().mean(-1)


def absolute(given: Tensor, truth: Tensor) -> Tensor:
    """The mean over features of the absolute error [...], of values [..., features]."""
    return (given - truth).abs().mean(-1)


def quantile(given: Tensor, truth: Tensor, levels: Sequence[float]) -> Tensor:
    """The pinball loss [...], its mean over levels and features (Koenker and Bassett 1978).

    `given` [..., levels * features] has all features at the first level, then at the next.
    """
    found = given.view(*given.shape[:-1], len(levels), -1)  # [..., levels, features]
    missed = truth.unsqueeze(-2) - found
    level = torch.tensor(levels, dtype=given.dtype, device=given.device)[:, None]
    return torch.maximum(level * missed, (level - 1) * missed).mean((-1, -2))


def gaussian(given: Tensor, truth: Tensor) -> Tensor:
    """-log p of all features of a step together [...], for means and scales [..., 2 * features]."""
    mean, scale = spread(given, 2)
    return (((truth - mean) / scale).square() / 2 + scale.log() + math.log(2 * math.pi) / 2).sum(-1)


def student(given: Tensor, truth: Tensor) -> Tensor:
    """-log p under Student's t of all features together [...], for means, scales, freedom [..., 3 * features]."""
    mean, scale, freedom = spread(given, 3)
    far = ((truth - mean) / scale).square() / freedom
    height = torch.lgamma((freedom + 1) / 2) - torch.lgamma(freedom / 2) - (freedom * math.pi).log() / 2 - scale.log()
    return ((freedom + 1) / 2 * far.log1p() - height).sum(-1)


def spread(given: Tensor, parts: int) -> tuple[Tensor, ...]:
    """Means, scales and, of three parts, degrees of freedom out of what an output gives, each [..., features]."""
    found = given.chunk(parts, -1)
    scale = functional.softplus(found[1]) + LEAST_SCALE
    return (found[0], scale, *(functional.softplus(one) + LEAST_FREEDOM for one in found[2:]))


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared": squared,
    "absolute": absolute,
    "bernoulli": bernoulli,
    "gaussian": gaussian,
    "student": student,
}
"""Those that need nothing else; `ctc`, which has no loss of a step, is in `aligning.py`."""


def total(
    loss: str,
    given: Tensor,
    truth: Tensor,
    mask: Tensor | None,
    smoothing: float = 0.0,
    levels: Sequence[float] = (),
    costs: Tensor | None = None,
) -> Tensor:
    """The sum of a loss over the steps that count; `smoothing` and `costs` are for cross entropy, `levels` quantiles.

    What lies behind the end of a sequence is selected away, not multiplied by 0, so that NaN stays out.
    """
    if mask is None and loss == "cross_entropy" and costs is None:  # all at once, in one kernel
        flat = given.flatten(0, -2), truth.flatten()
        return functional.cross_entropy(*flat, reduction="sum", label_smoothing=smoothing)
    if mask is not None:  # before the loss too: the gradient of NaN times 0 is NaN
        given = torch.where(mask[..., None], given, 0)
        truth = torch.where(mask if truth.dim() == mask.dim() else mask[..., None], truth, 0)
    match loss:
        case "cross_entropy":
            losses = cross_entropy(given, truth, smoothing, costs)
        case "quantile":
            losses = quantile(given, truth, levels)
        case _:
            losses = LOSSES[loss](given, truth)
    return losses.sum() if mask is None else torch.where(mask, losses, 0).sum()
