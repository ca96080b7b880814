"""From a graph to the text of a spec that reads back as the same graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.expressions.plain_values import plain_value
from leporello.graphs.expressions.spelling import Spelling
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Output
from leporello.graphs.writing.blocks import block_data
from leporello.graphs.writing.flattening import flatten
from leporello.graphs.writing.nodes import WrittenNodes
from leporello.graphs.writing.yaml_text import IF_DEEP, block

VERSION = 1
LINES: Mapping[str, Any] = {
    **{key: {} for key in ("inputs", "nodes", "outputs", "data")},
    "blocks": {"*": {"nodes": {}, "inputs": IF_DEEP, "parameters": IF_DEEP}},
}
"""Which mappings of a spec are written with an entry on each line."""


def write_spec(graph: Graph) -> str:
    """The text of a spec; `read_spec` gives back the graph, its marks and text aside.

    An opened graph is written with its primitives, `h/1/forward/W_i` as `h_1_forward_W_i`: another graph, of
    the same values.

    >>> from leporello.graphs.nodes import Wire
    >>> x = Node("x", "input", parameters={"features": 8}, axis="time")
    >>> h = Node("h", "tanh", (("input", Wire("h/1")),))
    >>> inner = Node("h/1", "add", (("left", Wire("x")), ("right", Wire("x"))))
    >>> print(write_spec(Graph("twice", (x, inner, h), (Output("y", Wire("h")),))), end="")
    spec: 1
    name: twice
    inputs:
      x: {features: 8}
    nodes:
      h: tanh(x + x)
    outputs:
      y: h

    Raises:
        SpecError: for a graph that no spec describes, such as one with layers of a sum.
    """
    return block(spec_data(flatten(graph)), LINES)


def spec_data(graph: Graph) -> dict[str, Any]:
    """A spec as plain values: what stands under each of its keys."""
    written = WrittenNodes(graph.nodes, tuple(output.wire for output in graph.outputs))
    said: dict[str, Any] = {
        "spec": VERSION,
        "name": graph.name,
        "label": graph.label,
        "parameters": plain_value(graph.parameters),
        "inputs": {node.path: _input(node) for node in graph.inputs},
        "blocks": blocks_data(graph.blocks),
        "nodes": written.data(),
        "outputs": {output.name: _output(output, written.spelling) for output in graph.outputs},
        "data": plain_value(graph.data),
        "training": plain_value(graph.training),
    }
    kept = {key: value for key, value in said.items() if value not in (None, "")}
    return {key: value for key, value in kept.items() if value != {} or key in ("data", "training")}


def blocks_data(blocks: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks of a spec as plain values, as they stand under `blocks:`."""
    return {name: block_data(kind) for name, kind in blocks.items()}


def _input(node: Node) -> dict[str, Any]:
    said = {**plain_value(node.parameters), "axis": node.axis, "label": node.label}
    plain = {"axis": (None, "time"), "label": ("",)}
    return {key: value for key, value in said.items() if value not in plain.get(key, ())}


def _output(output: Output, spelling: Spelling) -> Any:
    value = spelling.value(output.wire, f"{output.name}/output")
    leak, scoring = "allowed" if output.leak else "", plain_value(output.scoring)
    said = {"predicts": output.predicts, "loss": output.loss, **scoring, "leak": leak}
    more = {key: text for key, text in said.items() if text}
    return {"from": value, **more} if more else value
