"""How values become what a model reads, and back: labels, numbers, and the notes of piano rolls.

An encoder is made from the training part, kept in a run's folder as JSON, and needs no torch. Tokens are arrays of
64-bit integers, features arrays of 32-bit floats, step after step.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from leporello.graphs.problems import refuse, suggest
from leporello.training.data.vocabulary import Vocabulary

LOWEST, HIGHEST = 21, 108
"""The keys of a piano, as MIDI numbers."""


class Encoder(Protocol):
    """What is common to all."""

    @property
    def kind(self) -> str:
        """How values are read: characters, words, labels, numbers, notes."""

    @property
    def size(self) -> int:
        """The number of tokens, or of features."""

    def encode(self, value: Any) -> array[Any]:
        """One sequence, or one value, as numbers; raises ValueError that says what is wrong with it."""

    def to_json(self) -> dict[str, Any]:
        """What `encoder_of` makes the same encoder from."""


@dataclass(frozen=True)
class Labels:
    """A set of names, in order of the alphabet; a sequence of them is a list, or a text with blanks between them.

    >>> labels = Labels.of(["cat", "dog", "cat"])
    >>> list(labels.encode("dog cat")), labels.name(1)
    ([1, 0], 'dog')
    """

    names: tuple[str, ...]
    kind: str = "labels"

    @staticmethod
    def of(values: Iterable[Any]) -> Labels:
        """The labels that occur."""
        return Labels(tuple(sorted({name for value in values for name in names_in(value)})))

    @property
    def size(self) -> int:
        """How many labels there are."""
        return len(self.names)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each label."""
        return {name: number for number, name in enumerate(self.names)}

    def name(self, number: int) -> str:
        """The label with this number."""
        return self.names[number]

    def encode(self, value: Any) -> array[Any]:
        """The numbers of the labels in `value`."""
        try:
            return array("q", [self.numbers[name] for name in names_in(value)])
        except KeyError as error:
            hint = suggest(error.args[0], self.names[:1000], "labels of the training part")
            raise ValueError(f"the label {error.args[0]!r} does not occur in the training part ({hint})") from None

    def to_json(self) -> dict[str, Any]:
        """The labels by number."""
        return {"kind": self.kind, "names": list(self.names)}


def names_in(value: Any) -> list[str]:
    """The labels in one value: a list of them, a text with blanks between them, or one number."""
    if isinstance(value, str):
        return value.split()
    return [str(one) for one in value] if isinstance(value, Sequence) else [str(value)]


@dataclass(frozen=True)
class Numbers:
    """Real numbers, each feature moved and scaled so that it has mean 0 and deviation 1 in the training part.

    >>> numbers = Numbers.of([[[1.0], [3.0]]])
    >>> list(numbers.encode([[1.0], [5.0]])), numbers.back([3.0])
    ([-1.0, 3.0], [5.0])
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    kind: str = "numbers"

    @staticmethod
    def of(values: Iterable[Sequence[Sequence[float]]]) -> Numbers:
        """Mean and deviation over all steps of all sequences."""
        columns = list(zip(*(step for value in values for step in value), strict=True))
        means = tuple(math.fsum(column) / len(column) for column in columns)
        spread = (
            math.sqrt(math.fsum((one - mean) ** 2 for one in column) / len(column))
            for column, mean in zip(columns, means, strict=True)
        )
        return Numbers(means, tuple(deviation or 1.0 for deviation in spread))

    @property
    def size(self) -> int:
        """How many features there are."""
        return len(self.mean)

    def encode(self, value: Any) -> array[Any]:
        """The scaled numbers of all steps, one step after the other."""
        both = tuple(zip(self.mean, self.scale, strict=True))
        return array("f", ((one - m) / s for step in value for one, (m, s) in zip(step, both, strict=True)))

    def back(self, step: Sequence[float]) -> list[float]:
        """One step in its own units again."""
        return [one * s + m for one, m, s in zip(step, self.mean, self.scale, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """Mean and deviation by feature."""
        return {"kind": self.kind, "mean": list(self.mean), "scale": list(self.scale)}


@dataclass(frozen=True)
class Notes:
    """Piano rolls: at each step the keys that sound, as 88 features of 0 and 1.

    >>> roll = Notes()
    >>> sum(roll.encode([[60, 64], [], [67]])), len(roll.encode([[60]]))
    (3.0, 88)
    """

    kind: str = "notes"

    @property
    def size(self) -> int:
        """The keys of a piano."""
        return HIGHEST - LOWEST + 1

    def encode(self, value: Any) -> array[Any]:
        """The keys of all steps, one step after the other."""
        found = array("f", bytes(4 * self.size * len(value)))
        for step, notes in enumerate(value):
            for note in notes:
                if isinstance(note, bool) or not isinstance(note, int) or not LOWEST <= note <= HIGHEST:
                    raise ValueError(f"step {step + 1} has the note {note!r}, not a MIDI number from 21 to 108")
                found[step * self.size + note - LOWEST] = 1.0
        return found

    def to_json(self) -> dict[str, Any]:
        """Nothing but its kind: a piano has the keys it has."""
        return {"kind": self.kind}


def encoder_of(value: Any, file: str) -> Encoder:
    """The encoder that was kept as JSON. Raises SpecError for what is none."""
    kind = value.get("kind") if isinstance(value, dict) else None
    try:
        if kind == "labels":
            return Labels(tuple(str(name) for name in value["names"]))
        if kind == "numbers":
            return Numbers(tuple(map(float, value["mean"])), tuple(map(float, value["scale"])))
    except (KeyError, TypeError, ValueError) as error:
        raise refuse(f"{file} does not say its {kind}", "restore the file, or train the model again") from error
    return Notes() if kind == "notes" else Vocabulary.from_json(value, file)
