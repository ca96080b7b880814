"""A task: which outputs of a model are scored against which inputs, and how."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.losses import usual
from leporello.graphs.nodes import Output
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data
from leporello.training.feeding.batch import Batch
from leporello.training.places import Place
from leporello.training.roles import check_fed, inputs_read, predicting
from leporello.training.tasks.aligning import best_path, ctc, edits
from leporello.training.tasks.costs import Costs, label_costs
from leporello.training.tasks.losses import exact, total
from leporello.training.tasks.scores import Score, Tally, added, score_for


@frozen
class Target:
    """One output and the input that it predicts; `axis` is the clock of that input.

    While the model learns, `smoothing` is the share of each token's probability that is spread over all tokens, and
    `costs` are what labels are multiplied by. `weight` is that of the output beside others, `levels` its quantiles,
    `frames` the axis of the output where labels lie on one of their own, which is `unread` where no node runs on it.
    """

    output: str
    input: str
    axis: str | None
    loss: str
    score: Score
    smoothing: float = 0.0
    costs: tuple[tuple[int, float], ...] = ()
    weight: float = 1.0
    levels: tuple[float, ...] = ()
    frames: str = ""
    unread: bool = False

    def mask(self, batch: Batch) -> Tensor | None:
        """Which steps count, [batch, time], or None for all."""
        if self.axis is None:
            return None
        mask, known = batch.mask(self.axis, batch.inputs[self.input].shape[1]), batch.known.get(self.input)
        return mask if known is None else known if mask is None else mask & known

    def count(self, batch: Batch) -> int:
        """How many steps count."""
        mask, truth = self.mask(batch), batch.inputs[self.input]
        if mask is not None:
            return int(mask.sum())
        return truth.shape[0] * (truth.shape[1] if self.axis is not None else 1)

    def sum(self, outputs: Mapping[str, Tensor], batch: Batch, learning: bool = False) -> Tensor:
        """The loss of all steps that count."""
        given, truth = outputs[self.output], batch.inputs[self.input]
        if self.loss == "ctc":
            return ctc(exact(given), truth, *self._lengths(given, batch), batch.rows)
        smoothing, costs = (self.smoothing, self._costs(given)) if learning else (0.0, None)
        return total(self.loss, given, truth, self.mask(batch), smoothing, self.levels, costs)

    def add(self, tally: Tally, outputs: Mapping[str, Tensor], batch: Batch) -> None:
        """Count one batch."""
        given, truth, mask = outputs[self.output], batch.inputs[self.input], self.mask(batch)
        tally.loss += float(self.sum(outputs, batch).double())
        tally.count += self.count(batch)
        if self.score.counts == "edits":
            steps, lengths = self._lengths(given, batch)
            for labels, row, length in zip(best_path(given, steps), truth.tolist(), lengths.tolist(), strict=True):
                tally.edits += edits(labels, row[:length])
        elif self.score.counts:
            said, true = (one if mask is None else one[mask] for one in (given.argmax(-1), truth))
            tally.hits += int((said == true).sum())
            if self.score.counts == "classes":
                for counter, values in ((tally.right, true[said == true]), (tally.said, said), (tally.true, true)):
                    counter.update(values.flatten().tolist())

    def _lengths(self, given: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The steps of the output and of what it predicts, [batch] each."""
        truth, size = batch.inputs[self.input], len(given)
        whole = [torch.full((size,), one.shape[1], device=given.device) for one in (given, truth)]
        return batch.lengths.get(self.frames, whole[0]), batch.lengths.get(self.axis or "", whole[1])

    def _costs(self, given: Tensor) -> Tensor | None:
        """What each token is multiplied by, [tokens]."""
        if not self.costs:
            return None
        found = torch.ones(given.shape[-1], dtype=given.dtype, device=given.device)
        for token, cost in self.costs:
            found[token] = cost
        return found


@frozen
class Task:
    """All targets of a model; the first says which checkpoint is best."""

    targets: tuple[Target, ...]

    @cached_property
    def unread(self) -> frozenset[str]:
        """The axes of labels that no node runs on: a module knows nothing of them."""
        return frozenset(target.axis or "" for target in self.targets if target.unread)

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

    def score_of(self, loss: float) -> float | None:
        """The main score of a mean loss in training, where that alone gives it."""
        target = self.targets[0]
        altered = target.smoothing or target.costs or target.weight != 1
        if len(self.targets) > 1 or target.score.counts or altered:
            return None
        return target.score.of(Tally(loss, 1))

    def tallies(self) -> dict[str, Tally]:
        """Nothing counted yet, by output."""
        return {target.output: Tally() for target in self.targets}

    def add(self, tallies: Mapping[str, Tally], outputs: Mapping[str, Tensor], batch: Batch) -> None:
        """Count one batch."""
        for target in self.targets:
            target.add(tallies[target.output], outputs, batch)

    def counts(self, batches: Iterable[Batch]) -> dict[str, int]:
        """How many steps count in some batches, by output."""
        listed = list(batches)
        return {target.output: sum(target.count(batch) for batch in listed) for target in self.targets}

    def loss(self, outputs: Mapping[str, Tensor], batch: Batch, counts: Mapping[str, int]) -> Tensor:
        """The share that a batch has in the mean loss of batches with these counts, all targets added up."""
        parts = [
            target.sum(outputs, batch, learning=True) * target.weight / max(counts[target.output], 1)
            for target in self.targets
        ]
        return parts[0] if len(parts) == 1 else torch.stack(parts).sum()

    def told(self, tallies: Mapping[str, Tally]) -> dict[str, float]:
        """The mean loss and the score of each target, as events have them."""
        found = {"loss": math.fsum(tallies[target.output].mean * target.weight for target in self.targets)}
        return {**found, **{self.named(target): target.score.of(tallies[target.output]) for target in self.targets}}


