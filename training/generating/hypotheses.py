"""What a search finds, and within which limits it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import torch
from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.vocabulary import BEGIN, UNKNOWN


@frozen
class Hypothesis:
    """A sequence that a model has made.

    `tokens` are without the one that ends them, `log_probability` is of all of them and of the end, as the model gives
    it under teacher forcing. By `score` hypotheses are compared: with penalties it is another number. `attention` is
    `[tokens + 1, source]`, a row for every token and one for the end, as wide as the source is long; None where nobody
    asked for it.
    """

    tokens: tuple[int, ...]
    score: float
    log_probability: float
    attention: Tensor | None = field(default=None, compare=False, repr=False)


@frozen
class Limits:
    """Where sequences end.

    Args:
        end: the token that ends a sequence.
        maximum: most tokens before the end; or one such number for every source. Where they are reached, the end comes.
        minimum: fewest tokens before the end.
        begin: the token that is read before the first.
        never: tokens that are never chosen.
    """

    end: int
    maximum: int | Sequence[int] = 100
    minimum: int = 0
    begin: int = BEGIN
    never: tuple[int, ...] = (BEGIN, UNKNOWN)

    def __post_init__(self) -> None:
        if self.minimum < 0 or self.least < max(self.minimum, 1):
            what = f"sequences of {self.minimum} to {self.least} tokens are asked for"
            raise refuse(what, "a minimum of 0 or more, and a maximum of at least 1 that is not below it")
        if self.end in self.never:
            raise refuse(f"the token {self.end} ends sequences and is never chosen", "leave it out of never")

    @property
    def least(self) -> int:
        """The smallest maximum."""
        return self.maximum if isinstance(self.maximum, int) else min(self.maximum, default=1)

    def most(self, batch: int) -> Tensor:
        """The maximum of every sequence, `[batch]`. Raises SpecError for as many numbers as there are no sequences."""
        if isinstance(self.maximum, int):
            return torch.full((batch,), self.maximum)
        if len(self.maximum) != batch:
            raise refuse(
                f"{len(self.maximum)} maximal lengths are given for {batch} sources", "one for each, or one number"
            )
        return torch.tensor(list(self.maximum))

    def allowed(self, log_probabilities: Tensor, step: int, most: Tensor) -> Tensor:
        """`[batch, hypotheses, vocabulary]` with -inf for what may not come at a step, counted from 0.

        What is left keeps its probability: this says what is chosen from, not how probable it is.
        """
        size = log_probabilities.shape[-1]
        wrong = [token for token in (self.end, self.begin, *self.never) if not 0 <= token < size]
        if wrong:
            raise refuse(f"there is no token {wrong[0]}", f"the model knows tokens from 0 to {size - 1}")
        found = log_probabilities.clone()
        found[..., list(self.never)] = -torch.inf
        if step < self.minimum:
            found[..., self.end] = -torch.inf
        over = most <= step
        if bool(over.any()):
            ending = found[..., self.end].clone()
            found[over] = -torch.inf
            found[..., self.end] = ending
        return found
