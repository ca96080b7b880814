"""Losses by name: what an output must be to have one, and which scores it can be judged by; no torch.

How each is computed is said in `leporello.training.tasks.losses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from leporello.graphs.size import AnySize


class LossKind(NamedTuple):
    """A loss of an output against an input of tokens or of features.

    An output gives `parts` numbers for each feature, or `more` scores than there are tokens; with `levels` as many as
    it names. With `apart` it runs on another axis than what it predicts. The first of `scores` is the usual one.
    """

    of: Literal["tokens", "features"]
    scores: tuple[str, ...]
    help: str
    parts: int = 1
    more: int = 0
    levels: bool = False
    apart: bool = False

    def size(self, predicted: AnySize, levels: int) -> AnySize:
        """How many features an output must have.

        >>> LOSSES["gaussian"].size(3, 0), LOSSES["ctc"].size(10, 0), LOSSES["quantile"].size(2, 3)
        (6, 11, 6)
        """
        return predicted * (levels if self.levels else self.parts) + self.more


TOKENS = ("accuracy", "f1", "nll", "perplexity", "bits")
LOSSES: Mapping[str, LossKind] = {
    "cross_entropy": LossKind("tokens", TOKENS, "scores, one for each token"),
    "ctc": LossKind(
        "tokens", ("errors",), "scores for each token and one more, no token, the last", more=1, apart=True
    ),
    "squared": LossKind("features", ("rmse",), "the value of each feature"),
    "absolute": LossKind("features", ("mae",), "the value of each feature"),
    "quantile": LossKind(
        "features", ("quantile",), "all features at the first of levels, then at the next", levels=True
    ),
    "bernoulli": LossKind("features", ("nll",), "the logit of each feature"),
    "gaussian": LossKind("features", ("nll",), "all means, then all scales before a softplus", parts=2),
    "student": LossKind(
        "features",
        ("nll",),
        "all means, all scales, all degrees of freedom above 2, the last two before a softplus",
        parts=3,
    ),
}
SCORES = tuple(dict.fromkeys(score for kind in LOSSES.values() for score in kind.scores))


def usual(tokens: bool, binary: bool) -> str:
    """The loss of an input that is predicted, where an output says none."""
    return "cross_entropy" if tokens else "bernoulli" if binary else "squared"
