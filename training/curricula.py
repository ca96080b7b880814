"""Schedules: how probably the truth is read at a training step (Bengio et al. 2015, arXiv:1506.03099).

A step is an update of the weights, counted from 0 over the whole of training; it is not the place in a sequence. All of
this is a pure function of it, so that a run that is resumed goes on as it would have.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse, suggest

Kind = Literal["constant", "linear", "exponential", "inverse_sigmoid"]
Coin = Literal["token", "sequence", "batch"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COINS: tuple[Coin, ...] = get_args(Coin)

LARGEST = 700.0
"""exp() of more is no number any more."""


def linear(step: int, k: float, slope: float, floor: float) -> float:
    """k - slope * step, not below `floor` and not above 1.

    >>> [linear(step, 1.0, 0.1, 0.25) for step in (0, 5, 100)]
    [1.0, 0.5, 0.25]
    """
    return min(1.0, max(floor, k - slope * step))


def exponential(step: int, k: float) -> float:
    """k ** step.

    >>> [exponential(step, 0.5) for step in (0, 1, 3)]
    [1.0, 0.5, 0.125]
    """
    return math.pow(k, step)


def inverse_sigmoid(step: int, k: float) -> float:
    """k / (k + exp(step / k)): nearly 1 for long, then a fall, then nearly 0.

    >>> [round(inverse_sigmoid(step, 10.0), 3) for step in (0, 23, 60, 10**9)]
    [0.909, 0.501, 0.024, 0.0]
    """
    power = step / k
    return 0.0 if power > LARGEST else k / (k + math.exp(power))


@frozen
class Curriculum:
    """How often the truth is read while a model is taught, else its own choice, and what is decided by one coin.

    Args:
        schedule: how that changes over training: `constant` (k), `linear` (k - slope * step, `floor` at least),
            `exponential` (k ** step), `inverse_sigmoid` (k / (k + exp(step / k))).
        k: what the schedule begins with; from 0 to 1, of the linear one any number above 0, of the inverse sigmoid 1 or
            more.
        slope: what the linear schedule loses at each step.
        floor: what is left of the truth at the end of the linear schedule.
        coin: what one coin decides: a `token`, a `sequence`, or a `batch`.

    >>> Curriculum("linear", slope=1e-3).truth_at(250)
    0.75
    """

    schedule: Kind = "constant"
    k: float = 1.0
    slope: float = 0.0
    floor: float = 0.0
    coin: Coin = "token"

    def __post_init__(self) -> None:
        if self.schedule not in KINDS:
            raise refuse(f"there is no schedule {self.schedule!r}", suggest(str(self.schedule), KINDS, "schedules"))
        if self.coin not in COINS:
            raise refuse(f"no coin is tossed per {self.coin!r}", suggest(str(self.coin), COINS, "coins"))
        low, high, told = {
            "constant": (0.0, 1.0, "a probability from 0 to 1"),
            "linear": (0.0, math.inf, "a number of 0 or more; 1 begins with the truth alone"),
            "exponential": (0.0, 1.0, "a number from 0 to 1; 0.999 halves in 693 steps"),
            "inverse_sigmoid": (1.0, math.inf, "a number of 1 or more; 1000 halves in 6908 steps"),
        }[self.schedule]
        if not (low <= self.k <= high and math.isfinite(self.k)):
            raise refuse(f"k of the {self.schedule} schedule is {self.k}", told)
        if not (self.slope >= 0 and math.isfinite(self.slope)):
            raise refuse(f"the slope is {self.slope}", "a number of 0 or more: what is lost at each step")
        if not 0 <= self.floor <= 1:
            raise refuse(f"the floor is {self.floor}", "a probability from 0 to 1")
        if self.schedule != "linear" and (self.slope or self.floor):
            hint = "only schedule: linear has them"
            raise refuse(f"the {self.schedule} schedule has neither slope nor floor", hint)

    def truth_at(self, step: int) -> float:
        """The probability of the truth in the update that follows `step` finished ones."""
        if step < 0:
            raise ValueError(f"training has no step {step}")
        if self.schedule == "linear":
            return linear(step, self.k, self.slope, self.floor)
        if self.schedule == "exponential":
            return exponential(step, self.k)
        return inverse_sigmoid(step, self.k) if self.schedule == "inverse_sigmoid" else self.k
