"""Plain text in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leporello.graphs.fields import Field

GAP = "  "


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """One line for each row, the columns under one another; those in `right` end in the same place.

    >>> table([("node", "size"), ("h", "16")], right=[1])
    ['node  size', 'h       16']
    """
    if not rows:
        return []
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [GAP.join(_padded(cell, widths[i], i in right) for i, cell in enumerate(row)).rstrip() for row in rows]


def _padded(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)


def described(fields: Iterable[Field], width: int = 96) -> list[str]:
    """Fields with what they are and what they may be, in lines of at most so many characters."""
    from textwrap import wrap  # late: most tables have no words to wrap

    listed = list(fields)
    indent = " " * (max(len(field.name) for field in listed) + 2)
    return [
        line
        for field in listed
        for line in wrap(field.said, width, initial_indent=field.name.ljust(len(indent)), subsequent_indent=indent)
    ]
