"""Wires that would be too long are drawn as references: the name of what is read stands at its reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from leporello.graphs.drawing.views.levels import rows
from leporello.graphs.drawing.views.view import Box, Edge, View

FAR = 40
"""So many rows a wire may pass."""
MARK = "references:"
"""What the path of a reference begins with: no node has such a name."""


def referred(view: View) -> View:
    """The view with references in place of wires that would pass more than forty rows."""
    rank = {path: index for index, row in enumerate(rows(view)) for path in row}
    return with_references(view, [e for e in view.edges if abs(rank[e.source] - rank[e.target]) > FAR])


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
        name = source.label + str(edge.time)
        boxes[path] = Box(path, "initial", name, target.axis, "reference", title, faint=edge.faint)
        style = edge.style if edge.style in ("delay", "backward", "fed_back", "predicts") else "now"
        new.append(Edge(path, edge.target, style=style, label=edge.label, faint=edge.faint))
    kept = tuple(edge for edge in view.edges if edge not in gone)
    return replace(view, boxes=(*view.boxes, *boxes.values()), edges=(*kept, *new))
