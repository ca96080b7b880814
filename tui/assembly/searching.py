"""A fuzzy search: what is meant by a few letters, by name first, then by what is said of it."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.tui.assembly.acts import Choice


def search(letters: str, choices: Iterable[Choice]) -> list[Choice]:
    """The choices that have these letters, the likeliest first; all of them, as they stand, where there are none.

    >>> [one.value for one in search("ls", [Choice("else"), Choice("lstm"), Choice("gru", "lstm is larger")])]
    ['lstm', 'else', 'gru']
    """
    wanted = letters.lower().split()
    if not wanted:
        return list(choices)
    ranked = []
    for place, choice in enumerate(choices):
        ranks = [_rank(word, choice) for word in wanted]
        if None not in ranks:
            ranked.append((sum(rank for rank in ranks if rank is not None), place, choice))
    return [choice for _, _, choice in sorted(ranked, key=lambda one: one[:2])]


def _rank(word: str, choice: Choice) -> int | None:
    """How far a word is from a choice: 0 where it is its name."""
    name = choice.value.lower()
    short = name.rpartition("/")[2]
    if word in (name, short):
        return 0
    if name.startswith(word) or short.startswith(word):
        return 1
    if any(part.startswith(word) for part in short.split("_")):
        return 2
    if word in name:
        return 3
    said = f"{choice.note} {choice.words}".lower()
    if any(one.startswith(word) for one in said.replace("-", " ").split()):
        return 5
    if _scattered(word, short):
        return 8
    return 9 if len(word) > 2 and word in said else None


def _scattered(word: str, name: str) -> bool:
    """Whether a name has these letters in this order, the first one first."""
    rest = iter(name)
    return name[:1] == word[:1] and all(letter in rest for letter in word)
