"""Data as a model will see them: examples as text and as numbers, lengths, symbols, and how often labels come."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from typing import Any

from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data, alone
from leporello.training.data.encoders import LOWEST, Labels, Notes
from leporello.training.data.numbers import Numbers, series
from leporello.training.data.reading import PARTS
from leporello.training.data.sounds import Sounds
from leporello.training.data.vocabulary import END, UNKNOWN, Vocabulary

MOST_STEPS, MOST_SYMBOLS = 60, 40
TRAIN, VALID = 0, 1


def shown(data: Data, count: int) -> list[dict[str, Any]]:
    """What there is to be said of each input, with the first `count` examples of the training part.

    Raises SpecError for a value that cannot be encoded.
    """
    return [_input(column, data.long, count) for column in data.columns.values()]


def _input(column: Column, long: bool, count: int) -> dict[str, Any]:
    encoder = column.encoder
    said: dict[str, Any] = {"input": column.name, "source": column.source, "as": encoder.kind, "size": encoder.size}
    encoded = [list(_encoded(column, part)) for part in range(len(PARTS))]
    said["steps" if long else "sequences"] = {
        name: sum(map(len, rows)) if long else len(rows) for name, rows in zip(PARTS, encoded, strict=True)
    }
    if not long and column.entry.axis is not None:
        lengths = [len(row) for row in encoded[TRAIN]]
        said["lengths"] = {"least": min(lengths), "median": median(lengths), "most": max(lengths)}
    if isinstance(encoder, Vocabulary):
        said["symbols"] = list(encoder.symbols[:MOST_SYMBOLS])
        said["unknown"] = _unknown(encoded[VALID])
    elif isinstance(encoder, Labels):
        counts = Counter(number for row in encoded[TRAIN] for number in row)
        said["labels"] = {encoder.name(number): n / counts.total() for number, n in counts.most_common()}
    elif isinstance(encoder, Numbers):
        said["mean"], said["deviation"] = list(encoder.mean), list(encoder.scale)
    said["examples"] = [_example(column, row, steps) for row, steps in islice(enumerate(encoded[TRAIN]), count)]
    return said


def _encoded(column: Column, part: int) -> Iterator[Sequence[Any]]:
    """Each row as a list of steps: tokens, or lists of features."""
    width = column.encoder.size
    for number, value in enumerate(column.parts[part], 1):
        try:
            found = column.encoder.encode(alone(column.entry, value))
        except (TypeError, ValueError) as error:
            where = f"{column.source}, row {number} of the part {PARTS[part]}"
            raise refuse(f"{where}: {error}", "", column.entry.mark()) from error
        if column.entry.tokens:
            yield [*found, END] if column.ends else found
        else:
            yield [list(found[at : at + width]) for at in range(0, len(found), width)]


def _unknown(rows: Sequence[Sequence[int]]) -> float | None:
    """The share of symbols in a part that the model does not know; None where the part has none."""
    total = sum(map(len, rows))
    return sum(token == UNKNOWN for row in rows for token in row) / total if total else None


def _example(column: Column, row: int, steps: Sequence[Any]) -> dict[str, Any]:
    """One example as text and as numbers, at most so many steps of it."""
    seen, encoder = list(steps[:MOST_STEPS]), column.encoder
    if isinstance(encoder, Vocabulary):
        text = encoder.decode(seen)
    elif isinstance(encoder, Labels):
        text = " ".join(map(encoder.name, seen))
    elif isinstance(encoder, Sounds):
        recorded = column.parts[TRAIN][row]
        text = f"{len(recorded.samples) / recorded.rate:.2f} s"
        seen = [[_rounded(value) for value in step] for step in seen]
    elif isinstance(encoder, Notes):
        seen = [[place for place, value in enumerate(step) if value] for step in seen]
        text = " ".join("+".join(str(place + LOWEST) for place in step) or "-" for step in seen)
    else:
        given = series(alone(column.entry, column.parts[TRAIN][row]), bool(column.entry["gaps"]))[:MOST_STEPS]
        text = " ".join(",".join("?" if math.isnan(value) else f"{value:g}" for value in step) for step in given)
        seen = [[_rounded(value) for value in step] for step in seen]
    return {"steps": len(steps), "text": text, "numbers": seen}


def _rounded(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
