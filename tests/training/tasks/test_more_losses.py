"""Likelihoods, quantiles, labels apart from their steps, costs and weights: against torch and formulas by hand."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given as samples
from hypothesis import strategies as st
from torch import Tensor, nn

import leporello
from leporello.blocks.registry import registry
from leporello.graphs.losses import LOSSES, SCORES
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from leporello.graphs.writing.spec import write_spec
from leporello.training.data.columns import load_data
from leporello.training.feeding.batch import Batch
from leporello.training.runs.run import Run
from leporello.training.tasks import losses, scores
from leporello.training.tasks.aligning import best_path, ctc, edits
from leporello.training.tasks.losses import total
from leporello.training.tasks.task import Target, Task, task_from, task_of
from tests.support.command_line import done, refused, run

LENGTHS = torch.tensor([5, 2, 3])
MASK = torch.arange(5) < LENGTHS[:, None]


def numbers(parts: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(7)
    return torch.randn(3, 5, 2 * parts, dtype=torch.float64), torch.randn(3, 5, 2, dtype=torch.float64)


def plain(loss: str, given: Tensor, truth: Tensor) -> Tensor:
    """The loss of each step by torch's own distributions, or written out."""
    if loss == "absolute":
        return (given - truth).abs().mean(-1)
    if loss == "quantile":
        terms = []
        for place, level in enumerate((0.1, 0.5, 0.9)):
            missed = truth - given[..., 2 * place : 2 * place + 2]
            terms.append(torch.where(missed > 0, level * missed, (level - 1) * missed))
        return torch.stack(terms).mean(0).mean(-1)
    mean, scale = given[..., :2], nn.functional.softplus(given[..., 2:4]) + losses.LEAST_SCALE
    if loss == "gaussian":
        return -torch.distributions.Normal(mean, scale).log_prob(truth).sum(-1)
    freedom = nn.functional.softplus(given[..., 4:]) + losses.LEAST_FREEDOM
    return -torch.distributions.StudentT(freedom, mean, scale).log_prob(truth).sum(-1)


PARTS = {"absolute": 1, "quantile": 3, "gaussian": 2, "student": 3}


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("loss", PARTS)
def test_a_loss_is_what_torch_finds(loss: str, masked: bool) -> None:
    given, truth = numbers(PARTS[loss])
    mask = MASK if masked else None
    expected = plain(loss, given, truth)
    found = total(loss, given, truth, mask, levels=(0.1, 0.5, 0.9))
    assert found.item() == pytest.approx((expected[MASK] if masked else expected).sum().item(), rel=1e-12)


@pytest.mark.parametrize("loss", PARTS)
@pytest.mark.parametrize("padding", [math.nan, math.inf, 1e300])
def test_nothing_behind_the_end_changes_it(loss: str, padding: float) -> None:
    given, truth = numbers(PARTS[loss])
    found = []
    for behind in (0.0, padding):
        changed = torch.where(MASK[..., None], given, behind).requires_grad_()
        total(loss, changed, torch.where(MASK[..., None], truth, behind), MASK, levels=(0.1, 0.5, 0.9)).backward()  # type: ignore[no-untyped-call]
        assert changed.grad is not None
        found.append(changed.grad)
    assert torch.equal(*found)
    assert not found[0][~MASK].any()


def said(steps: Sequence[int], none: int) -> tuple[int, ...]:
    """The labels of one alignment."""
    return tuple(label for label, _ in itertools.groupby(steps) if label != none)


def test_labels_apart_have_the_probability_of_all_their_alignments() -> None:
    torch.manual_seed(1)
    given = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    truth, steps, lengths = torch.tensor([[1, 1], [0, 9]]), torch.tensor([4, 3]), torch.tensor([2, 1])
    found = ctc(given, truth, steps, lengths)
    chances = given.softmax(-1)
    for row, labels in enumerate([(1, 1), (0,)]):
        ways = (way for way in itertools.product(range(3), repeat=int(steps[row])) if said(way, 2) == labels)
        likely = sum(torch.stack([chances[row, t, one] for t, one in enumerate(way)]).prod() for way in ways)
        found = found + torch.as_tensor(likely).log()
    assert found.item() == pytest.approx(0, abs=1e-12)
    found.backward()  # type: ignore[no-untyped-call]
    assert given.grad is not None
    assert not given.grad[1, 3].any()
    padded = torch.where(torch.arange(4)[:, None] < steps[:, None, None], given.detach(), math.nan)
    assert ctc(padded, truth, steps, lengths).isfinite()


