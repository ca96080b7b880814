"""Penalties: how hypotheses of different lengths are compared (Wu et al. 2016, arXiv:1609.08144, equation 14)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse


@frozen
class Penalties:
    """What a score is beside the log probability: log P / length penalty + coverage penalty.

    Args:
        length: alpha, for `((5 + steps) / 6) ** alpha`; 0 prefers what is short, 1 about divides by the length.
        coverage: beta, for what of the source has not been attended to.

    >>> Penalties(length=1.0).score(torch.tensor([-6.0, -7.0]), 7)
    tensor([-3.0000, -3.5000])
    """

    length: float = 0.0
    coverage: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("length", self.length), ("coverage", self.coverage)):
            if not 0 <= value <= 100:
                raise refuse(f"the {name} penalty is {value}", "a number from 0 (none) to 100; 0.2 to 1 is usual")

    def score(
        self, log_probability: Tensor, steps: int, attention: Tensor | None = None, valid: Tensor | None = None
    ) -> Tensor:
        """The scores of hypotheses that have ended, `[hypotheses]`.

        Args:
            log_probability: `[hypotheses]`.
            steps: how many tokens they have, the end included.
            attention: `[hypotheses, steps, source]`, needed for the coverage penalty.
            valid: which steps of the source there are, `[hypotheses, source]`; None for all.
        """
        score = log_probability / math.pow((5 + steps) / 6, self.length)
        if self.coverage and attention is not None:
            score = score + self.coverage * covered(attention, valid)
        return score


USUAL = Penalties(length=0.6)
"""What translations are compared by where nothing else is said."""


def covered(attention: Tensor, valid: Tensor | None) -> Tensor:
    """The sum over the source of log(min(attention of all steps, 1)), `[hypotheses]`: 0 where all was looked at.

    >>> covered(torch.tensor([[[0.5, 0.5], [0.5, 0.5]]]), None)
    tensor([0.])
    """
    total = attention.sum(1).clamp(torch.finfo(attention.dtype).tiny, 1).log()
    found: Tensor = (total if valid is None else torch.where(valid, total, 0)).sum(1)
    return found
