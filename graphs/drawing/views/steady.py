"""Rows and their order as in the picture before: after an edit, what has not changed stays where it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from leporello.graphs.components import strong_components
from leporello.graphs.drawing.views.view import Near, View
from leporello.graphs.frozen import frozen


@frozen
class _Bar:
    """What lies upon a row of the picture before: what stood above it stands no lower than what stood below it."""

    axis: str | None
    row: int


def steady(
    view: View,
    sources: Mapping[str, Collection[str]],
    readers: Mapping[str, Collection[str]],
    hanging: Collection[str],
    alone: Collection[str],
) -> dict[str, int]:
    """Levels in which nothing that stood above another box of its axis in the picture before stands below it now.

    `sources` are what each box must stand above; where these turn the order round, it is turned round. What is
    `hanging` stands right under its first reader, if it is new. A box that is `alone` shares its row with none.
    """
    below = _below(view, sources)
    order = {name: place for place, (name,) in enumerate(strong_components(sources))}
    found: dict[str | _Bar, int] = {}
    for knot in strong_components(below):
        for one in sorted(knot, key=lambda one: order.get(one, len(order)) if isinstance(one, str) else len(order)):
            there = ((found[other], other) for other in below[one] if other in found)
            if isinstance(one, _Bar):
                # What stands alone shares its row with nothing that stood above it.
                found[one] = max((level + (other in alone) for level, other in there), default=0)
            else:
                found[one] = max((level + isinstance(other, str) for level, other in there), default=0)
    level = {path: value for path, value in found.items() if isinstance(path, str)}
    new = [path for path in hanging if path not in view.near]
    return level | {path: min(level[reader] for reader in readers[path]) - 1 for path in new}


def sorted_near(paths: Iterable[str], near: Near) -> list[str]:
    """The paths, those that stood in the picture before in the order in which they stood from left to right.

    >>> sorted_near(["b", "new", "a"], {"a": (0, 0), "b": (9, 0)})
    ['a', 'new', 'b']
    """
    found = list(paths)
    known = iter(sorted((path for path in found if path in near), key=lambda path: near[path][0]))
    return [next(known) if path in near else path for path in found]


def _below(view: View, sources: Mapping[str, Collection[str]]) -> dict[str | _Bar, list[str | _Bar]]:
    """What each box stands above: its sources, and the bar upon the row that was below its own."""
    found: dict[str | _Bar, list[str | _Bar]] = {path: [*read] for path, read in sources.items()}
    for axis in {box.axis for box in view.boxes}:
        rows: dict[float, list[str]] = {}
        for box in view.boxes:
            if box.axis == axis and box.path in view.near:
                rows.setdefault(view.near[box.path][1], []).append(box.path)
        for row, y in enumerate(sorted(rows, reverse=True)):  # y is counted downwards
            lower: list[str | _Bar] = [_Bar(axis, row - 1)] if row else []
            found[_Bar(axis, row)] = [*rows[y], *lower]
            for path in rows[y]:
                found[path] += lower
    return found
