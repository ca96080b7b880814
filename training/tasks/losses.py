"""How far a prediction is from what it predicts: sums over the steps that count.

What an output gives for each loss, and which inputs have it, is said in `leporello.graphs.losses`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

LEAST_SCALE = 1e-4
"""No scale of a likelihood is smaller: a value that is met exactly would be infinitely likely."""
LEAST_FREEDOM = 2.0
"""Student's t has a variance above so many degrees of freedom."""
PIECE = 2**17
"""So many numbers are worked at while they lie in the cache."""


class _CrossEntropy(torch.autograd.Function):
    """The sum of -log p(token) of the rows that count, for logits [rows, tokens]: two passes over them, no copy.

    What torch's own kernel makes of smoothed labels and of rows left out takes twice the time of a step's products.
    Logits of 16 bits become 32 bits some rows at a time, and are what is kept for the gradient, with the logarithm
    of each row's sum.
    """

    @staticmethod
    def forward(ctx: Any, given: Tensor, truth: Tensor, mask: Tensor | None, smoothing: float) -> Tensor:
        ctx.short, ctx.smoothing = given.dtype.itemsize < 4, smoothing
        losses, sums = [], []
        for rows in _pieces(given) if ctx.short else [slice(None)]:
            logits = exact(given[rows])
            log = torch.log_softmax(logits, -1)
            of_truth = log.gather(-1, label := truth[rows].unsqueeze(-1))
            found = of_truth.squeeze(-1) * (smoothing - 1)
            if smoothing:
                found -= log.mean(-1) * smoothing
            losses.append(found)
            sums.append(logits.gather(-1, label) - of_truth)
        ctx.save_for_backward(given if ctx.short else None, torch.cat(sums) if ctx.short else log, truth, mask)
        found = torch.cat(losses)
        return found.sum() if mask is None else torch.where(mask, found, 0).sum()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        given, log, truth, mask = ctx.saved_tensors
        found = torch.empty_like(given if ctx.short else log)
        for rows in _pieces(found):
            piece = given[rows].float().sub_(log[rows]).exp_() if ctx.short else torch.exp(log[rows], out=found[rows])
            if ctx.smoothing:
                piece -= ctx.smoothing / found.shape[-1]
            piece.scatter_add_(-1, truth[rows].unsqueeze(-1), piece.new_full((len(piece), 1), ctx.smoothing - 1))
            piece *= gradient
            if ctx.short:
                found[rows] = piece
        return found if mask is None else found.index_fill_(0, (~mask).nonzero().squeeze(-1), 0), None, None, None


def _pieces(values: Tensor) -> list[slice]:
    """Rows that a processor's cache has room for, all of them in order; on a graphics card all at once."""
    rows = max(1, PIECE // values.shape[-1]) if values.device.type == "cpu" else max(1, len(values))
    return [slice(start, start + rows) for start in range(0, max(1, len(values)), rows)]


def exact(given: Tensor) -> Tensor:
    """Fractions of 32 bits at least."""
    return given.float() if given.is_floating_point() and given.dtype.itemsize < 4 else given


def cross_entropy(
    given: Tensor, truth: Tensor, mask: Tensor | None = None, smoothing: float = 0.0, costs: Tensor | None = None
) -> Tensor:
    """The sum of -log p(token), for logits [..., tokens] and tokens [...]; `smoothing` of it over all tokens evenly.

    `costs` [tokens] are what each token is multiplied by.
    """
    if mask is not None and (costs is not None or int(mask.sum()) < 0.9 * mask.numel()):
        given, truth, mask = given[mask], truth[mask], None  # a copy of those that count is less work
    if costs is not None:
        flat = exact(given).flatten(0, -2), truth.flatten()
        return functional.cross_entropy(*flat, weight=costs, reduction="sum", label_smoothing=smoothing)
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
    if loss == "cross_entropy":
        return cross_entropy(given, truth, mask, smoothing, costs)
    given = exact(given)
    if mask is not None:  # before the loss too: the gradient of NaN times 0 is NaN
        given, truth = torch.where(mask[..., None], given, 0), torch.where(mask[..., None], truth, 0)
    losses = quantile(given, truth, levels) if loss == "quantile" else LOSSES[loss](given, truth)
    return losses.sum() if mask is None else torch.where(mask, losses, 0).sum()
