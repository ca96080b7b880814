"""Pieces of words: byte-pair encoding, learned from how often words come (Sennrich et al. 2016, arXiv:1508.07909).

A piece that begins a word begins with a blank, so that pieces put one after the other are the text again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

Pair = tuple[str, str]
LEAST = 2
"""Two pieces that stand beside each other less often stay two."""


def words_in(text: str) -> list[str]:
    """The words of a text, each with a blank before it.

    >>> words_in("a dog, here")
    [' a', ' dog,', ' here']
    """
    return [f" {word}" for word in text.split()]


def begun(word: str) -> list[str]:
    """The pieces of a word before anything is joined: its characters, the first with the blank.

    >>> begun(" dog")
    [' d', 'o', 'g']
    """
    return [word[:2], *word[2:]]


def learn(words: Mapping[str, int], most: int) -> tuple[list[str], list[Pair]]:
    """The pieces of words that come so often, `most` at most, and the pairs that were joined, in their order.

    Of pairs that come equally often the first by code point is joined.

    >>> learn({" low": 5, " lower": 2, " new": 3}, 10)[1]
    [(' l', 'o'), (' lo', 'w'), (' n', 'e'), (' ne', 'w')]
    """
    pairs = _Pairs(words)
    symbols = dict.fromkeys(sorted({piece for pieces in pairs.cut.values() for piece in pieces}))
    merges: list[Pair] = []
    while len(symbols) < most and (best := pairs.best()):
        merges.append(best)
        symbols[best[0] + best[1]] = None
        pairs.join(best)
    return list(symbols), merges


class _Pairs:
    """Words cut in pieces, and how often which pieces stand beside each other."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = words
        self.cut = {word: begun(word) for word in words}
        self.counts: Counter[Pair] = Counter()
        self.where: defaultdict[Pair, set[str]] = defaultdict(set)
        for word in words:
            self._count(word, words[word])
        self.queue = [(-count, pair) for pair, count in self.counts.items()]
        heapify(self.queue)

    def best(self) -> Pair | None:
        """The pair that comes most often, if it comes often enough."""
        while self.queue:
            count, pair = heappop(self.queue)
            # What has been counted anew since it was put in line stands there with its new count, too.
            if -count == self.counts[pair] >= LEAST:
                return pair
        return None

    def join(self, pair: Pair) -> None:
        """Make the two one, in all words."""
        changed: set[Pair] = set()
        for word in sorted(self.where[pair]):
            changed |= set(pairwise(self.cut[word]))
            self._count(word, -self.words[word])
            self.cut[word] = joined(self.cut[word], pair)
            self._count(word, self.words[word])
            changed |= set(pairwise(self.cut[word]))
        for one in changed:
            if self.counts[one] > 0:
                heappush(self.queue, (-self.counts[one], one))

    def _count(self, word: str, times: int) -> None:
        """Count the pairs of a word in, or, if `times` is below 0, out."""
        for pair in pairwise(self.cut[word]):
            self.counts[pair] += times
            if times > 0:
                self.where[pair].add(word)
            else:
                self.where[pair].discard(word)


def joined(pieces: Sequence[str], pair: Pair) -> list[str]:
    """Pieces with a pair made one wherever it stands, from the left.

    >>> joined(["a", "a", "a", "b"], ("a", "a"))
    ['aa', 'a', 'b']
    """
    found: list[str] = []
    place = 0
    while place < len(pieces):
        both = tuple(pieces[place : place + 2]) == pair
        found.append(pair[0] + pair[1] if both else pieces[place])
        place += 2 if both else 1
    return found


def applied(word: str, ranks: Mapping[Pair, int]) -> list[str]:
    """The pieces of a word: pairs are joined in the order in which they were learned."""
    pieces = begun(word)
    while len(pieces) > 1:
        pair = min(pairwise(pieces), key=lambda one: ranks.get(one, len(ranks)))
        if pair not in ranks:
            break
        pieces = joined(pieces, pair)
    return pieces
