"""Labels: names read as in textbooks, whatever stands in them is drawn, and their widths grow with their letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.drawing.letters.lettering import label, words


@pytest.mark.parametrize(
    ("name", "base", "below"),
    [
        ("h", "h", "t"),
        ("h_0", "h", "0,t"),
        ("h1", "h", "1,t"),
        ("W_hh", "W", "hh,t"),
        ("h_enc", "h", "enc,t"),
        ("b_ih_l0", "b", "ih,l0,t"),
        ("c_tilde", "c\N{COMBINING TILDE}", "t"),
        ("c~_1", "c\N{COMBINING TILDE}", "1,t"),
        ("y_hat", "\N{LATIN SMALL LETTER Y WITH CIRCUMFLEX}", "t"),
        ("x_bar_2", "x\N{COMBINING MACRON}", "2,t"),
        ("x'", "x\N{PRIME}", "t"),
        ("x_prime", "x\N{PRIME}", "t"),
        ("alpha", "α", "t"),
        ("sigma_x", "σ", "x,t"),
        ("Sigma", "Σ", "t"),
        ("W_alpha", "W", "α,t"),
    ],
)
def test_a_letter_is_maths_with_its_accents_and_indices(name: str, base: str, below: str) -> None:
    found = label(name, "t")
    assert found.serif
    assert found.runs[0].text == base
    assert "".join(run.text for run in found.runs[1:]) == below
    assert all(run.level == -1 for run in found.runs[1:])


@pytest.mark.parametrize(
    "name", ["encoder", "my_state", "logits", "W_a_very_long_name", "layer 1", "x^2", "f(t-1)", "tilde"]
)
def test_a_word_is_a_word(name: str) -> None:
    assert label(name).text == name
    assert not label(name, "3").serif
    assert [run.level for run in label(name, "3").runs] == [0, -1]


def test_variables_are_slanted_and_numbers_capitals_of_greek_and_words_are_not() -> None:
    slanted = {run.text for name in ("W_hh", "h_enc", "alpha_1", "Sigma_x") for run in label(name).runs if run.italic}
    assert slanted == {"W", "hh", "h", "α", "x"}


@given(st.text(max_size=40), st.text(alphabet="0123456789t", max_size=4))
def test_any_text_is_a_label(name: str, step: str) -> None:
    found = label(name, step)
    assert found.text.strip() or not name.strip()
    assert found.width(10) >= words("").width(10) > 0
    assert label(name, step + "1").width(10) > found.width(10)


def test_accents_take_no_room_and_indices_less_than_letters() -> None:
    assert label("c_tilde").width(10) == label("c").width(10)
    assert label("cc").width(10) > label("c_c").width(10) > label("c").width(10)
