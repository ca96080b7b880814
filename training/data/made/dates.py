"""Dates as people write them, each beside the same date as ISO 8601 writes it: a task for an encoder and a decoder.

Each text has one reading: of three figures the year comes last and the day first, or the year first and the day last,
and a year of two figures lies between 1930 and 2029.

>>> for words, figures in dates(3):
...     print(figures, "<-", words)
1972-06-25 <- 19720625
2000-06-09 <- June the ninth, 2000
1967-06-13 <- June 13th, 1967
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

COLUMNS = ("words", "iso")
FIRST, LAST = date(1930, 1, 1), date(2029, 12, 31)
COUNT = 30_000
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip
TENS = {20: "twenty", 30: "thirty"}


def ordinal(day: int) -> str:
    """A day with its ending.

    >>> [ordinal(day) for day in (1, 2, 3, 11, 22)]
    ['1st', '2nd', '3rd', '11th', '22nd']
    """
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def in_words(day: int) -> str:
    """A day in words.

    >>> [in_words(day) for day in (1, 20, 21, 30, 31)]
    ['first', 'twentieth', 'twenty-first', 'thirtieth', 'thirty-first']
    """
    if day <= len(UNITS):
        return UNITS[day - 1]
    return "thirtieth" if day == 30 else f"{TENS[day // 10 * 10]}-{UNITS[day % 10 - 1]}"


Form = Callable[[date], str]


def _month(d: date) -> str:
    return MONTHS[d.month - 1]


def _short(d: date) -> str:
    return MONTHS[d.month - 1][:3]


def _year(d: date) -> str:
    return f"{d.year % 100:02d}"


FORMS: tuple[Form, ...] = (
    lambda d: f"{d.day} {_month(d)} {d.year}",
    lambda d: f"{d.day} {_short(d)} {d.year}",
    lambda d: f"{_month(d)} {d.day}, {d.year}",
    lambda d: f"{_short(d)} {d.day}, {d.year}",
    lambda d: f"{_short(d)}. {d.day} {d.year}",
    lambda d: f"{ordinal(d.day)} {_month(d)} {d.year}",
    lambda d: f"{ordinal(d.day)} of {_month(d)}, {d.year}",
    lambda d: f"{ordinal(d.day)} of {_month(d)}, {_year(d)}",
    lambda d: f"the {ordinal(d.day)} of {_month(d)} {d.year}",
    lambda d: f"{_month(d)} {ordinal(d.day)}, {d.year}",
    lambda d: f"{_month(d)} the {ordinal(d.day)}, {d.year}",
    lambda d: f"{_month(d)} the {in_words(d.day)}, {d.year}",
    lambda d: f"the {in_words(d.day)} of {_month(d)} {d.year}",
    lambda d: f"{in_words(d.day)} {_month(d)} {d.year}",
    lambda d: f"{DAYS[d.weekday()]} {d.day} {_month(d)} {d.year}",
    lambda d: f"{DAYS[d.weekday()]}, {_month(d)} {d.day}, {d.year}",
    lambda d: f"{DAYS[d.weekday()][:3]} {d.day} {_short(d)} {d.year}",
    lambda d: f"{DAYS[d.weekday()][:3]}, {d.day:02d} {_short(d)} {d.year}",
    lambda d: f"{DAYS[d.weekday()]} the {ordinal(d.day)} of {_month(d)} {d.year}",
    lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{d.day}.{d.month}.{_year(d)}",
    lambda d: f"{d.day:02d}/{d.month:02d}/{d.year}",
    lambda d: f"{d.day}/{d.month}/{d.year}",
    lambda d: f"{d.day:02d}/{d.month:02d}/{_year(d)}",
    lambda d: f"{d.day:02d}-{d.month:02d}-{d.year}",
    lambda d: f"{d.day}-{_short(d)}-{d.year}",
    lambda d: f"{d.day}-{_short(d)}-{_year(d)}",
    lambda d: f"{d.day}. {_month(d)} {d.year}",
    lambda d: f"{d.year}/{d.month:02d}/{d.day:02d}",
    lambda d: f"{d.year}.{d.month:02d}.{d.day:02d}",
    lambda d: f"{d.year} {_month(d)} {d.day}",
    lambda d: f"{d.year}, {_short(d)} {d.day}",
    lambda d: f"{d.day} {_month(d)} '{_year(d)}",
    lambda d: f"{_short(d)} {d.day} '{_year(d)}",
    lambda d: f"{d.year}{d.month:02d}{d.day:02d}",
)
"""The ways in which a date is written."""


def dates(count: int = COUNT) -> list[tuple[str, str]]:
    """So many different dates, in words and in figures; the same ones each time.

    No date occurs twice, so that those a model is tested on are absent from what it was trained on.
    """
    chance = random.Random(1930)
    every = (LAST - FIRST).days + 1
    return [_pair(FIRST + timedelta(days), chance) for days in chance.sample(range(every), every)[:count]]


def _pair(day: date, chance: random.Random) -> tuple[str, str]:
    words = chance.choice(FORMS)(day)
    case = chance.randrange(4)
    return (words.lower() if case == 0 else words.upper() if case == 1 else words), day.isoformat()
