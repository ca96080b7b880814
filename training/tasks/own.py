"""A task whose loss is a function of a person's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.feeding.batch import Batch
from leporello.training.tasks.losses import exact
from leporello.training.tasks.scores import Score, Tally
from leporello.training.tasks.task import Task

Function = Callable[[Mapping[str, Tensor], Mapping[str, Any]], Tensor]
"""From the outputs of a model and the batch as it was given to the mean loss, a tensor without axes."""
NAME = "loss"
LOSS = Score(NAME, "loss", "lower", lambda tally: tally.mean)


@frozen
class OwnTask(Task):
    """What `function` says is to be small; each batch counts once."""

    function: Function = lambda outputs, batch: next(iter(outputs.values())).new_zeros(())

    @property
    def score(self) -> Score:
        """The loss itself."""
        return LOSS

    @property
    def main(self) -> str:
        """Its name."""
        return NAME

    def to_json(self) -> list[dict[str, Any]]:
        """The one score."""
        return [LOSS.to_json()]

    def score_of(self, loss: float) -> None:
        """Nothing beside the loss, which is told as it is."""

    def counts(self, batches: Iterable[Batch]) -> dict[str, int]:
        """How many batches there are."""
        return {NAME: sum(1 for _ in batches)}

    def tallies(self) -> dict[str, Tally]:
        """Nothing counted yet."""
        return {NAME: Tally()}

    def add(self, tallies: Mapping[str, Tally], outputs: Mapping[str, Tensor], batch: Batch) -> None:
        """Count one batch."""
        tallies[NAME].loss += float(self._of(outputs, batch))
        tallies[NAME].count += 1

    def told(self, tallies: Mapping[str, Tally]) -> dict[str, float]:
        """The mean over batches."""
        return {NAME: tallies[NAME].mean}

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch, counts: Mapping[str, int]) -> Tensor:
        """The share of a batch in the mean over several."""
        return self._of(outputs, batch) / counts[NAME]

    def _of(self, outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
        lengths = {"lengths": batch.lengths} if batch.lengths else {}
        given = {name: exact(value) for name, value in outputs.items()}
        found = self.function(given, {**batch.inputs, **lengths})
        if not isinstance(found, Tensor) or found.dim():
            what = f"of shape {list(found.shape)}" if isinstance(found, Tensor) else f"a {type(found).__name__}"
            raise refuse(f"the loss is {what}", "give a tensor without axes: a mean, such as error.mean()")
        return found
