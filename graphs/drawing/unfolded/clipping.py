"""Wires that come from steps which are not shown, or lead to them: cut at the edge of the column."""

from __future__ import annotations

from collections.abc import Sequence

from leporello.graphs.drawing.column.requests import GridPoint


def arriving(path: Sequence[GridPoint], edge: int) -> tuple[GridPoint, ...] | None:
    """The end of a wire from where it last crosses the line x = `edge`; None where it begins beyond.

    >>> arriving([(2, 5), (30, 5), (30, 1)], 20)
    ((20, 5), (30, 5), (30, 1))
    """
    for index in range(len(path) - 2, -1, -1):
        (x, y), (to_x, _) = path[index], path[index + 1]
        if min(x, to_x) <= edge <= max(x, to_x) and x != to_x and to_x != edge:
            return ((edge, y), *path[index + 1 :])
    return None


def leaving(path: Sequence[GridPoint], edge: int) -> tuple[GridPoint, ...] | None:
    """The beginning of a wire up to where it first crosses the line x = `edge`; None where it begins beyond.

    >>> leaving([(2, 5), (30, 5), (30, 1)], 20)
    ((2, 5), (20, 5))
    """
    found = arriving(path[::-1], edge)
    return found[::-1] if found else None
