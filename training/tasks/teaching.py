"""What a feedback reads while a model is taught: the truth, the model's own choice, or one of them by a coin.

Bengio et al. 2015, arXiv:1506.03099: the probability of the truth is a function of the training step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from torch import nn

from leporello.graphs.edits.feedback import Mode
from leporello.graphs.frozen import frozen
from leporello.training.curricula import Curriculum
from leporello.training.feeding.batch import Batch
from leporello.training.generating.coins import coin_axes, toss
from leporello.training.settings import Settings


@frozen
class Teaching:
    """A mode of feedback, and what a module is given in it beside its inputs; `coins` are axes by argument."""

    mode: Mode = "teacher"
    curriculum: Curriculum = field(default_factory=Curriculum)
    coins: Mapping[str, str] = field(default_factory=dict)

    def truth(self, update: int) -> dict[str, float]:
        """The probability of the truth in the update after `update` finished ones, for its event."""
        return {"truth": self.curriculum.truth_at(update)} if self.mode == "curriculum" else {}

    def given(self, batch: Batch, update: int) -> dict[str, Any]:
        """Coins, tossed by torch's generator, which is part of a checkpoint; lengths where no truth says them."""
        if self.mode == "free":
            return {"lengths": {axis: batch.lengths.get(axis, steps) for axis, steps in batch.steps.items()}}
        if not self.coins:
            return {}
        return dict(toss(self.coins, self.curriculum.truth_at(update), batch.size, batch.steps, self.curriculum.coin))


def taught(build: Callable[..., nn.Module], graph: Any, settings: Settings, **sizes: int) -> tuple[nn.Module, Teaching]:
    """A module in the mode of feedback that the settings say, and how it is taught."""
    mode: Any = settings.feedback
    if mode == "teacher":
        return build(graph, **sizes), Teaching()
    module: Any = build(graph, feedback=mode, **sizes)
    return module, Teaching(mode, settings.curriculum, coin_axes(module.checked) if mode == "curriculum" else {})


def judged(
    build: Callable[..., nn.Module], module: Any, teaching: Teaching, settings: Settings
) -> tuple[nn.Module, Teaching]:
    """The same weights in a module that is validated and tested, and what that is given.

    It reads the truth, so that likelihoods can be compared over all ways of teaching, or its own choices, as the
    settings say.
    """
    mode: Mode = "free" if settings.validate_with == "own" else "teacher"
    return module if teaching.mode == mode else build(module.checked, feedback=mode, sharing=module), Teaching(mode)
