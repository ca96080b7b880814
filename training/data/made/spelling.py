"""Numbers in figures, beside how they are said: the same figure is another word in another place.

>>> said(40_017)
'forty thousand and seventeen'
>>> said(1_200_350)
'one million two hundred thousand three hundred and fifty'
"""

from __future__ import annotations

import random

COLUMNS = ("figures", "words")
COUNT, MOST = 20_000, 9

SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
GREAT = (("million", 1_000_000), ("thousand", 1000))


def spelling(count: int = COUNT) -> list[tuple[str, str]]:
    """So many different numbers of 1 to 9 figures, in figures and in words; the same ones each time."""
    chance, seen = random.Random(1960), dict[int, None]()
    while len(seen) < count:
        seen.setdefault(chance.randrange(10 ** chance.randint(1, MOST)))
    return [(str(number), said(number)) for number in seen]


def said(number: int) -> str:
    """A number below a thousand million in words, as British English has it.

    >>> [said(number) for number in (0, 21, 105, 6_000_001)]
    ['zero', 'twenty one', 'one hundred and five', 'six million and one']
    """
    words, left = [], number
    for name, size in GREAT:
        if left >= size:
            words += [*_below_thousand(left // size), name]
            left %= size
    if words and 0 < left < 100:
        words.append("and")
    return " ".join([*words, *(_below_thousand(left) if left or not words else [])])


def _below_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = [SMALL[hundreds], "hundred"] if hundreds else []
    if hundreds and rest:
        words.append("and")
    if rest < 20:
        return [*words, SMALL[rest]] if rest or not hundreds else words
    tens, units = divmod(rest, 10)
    return [*words, TENS[tens - 2], *([SMALL[units]] if units else [])]
