"""Scores: what a loss means to a person, and which direction is better. Nothing here needs torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass
class Tally:
    """What has been counted of one output: the sum of its loss, the steps, and how many the likeliest token met."""

    loss: float = 0.0
    count: int = 0
    hits: int = 0

    @property
    def mean(self) -> float:
        """The loss per step."""
        return self.loss / self.count if self.count else math.nan


@dataclass(frozen=True)
class Score:
    """A measure; `words` is what a person calls it, `better` which end is good."""

    name: str
    words: str
    better: Literal["lower", "higher"]
    of: Callable[[Tally], float] = field(repr=False)
    hits: bool = False

    def beats(self, value: float, best: float | None) -> bool:
        """Whether a value is better than the best so far."""
        if best is None:
            return True
        return value < best if self.better == "lower" else value > best

    def to_json(self) -> dict[str, Any]:
        """As the start of a run's events tells it."""
        return {"name": self.name, "words": self.words, "better": self.better}


def bits(loss: float) -> float:
    """Bits from a cross entropy in nats.

    >>> bits(math.log(8))
    3.0
    """
    return loss / math.log(2)


def perplexity(loss: float) -> float:
    """How many equally likely words would be as hard to guess, as far as a number holds it.

    >>> round(perplexity(math.log(30)))
    30
    """
    return math.exp(min(loss, 700.0))


BITS = Score("bits", "bits per character", "lower", lambda tally: bits(tally.mean))
PERPLEXITY = Score("perplexity", "perplexity per word", "lower", lambda tally: perplexity(tally.mean))
ACCURACY = Score(
    "accuracy", "share of right labels", "higher", lambda tally: tally.hits / max(tally.count, 1), hits=True
)
LIKELIHOOD = Score("nll", "negative log-likelihood per step, in nats", "lower", lambda tally: tally.mean)
DISTANCE = Score("rmse", "root of the mean squared error", "lower", lambda tally: math.sqrt(tally.mean))

EXACT = Score(
    "exact", "share of lines without a fault", "higher", lambda tally: tally.hits / max(tally.count, 1), hits=True
)

OF_TOKENS: Mapping[str, Score] = {"characters": BITS, "words": PERPLEXITY, "labels": ACCURACY}


def score_for(loss: str, kind: str) -> Score:
    """The measure of an output: by its loss, and by what its input is read as.

    >>> score_for("cross_entropy", "words").name
    'perplexity'
    """
    if loss == "cross_entropy":
        return OF_TOKENS[kind]
    return LIKELIHOOD if loss == "bernoulli" else DISTANCE
