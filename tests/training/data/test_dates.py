"""Dates in words and in figures: a reader that knows no list of forms finds each date again."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from leporello.training.data.made.dates import DAYS, FORMS, MONTHS, UNITS, dates

NUMBERS = {word: number for number, word in enumerate(UNITS, 1)} | {"thirtieth": 30, "thirty-first": 31}
NUMBERS |= {f"twenty-{word}": 20 + number for number, word in enumerate(UNITS[:9], 1)}

DAY_NAMES = {name for day in DAYS for name in (day.lower(), day[:3].lower())}
SOME = [date(1930, 1, 1), date(2029, 12, 31), date(2001, 2, 3), date(1999, 5, 30), date(2012, 11, 21)]


def read(text: str) -> date:
    """The date that a text says. Raises ValueError where it says none."""
    text = text.lower()
    if re.fullmatch(r"\d{8}", text):
        return date.fromisoformat(text)
    found: dict[str, int] = {}
    figures: list[str] = []
    for word in re.findall(r"[a-z]+(?:-(?!\d)[a-z]+(?<=th|st|nd|rd))?|\d+", text):
        month = next((n for n, name in enumerate(MONTHS, 1) if word in (name.lower(), name[:3].lower())), None)
        if month:
            found["month"] = month
        elif word in NUMBERS:
            found["day"] = NUMBERS[word]
        elif word.isdigit():
            figures.append(word)
        elif word not in ("the", "of", "st", "nd", "rd", "th", *DAY_NAMES):
            raise ValueError(f"{word} in {text}")
    long = [figure for figure in figures if len(figure) == 4]
    backwards = bool(long) and figures[0] == long[0]
    if len(figures) == 3:
        figures = figures[::-1] if backwards else figures
        day, found["month"], year = map(int, figures)
        found["day"] = day
    elif "day" in found:
        (year,) = map(int, figures)
    else:
        first, second = figures[::-1] if backwards else figures
        found["day"], year = int(first), int(second)
    if not long:
        year += 1900 if year >= 30 else 2000
    return date(year, found["month"], found["day"])


def test_each_text_has_one_reading() -> None:
    for words, figures in dates():
        assert read(words).isoformat() == figures, words
        day = next((place for place, name in enumerate(DAYS) if words.lower().startswith(name[:3].lower())), None)
        assert day in (None, date.fromisoformat(figures).weekday()), words


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("day", SOME)
def test_each_form_is_read_as_the_date_it_is_made_of(form: object, day: date) -> None:
    assert callable(form)
    assert read(form(day)) == day
    assert read(form(day).upper()) == day


def test_no_two_forms_and_no_two_dates_are_the_same() -> None:
    assert len(FORMS) >= 30
    assert len({form(date(2003, 9, 7)) for form in FORMS}) == len(FORMS)
    made = dates()
    assert len(made) == len({figures for _, figures in made}) == 30_000
    assert dates() == made
    assert dates(5) == made[:5]
    assert Counter(len(figures) for _, figures in made) == {10: 30_000}


@pytest.mark.parametrize("text", ["", "some day", "31 February 2001", "the fortieth of May 2001"])
def test_the_reader_refuses_what_is_no_date(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        read(text)
