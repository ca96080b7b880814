"""Problems as a user sees them: places, suggestions, and nothing that a terminal would act on."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.problems import Mark, Problem, SpecError, an, nearest, refuse, suggest, visible


def test_a_problem_prints_its_place_what_and_hint() -> None:
    mark = Mark("spec.yaml", 3, 7)
    assert str(Problem("this is wrong", "do that", mark)) == "spec.yaml:3:7: error: this is wrong\n  do that"
    assert str(Problem("odd", "", mark, warning=True)) == "spec.yaml:3:7: warning: odd"
    assert str(refuse("no place")) == "error: no place"
    assert str(SpecError((Problem("a"), Problem("b")))) == "error: a\nerror: b"


@given(st.text(max_size=50), st.text(max_size=50))
def test_nothing_that_a_terminal_acts_on_is_printed(what: str, hint: str) -> None:
    shown = str(Problem(what, hint, Mark("spec.yaml", 1, 1)))
    assert all(character == "\n" or character.isprintable() for character in shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\0b", "a\\x00b"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\rb\tc", "a\\x0db\\x09c"),
        ("naïve 🎻 שלום", "naïve 🎻 שלום"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_long_text_is_clipped() -> None:
    assert len(str(Problem("x" * 100_000, "y" * 100_000))) < 5_000
    assert visible("abc", 2) == "ab…"


def test_file_names_are_made_visible_too() -> None:
    assert "\x1b" not in str(Problem("odd", "", Mark("a\x1b[2J.yaml", 1, 1)))


def test_suggestions_name_the_nearest_first() -> None:
    assert nearest("lstn", ["gru", "lstm"]) == ["lstm", "gru"]
    assert suggest("units", []) == "known: none"
    assert suggest("qqq", ["a", "b"], "keys") == "keys: a, b"
    listed = suggest("k1", [f"k{i}" for i in range(100)])
    assert listed.startswith("did you mean k1?") and listed.endswith("and 88 more")


def test_suggestions_of_long_names_take_no_time() -> None:
    names = [f"{'a' * 90}{i}" for i in range(10_000)]
    assert "did you mean" in suggest("a" * 100_000, names)


@pytest.mark.parametrize(
    "noun", ["an lstm", "an rnn", "a gru", "an embedding", "an attention", "a linear", "an input", "a mine", "a unit"]
)
def test_articles(noun: str) -> None:
    assert an(noun.split(" ", 1)[1]) == noun


def test_an_error_can_be_raised_again_and_keeps_its_traceback() -> None:
    try:
        raise refuse("once")
    except SpecError as error:
        caught = error
    with pytest.raises(SpecError, match="once"):
        raise caught
    assert sys.exc_info() == (None, None, None)
