"""Batches that a person's own program gives, as lists, as functions of the epoch, or as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from torch import Tensor

from leporello.graphs.problems import refuse
from leporello.training.feeding.batch import Batch
from leporello.training.resumable import Resumable

Batches = Iterable[Mapping[str, Any]]
Given = Batches | Callable[[int], Batches]
"""Mappings from inputs to tensors, with `lengths` by axis where sequences end early; or a function of the epoch."""
Kept = Literal["epoch", "state", ""]
LENGTHS = "lengths"


def kept_by(train: Any) -> Kept:
    """By what a run goes on amid these batches: the number of the epoch, a state that is kept, or nothing."""
    if hasattr(train, "state_dict") and hasattr(train, "load_state_dict"):
        return "state"
    return "epoch" if callable(train) or isinstance(train, Sequence) else ""


@dataclass
class Own:
    """The batches of a program; `axes` has the axis of each input that a batch must have, None for static ones."""

    axes: Mapping[str, str | None]
    train: Given
    valid: Given | None = None
    test: Given | None = None
    carried: bool = False

    @property
    def kept(self) -> Kept:
        """By what a run goes on amid the training batches."""
        return kept_by(self.train)

    @property
    def parts(self) -> Mapping[str, Resumable]:
        """The state of the training batches, where they have one."""
        return {"train": self.train} if self.kept == "state" else {}  # type: ignore[dict-item]

    def rest(self, epoch: int, position: int) -> Iterator[Batch]:
        """The batches of a pass from a position on; what has a state of its own is where it was left already."""
        skipped = 0 if self.kept == "state" else position
        found = islice(_iterated(self.train, epoch), skipped, None)
        return (self._batch(one, "train", position + place) for place, one in enumerate(found, 1))

    def passing(self) -> int | None:
        """The batches of a pass, where they can be counted without being used up."""
        batches = self.train(0) if callable(self.train) else self.train
        return len(batches) if isinstance(batches, Sized) else None

    def part(self, place: int) -> Iterator[Batch]:
        """The batches to validate with (1), or to test on (2)."""
        name, batches = ("valid", self.valid) if place == 1 else ("test", self.test)
        found = _iterated(batches if batches is not None else (), 0)
        count = 0
        for count, one in enumerate(found, 1):
            yield self._batch(one, name, count)
        if not count:
            raise refuse(f"{name} has no batch", "give a list, or a function, that has them at every validation")

    def counts(self) -> dict[str, int]:
        """Which parts there are; how much is in them is known to the program alone."""
        return {"train": 1, "valid": int(self.valid is not None), "test": int(self.test is not None)}

    def check(self) -> None:
        """Raise SpecError for what can be read once only and is needed at every validation."""
        for name, batches in (("valid", self.valid), ("test", self.test)):
            if batches is not None and not callable(batches) and iter(batches) is batches:
                raise refuse(
                    f"{name} can be read only once", "give a list, or a function of the epoch that makes it anew"
                )

    def _batch(self, given: Any, part: str, number: int) -> Batch:
        """A mapping as a batch. Raises SpecError for one that lacks an input, or is none."""
        where = f"batch {number} of {part}"
        if not isinstance(given, Mapping):
            raise refuse(f"{where} is a {type(given).__name__}", "give a dictionary of tensors by input")
        for name in self.axes:
            if not isinstance(given.get(name), Tensor):
                said = f"a {type(given[name]).__name__} as" if name in given else "no"
                raise refuse(f"{where} has {said} {name}", f"a tensor for each of {', '.join(self.axes)}")
        inputs = {name: value for name, value in given.items() if name != LENGTHS}
        sizes = {name: len(inputs[name]) for name in self.axes}
        if len(set(sizes.values())) > 1:
            raise refuse(f"{where} has inputs of different batch sizes: {sizes}", "their first axis is the batch")
        first = next(iter(self.axes))
        ordered = {first: inputs[first], **inputs}
        steps = {axis: inputs[name].shape[1] for name, axis in self.axes.items() if axis is not None}
        return Batch(ordered, steps, dict(given.get(LENGTHS) or {}))


def _iterated(batches: Given, epoch: int) -> Iterator[Any]:
    return iter(batches(epoch) if callable(batches) else batches)