def task_of(graph: Graph, data: Data, smoothing: float = 0.0) -> Task:
    """The task that the outputs of a spec say. Raises SpecError where there is none, or data are missing for it."""
    taught = predicting(graph)
    check_fed(graph, data.columns)
    return Task(tuple(_of_column(graph, data.columns[one.predicts], one, smoothing) for one in taught))


def task_from(graph: Graph, smoothing: float = 0.0) -> Task:
    """The task that the outputs of a spec say, whatever its inputs are read from. Raises SpecError without one."""
    return Task(tuple(_target(graph, one, "labels", smoothing, _by_number(one)) for one in predicting(graph)))


def _of_column(graph: Graph, column: Column, output: Output, smoothing: float) -> Target:
    """How an output is scored against a column of the data."""
    return _target(graph, output, column.encoder.kind, smoothing, label_costs(output, column))


def _by_number(output: Output) -> Costs:
    """The costs of labels that are known by their numbers alone. Raises SpecError for others."""
    said = output.scoring.get("class_weights", {})
    if said == "balanced" or not all(str(label).isdecimal() for label in said):
        what = f"the class_weights of {output.name} are for labels that a program gives as numbers"
        raise refuse(what, 'say them by number: class_weights: {"0": 1, "1": 5}', output.at("class_weights"))
    return tuple((int(label), float(cost)) for label, cost in said.items())


def _target(graph: Graph, output: Output, kind: str, smoothing: float, costs: Costs) -> Target:
    """How an output is scored; `kind` is what its input is read as."""
    node, said = graph[output.predicts], output.scoring
    tokens = "tokens" in node.parameters
    loss = output.loss or usual(tokens, node.parameters.get("kind") == "binary")
    axis = None if node.axis == "none" else node.axis or "time"
    return Target(
        output.name,
        output.predicts,
        axis,
        loss,
        score_for(loss, kind, said.get("score", "")),
        smoothing if loss == "cross_entropy" else 0.0,
        costs,
        float(said.get("weight", 1.0)),
        tuple(map(float, said.get("levels", ()))),
        _frames(graph, output, axis) if loss == "ctc" else "",
        axis not in {read.axis or "time" for read in inputs_read(graph)} if loss == "ctc" else False,
    )


def _frames(graph: Graph, output: Output, labels: str | None) -> str:
    """The axis on which an output runs whose labels lie on another: that of all that is read."""
    found = {node.axis or "time" for node in inputs_read(graph) if node.axis not in ("none", labels)}
    if len(found) != 1:
        named = ", ".join(sorted(found)) or "none"
        hint = "read inputs of one axis, beside what is predicted"
        raise refuse(
            f"{output.name} cannot be scored by ctc: its model reads the axes {named}", hint, output.at("loss")
        )
    return found.pop()


@torch.no_grad()
def evaluate(
    module: nn.Module,
    task: Task,
    batches: Iterable[Batch],
    carried: bool,
    pause: Callable[[], None] = lambda: None,
    given: Callable[[Batch], Mapping[str, Any]] = lambda batch: {},
    place: Place | None = None,
    gathered: Callable[[Mapping[str, Tally]], Sequence[Mapping[str, Tally]]] = lambda tallies: [tallies],
) -> dict[str, float]:
    """The mean loss and the scores of a module over batches; `carried` says whether a state goes on through them.

    Dropout is off; torch's generator is left as it was. `pause` is called between batches and may raise to stop;
    `given` says what the module takes beside a batch's inputs; `gathered` gives what all processes have counted.
    """
    tallies = task.tallies()
    training, generator = module.training, torch.get_rng_state()
    module.eval()
    state: dict[str, Tensor] | None = None
    place = place or Place()
    try:
        for batch in map(place.batch, (batch for batch in batches if batch.size)):
            now = None if batch.fresh else state
            outputs, state = place.run(module, batch, now, carried, given(batch), task.unread)
            task.add(tallies, outputs, batch)
            pause()
    finally:
        module.train(training)
        torch.set_rng_state(generator)
    return task.told(added(gathered(tallies)))
