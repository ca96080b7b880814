"""Schedules of a curriculum: pure functions of the training step, as Bengio et al. 2015 give them."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import SpecError
from leporello.training.curricula import KINDS, Curriculum

STEPS = st.integers(0, 10**9)
SCHEDULES = st.one_of(
    st.builds(Curriculum, st.just("constant"), st.floats(0, 1)),
    st.builds(Curriculum, st.just("linear"), st.floats(0, 3), st.floats(0, 1), st.floats(0, 1)),
    st.builds(Curriculum, st.just("exponential"), st.floats(0, 1)),
    st.builds(Curriculum, st.just("inverse_sigmoid"), st.floats(1, 1e6)),
)


@given(SCHEDULES, STEPS, STEPS)
def test_every_schedule_gives_probabilities_that_never_rise(schedule: Curriculum, one: int, other: int) -> None:
    before, after = schedule.truth_at(min(one, other)), schedule.truth_at(max(one, other))
    assert 1 >= before >= after >= 0


@given(st.integers(0, 5000))
def test_the_formulas_of_the_paper(step: int) -> None:
    assert Curriculum("constant", 0.3).truth_at(step) == 0.3
    assert Curriculum("linear", 0.9, 1e-3, 0.1).truth_at(step) == pytest.approx(max(0.1, 0.9 - 1e-3 * step))
    assert Curriculum("exponential", 0.999).truth_at(step) == pytest.approx(math.exp(step * math.log(0.999)))
    k = 400.0
    assert Curriculum("inverse_sigmoid", k).truth_at(step) == pytest.approx(1 / (1 + math.exp(step / k) / k))


def test_what_nothing_is_said_of_is_teacher_forcing() -> None:
    assert [Curriculum().truth_at(step) for step in (0, 10**9)] == [1.0, 1.0]


def test_the_ends_of_long_training() -> None:
    last = [Curriculum(kind, slope=1e-6 if kind == "linear" else 0.0, k=k).truth_at(10**9)
            for kind, k in zip(KINDS, (0.5, 1.0, 0.9999, 2.0), strict=True)]  # fmt: skip
    assert last == [0.5, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"schedule": "sigmoid"}, "did you mean inverse_sigmoid"),
        ({"coin": "word"}, "no coin is tossed per 'word'"),
        ({"k": 1.5}, "k of the constant schedule is 1.5"),
        ({"schedule": "exponential", "k": 2}, "from 0 to 1"),
        ({"schedule": "inverse_sigmoid", "k": 0.5}, "1 or more"),
        ({"schedule": "inverse_sigmoid", "k": math.inf}, "is inf"),
        ({"schedule": "linear", "k": math.nan}, "is nan"),
        ({"schedule": "linear", "slope": -1.0}, "the slope is -1.0"),
        ({"schedule": "linear", "floor": 1.5}, "the floor is 1.5"),
        ({"schedule": "exponential", "k": 0.9, "floor": 0.1}, "neither slope nor floor"),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=told):
        Curriculum(**said)


def test_a_step_before_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match="no step -1"):
        Curriculum().truth_at(-1)


def test_schedules_need_no_torch() -> None:
    code = "import sys, leporello.training.curricula; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
