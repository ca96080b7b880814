"""The order from bottom to top in which the boxes of a picture stand: what is read lies below its reader."""

from __future__ import annotations

import heapq
from collections import Counter

from leporello.graphs.components import strong_components
from leporello.graphs.drawing.views.steady import steady
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.view import Box, Edge, Near, View

_LATE = ("delay", "backward", "fed_back")


def upward(view: View) -> frozenset[Edge]:
    """The edges that go from a lower row to a higher one: all that close no cycle.

    A late edge within a loop goes back down, and one that went down in the picture before. A closed box may stand on a
    cycle without a delay, which its inside does not have; there the order written decides.
    """
    place = {box.path: index for index, box in enumerate(view.boxes)}
    edges = [edge for edge in view.edges if edge.source != edge.target]
    prompt = [edge for edge in edges if edge.style not in _LATE]
    loop, knot = _component(edges), _component(prompt)

    def rises(edge: Edge) -> bool:
        if edge.style in _LATE:
            return loop[edge.source] != loop[edge.target] and not _fell(edge, view.near)
        return knot[edge.source] != knot[edge.target] or place[edge.source] < place[edge.target]

    return frozenset(edge for edge in edges if rises(edge))


def _fell(edge: Edge, near: Near) -> bool:
    """Whether an edge went down in the picture before, where y is counted downwards."""
    return edge.source in near and edge.target in near and near[edge.source][1] < near[edge.target][1]


def _component(edges: list[Edge]) -> dict[str, int]:
    sources: dict[str, list[str]] = {path: [] for edge in edges for path in (edge.source, edge.target)}
    for edge in edges:
        sources[edge.target].append(edge.source)
    return {path: index for index, paths in enumerate(strong_components(sources)) for path in paths}


def levels(view: View) -> dict[str, int]:
    """The level of each box: the longest way to it from below.

    What reads nothing of the same step, a recurrent weight for instance, stands right under its first reader.
    """
    rising = upward(view)
    sources: dict[str, list[str]] = {box.path: [] for box in view.boxes}
    readers: dict[str, list[str]] = {box.path: [] for box in view.boxes}
    for edge in view.edges:
        if edge in rising:
            sources[edge.target].append(edge.source)
            readers[edge.source].append(edge.target)
    hanging = [box.path for box in view.boxes if box.kind != "input" and readers[box.path] and not sources[box.path]]
    if view.near:
        return steady(view, sources, readers, hanging, {box.path for box in view.boxes if _is_alone(box)})
    level: dict[str, int] = {}
    for (path,) in strong_components(sources):
        level[path] = max((level[source] + 1 for source in sources[path]), default=0)
    return level | {path: min(level[reader] for reader in readers[path]) - 1 for path in hanging}


def rows(view: View) -> list[list[str]]:
    """The paths row by row from the bottom; a state has a row of its own, so that its delay meets no neighbour.

    Within a row those that read the past stand first, on the side from which it comes, those that are read
    late stand last.
    """
    level, found = levels(view), dict[tuple[int, int], list[str]]()
    late = {edge.target for edge in view.edges if edge.style in _LATE}
    early = {edge.source for edge in view.edges if edge.style in _LATE} - late
    places = {box.path: index + 1 for index, box in enumerate(view.boxes)}
    for box in sorted(view.boxes, key=lambda box: (box.path not in late, box.path in early)):
        alone = places[box.path] if _is_alone(box) else 0
        found.setdefault((level[box.path], alone), []).append(box.path)
    return [found[key] for key in sorted(found)]


def _is_alone(box: Box) -> bool:
    """Whether a box has a row of its own."""
    return box.kind in ("state", "attention")


def downward(view: View) -> list[str]:
    """The paths from top to bottom for a picture with one box in a row, each time axis for itself.

    What a box reads comes right below it where nothing else reads it, so that a short arrow joins the two.
    """
    stretch = {path: index for index, part in enumerate(stretches(view)) for path in part.paths}
    fallen = sorted((path for row in reversed(rows(view)) for path in row), key=lambda path: -stretch[path])
    rank = {path: index for index, path in enumerate(fallen)}
    sources: dict[str, list[str]] = {path: [] for path in fallen}
    for source, target in {(edge.source, edge.target) for edge in upward(view)}:
        sources[target].append(source)
    readers = Counter(source for read in sources.values() for source in read)
    ready = [rank[path] for path in fallen if not readers[path]]
    placed: dict[str, None] = {}
    while ready:
        path: str | None = fallen[heapq.heappop(ready)]
        while path is not None and path not in placed:
            placed[path] = None
            readers.subtract(sources[path])
            free = sorted(rank[source] for source in sources[path] if not readers[source])
            for place in free:
                heapq.heappush(ready, place)
            path = next((fallen[place] for place in free if stretch[fallen[place]] == stretch[path]), None)
    return list(placed)
