"""How the learning rate goes over a run: closed forms of the update, all that a resumed run needs to know."""

from __future__ import annotations

import math

DECAYS = ("none", "linear", "cosine", "exponential", "inverse_sqrt", "step")


def share(update: int, updates: int, warmup: int, decay: str, factor: float, every: int) -> float:
    """The share of the learning rate at the update that follows `update` finished ones, of `updates` in all.

    First it rises evenly over `warmup` updates. Then `linear` and `cosine` fall to 0 at the last update, `exponential`
    to `factor`; `step` is multiplied by `factor` every `every` updates; `inverse_sqrt` is 1 at the end of the warm-up
    and falls with the root of the update (Vaswani et al. 2017).

    >>> [share(update, 10, 4, "linear", 0.1, 1) for update in (0, 3, 4, 7, 10)]
    [0.25, 1.0, 1.0, 0.5, 0.0]
    """
    if update < warmup:
        return (update + 1) / warmup
    done = min((update - warmup) / (updates - warmup), 1.0) if updates > warmup else 1.0
    match decay:
        case "linear":
            return 1 - done
        case "cosine":
            return (1 + math.cos(math.pi * done)) / 2
        case "exponential":
            return math.exp(math.log(factor) * done)
        case "inverse_sqrt":
            return math.sqrt(max(warmup, 1) / max(update, warmup, 1))
        case "step":
            # Not as a power: a whole number of halvings and tenths is exact to the last bit on every machine.
            return math.prod([factor] * min((update - warmup) // every, 10_000))
        case _:
            return 1.0
