"""Wires that would be too long are drawn as references: the name of what is read stands at its reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from leporello.graphs.drawing.views.levels import rows
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.nodes import NOW

FAR, BESIDE = 40, 28
"""So many rows a wire may pass, and so many values may be carried past a row."""
MARK = "references:"
"""What the path of a reference begins with: no node has such a name."""


def referred(view: View) -> View:
    """The view with references in place of wires that would pass more than forty rows, or crowd the way past one."""
    rank = {path: index for index, row in enumerate(rows(view)) for path in row}
    far = [e for e in view.edges if abs(rank[e.source] - rank[e.target]) > FAR]
    near = [e for e in view.edges if abs(rank[e.source] - rank[e.target]) <= FAR]
    return with_references(view, [*far, *_crowding(near, rank)])


def _crowding(edges: Sequence[Edge], rank: Mapping[str, int]) -> list[Edge]:
    """The wires without which no row is passed by too many values: those that go on farthest of them."""
    passing: dict[int, dict[tuple[str, str], list[Edge]]] = {}
    ends = {edge: sorted((rank[edge.source], rank[edge.target])) for edge in edges}
    for edge, (low, high) in ends.items():
        for row in range(low + 1, high):
            passing.setdefault(row, {}).setdefault((edge.source, f"{edge.style}{edge.time}"), []).append(edge)
    gone: dict[Edge, None] = {}
    for row in sorted(passing):
        values = [kept for together in passing[row].values() if (kept := [e for e in together if e not in gone])]
        values.sort(key=lambda kept: max(ends[edge][1] for edge in kept))
        gone |= dict.fromkeys(edge for kept in values[BESIDE:] for edge in kept)
    return list(gone)


def with_references(view: View, edges: Iterable[Edge]) -> View:
    """The view with a reference at the reader in place of each of the `edges`."""
    gone = dict.fromkeys(edge for edge in edges if not edge.source.startswith(MARK))
    if not gone:
        return view
    labels = {box.path: box for box in view.boxes}
    boxes: dict[str, Box] = {}
    new = []
    for edge in gone:
        source, target = labels[edge.source], labels[edge.target]
        path = f"{MARK}{len(view.boxes) + len(boxes)}/{edge.source}{edge.time}"
        title = f"{source.path}{edge.time}, read by {target.path}\n{source.title}"
        name = source.label + (f".{edge.port}" if edge.port else "") + str(edge.time)
        axis = None if edge.style == "initial" else target.axis
        boxes[path] = Box(path, "initial", name, axis, "reference", title, faint=edge.faint)
        style = edge.style if edge.style in ("delay", "backward", "fed_back", "initial", "predicts") else "now"
        new.append(replace(edge, source=path, time=NOW, style=style, port=""))
    kept = tuple(edge for edge in view.edges if edge not in gone)
    return replace(view, boxes=(*view.boxes, *boxes.values()), edges=(*kept, *new))
