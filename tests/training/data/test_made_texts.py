"""Letters and numbers that are made: no text occurs twice, and a reader of its own finds each number again."""

from __future__ import annotations

import pytest

from leporello.training.data.made.reversing import FEWEST, MOST, reversing
from leporello.training.data.made.spelling import SMALL, TENS, said, spelling

VALUES = {word: number for number, word in enumerate(SMALL)} | {word: 10 * n for n, word in enumerate(TENS, 2)}


def read(words: str) -> int:
    """The number that words say. Raises KeyError for a word that is none."""
    whole = below = 0
    for word in words.split():
        if word in ("thousand", "million"):
            whole, below = whole + below * {"thousand": 1000, "million": 1_000_000}[word], 0
        elif word == "hundred":
            below *= 100
        elif word != "and":
            below += VALUES[word]
    return whole + below


def test_each_number_is_found_again_in_its_words() -> None:
    found = spelling()
    assert len({figures for figures, _ in found}) == len({words for _, words in found}) == len(found) == 20_000
    for figures, words in found:
        assert str(read(words)) == figures
    assert {len(figures) for figures, _ in found} == set(range(1, 10))


@pytest.mark.parametrize("size", [1, 1000, 1_000_000])
def test_every_number_below_a_thousand_is_said_its_own_way(size: int) -> None:
    words = [said(number * size) for number in range(1000)]
    assert [read(one) for one in words] == [number * size for number in range(1000)]
    assert len(set(words)) == 1000
    assert not any("  " in one or one.endswith(" and") for one in words)


def test_and_stands_before_what_is_below_a_hundred() -> None:
    assert [said(number) for number in (100, 101, 1001, 1100, 1_000_010, 2_034_000)] == [
        "one hundred",
        "one hundred and one",
        "one thousand and one",
        "one thousand one hundred",
        "one million and ten",
        "two million thirty four thousand",
    ]


def test_letters_come_back_and_no_text_occurs_twice() -> None:
    found = reversing()
    assert len({text for text, _ in found}) == len(found) == 20_000
    assert all(back == "".join(reversed(text)) for text, back in found)
    lengths = [len(text) for text, _ in found]
    assert all(abs(lengths.count(length) - 20_000 / 13) < 200 for length in range(FEWEST, MOST + 1))


@pytest.mark.parametrize("made", [reversing, spelling])
def test_the_same_are_made_each_time(made: object) -> None:
    assert made() == made() and made(5) == made()[:5]  # type: ignore[operator]
