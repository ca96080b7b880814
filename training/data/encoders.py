"""How values become what a model reads, and back: labels, numbers, and the notes of piano rolls.

An encoder is made from the training part, kept in a run's folder as JSON, and needs no torch. Tokens are arrays of
64-bit integers, features arrays of 32-bit floats, step after step.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Protocol

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse, suggest
from leporello.training.data.numbers import Numbers
from leporello.training.data.sounds import Sounds
from leporello.training.data.vocabulary import Vocabulary

LOWEST, HIGHEST = 21, 108
"""The keys of a piano, as MIDI numbers."""


class Encoder(Protocol):
    """What is common to all."""

    @property
    def kind(self) -> str:
        """How values are read: characters, words, labels, numbers, notes, sound."""

    @property
    def size(self) -> int:
        """The number of tokens, or of features."""

    def encode(self, value: Any) -> array[Any]:
        """One sequence, or one value, as numbers; raises ValueError that says what is wrong with it."""

    def to_json(self) -> dict[str, Any]:
        """What `encoder_of` makes the same encoder from."""


@frozen
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
    """The labels in one value: a list of them, a text with blanks between them, or one number.

    Raises ValueError for what is none of these.
    """
    if isinstance(value, str):
        return value.split()
    names = list(value) if isinstance(value, Sequence) else [value]
    for name in names:
        if not isinstance(name, str | int | float) or name == "":
            raise ValueError(f"{str(name)[:60] or 'an empty text'!r} is no label: labels are texts or numbers")
    return [str(name) for name in names]


@frozen
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
            mean, scale = (tuple(map(float, value[name])) for name in ("mean", "scale"))
            return Numbers(mean, scale, gaps=value.get("gaps") is True)
        if kind == "sound":
            return Sounds(int(value["rate"]), int(value["size"]))
    except (KeyError, TypeError, ValueError) as error:
        raise refuse(f"{file} does not say its {kind}", "restore the file, or train the model again") from error
    return Notes() if kind == "notes" else Vocabulary.from_json(value, file)
