"""Characters as numbers: 0 begin, 1 end, 2 unknown, then the characters of the training part in order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leporello.graphs.problems import refuse

BEGIN, END, UNKNOWN = 0, 1, 2
SPECIAL = 3
REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Vocabulary:
    """The characters that a model knows; a character's number is its place here plus three.

    >>> v = Vocabulary.of("banana")
    >>> v.characters, len(v)
    ('abn', 6)
    >>> list(v.encode("nab!"))
    [5, 3, 4, 2]
    >>> v.decode([5, 3, 4])
    'nab'
    """

    characters: str

    @staticmethod
    def of(text: str) -> Vocabulary:
        """The vocabulary of a text: each of its characters once, by code point."""
        return Vocabulary("".join(sorted(set(text))))

    def __len__(self) -> int:
        return SPECIAL + len(self.characters)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each character."""
        return {character: SPECIAL + place for place, character in enumerate(self.characters)}

    def encode(self, text: str) -> array[int]:
        """The tokens of `text`, 64 bits each; a character that is not known becomes 2 (unknown)."""
        numbers = self.numbers
        return array("q", (numbers.get(character, UNKNOWN) for character in text))

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`: begin and end are nothing, unknown is U+FFFD."""
        return "".join(self.character(token) for token in tokens)

    def character(self, token: int) -> str:
        """The character with this number, or nothing for begin and end; IndexError beyond the vocabulary."""
        if token < SPECIAL:
            return REPLACEMENT if token == UNKNOWN else ""
        return self.characters[token - SPECIAL]

    def unknown(self, text: str) -> list[str]:
        """The characters of `text` that are not in the vocabulary, each once, in order."""
        return [character for character in dict.fromkeys(text) if character not in self.numbers]

    def to_json(self) -> dict[str, Any]:
        """The vocabulary as it is kept in a run's folder."""
        return {"kind": "characters", "special": ["begin", "end", "unknown"], "characters": list(self.characters)}

    @staticmethod
    def from_json(value: Any, file: str = "vocabulary.json") -> Vocabulary:
        """The vocabulary that `to_json` wrote; SpecError if `value` is not one."""
        characters = value.get("characters") if isinstance(value, dict) else None
        single = isinstance(characters, list) and all(isinstance(c, str) and len(c) == 1 for c in characters)
        if not single or characters != sorted(set(characters or ())):
            raise refuse(f"{file} is not a vocabulary of characters", "restore the file, or train the model again")
        return Vocabulary("".join(characters or ()))
