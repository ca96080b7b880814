"""A mode of feedback in a picture: what the mode cuts is pale, and a coin's wires carry their probabilities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from leporello.graphs.analysis.axes import Axes
from leporello.graphs.components import reached
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import CLOSED, Grouping
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node
from leporello.graphs.problems import refuse, suggest

Mode = Literal["teacher", "free", "curriculum"]
MODES: tuple[Mode, ...] = ("teacher", "free", "curriculum")
_CUT = {"teacher": "own", "free": "truth"}
_SAID = {"teacher": "teacher forcing", "free": "running freely", "curriculum": "curriculum"}
_PROBABILITY = re.compile(r"\d{0,3}(\.\d{1,12})?", re.ASCII)


@frozen
class Feedback:
    """What every `feedback` of a picture reads, and (of a curriculum) how probably it reads the truth."""

    mode: Mode
    probability: float | None = None

    @property
    def said(self) -> str:
        """The mode in words."""
        return _SAID[self.mode] + ("" if self.probability is None else f" (truth {self.probability:g})")


def read_feedback(text: str) -> Feedback:
    """The mode that a text such as `free` or `curriculum=0.75` names; SpecError for any other.

    >>> read_feedback("curriculum=0.75")
    Feedback(mode='curriculum', probability=0.75)
    """
    name, equals, number = text.partition("=")
    mode = next((mode for mode in MODES if mode == name), None)
    if mode is None:
        raise refuse(f"feedback {name!r} is not known", suggest(name, MODES, "modes"))
    if not equals:
        return Feedback(mode)
    if mode != "curriculum":
        raise refuse(f"feedback {mode} takes no probability", "only curriculum does, such as curriculum=0.75")
    if not _PROBABILITY.fullmatch(number) or not number.strip(".") or not 0 <= float(number) <= 1:
        what = f"the probability of the truth is {number[:40]!r}"
        raise refuse(what, "a number from 0 to 1 is allowed, such as curriculum=0.75")
    return Feedback(mode, float(number))


def in_mode(graph: Graph, axes: Mapping[str, Axes], feedback: Feedback, grouping: Grouping = CLOSED) -> View:
    """The folded picture of an opened `graph` in a mode: the whole graph, all that the mode does without pale.

    SpecError for a graph without feedback.
    """
    if not any(node.block == "feedback" for node in graph.nodes):
        raise refuse(f"{graph.name} has no feedback, so it has no modes", "a node with block: feedback has them")
    whole, left = folded(graph, axes, grouping), folded(cut(graph, feedback.mode), axes, grouping)
    boxes, edges = {box.path for box in left.boxes}, set(left.edges)
    return replace(
        whole,
        name=f"{plain(whole.name, 20)}, {feedback.said}",
        boxes=tuple(_box(box, box.path in boxes, feedback.mode) for box in whole.boxes),
        edges=tuple(_edge(edge, edge in edges, feedback) for edge in whole.edges),
    )


def cut(graph: Graph, mode: Mode) -> Graph:
    """The graph without the wires that a mode does not read, and without the nodes that nothing needs then.

    What an output predicts stays where nothing has read it anyway.
    """
    nodes = {node.path: _cut(node, _CUT.get(mode)) for node in graph.nodes}
    read = {wire.source for node in graph.nodes for wire in (*node.wires, *node.initial_wires)}
    ends = [output.wire.source for output in graph.outputs]
    ends += [output.predicts for output in graph.outputs if output.predicts in nodes and output.predicts not in read]
    found = reached(ends, lambda path: nodes[path].sources)
    return graph.with_nodes(node for node in nodes.values() if node.path in found)


def _cut(node: Node, port: str | None) -> Node:
    if node.block != "feedback":
        return node
    return replace(node, inputs=tuple((name, wire) for name, wire in node.inputs if name != port))


def _box(box: Box, kept: bool, mode: Mode) -> Box:
    block = mode if box.kind == "feedback" else box.block
    return replace(box, block=block, faint=not kept)


def _edge(edge: Edge, kept: bool, feedback: Feedback) -> Edge:
    """A wire in a mode: what is always read is drawn solid, what a coin decides is dashed and says how often."""
    if feedback.mode != "curriculum":
        chosen = feedback.mode == "free" and edge.style == "fed_back"
        return replace(edge, style="delay" if chosen else edge.style, faint=not kept)
    if edge.label not in ("truth", "own"):
        return edge
    truth = feedback.probability
    if truth is None:
        said = "p" if edge.label == "truth" else "1-p"
    else:
        said = f"{truth if edge.label == 'truth' else round(1 - truth, 12):g}"
    return replace(edge, style="fed_back", label=f"{edge.label} {said}")


def solid(view: View) -> View:
    """The view without what is pale, for pictures in which everything is equally dark."""
    gone = {box.path for box in view.boxes if box.faint}
    edges = tuple(e for e in view.edges if not e.faint and e.source not in gone and e.target not in gone)
    return replace(view, boxes=tuple(box for box in view.boxes if not box.faint), edges=edges)