def test_labels_without_room_are_named() -> None:
    given, truth = torch.zeros(1, 2, 3), torch.tensor([[1, 1]])
    with pytest.raises(SpecError, match=r"example 8 has 2 labels, which need 3 steps, and 2"):
        ctc(given, truth, torch.tensor([2]), torch.tensor([2]), rows=[7])
    assert ctc(given, torch.tensor([[1, 0]]), torch.tensor([2]), torch.tensor([2])).isfinite()


@samples(st.lists(st.integers(0, 2), max_size=6))
def test_the_best_path_says_what_its_steps_say(steps: list[int]) -> None:
    if steps:
        scores = nn.functional.one_hot(torch.tensor(steps), 3)[None]
        assert tuple(best_path(scores, torch.tensor([len(steps)]))[0]) == said(steps, 2)
        assert tuple(best_path(scores, torch.tensor([1]))[0]) == said(steps[:1], 2)


@samples(st.lists(st.integers(0, 3), max_size=6), st.lists(st.integers(0, 3), max_size=6))
def test_edits_are_a_distance(one: list[int], other: list[int]) -> None:
    def by_hand(a: list[int], b: list[int]) -> int:
        if not a or not b:
            return len(a) + len(b)
        return min(by_hand(a[1:], b) + 1, by_hand(a, b[1:]) + 1, by_hand(a[1:], b[1:]) + (a[0] != b[0]))

    assert edits(one, other) == by_hand(one, other)


def f1_by_hand(said: list[int], true: list[int]) -> float:
    """The mean of 2 p r / (p + r) over all labels that occur, 0 where nothing is right; as scikit-learn's macro."""
    found = []
    for label in set(said) | set(true):
        right = sum(a == b == label for a, b in zip(said, true, strict=True))
        precision, recall = right / max(said.count(label), 1), right / max(true.count(label), 1)
        found.append(2 * precision * recall / (precision + recall) if right else 0.0)
    return sum(found) / len(found)


