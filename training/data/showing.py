"""Data as a model will see them: examples as text and as numbers, lengths, symbols, and how often labels come."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data
from leporello.training.data.encoders import LOWEST, Labels, Notes
from leporello.training.data.numbers import Numbers, series
from leporello.training.data.reading import PARTS
from leporello.training.data.sounds import Sounds
from leporello.training.data.vocabulary import END, UNKNOWN, Vocabulary

MOST_STEPS, MOST_SYMBOLS = 60, 40


def shown(data: Data, count: int) -> list[dict[str, Any]]:
    """What there is to be said of each input, with the first `count` examples of the training part.

    Raises SpecError for a value that cannot be encoded.
    """
    return [_input(column, data.long, count) for column in data.columns.values()]


@dataclass
class _Seen:
    """What has been seen of a part, value by value: nothing of it is held but its first examples."""

    rows: int = 0
    steps: int = 0
    unknown: int = 0
    lengths: array[int] = field(default_factory=lambda: array("Q"))
    labels: Counter[int] = field(default_factory=Counter)
    first: list[tuple[Any, Sequence[Any]]] = field(default_factory=list)


def _seen(column: Column, part: int, count: int) -> _Seen:
    """A part, with its first `count` values as they are and as numbers."""
    found, encoder = _Seen(), column.encoder
    for value, steps in _encoded(column, part):
        found.rows, found.steps = found.rows + 1, found.steps + len(steps)
        found.lengths.append(len(steps))
        if isinstance(encoder, Vocabulary):
            found.unknown += sum(token == UNKNOWN for token in steps)
        elif isinstance(encoder, Labels):
            found.labels.update(steps)
        if len(found.first) < count:
            found.first.append((value, steps))
    return found


def _input(column: Column, long: bool, count: int) -> dict[str, Any]:
    encoder = column.encoder
    said: dict[str, Any] = {"input": column.name, "source": column.source, "as": encoder.kind, "size": encoder.size}
    parts = [_seen(column, part, min(count, 1) if long else count) for part in range(len(PARTS))]
    counts = {name: seen.steps if long else seen.rows for name, seen in zip(PARTS, parts, strict=True)}
    said["steps" if long else "sequences"] = counts
    train, valid, _ = parts
    if not long and column.entry.axis is not None:
        lengths = train.lengths
        said["lengths"] = {"least": min(lengths), "median": median(lengths), "most": max(lengths)}
    if isinstance(encoder, Vocabulary):
        said["symbols"] = list(encoder.symbols[:MOST_SYMBOLS])
        said["unknown"] = valid.unknown / valid.steps if valid.steps else None
    elif isinstance(encoder, Labels):
        said["labels"] = {encoder.name(number): n / train.labels.total() for number, n in train.labels.most_common()}
    elif isinstance(encoder, Numbers):
        said["mean"], said["deviation"] = list(encoder.mean), list(encoder.scale)
    said["examples"] = [
        {"steps": train.steps if long else len(steps), **_example(column, value, steps)} for value, steps in train.first
    ]
    return said


def _encoded(column: Column, part: int) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Each value beside it as a list of steps: tokens, or lists of features."""
    width = column.encoder.size
    for number, value in enumerate(column.values(part), 1):
        try:
            found = column.encoder.encode(value)
        except (TypeError, ValueError) as error:
            where = f"{column.source}, row {number} of the part {PARTS[part]}"
            raise refuse(f"{where}: {error}", "", column.entry.mark()) from error
        if column.entry.tokens:
            yield value, [*found, END] if column.ends else found
        else:
            yield value, [list(found[at : at + width]) for at in range(0, len(found), width)]


def _example(column: Column, value: Any, steps: Sequence[Any]) -> dict[str, Any]:
    """One example as text and as numbers, at most so many steps of it."""
    seen, encoder = list(steps[:MOST_STEPS]), column.encoder
    if isinstance(encoder, Vocabulary):
        text = encoder.decode(seen)
    elif isinstance(encoder, Labels):
        text = " ".join(map(encoder.name, seen))
    elif isinstance(encoder, Sounds):
        text = f"{len(value.samples) / value.rate:.2f} s"
        seen = [[_rounded(value) for value in step] for step in seen]
    elif isinstance(encoder, Notes):
        seen = [[place for place, value in enumerate(step) if value] for step in seen]
        text = " ".join("+".join(str(place + LOWEST) for place in step) or "-" for step in seen)
    else:
        given = series(value, bool(column.entry["gaps"]))[:MOST_STEPS]
        text = " ".join(",".join("?" if math.isnan(value) else f"{value:g}" for value in step) for step in given)
        seen = [[_rounded(value) for value in step] for step in seen]
    return {"text": text, "numbers": seen}


def _rounded(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
