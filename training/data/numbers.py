"""Real numbers as features: which values are numbers, and how each feature is moved and scaled."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from leporello.graphs.frozen import frozen

GAPS = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "?"})
BLOCK = 4096
LARGEST = 1e30
"""Larger numbers have no place in 32 bits once they are worked with."""


def finite(value: Any) -> float | None:
    """A value as a number, or None for what is none: gaps, words, truth values, what is not finite.

    >>> finite("1e3"), finite(2), finite("nan"), finite(True), finite("")
    (1000.0, 2.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= LARGEST else None


def missing(value: Any) -> bool:
    """Whether nothing stands where a number belongs: an empty text, null, or one of the usual signs for it.

    >>> missing(""), missing(None), missing("NaN"), missing("seven"), missing(0)
    (True, True, True, False, False)
    """
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and value.strip().lower() in GAPS)


def series(value: Any, gaps: bool = False) -> list[list[float]]:
    """Steps of features: a list of lists of numbers, or of numbers where there is one feature; NaN for `gaps`.

    >>> series([1, 2.5]), series([[1, 2], [3, 4]])
    ([[1.0], [2.5]], [[1.0, 2.0], [3.0, 4.0]])

    Raises ValueError that says which step is none.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{str(value)[:60]!r} is not a list of numbers")
    return [_step(place, step, gaps) for place, step in enumerate(value, 1)]


def _step(place: int, step: Any, gaps: bool) -> list[float]:
    values = step if isinstance(step, Sequence) and not isinstance(step, str) else [step]
    if gaps:
        values = [math.nan if missing(one) else one for one in values]
        known = [one for one in values if one is not math.nan]
        _step(place, known, False)
        return [one if one is math.nan else float(one) for one in values]
    found = [number for one in values if (number := finite(one)) is not None]
    if len(found) < len(values):
        wrong = next(one for one in values if finite(one) is None)
        raise ValueError(f"step {place} has {str(wrong)[:60]!r}, which is not a finite number")
    return found


def same_width(steps: Iterable[list[float]], width: int) -> Iterator[list[float]]:
    """The steps; raises ValueError where one has more or fewer features."""
    for place, step in enumerate(steps, 1):
        if len(step) != width:
            raise ValueError(f"step {place} has {len(step)} numbers, not {width}")
        yield step


def means(steps: Iterable[Sequence[float]], width: int) -> list[float | None]:
    """The mean of each of so many features over all steps that have it, as if all were summed up exactly.

    >>> means([[1e30, 1.0], [1.0, math.nan], [-1e30, 2.0], [2.0, math.nan]], 2)
    [0.75, 1.5]
    """
    steps, sums, counts = iter(steps), [[0.0] for _ in range(width)], [0] * width
    while block := list(islice(steps, BLOCK)):
        for place, column in enumerate(zip(*block, strict=True)):
            there = [one for one in column if not math.isnan(one)]
            counts[place] += len(there)
            sums[place] = _as_few(sums[place] + there)
    return [math.fsum(sums[place]) / count if count else None for place, count in enumerate(counts)]


def _as_few(numbers: list[float]) -> list[float]:
    """Few numbers whose sum is exactly the same."""
    found: list[float] = []
    while left := math.fsum([*numbers, *(-one for one in found)]):
        found.append(left)
    return found


@frozen
class _Steps(Iterable[list[float]]):
    """The steps of all sequences, as often as they are asked for."""

    values: Iterable[Any]
    gaps: bool

    def __iter__(self) -> Iterator[list[float]]:
        return chain.from_iterable(series(value, self.gaps) for value in self.values)


@frozen
class Numbers:
    """Real numbers, each feature moved and scaled so that it has mean 0 and deviation 1 in the training part.

    >>> numbers = Numbers.of([[[1.0], [3.0]]])
    >>> list(numbers.encode([[1.0], [5.0]])), numbers.back([3.0])
    ([-1.0, 3.0], [5.0])
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    kind: str = "numbers"
    gaps: bool = False

    @staticmethod
    def of(values: Iterable[Any], gaps: bool = False) -> Numbers:
        """Mean and deviation over all steps of all sequences; what is no list is gone through again and again.

        Raises ValueError for what is no such sequence.
        """
        steps: Iterable[list[float]] = _Steps(values, gaps)
        steps = list(steps) if isinstance(values, list) else steps
        width = len(next(iter(steps), [0.0]))
        found = means(same_width(steps, width), width)
        middle = tuple(mean for mean in found if mean is not None)
        if len(middle) < max(width, 1):
            raise ValueError("there is not a single number" + (" in one of its columns" if width > 1 else ""))
        squares = means(([(one - m) ** 2 for one, m in zip(step, middle, strict=True)] for step in steps), width)
        return Numbers(middle, tuple(math.sqrt(one or 0.0) or 1.0 for one in squares), gaps=gaps)

    @property
    def size(self) -> int:
        """How many features there are."""
        return len(self.mean)

    def encode(self, value: Any) -> array[Any]:
        """The scaled numbers of all steps, one step after the other, NaN where one is missing that may be.

        Raises ValueError for what is no such sequence.
        """
        both = tuple(zip(self.mean, self.scale, strict=True))
        steps = same_width(series(value, self.gaps), self.size)
        return array("f", ((one - m) / s for step in steps for one, (m, s) in zip(step, both, strict=True)))

    def back(self, step: Sequence[float]) -> list[float]:
        """One step in its own units again."""
        return [one * s + m for one, m, s in zip(step, self.mean, self.scale, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """Mean and deviation by feature."""
        gaps = {"gaps": True} if self.gaps else {}
        return {"kind": self.kind, "mean": list(self.mean), "scale": list(self.scale), **gaps}
