"""Answers of a model as they are shown: what was not known is told, numbers stand below each other and as curves."""

from __future__ import annotations

import pytest
from rich.style import Style

from leporello.tui.widgets.answers import answers, as_curves, in_columns


def shown(line: str, answer: dict[str, object]) -> str:
    return answers([(line, answer)], 60, "red", False).plain


def test_what_was_not_known_is_told() -> None:
    told = {"text": "das gross hund sieht", "score": -0.5661, "source": ["�", "big", "�", "sees"], "symbols": []}
    text = shown("The big Dog sees", told)
    assert "score -0.566, the nearer to 0 the surer" in text
    assert "it read � big � sees: � are not among what it has learned" in text
    assert "learned" not in shown("big", {**told, "source": ["big"]})
    assert "� is not among" in shown("a \x1b", {**told, "source": ["a", "�"]})


def test_the_probability_of_one_output_needs_no_name() -> None:
    one = {"values": {"guess": "down"}, "probabilities": {"guess": 0.591}}
    assert shown("so bad", one).endswith("guess  down   probability 0.59")
    steps = {"values": {"tag": ["D", "N"]}, "probabilities": {"tag": [0.9, 0.34]}}
    assert shown("a dog", steps).endswith("tag  D N   probability 0.34 of the least sure")
    two = {"values": {"a": "x", "b": "y"}, "probabilities": {"a": 0.5, "b": 0.25}}
    assert "a: probability 0.50   b: probability 0.25" in shown("so", two)


def test_numbers_stand_below_each_other() -> None:
    assert in_columns("-0.5,1\n12,0.25\n").plain.splitlines() == ["1  -0.5     1", "2    12  0.25"]
    assert in_columns("").plain == ""
    named = in_columns("-0.5,1\n12,0.25\n", ("temperature", "風")).plain.splitlines()
    assert named == ["   temperature    風", "1         -0.5     1", "2           12  0.25"]
    assert in_columns("1,2\n", ("a",)).plain == "1  1  2\n", "names of other columns are none of these"


@pytest.mark.parametrize("written", ["", "1,2\n3,4\n", "up\ndown\nup\nup\nup\n", "1,2\n3,four\n5,6\n7,8\n"])
def test_few_numbers_or_none_are_no_curve(written: str) -> None:
    assert as_curves(written, 60, lambda role: Style()).plain == ""


def test_a_column_is_a_curve_of_its_own_colour() -> None:
    asked: list[str] = []

    def ink(role: str) -> Style:
        asked.append(role)
        return Style()

    text = as_curves("\n".join(f"{n},{-n}" for n in range(12)), 60, ink).plain
    assert {"run.0", "run.1"} <= set(asked)
    told = as_curves("\n".join(f"{n},{-n}" for n in range(12)), 60, ink, ("up\x1b", "down")).plain.splitlines()[-1]
    assert "─ up" in told and "─ down" in told and "\x1b" not in told
    assert text.splitlines()[-1].rstrip().endswith("12")
    assert as_curves("\n".join(["1,nan,inf"] * 9), 60, ink).plain, "what is no finite number leaves a gap"
