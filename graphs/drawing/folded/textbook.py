"""The folded picture as textbooks draw it: weights on wires, and a layer with its activation as one box."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from leporello.graphs.drawing.column.figures import facts_title
from leporello.graphs.drawing.letters.lettering import label
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.nodes import EMPTY

_CALL = re.compile(r"(\w+)\((\w+)\)\Z")


def textbook(view: View, facts: Mapping[str, str] = EMPTY) -> View:
    """The view with short linear layers on their wires and activations in the layers that they read alone.

    `facts` adds a line to the hover texts of the layers that are no boxes of their own any more.
    """
    return _on_wires(_activated(view, facts), facts)


def _activated(view: View, facts: Mapping[str, str]) -> View:
    """A linear layer that only one activation reads becomes one yellow box with the activation's sign."""
    boxes = {box.path: box for box in view.boxes}
    names: dict[str, str] = {}
    readers = defaultdict[str, set[str]](set)
    for edge in view.edges:
        readers[edge.source].add(edge.target)
    for box in view.boxes:
        merged = box.kind == "function" and box.activation and not box.nameless
        read = _read_alone(box) if merged else ""
        layer = boxes.get(_beside(box.path, read))
        if layer and layer.block == "linear" and not layer.shares and readers[layer.path] == {box.path}:
            names[layer.path] = box.path
            title = f"{box.title}\n{facts_title(layer, facts)}"
            boxes[box.path] = replace(box, kind="layer", block=box.activation, title=title)
    kept = tuple(boxes[box.path] for box in view.boxes if box.path not in names)
    edges = (
        replace(edge, target=names.get(edge.target, edge.target)) for edge in view.edges if edge.source not in names
    )
    return replace(view, boxes=kept, edges=tuple(dict.fromkeys(edges)))


def _read_alone(box: Box) -> str:
    """The name of the one value that a function reads as it is, if it does."""
    call = _CALL.match(box.block)
    return call[2] if call else box.reads[0] if len(box.reads) == 1 else ""


def _beside(path: str, name: str) -> str:
    """The path of a node of the same body."""
    return path[: path.rfind("/") + 1] + name


def _on_wires(view: View, facts: Mapping[str, str]) -> View:
    """A linear layer of a short name between one value and one reader becomes a label on the wire."""
    kinds = {box.path: box.kind for box in view.boxes}
    edges, gone = dict(enumerate(view.edges)), set[str]()
    into, out = _numbered(view.edges, by="target"), _numbered(view.edges, by="source")
    for box in view.boxes:
        if box.block != "linear" or box.shares or not label(box.label).serif:
            continue
        if len(into[box.path]) != 1 or len(out[box.path]) != 1:
            continue
        (one,), (other,) = into[box.path], out[box.path]
        first, second = edges[one], edges[other]
        meets = kinds[second.target] in ("state", "function", "output") and second.style == "now"
        if meets and not first.said and not second.said and first.style in ("now", "delay", "backward"):
            weights = (box.label, facts_title(box, facts))
            body = box.path.rpartition("/")[0]
            edges[other] = Edge(first.source, second.target, first.time, first.style, *weights, within=body)
            del edges[one]
            out[first.source] = [other if number == one else number for number in out[first.source]]
            gone.add(box.path)
    boxes = tuple(box for box in view.boxes if box.path not in gone)
    return replace(view, boxes=boxes, edges=tuple(dict.fromkeys(edges.values())))


def _numbered(edges: Sequence[Edge], by: Literal["source", "target"]) -> dict[str, list[int]]:
    """The numbers of the edges by the box at one of their ends."""
    found = defaultdict[str, list[int]](list)
    for number, edge in enumerate(edges):
        found[edge.source if by == "source" else edge.target].append(number)
    return found
