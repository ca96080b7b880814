"""Numbers in any order, beside the same in order: a task for a model that points at what it reads.

>>> numbers, ordered = sorting(1)[0]
>>> print(*numbers, "->", *ordered)
49.1 59.1 83.2 95.7 6.3 -> 6.3 49.1 59.1 83.2 95.7
"""

from __future__ import annotations

import random

COLUMNS = ("numbers", "ordered")
COUNT, FEWEST, MOST = 4000, 4, 8


def sorting(count: int = COUNT) -> list[tuple[list[float], list[float]]]:
    """So many lists of 4 to 8 numbers between 0 and 100, each with the same in order; the same ones each time."""
    chance = random.Random(1506)
    rows = [[chance.randrange(1000) / 10 for _ in range(chance.randint(FEWEST, MOST))] for _ in range(count)]
    return [(row, sorted(row)) for row in rows]