@samples(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_f1_is_the_mean_over_labels(pairs: list[tuple[int, int]]) -> None:
    said, true = [a for a, _ in pairs], [b for _, b in pairs]
    target = Target("tag", "tags", "time", "cross_entropy", scores.F1)
    outputs = {"tag": nn.functional.one_hot(torch.tensor([said, [0] * len(said)]), 4).double()}
    batch = Batch(
        {"tags": torch.tensor([true, [9] * len(true)])}, counted=torch.tensor([[True], [False]]).expand(2, len(said))
    )
    task = Task((target,))
    tallies = task.tallies()
    target.add(
        tallies["tag"], {"tag": outputs["tag"]}, Batch({"tags": batch.inputs["tags"] % 4}, counted=batch.counted)
    )
    assert task.told(tallies)["f1"] == pytest.approx(f1_by_hand(said, true))


TAGS = """
spec: 1
inputs: {x: {features: 2}, tag: {tokens: $tags, axis: none}, y: {features: 1}}
nodes:
  h: {block: gru, input: x(t-1), units: 4}
  o: {block: linear, input: h(last), units: $tags}
  m: {block: linear, input: h, units: 2}
outputs:
  tagged: {from: o, predicts: tag, score: f1, class_weights: balanced}
  spread: {from: m, predicts: y, loss: gaussian, weight: 0.25}
data:
  x: {file: d.jsonl, column: x}
  y: {file: d.jsonl, column: y}
  tag: {file: d.jsonl, column: tag}
training: {batch: 6, updates: 4, validate_every: 2, report_every: 1}
"""


def written(folder: Path, spec: str = TAGS, rows: int = 60) -> Path:
    torch.manual_seed(2)
    lines = []
    for number in range(rows):
        steps = torch.randn(3 + number % 4, 3).tolist()
        tag = "often" if number % 5 else "seldom"
        lines.append({"x": [step[:2] for step in steps], "y": [step[2:] for step in steps], "tag": tag})
    (folder / "d.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "spec.yaml").write_text(spec)
    return folder / "spec.yaml"


def test_costs_and_weights_are_those_of_training(tmp_path: Path) -> None:
    path = written(tmp_path)
    graph = leporello.read(str(path))
    data = load_data(graph)
    task = task_of(graph, data)
    tags = list(data.columns["tag"].parts[0])
    shares = [len(tags) / (2 * tags.count(label)) for label in ("often", "seldom")]
    assert [cost for _, cost in task.targets[0].costs] == pytest.approx(shares)
    torch.manual_seed(3)
    outputs = {"tagged": torch.randn(4, 2), "spread": torch.randn(4, 3, 2)}
    batch = Batch({"tag": torch.tensor([0, 1, 1, 0]), "y": torch.randn(4, 3, 1)}, {"time": 3})
    weighted = (
        nn.functional.cross_entropy(outputs["tagged"], batch.inputs["tag"], torch.tensor(shares), reduction="sum") / 4
    )
    far = plain_gaussian(outputs["spread"], batch.inputs["y"]) / 12
    counts = task.counts([batch])
    assert task.loss(outputs, batch, counts).item() == pytest.approx((weighted + far / 4).item(), rel=1e-6)
    tallies = task.tallies()
    task.add(tallies, outputs, batch)
    unweighted = nn.functional.cross_entropy(outputs["tagged"], batch.inputs["tag"])
    told = task.told(tallies)
    assert told["loss"] == pytest.approx((unweighted + far / 4).item(), rel=1e-6)
    assert set(told) == {"loss", "tagged.f1", "spread.nll"}
    assert task.main == "tagged.f1"


def plain_gaussian(given: Tensor, truth: Tensor) -> Tensor:
    scale = nn.functional.softplus(given[..., 1:]) + losses.LEAST_SCALE
    return -torch.distributions.Normal(given[..., :1], scale).log_prob(truth).sum()


def test_costs_by_name_and_by_number() -> None:
    graph = read_spec(TAGS.replace("balanced", '{"0": 1, "1": 5}'), registry())
    assert task_from(graph).targets[0].costs == ((0, 1.0), (1, 5.0))
    with pytest.raises(SpecError, match="by number"):
        task_from(read_spec(TAGS, registry()))


def test_such_a_model_is_trained_and_evaluated(tmp_path: Path) -> None:
    path = written(tmp_path)
    done("train", path, "--run", tmp_path / "run")
    [*_, last] = [event for event in Run(tmp_path / "run").events() if event["event"] == "validation"]
    assert {"tagged.f1", "spread.nll"} <= set(last)
    assert "spread.nll" in done("evaluate", tmp_path / "run")


def test_what_is_said_of_an_output_is_read_back(tmp_path: Path) -> None:
    spec = TAGS.replace("balanced", "{often: 1, seldom: 3.5}")
    graph = read_spec(spec, registry())
    assert read_spec(write_spec(graph), registry()).outputs == graph.outputs
    from leporello.graphs.interchange.node_link import to_json

    assert read_spec(to_json(graph), registry()).outputs == graph.outputs


GAUSSIAN = """
spec: 1
inputs: {x: {features: 1}}
nodes:
  h: {block: gru, input: x(t-1), units: 3}
  o: {block: linear, input: h, units: UNITS}
outputs: {next: {from: o, predicts: x, SAID}}
"""


@pytest.mark.parametrize(
    ("units", "told", "words"),
    [
        (
            1,
            "loss: gaussian",
            "next has 1 features, but predicts x of 1: gaussian needs 2, all means, then all scales",
        ),
        (2, "loss: student", "needs 3"),
        (2, "loss: quantile", "does not say which quantiles"),
        (2, "loss: quantile, levels: [0.5, 0.1]", "between 0 and 1, each above"),
        (2, "loss: quantile, levels: [0, 1]", "between 0 and 1"),
        (2, "loss: quantile, levels: 0.5", "a list of numbers"),
        (2, "loss: quantile, levels: [0.1, 0.5, 0.9]", "needs 3"),
        (1, "levels: [0.5]", "are for the loss quantile"),
        (1, "loss: gausian", "gaussian"),
        (1, "loss: cross_entropy", "which has features"),
        (1, "score: f1", "no score of the loss squared"),
        (1, "weight: 0", "above 0"),
        (1, "weight: $n", "must be a number"),
        (1, "class_weights: balanced", "are for the loss cross_entropy"),
        (1, "class_weights: {a: -1}", "a number above 0 for each label"),
        (1, "class_weights: even", "balanced"),
        (2, "loss: ctc", "which has features"),
    ],
)
def test_what_does_not_fit_a_loss_is_refused(units: int, told: str, words: str) -> None:
    text = GAUSSIAN.replace("UNITS", str(units)).replace("SAID", told)
    with pytest.raises(SpecError) as caught:
        leporello.check(text.replace("spec: 1", "spec: 1\nparameters: {n: 2}") if "$n" in text else text)
    assert words in str(caught.value)
    assert ":" in str(caught.value)


@pytest.mark.parametrize(("told", "units"), [("loss: gaussian", 2), ("loss: student", 3), ("loss: absolute", 1)])
def test_a_scale_is_learned(tmp_path: Path, told: str, units: int) -> None:
    def train(epoch: int) -> Any:
        generator = torch.Generator().manual_seed(epoch)
        return [{"x": 0.1 * torch.randn(32, 8, 1, generator=generator)} for _ in range(10)]

    spec = GAUSSIAN.replace("UNITS", str(units)).replace("SAID", told)
    held = train(10**6)
    ended = leporello.fit(spec, train, valid=held, run=tmp_path / "run", updates=300, rate=0.03, validate_every=300)
    # What is known of noise: the entropy of a normal of deviation 0.1; its mean absolute deviation.
    known = 0.1 * math.sqrt(2 / math.pi) if "absolute" in told else math.log(0.1 * math.sqrt(2 * math.pi * math.e))
    assert ended.best == pytest.approx(known, abs=0.1)


SPELLED = """
spec: 1
inputs: {x: {features: 3}, said: {tokens: $letters, axis: target}}
nodes:
  h: {block: gru, input: x, units: 24}
  o: {block: linear, input: h, units: $letters + 1}
outputs: {said: {from: o, predicts: said, loss: ctc}}
data:
  x: {file: d.jsonl, column: x}
  said: {file: d.jsonl, column: said, as: labels}
training: {batch: 16, updates: 250, rate: 0.02, validate_every: 250, seed: 3}
"""


def test_labels_are_found_in_steps_that_nobody_marked(tmp_path: Path) -> None:
    lines = []
    generator = torch.Generator().manual_seed(1)
    for _ in range(160):
        labels = torch.randint(
            0, 3, (int(torch.randint(1, 4, (1,), generator=generator)),), generator=generator
        ).tolist()
        steps = [[0.0, 0.0, 0.0]]
        for label in labels:
            steps += [[float(label == place) for place in range(3)]] * 2 + [[0.0, 0.0, 0.0]]
        lines.append({"x": steps, "said": " ".join("abc"[label] for label in labels)})
    (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "spec.yaml").write_text(SPELLED)
    said = run("train", tmp_path / "spec.yaml", "--run", tmp_path / "run")
    assert said.exit_code == 0, said.output
    assert "token error rate" in said.stdout
    assert json.loads(done("evaluate", tmp_path / "run", "--json"))["errors"] < 0.1
    (tmp_path / "new.jsonl").write_text(json.dumps({"x": lines[0]["x"]}))
    assert done("predict", tmp_path / "run", tmp_path / "new.jsonl").strip() == lines[0]["said"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (", axis: target", "", "ctc is for labels on an axis of their own"),
        (", axis: target", ", axis: none", "ctc is for labels on an axis of their own"),
        ("$letters + 1", "$letters", "needs $letters + 1"),
        ("o: {block: linear, input: h,", "o: {block: linear, input: h(last),", "computed once"),
    ],
)
def test_where_labels_apart_do_not_fit(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "spec.yaml").write_text(SPELLED[: SPELLED.index("data:")].replace(old, new))
    assert words in refused("check", tmp_path / "spec.yaml")


def test_every_loss_and_score_is_computed() -> None:
    assert set(losses.LOSSES) | {"cross_entropy", "quantile", "ctc"} == set(LOSSES)
    assert set(SCORES) == set(scores.SCORES)
