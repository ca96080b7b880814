"""The order of the time axes in a picture: what is read by another axis stands before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leporello.graphs.drawing.view import View

_LATE = ("delay", "backward", "fed_back")


@dataclass(frozen=True)
class Stretch:
    """The boxes of one axis, or boxes without an axis that stand together."""

    axis: str | None
    paths: tuple[str, ...]


def stretches(view: View) -> list[Stretch]:
    """The stretches from left to right (or bottom to top). What reads nothing later stands as early as written.

    Boxes without an axis that read nothing stand first: between two axes they would part what looks back at all steps
    from what it looks at.
    """
    import networkx

    clock = {box.path: (box.axis, "" if box.axis else box.path) for box in view.boxes}
    place = {key: index for index, key in reversed(list(enumerate(clock.values())))}
    graph: networkx.DiGraph[tuple[str | None, str]] = networkx.DiGraph()
    graph.add_nodes_from(place)
    graph.add_edges_from((clock[e.source], clock[e.target]) for e in view.edges if e.style not in _LATE)
    knots = networkx.condensation(graph)
    inside: Any = knots.nodes(data="members")
    members = {knot: sorted(keys, key=place.__getitem__) for knot, keys in inside}
    rank = {knot: (_reads(knots, members, knot), place[keys[0]]) for knot, keys in members.items()}
    order = networkx.lexicographical_topological_sort(knots, key=rank.__getitem__)
    found: list[Stretch] = []
    for axis, path in (key for knot in order for key in members[knot]):
        if axis is not None:
            found.append(Stretch(axis, tuple(box.path for box in view.boxes if box.axis == axis)))
        elif found and found[-1].axis is None:
            found[-1] = Stretch(None, (*found[-1].paths, path))
        else:
            found.append(Stretch(None, (path,)))
    return found


def _reads(knots: Any, members: Mapping[Any, Sequence[tuple[str | None, str]]], knot: Any) -> bool:
    """Whether a knot has an axis, or reads something."""
    return members[knot][0][0] is not None or knots.in_degree(knot) > 0
