"""Beam search: greedy with a beam of one, exhaustive with a beam of all, the same in every batch, as taught."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from leporello.graphs.problems import SpecError
from leporello.training.generating.beams import beam_search
from leporello.training.generating.drawing import greedy
from leporello.training.generating.ensembles import Ensemble
from leporello.training.generating.hypotheses import Hypothesis, Limits
from leporello.training.generating.penalties import Penalties
from tests.support.models.translators import (
    END,
    LOOK,
    alone,
    listener,
    log_probability,
    luong,
    ragged,
    strings,
    taught,
)

LIMITS = Limits(END, maximum=6)


@pytest.fixture(scope="module")
def module() -> Any:
    return luong()


@pytest.fixture(scope="module")
def ensemble(module: Any) -> Ensemble:
    return Ensemble([module], LOOK)


def assert_same_hypotheses(found: list[Hypothesis], wanted: list[Hypothesis]) -> None:
    """The same strings in the same order, with the same numbers and attention."""
    assert [h.tokens for h in found] == [h.tokens for h in wanted]
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.score == pytest.approx(theirs.score, abs=1e-9)
        assert ours.log_probability == pytest.approx(theirs.log_probability, abs=1e-9)
        assert (ours.attention is None) == (theirs.attention is None)
        if ours.attention is not None and theirs.attention is not None:
            torch.testing.assert_close(ours.attention, theirs.attention, rtol=0, atol=1e-9)


def test_a_beam_of_one_is_greedy(ensemble: Ensemble) -> None:
    sources, lengths = ragged(16)
    for limits in (LIMITS, Limits(END, maximum=5, minimum=3), Limits(END, maximum=[1, 2, 3, 4] * 4, never=(0, 2, 4))):
        plain = greedy(ensemble, sources, limits, lengths)
        for found, wanted in zip(beam_search(ensemble, sources, limits, lengths, beam=1), plain, strict=True):
            assert_same_hypotheses(found, [wanted])
        assert len({hypothesis.tokens for hypothesis in plain}) > 4


def exhaustive(module: Any, row: dict[str, Tensor], penalties: Penalties, limits: Limits) -> list[tuple[float, Any]]:
    """Equation 14 of every string that the limits allow, from teacher forcing, the best first."""
    found = []
    for tokens in strings(limits.least):
        if len(tokens) < limits.minimum:
            continue
        logs, attention = taught(module, row, tokens)
        probability = sum(float(logs[step, token]) for step, token in enumerate([*tokens, END]))
        length = ((5 + len(tokens) + 1) / 6) ** penalties.length
        coverage = sum(math.log(min(float(column.sum()), 1.0)) for column in attention.T)
        found.append((probability / length + penalties.coverage * coverage, tokens))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("penalties", [Penalties(), Penalties(1.0), Penalties(0.6, 0.4)], ids=str)
@pytest.mark.parametrize("minimum", [0, 2])
def test_a_beam_of_all_strings_is_exhaustive_search(
    module: Any, ensemble: Ensemble, penalties: Penalties, minimum: int
) -> None:
    limits = Limits(END, maximum=3, minimum=minimum)
    sources, lengths = ragged(3)
    count = sum(3**length for length in range(minimum, 4))
    beams = beam_search(ensemble, sources, limits, lengths, beam=81, best=81, penalties=penalties)
    for row, found in enumerate(beams):
        wanted = exhaustive(module, alone(sources, lengths, row), penalties, limits)
        assert [hypothesis.tokens for hypothesis in found] == [tokens for _, tokens in wanted]
        assert [h.score for h in found] == pytest.approx([score for score, _ in wanted], abs=1e-9)
        assert len(found) == count


def test_scores_and_attention_are_those_of_teacher_forcing(module: Any, ensemble: Ensemble) -> None:
    sources, lengths = ragged(9)
    for row, found in enumerate(beam_search(ensemble, sources, LIMITS, lengths, best=5)):
        assert len(found) == 5 and len({hypothesis.tokens for hypothesis in found}) == 5
        one = alone(sources, lengths, row)
        for hypothesis in found:
            assert hypothesis.score == hypothesis.log_probability
            assert hypothesis.score == pytest.approx(log_probability(module, one, hypothesis.tokens), abs=1e-9)
            attention = taught(module, one, hypothesis.tokens)[1]
            torch.testing.assert_close(hypothesis.attention, attention, rtol=0, atol=1e-9)


def test_batches_of_any_size_and_order_find_the_same(ensemble: Ensemble) -> None:
    sources, lengths = ragged(64)
    maximum = [2 + int(length) for length in lengths["source"]]
    order = torch.randperm(64, generator=torch.Generator().manual_seed(2))

    def search(rows: Tensor) -> list[list[Hypothesis]]:
        limits = Limits(END, maximum=[maximum[row] for row in rows.tolist()])
        given, valid = {"source": sources["source"][rows]}, {"source": lengths["source"][rows]}
        return beam_search(ensemble, given, limits, valid, best=4, penalties=Penalties(0.8, 0.2))

    together = search(torch.arange(64))
    for size in (1, 7, 64):
        for rows in order.split(size):
            for row, found in zip(rows.tolist(), search(rows), strict=True):
                assert_same_hypotheses(found, together[row])
    assert len({len(hypothesis.tokens) for found in together for hypothesis in found}) > 4


def test_what_lies_in_the_padding_changes_nothing() -> None:
    ensemble = Ensemble([listener()], LOOK)
    generator = torch.Generator().manual_seed(3)
    sound = torch.randn(6, 5, 2, generator=generator, dtype=torch.float64)
    speaker = torch.randn(6, 2, generator=generator, dtype=torch.float64)
    lengths = torch.tensor([5, 1, 3, 4, 2, 5])
    wide = torch.full((6, 9, 2), torch.nan, dtype=torch.float64)
    wide[:, :5] = sound
    wide[torch.arange(9) >= lengths[:, None]] = torch.nan
    limits = Limits(END, maximum=5)
    settings: dict[str, Any] = {"best": 5, "penalties": Penalties(0.5, 0.3)}
    padded = beam_search(ensemble, {"sound": wide, "speaker": speaker}, limits, {"source": lengths}, **settings)
    drawn = greedy(ensemble, {"sound": wide, "speaker": speaker}, limits, {"source": lengths})
    for row, length in enumerate(lengths.tolist()):
        given = {"sound": sound[row : row + 1, :length], "speaker": speaker[row : row + 1]}
        (found,) = beam_search(ensemble, given, limits, **settings)
        assert_same_hypotheses(padded[row], found)
        assert_same_hypotheses([drawn[row]], greedy(ensemble, given, limits))


def test_tokens_in_the_padding_change_nothing(ensemble: Ensemble) -> None:
    sources, lengths = ragged(8)
    other = torch.where(torch.arange(7) < lengths["source"][:, None], sources["source"], 0)
    found = beam_search(ensemble, sources, LIMITS, lengths, best=3)
    for ours, theirs in zip(found, beam_search(ensemble, {"source": other}, LIMITS, lengths, best=3), strict=True):
        assert_same_hypotheses(ours, theirs)


def test_lengths_stay_within_their_limits(ensemble: Ensemble) -> None:
    sources, lengths = ragged(8)
    limits = Limits(END, maximum=[2, 3, 4, 5] * 2, minimum=2, never=(0, 2, 5))
    for row, found in enumerate(beam_search(ensemble, sources, limits, lengths, best=5)):
        for hypothesis in found:
            assert 2 <= len(hypothesis.tokens) <= 2 + row % 4
            assert set(hypothesis.tokens) <= {3, 4}


def test_fewer_are_found_only_where_there_are_no_more(ensemble: Ensemble) -> None:
    sources, lengths = ragged(2)
    limits = Limits(END, maximum=1, never=(0, 2, 5))
    for found in beam_search(ensemble, sources, limits, lengths, beam=9, best=9):
        assert sorted(hypothesis.tokens for hypothesis in found) == [(), (3,), (4,)]


def test_what_is_known_of_a_source_is_kept_once(module: Any) -> None:
    ensemble = Ensemble([module], LOOK)
    (inner,) = ensemble.modules
    shapes = []
    step = inner.step
    inner.step = lambda inputs, state: (shapes.append({k: v.shape for k, v in state.items()}), step(inputs, state))[1]
    sources, _ = ragged(4)
    beam_search(ensemble, sources, LIMITS, {"source": torch.tensor([7, 7, 6, 7])}, beam=5)
    assert any(shape["attentional"][1] == 5 for shape in shapes)
    for shape in shapes:
        assert all(shape[key][0] == shape["attentional"][0] <= 4 for key in inner.constants)
        assert shape["attention/K(all)"][1:] == (7, 128)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"beam": 3, "best": 4}, "4 best of a beam of 3"),
        ({"beam": 0}, "beam of 0"),
        ({"best": 0}, "0 best"),
        ({"penalties": Penalties(coverage=0.1)}, "needs attention weights"),
    ],
)
def test_settings_that_do_not_fit_are_refused(module: Any, settings: dict[str, Any], told: str) -> None:
    sources, lengths = ragged(2)
    with pytest.raises(SpecError, match=told):
        beam_search(Ensemble([module]), sources, LIMITS, lengths, **settings)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"end": 1, "maximum": 0}, "0 to 0 tokens"),
        ({"end": 1, "maximum": [3, 1], "minimum": 2}, "2 to 1 tokens"),
        ({"end": 1, "minimum": -1}, "-1 to 100"),
        ({"end": 2}, "2 ends sequences and is never chosen"),
        ({"end": 6}, "no token 6.*|.*from 0 to 5"),
        ({"end": 1, "never": (0, -1)}, "no token -1"),
        ({"end": 1, "begin": 9}, "no token 9|out of range"),
        ({"end": 1, "maximum": [4, 4, 4]}, "3 maximal lengths are given for 2 sources"),
    ],
)
def test_limits_that_do_not_fit_are_refused(ensemble: Ensemble, limits: dict[str, Any], told: str) -> None:
    sources, lengths = ragged(2)
    with pytest.raises((SpecError, ValueError), match=told):
        beam_search(ensemble, sources, Limits(**limits), lengths)


@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf, 101.0])
def test_penalties_that_make_no_sense_are_refused(wrong: float) -> None:
    for name in ("length", "coverage"):
        with pytest.raises(SpecError, match=f"the {name} penalty is"):
            Penalties(**{name: wrong})
