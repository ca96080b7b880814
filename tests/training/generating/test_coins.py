"""Coins of a curriculum: the truth is read as often as the schedule says, and what was tossed can be done again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from leporello.training.curricula import Coin, Curriculum
from leporello.training.generating.coins import coin_axes, toss
from tests.support.comparing import Case, assert_same, by_interpreter, by_module
from tests.support.sources import case_of
from tests.truth.test_chance import text_of

COINS: tuple[Coin, ...] = get_args(Coin)
OWN, TRUTH = 2, 3
TOLD = text_of(
    "p: {block: feedback, truth: x(t-1), own: c(t-1)}\ne: {block: embedding, input: p, units: 4}\n"
    "l: e * 0 + z\nz: {block: weight, units: 4}\nc: {block: argmax, input: l}",
    "read: p, y: {from: l, predicts: x}",
    "x: {tokens: 4}",
)
"""A model whose own choice is always the same token, and which says what it read."""
SCHEDULES = [
    Curriculum("constant", 0.3),
    Curriculum("linear", 1.0, 0.02, 0.2),
    Curriculum("exponential", 0.96),
    Curriculum("inverse_sigmoid", 10.0),
]


def reads(curriculum: Curriculum, updates: Iterable[int], batch: int) -> list[Tensor]:
    """What is read at each update, 1 for the truth: a row for each sequence, its first step and padding left out."""
    module = compile(TOLD, feedback="curriculum")
    with torch.no_grad():
        module.z.value.copy_(torch.nn.functional.one_hot(torch.tensor(OWN), 4))  # type: ignore[operator, union-attr]
    axes, generator = coin_axes(module.checked), torch.Generator().manual_seed(1)  # type: ignore[arg-type]
    lengths = torch.randint(2, 8, (batch,), generator=generator)
    x = torch.full((batch, 9), TRUTH)
    found = []
    for update in updates:
        coins = toss(axes, curriculum.truth_at(update), batch, {"time": 9}, curriculum.coin, generator)
        read = module(x=x, **coins, lengths={"time": lengths})["read"]
        assert bool((read[:, 0] == 0).all())
        found.append([row[1:length] == TRUTH for row, length in zip(read, lengths.tolist(), strict=True)])
    return [torch.nn.utils.rnn.pad_sequence(rows, True, -1) for rows in [[r.long() for r in u] for u in found]]


def chance_of_worse(seen: list[float], tosses: list[int], wanted: list[float]) -> float:
    """How probable it is that so many coins are at least as far from their probabilities as those seen."""
    total, degrees = 0.0, 0
    for truths, count, p in zip(seen, tosses, wanted, strict=True):
        if p in (0.0, 1.0):
            assert truths == count * p
            continue
        total += (truths - count * p) ** 2 / (count * p * (1 - p))
        degrees += 1
    assert degrees > 4
    return float(torch.special.gammaincc(torch.tensor(degrees / 2).double(), torch.tensor(total / 2).double()))


@pytest.mark.parametrize("curriculum", SCHEDULES, ids=lambda curriculum: curriculum.schedule)
def test_the_truth_is_read_as_often_as_the_schedule_says(curriculum: Curriculum) -> None:
    found = reads(curriculum, range(50), 60)
    wanted = [curriculum.truth_at(update) for update in range(50)]
    seen = [float((rows == 1).sum()) for rows in found]
    tosses = [int((rows >= 0).sum()) for rows in found]
    assert chance_of_worse(seen, tosses, wanted) > 1e-4
    if curriculum.schedule != "constant":  # the place in the sequence is no training step
        shifted = [curriculum.truth_at(update + 6) for update in range(50)]
        assert chance_of_worse(seen, tosses, shifted) < 1e-4


@pytest.mark.parametrize(("coin", "times", "batch"), [("sequence", 2, 60), ("batch", 120, 2)])
@pytest.mark.parametrize("curriculum", SCHEDULES, ids=lambda curriculum: curriculum.schedule)
def test_coins_of_sequences_and_batches_follow_the_schedule(
    curriculum: Curriculum, coin: Coin, times: int, batch: int
) -> None:
    updates = range(0, 50, 4)
    found = reads(replace(curriculum, coin=coin), [update for update in updates for _ in range(times)], batch)
    firsts = [rows[: batch if coin == "sequence" else 1, 0] for rows in found]
    together = [torch.cat(firsts[place : place + times]) for place in range(0, len(firsts), times)]
    seen, tosses = [float(coins.sum()) for coins in together], [len(coins) for coins in together]
    assert tosses == [120] * len(updates)
    assert chance_of_worse(seen, tosses, [curriculum.truth_at(update) for update in updates]) > 1e-4
    if curriculum.schedule != "constant":
        assert chance_of_worse(seen, tosses, [curriculum.truth_at(update + 12) for update in updates]) < 1e-4


def test_a_coin_for_each_token_falls_alike_at_every_place() -> None:
    rows = torch.cat(reads(Curriculum("constant", 0.4), range(40), 60))
    places = [column[column >= 0] for column in rows.unbind(1)]
    seen = [float(column.sum()) for column in places]
    assert chance_of_worse(seen, [len(column) for column in places], [0.4] * len(seen)) > 1e-4


@pytest.mark.parametrize("coin", ["sequence", "batch"])
def test_one_coin_decides_a_sequence_or_a_batch(coin: Coin) -> None:
    found = reads(Curriculum("constant", 0.3, coin=coin), range(60), 40)
    for rows in found:
        assert bool(((rows == rows[:, :1]) | (rows < 0)).all())
        assert coin == "sequence" or bool((rows[:, 0] == rows[0, 0]).all())
    firsts = [rows[:, 0] if coin == "sequence" else rows[:1, 0] for rows in found]
    count = [len(first) for first in firsts]
    assert chance_of_worse([float(first.sum()) for first in firsts], count, [0.3] * 60) > 1e-4


@pytest.mark.parametrize("coin", COINS)
def test_recorded_coins_equal_the_interpreter(coin: Coin) -> None:
    case = case_of("luong")
    axes = coin_axes(case.checked)
    assert axes == {"previous_coin": "target"}
    batch, steps = case.inputs["target"].shape
    generator = torch.Generator().manual_seed(2)
    recorded = toss(axes, 0.5, batch, {"target": steps}, coin, generator)
    again = toss(axes, 0.5, batch, {"target": steps}, coin, generator.manual_seed(2))
    assert torch.equal(recorded["previous_coin"], again["previous_coin"])
    tossed = Case(case.checked, {**case.inputs, **recorded}, case.weights, case.lengths)
    assert_same(by_module(tossed, feedback="curriculum"), by_interpreter(tossed, feedback="curriculum"))


def test_coins_are_called_as_the_module_calls_them() -> None:
    text = text_of(
        "lambda: {block: feedback, truth: x(t-1), own: q(t-1)}\nq: tanh(lambda)\nlambda_coin: q * 2\n"
        "w: {block: feedback, truth: q(t-1), own: x(t-1)}",
        "y: lambda_coin, w: w",
        "x: {features: 2}",
    )
    module = compile(text, feedback="curriculum")
    axes = coin_axes(module.checked)  # type: ignore[arg-type]
    assert axes == {"lambda_coin_": "time", "w_coin": "time"}
    assert set(module(x=torch.zeros(2, 3, 2), **toss(axes, 0.5, 2, {"time": 3}))) == {"y", "w"}
    assert coin_axes(compile(text_of("y: x", "y: y")).checked) == {}  # type: ignore[arg-type]


def test_coins_of_what_nothing_reads_are_not_tossed() -> None:
    text = text_of("p: {block: feedback, truth: x(t-1), own: q(t-1)}\nq: tanh(p)\nr: x * 2", "y: r")
    module = compile(text, feedback="curriculum")
    assert coin_axes(module.checked) == {}  # type: ignore[arg-type]
    more = compile(text, feedback="curriculum", also=["q"])
    axes = coin_axes(more.checked, ["q"])  # type: ignore[arg-type]
    assert set(more(x=torch.zeros(2, 3, 4), **toss(axes, 0.5, 2, {"time": 3}))) == {"y", "q"}


@pytest.mark.parametrize("truth", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(truth: float) -> None:
    with pytest.raises(SpecError, match="the probability of the truth is"):
        toss({"p_coin": "time"}, truth, 2, {"time": 3})
