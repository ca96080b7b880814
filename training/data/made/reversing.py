"""Letters in any order, beside the same backward: a task for which all of a text has to be remembered.

>>> reversing(2)
[('peiflmpjw', 'wjpmlfiep'), ('zlmgcgfgktrctq', 'qtcrtkgfgcgmlz')]
"""

from __future__ import annotations

import random
from string import ascii_lowercase

COLUMNS = ("letters", "backward")
COUNT, FEWEST, MOST = 20_000, 4, 16


def reversing(count: int = COUNT) -> list[tuple[str, str]]:
    """So many different texts of 4 to 16 letters, each with the same backward; the same ones each time.

    As many are of each length, so that it is seen how far a model goes.
    """
    chance, seen = random.Random(2014), dict[str, None]()
    while len(seen) < count:
        seen.setdefault("".join(chance.choices(ascii_lowercase, k=chance.randint(FEWEST, MOST))))
    return [(text, text[::-1]) for text in seen]
