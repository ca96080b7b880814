"""Losses and scores against torch and plain Python: means over the steps that count, whatever lies behind the ends."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from leporello.graphs.problems import SpecError
from leporello.training.feeding.batch import Batch
from leporello.training.tasks.losses import total
from leporello.training.tasks.scores import (
    ACCURACY,
    BITS,
    DISTANCE,
    LIKELIHOOD,
    PERPLEXITY,
    Tally,
    perplexity,
    score_for,
)
from leporello.training.tasks.task import Target, Task, evaluate

LENGTHS = torch.tensor([5, 2, 3])
MASK = torch.arange(5) < LENGTHS[:, None]


def plain(loss: str, given: list[Any], truth: Any, smoothing: float = 0.0) -> float:
    """The loss of one step in plain Python."""
    if loss == "squared":
        return math.fsum((a - b) ** 2 for a, b in zip(given, truth, strict=True)) / len(given)
    if loss == "bernoulli":
        terms = [math.log1p(math.exp(-a)) if b else math.log1p(math.exp(a)) for a, b in zip(given, truth, strict=True)]
        return math.fsum(terms)
    log_sum = math.log(math.fsum(map(math.exp, given)))
    right, every = log_sum - given[truth], math.fsum(log_sum - a for a in given) / len(given)
    return (1 - smoothing) * right + smoothing * every


def values(loss: str) -> tuple[Tensor, Tensor]:
    torch.manual_seed(3)
    given = torch.randn(3, 5, 4, dtype=torch.float64)
    if loss == "cross_entropy":
        return given, torch.randint(0, 4, (3, 5))
    truth = torch.rand(3, 5, 4, dtype=torch.float64)
    return given, truth.round() if loss == "bernoulli" else truth


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("loss", ["cross_entropy", "bernoulli", "squared"])
def test_a_loss_is_the_sum_that_plain_python_finds(loss: str, smoothing: float, masked: bool) -> None:
    given, truth = values(loss)
    spread = smoothing if loss == "cross_entropy" else 0.0
    steps = [(row, step) for row in range(3) for step in range(int(LENGTHS[row]) if masked else 5)]
    expected = math.fsum(plain(loss, given[at].tolist(), truth[at].tolist(), spread) for at in steps)
    assert total(loss, given, truth, MASK if masked else None, spread).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loss", ["cross_entropy", "bernoulli", "squared"])
def test_nothing_behind_the_end_changes_a_loss_or_a_gradient(loss: str) -> None:
    given, truth = values(loss)
    found = []
    for padding in (0.0, math.nan, math.inf, 1e300):
        changed = torch.where(MASK[..., None], given, padding).requires_grad_()
        behind = truth if loss == "cross_entropy" else torch.where(MASK[..., None], truth, padding)
        sum_ = total(loss, changed, behind, MASK)
        sum_.backward()
        assert changed.grad is not None
        assert not changed.grad[~MASK].any()
        found.append((sum_.item(), changed.grad))
    assert all(value == found[0][0] and torch.equal(grad, found[0][1]) for value, grad in found[1:])


def targets() -> Task:
    token = Target("tag", "tags", "time", "cross_entropy", ACCURACY)
    static = Target("kind", "kinds", None, "cross_entropy", ACCURACY)
    number = Target("value", "values", "time", "squared", DISTANCE)
    return Task((token, static, number))


def several() -> tuple[dict[str, Tensor], Batch]:
    given, tags = values("cross_entropy")
    _, numbers = values("squared")
    kinds = torch.tensor([1, 0, 3])
    batch = Batch({"tags": tags, "kinds": kinds, "values": numbers}, lengths={"time": LENGTHS})
    return {"tag": given, "kind": given[:, 0], "value": given}, batch


def test_several_outputs_have_means_of_their_own_which_are_added_up() -> None:
    outputs, batch = several()
    task = targets()
    counts = task.counts([batch])
    assert counts == {"tag": 10, "kind": 3, "value": 10}
    flat = nn.functional.cross_entropy(outputs["tag"][MASK], batch.inputs["tags"][MASK])
    static = nn.functional.cross_entropy(outputs["kind"], batch.inputs["kinds"])
    numbers = nn.functional.mse_loss(outputs["value"][MASK], batch.inputs["values"][MASK])
    assert task.loss(outputs, batch, counts).item() == pytest.approx((flat + static + numbers).item(), rel=1e-12)
    assert task.main == "tag.accuracy"
    assert [score["name"] for score in task.to_json()] == ["tag.accuracy", "kind.accuracy", "value.rmse"]


class Given(nn.Module):
    """A module that says what it is told to."""

    def __init__(self, outputs: dict[str, Tensor]) -> None:
        super().__init__()
        self.outputs = outputs

    def forward(self, **given: Any) -> dict[str, Tensor]:
        return self.outputs

    def run(self, kinds: Any) -> None:
        """Only its signature is read."""


def test_evaluation_means_over_all_batches_and_counts_hits() -> None:
    outputs, batch = several()
    task, module = targets(), Given(outputs)
    found = evaluate(module, task, [batch, batch], carried=False)
    right = (outputs["tag"].argmax(-1) == batch.inputs["tags"])[MASK]
    assert found["tag.accuracy"] == pytest.approx(right.double().mean().item())
    assert found["kind.accuracy"] == (outputs["kind"].argmax(-1) == batch.inputs["kinds"]).double().mean().item()
    mean = nn.functional.mse_loss(outputs["value"][MASK], batch.inputs["values"][MASK]).item()
    assert found["value.rmse"] == pytest.approx(math.sqrt(mean), rel=1e-12)
    assert module.training


def test_scores_say_what_they_mean() -> None:
    tally = Tally(loss=6.0, count=3, hits=2)
    assert BITS.of(tally) == pytest.approx(2 / math.log(2))
    assert PERPLEXITY.of(tally) == pytest.approx(math.exp(2))
    assert (LIKELIHOOD.of(tally), ACCURACY.of(tally), DISTANCE.of(tally)) == (2.0, 2 / 3, math.sqrt(2))
    assert perplexity(1e9) == perplexity(700.0) < math.inf
    assert math.isnan(Tally().mean)
    assert BITS.beats(1.0, None)
    assert [BITS.beats(1.0, 1.5), BITS.beats(1.5, 1.5), ACCURACY.beats(0.5, 0.4), ACCURACY.beats(0.4, 0.4)] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("loss", "kind", "name"),
    [
        ("cross_entropy", "characters", "bits"),
        ("cross_entropy", "words", "perplexity"),
        ("cross_entropy", "labels", "accuracy"),
        ("bernoulli", "notes", "nll"),
        ("squared", "numbers", "rmse"),
    ],
)
def test_every_kind_has_its_score(loss: str, kind: str, name: str) -> None:
    assert score_for(loss, kind).name == name
    with pytest.raises(KeyError):
        score_for("cross_entropy", "notes")


def test_a_model_without_predictions_or_data_is_refused() -> None:
    from dataclasses import replace

    from leporello.training.data.columns import Data
    from leporello.training.tasks.task import task_of
    from tests.support.models.language_model import language_model

    graph = language_model()
    with pytest.raises(SpecError, match="no output predicts an input"):
        task_of(replace(graph, outputs=()), Data({}, False))
    with pytest.raises(SpecError, match="there is no data for the input 'text'"):
        task_of(graph, Data({}, False))
