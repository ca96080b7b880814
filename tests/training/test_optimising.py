"""Schedules, decay of weights, averaged weights and early stopping: as their formulas say, and resumed to the bit."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from leporello.graphs.problems import SpecError
from leporello.training.averaging import Average
from leporello.training.checkpoints import Progress
from leporello.training.optimizers import optimizer_for
from leporello.training.places import PRODUCTS, products_in
from leporello.training.runs.run import Run
from leporello.training.schedules import DECAYS, share
from leporello.training.settings import Settings, read_settings
from leporello.training.tasks.scores import ACCURACY
from tests.support.models.language_model import language_model, with_text
from tests.training.test_killed import TEXT, written
from tests.training.test_training import Interrupt, history, set_training, trained

FORMS: dict[str, Callable[[int], float]] = {
    "none": lambda update: 1.0,
    "linear": lambda update: 1 - update / 90,
    "cosine": lambda update: (1 + math.cos(math.pi * update / 90)) / 2,
    "exponential": lambda update: 0.5 ** (update / 90),
    "inverse_sqrt": lambda update: math.sqrt(10 / (update + 10)),
    "step": lambda update: 0.5 ** (update // 20),
}

RULES: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": partial(torch.optim.Adam, fused=True),
    "adamw": partial(torch.optim.AdamW, fused=True),
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}


@pytest.mark.parametrize("decay", DECAYS)
def test_the_rate_rises_and_falls_as_its_formula_says(decay: str) -> None:
    settings = Settings(rate=2.0, updates=100, warmup=10, decay=decay, factor=0.5, decay_every=20)
    assert [settings.rate_at(update) for update in range(10)] == pytest.approx([0.2 * n for n in range(1, 11)])
    expected = [2 * FORMS[decay](update) for update in range(91)]
    assert [settings.rate_at(10 + update) for update in range(91)] == pytest.approx(expected)


@given(
    st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 10**9), st.sampled_from(DECAYS),
    st.floats(1e-300, 1), st.integers(1, 10**9),
)  # fmt: skip
def test_every_rate_lies_between_nothing_and_the_whole(
    update: int, updates: int, warmup: int, decay: str, factor: float, every: int
) -> None:
    assert 0 <= share(update, updates, warmup, decay, factor, every) <= 1


def test_a_schedule_is_followed_by_the_run(tmp_path: Path) -> None:
    graph = set_training(
        with_text(tmp_path), updates=12, warmup=4, decay="step", factor=0.5, decay_every=4, report_every=1
    )
    trained(tmp_path / "run", graph)
    rates = [event["rate"] for event in Run(tmp_path / "run").events() if event["event"] == "update"]
    assert rates == pytest.approx([0.0025, 0.005, 0.0075, *[0.01] * 5, *[0.005] * 4])


def test_biases_and_norms_do_not_decay() -> None:
    module = nn.ModuleDict({"e": nn.Embedding(4, 3), "l": nn.Linear(3, 2), "n": nn.LayerNorm(3), "g": nn.GRU(3, 2)})
    before = {name: weight.detach().clone() for name, weight in module.named_parameters()}
    optimizer = optimizer_for(module, Settings(optimizer="sgd", rate=0.5, weight_decay=0.2))
    for weight in module.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    matrices = {"e.weight", "l.weight", "g.weight_ih_l0", "g.weight_hh_l0"}
    for name, weight in module.named_parameters():
        expected = before[name] * (0.9 if name in matrices else 1)
        assert torch.allclose(weight, expected), name


@pytest.mark.parametrize("name", sorted(RULES))
def test_weights_change_as_torch_changes_them(name: str) -> None:
    ours, theirs = (nn.Linear(5, 4).double() for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    optimizer = optimizer_for(ours, Settings(optimizer=name, rate=0.05))
    plain = RULES[name](theirs.parameters(), lr=0.05, weight_decay=0.0)
    for update in range(5):
        for module, rule in ((ours, optimizer), (theirs, plain)):
            rule.zero_grad()
            module(torch.full((2, 5), update - 1.5, dtype=torch.float64)).tanh().sum().backward()
            rule.step()
        optimizer.load_state_dict(optimizer.state_dict())
    assert torch.equal(ours.weight, theirs.weight) and torch.equal(ours.bias, theirs.bias)


def test_the_compiler_of_torch_is_not_loaded(tmp_path: Path) -> None:
    """It takes two seconds of the time to the first update."""
    written(tmp_path, TEXT)
    code = "import sys; from leporello.cli.main import main\n"
    code += "try: main()\nfinally: print('torch._dynamo' in sys.modules)"
    told = [sys.executable, "-c", code, "train", "spec.yaml", "--run=run", "--set=training.updates=2"]
    ended = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.stdout.splitlines()[-1:] == ["False"], ended.stderr
    assert Run(tmp_path / "run").status().update == 2


def test_the_average_follows_as_its_formula_says() -> None:
    module = nn.Linear(2, 1, bias=False)
    average = Average(module, 0.5)
    with torch.no_grad():
        module.weight.fill_(0)
        average.other["weight"].fill_(0)
        expected = 0.0
        for update in range(20):
            module.weight.fill_(update)
            average.follow(update)
            kept = min(0.5, (1 + update) / (10 + update))
            expected = kept * expected + (1 - kept) * update
    assert average.other["weight"].tolist() == [pytest.approx([expected] * 2)]
    with average.used():
        assert module.weight.tolist() == [pytest.approx([expected] * 2)]
        kept_weights = dict(average.state_dict())
    assert module.weight.tolist() == [[19, 19]]
    assert kept_weights["weight"].tolist() == [[19, 19]]


def test_averaged_weights_are_those_that_are_kept_and_scored(tmp_path: Path) -> None:
    graph = set_training(with_text(tmp_path), average=0.9)
    trained(tmp_path / "averaged", graph)
    trained(tmp_path / "plain", set_training(graph, average=0.0))
    averaged, plain = Run(tmp_path / "averaged"), Run(tmp_path / "plain")
    assert averaged.read(24)["trained.safetensors"] != averaged.read(24)["weights.safetensors"]
    losses = [[e["loss"] for e in run.events() if e["event"] == "update"] for run in (averaged, plain)]
    assert losses[0] == losses[1]  # what is trained does not know of it
    scores = [[e["loss"] for e in run.events() if e["event"] == "validation"] for run in (averaged, plain)]
    assert scores[0] != scores[1]


@pytest.mark.parametrize(
    "more",
    [
        {"average": 0.9, "label_smoothing": 0.1, "warmup": 5, "decay": "inverse_sqrt", "weight_decay": 0.01},
        {"decay": "exponential", "optimizer": "adamw", "weight_decay": 0.1, "accumulate": 3},
        {"precision": "bf16_products"},
    ],
)
def test_a_run_with_all_of_it_resumes_to_the_bit(tmp_path: Path, more: dict[str, Any]) -> None:
    graph = set_training(with_text(tmp_path), **more)
    trained(tmp_path / "whole", graph)
    assert trained(tmp_path / "parts", graph, on_event=Interrupt(10)).update == 10
    assert trained(tmp_path / "parts", graph, resume=True, on_event=Interrupt(18)).update == 18
    trained(tmp_path / "parts", graph, resume=True)
    whole, parts = Run(tmp_path / "whole"), Run(tmp_path / "parts")
    assert history(whole) == history(parts)
    assert whole.read(24) == parts.read(24)


def test_products_are_in_bfloat16_within_a_run_and_nowhere_else(tmp_path: Path) -> None:
    seen = set()
    for kind in ("bf16_products", "float32"):
        graph = set_training(with_text(tmp_path), precision=kind, updates=2)
        trained(tmp_path / kind, graph, on_event=lambda _: seen.add(torch.get_float32_matmul_precision()))
        assert seen == {PRODUCTS[kind]}
        assert torch.get_float32_matmul_precision() == "highest"
        seen.clear()
    with pytest.raises(ZeroDivisionError), products_in("bf16_products"):
        assert 1 / 0
    assert torch.get_float32_matmul_precision() == "highest"


def test_a_run_ends_when_nothing_gets_better(tmp_path: Path) -> None:
    graph = set_training(with_text(tmp_path), rate=1e-9, patience=2, validate_every=2, updates=40)
    graph = set_training(graph, rate=10.0, clip=0.0, optimizer="sgd")  # it only gets worse
    outcome = trained(tmp_path / "whole", graph)
    assert (outcome.state, outcome.exit) == ("finished", 0)
    run = Run(tmp_path / "whole")
    best = [event["best"] for event in run.events() if event["event"] == "validation"]
    assert best[-2:] == [False, False]
    assert outcome.update == 2 * len(best) < 40
    with pytest.raises(SpecError, match=r"ended at update \d+: 2 validations made nothing better[\s\S]*patience=0"):
        trained(run.folder, graph, resume=True)
    first = trained(tmp_path / "parts", graph, on_event=Interrupt(outcome.update - 2))
    assert first.state == "interrupted"
    assert trained(tmp_path / "parts", graph, resume=True).update == outcome.update
    assert history(Run(tmp_path / "parts")) == history(run)
    more = set_training(graph, patience=0, updates=outcome.update + 2)
    assert trained(run.folder, more, resume=True).update == outcome.update + 2


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"warmup": -1}, "from 0 to"),
        ({"factor": 0}, "above 0 to 1"),
        ({"average": 1.0}, "from 0 to 0.99999"),
        ({"label_smoothing": 1}, "from 0 to 0.99"),
        ({"patience": 2.5}, "a whole number"),
        ({"validate_with": "all"}, "one of truth, own"),
        ({"precision": "bfloat"}, "one of float32, bf16_products, bf16"),
        ({"decay": "cosin"}, "one of none, linear, cosine, exponential, inverse_sqrt, step"),
    ],
)
def test_settings_out_of_range_are_refused(training: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        read_settings(language_model(training=training))


@pytest.mark.parametrize(
    "wrong",
    [{"update": "3"}, {"epoch": -1}, {"best": math.inf}, {"best_loss": "0"}, {"waited": None}, {"position": 1.5},
     {"update": True}, {"loss_sum": "0"}, {"validated": -2}, {"best_update": [3]}],
)  # fmt: skip
def test_progress_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    whole = Progress(7, 1, 3, 0.5, 3, 6, 0.25, 0.5, 6, 1)
    again = Progress()
    again.load_state_dict(whole.state_dict())
    assert again == whole
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Progress().load_state_dict({**whole.state_dict(), **wrong})
    with pytest.raises(TypeError):
        Progress().load_state_dict({"unknown": 1})


def test_among_equal_scores_the_smaller_loss_is_best() -> None:
    progress, accuracy = Progress(), ACCURACY
    best = []
    for update, (score, loss) in enumerate([(0.5, 2.0), (1.0, 0.5), (1.0, 0.6), (1.0, 0.3), (0.9, 0.1)], 1):
        progress.update = update
        best.append(progress.validate(score, loss, accuracy.beats(score, progress.best)))
    assert best == [True, True, False, True, False]
    assert (progress.best_update, progress.best, progress.best_loss) == (4, 1.0, 0.3)
    assert progress.waited == 3, "patience is for a better score: a smaller loss alone does not begin it anew"
    before = Progress(**{**progress.state_dict(), "best_loss": None})  # as one of an older run
    assert not before.validate(1.0, 0.2, False)
