"""Characters, words or pieces of words as numbers: 0 begin, 1 end, 2 unknown, then the symbols of the training part."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, Literal

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.pieces import Pair, applied, learn, words_in

BEGIN, END, UNKNOWN = 0, 1, 2
SPECIAL = 3
REPLACEMENT = "\ufffd"
Cut = Literal["characters", "words", "pieces"]
PIECES = 4000
"""So many pieces of words are known at most, where nothing else is said."""
WORD = re.compile(r"\w+(?:['’\-]\w+)*|[^\w\s]")
"""A word: letters and digits, joined by apostrophes and hyphens; every other sign is a word of its own."""
CLOSING, OPENING = frozenset(".,;:!?)]}%”»…"), frozenset("([{“«")


@frozen
class Vocabulary:
    """The symbols that a model knows; a symbol's number is its place here plus three.

    >>> v = Vocabulary.of(["banana"])
    >>> v.symbols, len(v)
    ('abn', 6)
    >>> list(v.encode("nab!"))
    [5, 3, 4, 2]
    >>> v.decode([5, 3, 4])
    'nab'
    >>> words = Vocabulary.of(["A dog sees the dog."], "words", lower=True, least=1)
    >>> words.decode(words.encode("The dog, a cat."))
    'the dog � a �.'
    """

    symbols: Sequence[str]
    kind: Cut = "characters"
    lower: bool = False
    merges: tuple[Pair, ...] = field(default=(), repr=False)

    @staticmethod
    def of(
        texts: Iterable[str | Sequence[str]],
        kind: Cut = "characters",
        *,
        lower: bool = False,
        least: int = 1,
        most: int | None = None,
    ) -> Vocabulary:
        """The vocabulary of texts: each symbol that occurs `least` times, the `most` frequent of them.

        Pieces are learned until there are `most`, of words that occur `least` times. Characters are in order of code
        point, words in order of frequency, equals in the order in which they come.
        """
        counts: Counter[str] = Counter()
        if kind == "pieces":
            for text in texts:
                counts.update(words_in(text.lower() if lower else text) if isinstance(text, str) else text)
            learned, merges = learn({word: n for word, n in counts.items() if n >= least}, most or PIECES)
            return Vocabulary(tuple(learned), kind, lower, tuple(merges))
        reader = Vocabulary("", kind, lower)
        for text in texts:
            counts.update(reader.cut(text))
        kept = [symbol for symbol, count in counts.most_common(most) if count >= least]
        return Vocabulary("".join(sorted(kept)) if kind == "characters" else tuple(kept), kind, lower)

    def __len__(self) -> int:
        return SPECIAL + len(self.symbols)

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each symbol."""
        return {symbol: SPECIAL + place for place, symbol in enumerate(self.symbols)}

    def cut(self, text: str | Sequence[str]) -> Sequence[str]:
        """The symbols of a text; a list has been cut already.

        >>> Vocabulary((), "words").cut("Don't stop, well-known (1999)!")
        ["Don't", 'stop', ',', 'well-known', '(', '1999', ')', '!']
        """
        if not isinstance(text, str):
            return [symbol.lower() for symbol in text] if self.lower else text
        text = text.lower() if self.lower else text
        if self.kind == "pieces":
            return [piece for word in words_in(text) for piece in self._pieces(word)]
        return text if self.kind == "characters" else WORD.findall(text)

    def _pieces(self, word: str) -> list[str]:
        """The pieces of a word, worked out once."""
        if word not in self._known:
            self._known[word] = applied(word, self._ranks)
        return self._known[word]

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _ranks(self) -> dict[Pair, int]:
        return {pair: rank for rank, pair in enumerate(self.merges)}

    def encode(self, text: str | Sequence[str]) -> array[int]:
        """The tokens of `text`, 64 bits each; a symbol that is not known becomes 2 (unknown)."""
        numbers = self.numbers
        return array("q", (numbers.get(symbol, UNKNOWN) for symbol in self.cut(text)))

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`: begin and end are nothing, unknown is U+FFFD; words have spaces where prose has."""
        symbols = [symbol for token in tokens if (symbol := self.character(token))]
        if self.kind == "pieces":
            return "".join(symbols).removeprefix(" ")
        return "".join(symbols) if self.kind == "characters" else joined(symbols)

    def character(self, token: int) -> str:
        """The symbol with this number, or nothing for begin and end; IndexError beyond the vocabulary."""
        if token < SPECIAL:
            return REPLACEMENT if token == UNKNOWN else ""
        return self.symbols[token - SPECIAL]

    def unknown(self, text: str | Sequence[str]) -> list[str]:
        """The symbols of `text` that are not in the vocabulary, each once, in order."""
        return [symbol for symbol in dict.fromkeys(self.cut(text)) if symbol not in self.numbers]

    def to_json(self) -> dict[str, Any]:
        """The vocabulary as it is kept in a run's folder."""
        special = ["begin", "end", "unknown"]
        merges = {"merges": [list(pair) for pair in self.merges]} if self.kind == "pieces" else {}
        return {"kind": self.kind, "lower": self.lower, "special": special, "symbols": list(self.symbols), **merges}

    @staticmethod
    def from_json(value: Any, file: str = "") -> Vocabulary:
        """The vocabulary that `to_json` wrote; SpecError if `value` is not one."""
        said = value if isinstance(value, dict) else {}
        symbols = [one for one in said.get("symbols") or () if isinstance(one, str) and one]
        whole = symbols == said.get("symbols") and len(set(symbols)) == len(symbols)
        if whole and said.get("kind") == "words":
            return Vocabulary(tuple(symbols), "words", said.get("lower") is True)
        if whole and said.get("kind") == "pieces" and _are_merges(said.get("merges"), set(symbols)):
            merges = tuple((first, second) for first, second in said["merges"])
            return Vocabulary(tuple(symbols), "pieces", said.get("lower") is True, merges)
        if whole and said.get("kind") == "characters" and symbols == sorted("".join(symbols)):
            return Vocabulary("".join(symbols), "characters", said.get("lower") is True)
        raise refuse(f"{file} has no vocabulary", "restore the file, or train the model again")


def _are_merges(value: Any, symbols: set[str]) -> bool:
    """Whether these are pairs of known pieces that make known pieces."""
    return isinstance(value, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(one, str) and one in symbols for one in pair)
        and pair[0] + pair[1] in symbols
        for pair in value
    )


def joined(words: Sequence[str]) -> str:
    """Words with spaces between them, but before closing signs and behind opening ones.

    >>> joined(["Well", "(", "so", "they", "say", ")", ",", "yes", "."])
    'Well (so they say), yes.'
    """
    parts: list[str] = []
    for place, word in enumerate(words):
        tight = not place or word in CLOSING or words[place - 1] in OPENING
        parts.append(word if tight else f" {word}")
    return "".join(parts)
