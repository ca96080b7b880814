"""How well the wires of a picture lie: crossings, bends and length, of a scene of ours and of a layout by `dot`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leporello.graphs.drawing.scene.scene import Point, Scene

Segment = tuple[Point, Point]
_FLAT = 12
"""Into so many straight pieces a curve is cut."""


@dataclass(frozen=True)
class Way:
    """A wire from what is read to its reader; ways of one `net` carry the same value and do not cross each other."""

    net: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Quality:
    """What can be counted: `bends` are quarter turns (of a curve its whole turning), `length` is in pixels."""

    wires: int
    crossings: int
    bends: float
    length: float


def quality(ways: Sequence[Way]) -> Quality:
    """The quality of a picture.

    >>> quality([Way("a", ((0, 0), (0, 9), (9, 9))), Way("b", ((-5, 5), (5, 5)))])
    Quality(wires=2, crossings=1, bends=1.0, length=28.0)
    """
    bends = sum(_turning(way.points) for way in ways)
    length = sum(math.dist(a, b) for way in ways for a, b in itertools.pairwise(way.points))
    return Quality(len(ways), len(_crossings(ways)), round(bends, 1), round(length, 0))


def _turning(points: Sequence[Point]) -> float:
    angles = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b in itertools.pairwise(points) if math.dist(a, b) > 0.01]
    turns = (abs(math.remainder(after - before, math.tau)) for before, after in itertools.pairwise(angles))
    return sum(turns) / (math.pi / 2)


def _crossings(ways: Sequence[Way]) -> set[tuple[int, int, str, str]]:
    """Where wires of two nets cross; a piece that wires of one net share counts once."""
    pieces = sorted(
        (min(a[0], b[0]), max(a[0], b[0]), a, b, way.net) for way in ways for a, b in itertools.pairwise(way.points)
    )
    found = set()
    for index, (_, right, a, b, net) in enumerate(pieces):
        for left, _, c, d, other in itertools.islice(pieces, index + 1, None):
            if left > right:
                break
            at = _meeting((a, b), (c, d)) if net != other else None
            if at:
                found.add((round(at[0]), round(at[1]), *sorted((net, other))))
    return found  # type: ignore[return-value]


def _meeting(one: Segment, other: Segment) -> Point | None:
    """Where two pieces cross, their ends aside."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = *one, *other
    across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if abs(across) < 1e-9:
        return None
    s = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across
    t = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / across
    if not (0 < s < 1 and 0 < t < 1):
        return None
    return ax + s * (bx - ax), ay + s * (by - ay)


def drawn(scene: Scene) -> list[Way]:
    """The wires of a scene. One that branches from another of its net begins there: what is seen counts once."""
    return [Way(line.net, line.points) for line in scene.lines]


def by_dot(edges: Iterable[tuple[str, str]], sizes: Mapping[str, tuple[float, float]], splines: str) -> list[Way]:
    """The wires of the same boxes, with `sizes` in pixels, as `dot` lays them out from bottom to top."""
    import graphviz

    names = {path: f"n{index}" for index, path in enumerate(sizes)}
    graph = graphviz.Digraph(graph_attr={"rankdir": "BT", "splines": splines})
    for path, (width, height) in sizes.items():
        size = {"width": f"{width / 72:.3f}", "height": f"{height / 72:.3f}", "fixedsize": "true"}
        graph.node(names[path], label="", shape="box", **size)
    edges = list(edges)
    for number, (source, target) in enumerate(edges):
        graph.edge(names[source], names[target], id=str(number))
    text = graph.pipe(format="plain", encoding="utf-8", quiet=True)
    found = []
    for line in text.splitlines():
        kind, *words = line.split()
        if kind == "edge":
            count = int(words[2])
            numbers = [float(word) * 72 for word in words[3 : 3 + 2 * count]]
            controls = list(zip(numbers[::2], numbers[1::2], strict=True))
            found.append(Way(f"{len(found)}", tuple(_flattened(controls))))
    return found


def _flattened(controls: Sequence[Point]) -> list[Point]:
    """The straight pieces of a spline of cubic curves."""
    points = [controls[0]]
    for index in range(0, len(controls) - 1, 3):
        curve = controls[index : index + 4]
        for step in range(1, _FLAT + 1):
            t = step / _FLAT
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(
                (
                    sum(w * x for w, (x, _) in zip(weights, curve, strict=True)),
                    sum(w * y for w, (_, y) in zip(weights, curve, strict=True)),
                )
            )
    return points
