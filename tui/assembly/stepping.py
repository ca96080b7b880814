"""A setting that goes up or down by keys: the choice after it, a number doubled, halved, or one more."""

from __future__ import annotations

from leporello.graphs.problems import SpecError
from leporello.tui.assembly.acts import Row, yaml


def stepped(row: Row, by: int) -> str:
    """The value after that of a row, or before it.

    >>> stepped(Row("units", "64"), 1), stepped(Row("layers", "2"), -1), stepped(Row("dropout", "0.2"), 1)
    ('128', '1', '0.3')
    """
    fits = [one.value for one in row.choices if one.fits]
    text = row.value or row.note
    try:
        number = yaml(text) if text else None
    except SpecError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float) or (not row.free and fits):
        if not fits:
            return row.value
        return fits[(fits.index(text) + by) % len(fits)] if text in fits else fits[0]
    if isinstance(number, float) or row.name == "dropout":
        return f"{min(max(round(number + by * 0.1, 2), 0), 1):g}"
    if number >= 16 or (number >= 8 and by > 0):
        return str(number * 2 if by > 0 else number // 2)
    return str(max(number + by, 1))
