"""A task: which outputs of a model are scored against which inputs, and how."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from leporello.builder.names import argument
from leporello.graphs.graph import Graph, Output
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Data
from leporello.training.feeding.batch import Batch
from leporello.training.tasks.losses import Loss, total
from leporello.training.tasks.scores import Score, Tally, score_for


@dataclass(frozen=True)
class Target:
    """One output and the input that it predicts; `axis` is the clock of both.

    `smoothing` is the share of each token's probability that is spread over all tokens while the model learns.
    """

    output: str
    input: str
    axis: str | None
    loss: Loss
    score: Score
    smoothing: float = 0.0

    def mask(self, batch: Batch) -> Tensor | None:
        """Which steps count, [batch, time], or None for all."""
        truth = batch.inputs[self.input]
        return batch.mask(self.axis, truth.shape[1]) if self.axis is not None else None

    def count(self, batch: Batch) -> int:
        """How many steps count."""
        mask, truth = self.mask(batch), batch.inputs[self.input]
        if mask is not None:
            return int(mask.sum())
        return truth.shape[0] * (truth.shape[1] if self.axis is not None else 1)

    def sum(self, outputs: Mapping[str, Tensor], batch: Batch, smoothing: float = 0.0) -> Tensor:
        """The loss of all steps that count."""
        return total(self.loss, outputs[self.output], batch.inputs[self.input], self.mask(batch), smoothing)

    def hits(self, outputs: Mapping[str, Tensor], batch: Batch) -> int:
        """How often the likeliest token is the right one."""
        right = outputs[self.output].argmax(-1) == batch.inputs[self.input]
        mask = self.mask(batch)
        return int((right if mask is None else right & mask).sum())


@dataclass(frozen=True)
class Task:
    """All targets of a model; the first says which checkpoint is best."""

    targets: tuple[Target, ...]

    @property
    def score(self) -> Score:
        """The score by which checkpoints are compared."""
        return self.targets[0].score

    @property
    def main(self) -> str:
        """The name of that score in events."""
        return self.named(self.targets[0])

    def to_json(self) -> list[dict[str, Any]]:
        """The scores as the start of a run's events tells them, the first of which says what is best."""
        return [{**target.score.to_json(), "name": self.named(target)} for target in self.targets]

    def named(self, target: Target) -> str:
        """The name of a target's score in events: with the output's where there are several."""
        return target.score.name if len(self.targets) == 1 else f"{target.output}.{target.score.name}"

    def counts(self, batches: Iterable[Batch]) -> dict[str, int]:
        """How many steps count in some batches, by output."""
        listed = list(batches)
        return {target.output: sum(target.count(batch) for batch in listed) for target in self.targets}

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch, counts: Mapping[str, int]) -> Tensor:
        """The share that a batch has in the mean loss of batches with these counts, all targets added up."""
        parts = [
            target.sum(outputs, batch, target.smoothing) / max(counts[target.output], 1) for target in self.targets
        ]
        return parts[0] if len(parts) == 1 else torch.stack(parts).sum()

    def told(self, tallies: Mapping[str, Tally]) -> dict[str, float]:
        """The mean loss and the score of each target, as events have them."""
        found = {"loss": math.fsum(tallies[target.output].mean for target in self.targets)}
        return {**found, **{self.named(target): target.score.of(tallies[target.output]) for target in self.targets}}


def task_of(graph: Graph, data: Data, smoothing: float = 0.0) -> Task:
    """The task that the outputs of a spec say. Raises SpecError where there is none, or data are missing for it."""
    predicting = [output for output in graph.outputs if output.predicts]
    if not predicting:
        hint = "say of an output which input it predicts: outputs: {next: {from: logits, predicts: text}}"
        raise refuse("nothing can be trained: no output predicts an input", hint)
    needed = [node.path for node in graph.inputs]
    for name in needed:
        if name not in data.columns:
            hint = (
                f"add data: {{{name}: {{file: {'input.txt' if 'tokens' in graph[name].parameters else 'input.csv'}}}}}"
            )
            raise refuse(f"there is no data for the input {name!r}", hint, graph[name].mark)
    return Task(tuple(_target(graph, data, output, smoothing) for output in predicting))


def _target(graph: Graph, data: Data, output: Output, smoothing: float) -> Target:
    column = data.columns[output.predicts]
    loss: Loss = "cross_entropy"
    if not column.entry.tokens:
        binary = graph[output.predicts].parameters.get("kind") == "binary"
        loss = "bernoulli" if output.loss == "bernoulli" or (binary and not output.loss) else "squared"
    score = score_for(loss, column.encoder.kind)
    smoothing = smoothing if loss == "cross_entropy" else 0.0
    return Target(output.name, output.predicts, column.entry.axis, loss, score, smoothing)


@torch.no_grad()
def evaluate(
    module: nn.Module,
    task: Task,
    batches: Iterable[Batch],
    carried: bool,
    pause: Callable[[], None] = lambda: None,
    given: Callable[[Batch], Mapping[str, Any]] = lambda batch: {},
) -> dict[str, float]:
    """The mean loss and the scores of a module over batches; `carried` says whether a state goes on through them.

    Dropout is off; torch's generator is left as it was. `pause` is called between batches and may raise to stop;
    `given` says what the module takes beside a batch's inputs.
    """
    tallies = {target.output: Tally() for target in task.targets}
    training, generator = module.training, torch.get_rng_state()
    module.eval()
    state: dict[str, Tensor] | None = None
    try:
        for batch in batches:
            outputs, state = forward(module, batch, None if batch.fresh else state, carried, given(batch))
            for target in task.targets:
                tally = tallies[target.output]
                tally.loss += float(target.sum(outputs, batch).double())
                tally.count += target.count(batch)
                tally.hits += target.hits(outputs, batch) if target.score.hits else 0
            pause()
    finally:
        module.train(training)
        torch.set_rng_state(generator)
    return task.told(tallies)


def forward(
    module: nn.Module,
    batch: Batch,
    state: dict[str, Tensor] | None,
    carried: bool,
    more: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Tensor], dict[str, Tensor] | None]:
    """The outputs for a batch, and the state after it where one is carried on.

    An input that is only predicted is no argument of the module; `more` is what it is given beside its inputs.
    """
    run: Any = module.run
    taken = inspect.signature(run).parameters
    given: dict[str, Any] = {argument(name): value for name, value in batch.inputs.items()}
    given = {name: value for name, value in given.items() if name in taken}
    if batch.lengths:
        given["lengths"] = dict(batch.lengths)
    given |= more or {}
    if not carried:
        outputs: dict[str, Tensor] = module(**given)
        return outputs, None
    found: tuple[dict[str, Tensor], dict[str, Tensor]] = run(**given, state=state)
    return found
