"""Names that would be read as others where an index is lowered: `s0` beside `s` and its value before the first step."""

from __future__ import annotations

import re
from collections.abc import Iterable

from leporello.graphs.drawing.letters.lettering import label

_INDEX = re.compile(r"(?P<stem>.*[^\d_])_?(?P<index>\d+|(?<=_)(?:t|first|last|all|i|j))\Z")


def mistakable(stepped: Iterable[str], timeless: Iterable[str]) -> frozenset[str]:
    """The names that are not to be lettered as maths.

    Those of things without steps that would look like one that has steps at one of them, and any that would look alike.

    >>> sorted(mistakable(["s", "h", "x"], ["s0", "h_t", "W_h", "r0"])), sorted(mistakable(["pi", "s_1", "s1"], []))
    (['h_t', 's0'], ['s1', 's_1'])
    """
    together: dict[tuple[tuple[str, int], ...], set[str]] = {}
    known, once = set(stepped), set(timeless)
    for name in known | once:
        together.setdefault(_letters(name), set()).add(name)
    found = {name for names in together.values() if len(names) > 1 for name in names}
    looks = {_letters(name) for name in known}
    for name in once:
        parts = _INDEX.match(name)
        if parts and _letters(parts["stem"]) in looks and _letters(name) == _letters(parts["stem"], parts["index"]):
            found.add(name)
    return frozenset(found)


def _letters(name: str, step: str = "") -> tuple[tuple[str, int], ...]:
    """The letters of a name and how they are raised or lowered, whether slanted or not."""
    found: list[tuple[str, int]] = []
    for run in label(name, step).runs:
        before = found.pop() if found and found[-1][1] == run.level else ("", run.level)
        found.append((before[0] + run.text, run.level))
    return tuple(found)
