"""Greedy and by chance: what is drawn follows the model, and ends where it has to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch

from leporello.graphs.problems import SpecError
from leporello.training.generating.characters import distribution
from leporello.training.generating.drawing import greedy, sample
from leporello.training.generating.ensembles import Ensemble
from leporello.training.generating.hypotheses import Limits
from tests.support.models.translators import END, LOOK, WORDS, alone, log_probability, luong, ragged, strings, taught

LIMITS = Limits(END, maximum=6)


@pytest.fixture(scope="module")
def module() -> Any:
    return luong()


@pytest.fixture(scope="module")
def ensemble(module: Any) -> Ensemble:
    return Ensemble([module], LOOK)


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_greedy_takes_the_likeliest_after_what_it_took(module: Any, ensemble: Ensemble) -> None:
    sources, lengths = ragged(12)
    for row, hypothesis in enumerate(greedy(ensemble, sources, LIMITS, lengths)):
        one = alone(sources, lengths, row)
        logs, attention = taught(module, one, hypothesis.tokens)
        logs[:, [0, 2]] = -torch.inf
        wanted = logs.argmax(-1).tolist()
        assert list(hypothesis.tokens) == wanted[:-1]
        assert wanted[-1] == END or len(hypothesis.tokens) == 6
        assert hypothesis.score == pytest.approx(log_probability(module, one, hypothesis.tokens), abs=1e-9)
        torch.testing.assert_close(hypothesis.attention, attention, rtol=0, atol=1e-9)


def test_a_temperature_of_zero_is_greedy(ensemble: Ensemble) -> None:
    sources, lengths = ragged(6)
    drawn = sample(ensemble, sources, LIMITS, lengths, samples=2, temperature=0)
    for found, wanted in zip(drawn, greedy(ensemble, sources, LIMITS, lengths), strict=True):
        assert found == [wanted, wanted]


@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.7, "temperature": 2.0}], ids=str
)
def test_strings_come_as_often_as_they_are_probable(module: Any, ensemble: Ensemble, settings: dict[str, Any]) -> None:
    limits, count = Limits(END, maximum=2), 4000
    sources, _ = ragged(1)
    drawn = sample(ensemble, sources, limits, samples=count, generator=generator(5), **settings)[0]
    seen = Counter(hypothesis.tokens for hypothesis in drawn)
    found, degrees, total = 0.0, -1, 0.0
    for tokens in strings(2):
        logs, _ = taught(module, sources, tokens)
        chance = 1.0
        for step, token in enumerate([*tokens, END][:2]):
            chance *= float(distribution(logs[step], **settings)[token])
        total += chance
        if chance == 0:
            assert tokens not in seen
            continue
        found += (seen[tokens] - count * chance) ** 2 / (count * chance)
        degrees += 1
    assert total == pytest.approx(1)
    chance_of_worse = torch.special.gammaincc(torch.tensor(degrees / 2), torch.tensor(found / 2))
    assert chance_of_worse > 1e-4, (seen, found, degrees)


def test_log_probabilities_are_those_of_the_model_whatever_is_drawn_from(module: Any, ensemble: Ensemble) -> None:
    sources, lengths = ragged(3)
    drawn = sample(ensemble, sources, LIMITS, lengths, samples=4, top_k=2, temperature=3.0, generator=generator(1))
    for row, found in enumerate(drawn):
        one = alone(sources, lengths, row)
        assert len({hypothesis.tokens for hypothesis in found}) > 1
        for hypothesis in found:
            assert hypothesis.log_probability == pytest.approx(
                log_probability(module, one, hypothesis.tokens), abs=1e-9
            )
            attention = taught(module, one, hypothesis.tokens)[1]
            torch.testing.assert_close(hypothesis.attention, attention, rtol=0, atol=1e-9)


def test_the_same_seed_draws_the_same(ensemble: Ensemble) -> None:
    sources, lengths = ragged(4)
    first, again, other = (
        sample(ensemble, sources, LIMITS, lengths, samples=3, generator=generator(seed)) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_samples_stay_within_their_limits(ensemble: Ensemble) -> None:
    sources, lengths = ragged(4)
    limits = Limits(END, maximum=[2, 3, 4, 5], minimum=2, never=(0, 2, 5))
    for most, found in zip((2, 3, 4, 5), sample(ensemble, sources, limits, lengths, samples=30), strict=True):
        for hypothesis in found:
            assert 2 <= len(hypothesis.tokens) <= most and set(hypothesis.tokens) <= set(WORDS) - {5}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"samples": 0}, "0 samples"),
        ({"temperature": -1}, "temperature"),
        ({"top_k": -1}, "top-k"),
        ({"top_p": 0}, "top-p"),
    ],
)
def test_settings_that_make_no_sense_are_refused(ensemble: Ensemble, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=told):
        sample(ensemble, ragged(1)[0], LIMITS, **settings)
