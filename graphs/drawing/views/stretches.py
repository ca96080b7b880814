"""The order of the time axes in a picture: what is read by another axis stands before it."""

from __future__ import annotations

from leporello.graphs.components import ordered, strong_components
from leporello.graphs.drawing.views.view import View
from leporello.graphs.frozen import frozen

_Clock = tuple[str | None, str]
_LATE = ("delay", "backward", "fed_back")


@frozen
class Stretch:
    """The boxes of one axis, or boxes without an axis that stand together."""

    axis: str | None
    paths: tuple[str, ...]


def stretches(view: View) -> list[Stretch]:
    """The stretches from left to right (or bottom to top). What reads nothing later stands as early as written.

    Boxes without an axis that read nothing stand first: between two axes they would part what looks back at all steps
    from what it looks at.
    """
    clock = {box.path: (box.axis, "" if box.axis else box.path) for box in view.boxes}
    place = {key: index for index, key in reversed(list(enumerate(clock.values())))}
    sources: dict[_Clock, set[_Clock]] = {key: set() for key in place}
    for edge in view.edges:
        if edge.style not in _LATE:
            sources[clock[edge.target]].add(clock[edge.source])
    knots = [tuple(sorted(keys, key=place.__getitem__)) for keys in strong_components(sources)]
    knot = {key: keys for keys in knots for key in keys}
    read = {keys: {knot[source] for key in keys for source in sources[key]} - {keys} for keys in knots}
    rank = {keys: (keys[0][0] is not None or bool(read[keys]), place[keys[0]]) for keys in knots}
    found: list[Stretch] = []
    for axis, path in (key for keys in ordered(read, rank) for key in keys):
        if axis is not None:
            found.append(Stretch(axis, tuple(box.path for box in view.boxes if box.axis == axis)))
        elif found and found[-1].axis is None:
            found[-1] = Stretch(None, (*found[-1].paths, path))
        else:
            found.append(Stretch(None, (path,)))
    return found
