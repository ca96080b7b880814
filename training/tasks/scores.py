"""Scores: what a loss means to a person, and which direction is better. Nothing here needs torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from leporello.graphs.frozen import frozen
from leporello.graphs.losses import LOSSES


@dataclass
class Tally:
    """What has been counted of one output: the sum of its loss, the steps, and how many the likeliest token met.

    By label: how often it was `right`, was `said`, was `true`. `edits` are those that make what was said the truth.
    """

    loss: float = 0.0
    count: int = 0
    hits: int = 0
    right: Counter[int] = field(default_factory=Counter)
    said: Counter[int] = field(default_factory=Counter)
    true: Counter[int] = field(default_factory=Counter)
    edits: int = 0

    @property
    def mean(self) -> float:
        """The loss per step."""
        return self.loss / self.count if self.count else math.nan


def added(counted: Sequence[Mapping[str, Tally]]) -> Mapping[str, Tally]:
    """What has been counted in several places, together; by output.

    >>> added([{"y": Tally(1.0, 2)}, {"y": Tally(0.5, 1)}])["y"].mean
    0.5
    """
    if len(counted) == 1:
        return counted[0]
    found: dict[str, Tally] = {}
    for name in counted[0]:
        tallies = [one[name] for one in counted]
        whole = found[name] = Tally(
            math.fsum(one.loss for one in tallies),
            sum(one.count for one in tallies),
            sum(one.hits for one in tallies),
            edits=sum(one.edits for one in tallies),
        )
        for one in tallies:
            whole.right.update(one.right)
            whole.said.update(one.said)
            whole.true.update(one.true)
    return found


@frozen
class Score:
    """A measure; `words` is what a person calls it, `better` which end is good.

    `counts` says what must be counted beside the loss: hits of the likeliest token, each class, edits.
    """

    name: str
    words: str
    better: Literal["lower", "higher"]
    of: Callable[[Tally], float] = field(repr=False)
    counts: Literal["", "hits", "classes", "edits"] = ""

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
    "accuracy", "share of right labels", "higher", lambda tally: tally.hits / max(tally.count, 1), counts="hits"
)
PER_PIECE = Score("perplexity", "perplexity per piece", "lower", PERPLEXITY.of)
LIKELIHOOD = Score("nll", "negative log-likelihood per step, in nats", "lower", lambda tally: tally.mean)
DISTANCE = Score("rmse", "root of the mean squared error", "lower", lambda tally: math.sqrt(tally.mean))

EXACT = Score(
    "exact", "share of lines without a fault", "higher", lambda tally: tally.hits / max(tally.count, 1), counts="hits"
)


def macro_f1(tally: Tally) -> float:
    """The mean over labels, that were said or true, of the harmonic mean of precision and recall.

    >>> macro_f1(Tally(right=Counter({0: 2}), said=Counter({0: 3}), true=Counter({0: 2, 1: 1})))
    0.4
    """
    labels = sorted(tally.said.keys() | tally.true.keys())
    each = [2 * tally.right[one] / (tally.said[one] + tally.true[one]) for one in labels]
    return math.fsum(each) / max(len(each), 1)


F1 = Score("f1", "mean F1 of the labels", "higher", macro_f1, counts="classes")
MAE = Score("mae", "mean absolute error", "lower", lambda tally: tally.mean)
QUANTILE = Score("quantile", "quantile loss", "lower", lambda tally: tally.mean)
ERRORS = Score("errors", "token error rate", "lower", lambda tally: tally.edits / max(tally.count, 1), counts="edits")
SCORES: Mapping[str, Score] = {
    one.name: one for one in (ACCURACY, F1, LIKELIHOOD, PERPLEXITY, BITS, ERRORS, DISTANCE, MAE, QUANTILE)
}
"""All scores by name; `leporello.graphs.losses` says which losses have which."""
OF_TOKENS: Mapping[str, Score] = {"characters": BITS, "words": PERPLEXITY, "pieces": PER_PIECE, "labels": ACCURACY}


def score_for(loss: str, kind: str, said: str = "") -> Score:
    """The measure of an output: what it says, else by its loss, and by what its input is read as.

    >>> score_for("cross_entropy", "words").name, score_for("gaussian", "numbers").name
    ('perplexity', 'nll')
    """
    if not said and loss == "cross_entropy":
        return OF_TOKENS[kind]
    return SCORES[said or LOSSES[loss].scores[0]]
