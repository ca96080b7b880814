"""Graphs as graphs of networkx and as node-link JSON, and back: a model can be assembled without YAML.

Nodes carry `block`, `parameters`, `initial`, `axis`, `modifiers`, `label` and `body`; an edge goes from what is
read to its reader and carries `port`, `order`, `source_port`, `time`, `offset`, `scope`, `role` and `state`.
Everything but a node's block and an edge's ends has a default:

    {"spec": 1, "name": "elman",
     "nodes": [{"id": "x", "block": "input", "parameters": {"features": 8}},
               {"id": "W", "block": "linear", "parameters": {"units": 16}},
               {"id": "h", "block": "tanh"}],
     "edges": [{"source": "x", "target": "W"}, {"source": "W", "target": "h"}],
     "outputs": {"y": "h"}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from leporello.graphs.blocktypes import Registry
from leporello.graphs.composing.plain_trees import tree_of
from leporello.graphs.composing.tree import Source
from leporello.graphs.expressions.plain_values import plain_value, size_text
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.reading_links import LinkReader
from leporello.graphs.nodes import Composite, Learned, Modifiers, Node, Output, Wire
from leporello.graphs.problems import Mark, Problem, SpecError, refuse, told
from leporello.graphs.size import Size
from leporello.graphs.writing.spec import VERSION, blocks_data

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(graph: Graph) -> nx.MultiDiGraph[str]:
    """The graph with every path as a node and every wire as an edge, from what is read to its reader.

    All of it is in the attributes, as texts, numbers, lists and dicts.
    """
    import networkx as nx

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(**_graph_fields(graph))
    for node in graph.nodes:
        made.add_node(node.path, **_node_fields(node))
    for source, target, fields in _edges(graph):
        made.add_edge(source, target, **fields)
    return made


def from_networkx(graph: nx.DiGraph[Any] | nx.MultiDiGraph[Any], registry: Registry) -> Graph:
    """The graph that a directed graph of networkx describes by its attributes (see `to_networkx`).

    Raises:
        SpecError: with every problem found, each naming its node or edge and the field.
    """
    if not graph.is_directed():
        raise refuse("this graph of networkx is not directed", "use a MultiDiGraph: an edge goes to its reader")
    described = {
        "graph": {"spec": VERSION, **graph.graph},
        "nodes": [{"id": path, **fields} for path, fields in graph.nodes(data=True)],
        "edges": [{"source": a, "target": b, **fields} for a, b, fields in graph.edges(data=True)],
    }
    return from_json(described, registry)


def to_json(graph: Graph) -> str:
    """The graph as node-link JSON (that of networkx 3, with the key `edges`); what is absent has its default."""
    nodes = [{"id": node.path, **_said(_node_fields(node))} for node in graph.nodes]
    edges = [{"source": a, "target": b, **_said(_ordered(fields))} for a, b, fields in _edges(graph)]
    parts = {"directed": True, "multigraph": True, "graph": _said(_graph_fields(graph)), "nodes": nodes, "edges": edges}
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(part)}" for key, part in parts.items()) + "\n}\n"


def from_json(data: Any, registry: Registry, file: str = "") -> Graph:
    """The graph that node-link data describes, as `json.loads` gives it. `spec` must be there.

    What describes the whole graph (`spec`, `name`, `outputs`, ...) stands under `graph` or beside `nodes`.

    Raises:
        SpecError: with every problem found, each naming its node or edge and the field.
    """
    mark = Mark(file or "<graph>", 1, 1)
    reader = LinkReader(registry, Source("", file, tree_of(data, "this graph", mark)))
    found: tuple[Problem, ...] = ()
    try:
        graph = reader.read()
    except SpecError as error:
        found = error.problems
    if found or reader.problems:
        # Values of a program have no places but that of the whole; those of files that they name have.
        here = (replace(p, mark=mark) if p.mark and p.mark.file == mark.file else p for p in (*reader.problems, *found))
        raise SpecError(told(here))
    return replace(graph, source=Source("", file))


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: null, nothing, and the defaults of an edge do not."""
    plain = {"time": "t", "role": "input", "offset": 0, "order": 0}
    empty: tuple[Any, ...] = (None, "", [])
    said = {key: value for key, value in fields.items() if value not in empty and value != plain.get(key)}
    return {key: value for key, value in said.items() if value != {} or key in ("data", "training")}


def _ordered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an edge without its order, which ports have of themselves."""
    return {key: value for key, value in fields.items() if key != "order" or fields["role"] == "initial"}


def _lines(part: Any) -> str:
    if not isinstance(part, list) or not part:
        return json.dumps(part, ensure_ascii=False)
    return "[\n  " + ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in part) + "\n]"


def _graph_fields(graph: Graph) -> dict[str, Any]:
    return {
        "spec": VERSION,
        "name": graph.name,
        "label": graph.label,
        "parameters": _values(graph.parameters),
        "blocks": blocks_data(graph.blocks),
        "outputs": {output.name: _output(output) for output in graph.outputs},
        "composites": [_composite(composite) for composite in graph.composites],
        "data": plain_value(graph.data),
        "training": plain_value(graph.training),
    }


def _node_fields(node: Node) -> dict[str, Any]:
    return {
        "block": node.block,
        "parameters": _values(node.parameters),
        "initial": _initial(node.initial),
        "axis": node.axis,
        "modifiers": _modifiers(node.modifiers),
        "label": node.label,
        "body": node.body,
    }


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as plain values; a size that was worked out is told from an expression as written."""
    return {k: {"size": size_text(v)} if isinstance(v, Size) else plain_value(v) for k, v in values.items()}


def _modifiers(modifiers: Modifiers) -> dict[str, Any]:
    said = {name: getattr(modifiers, name) for name in modifiers.__dataclass_fields__}
    return _values({name: value for name, value in said.items() if value is not None})


def _initial(initial: Any) -> Any:
    """What is not read from other nodes; that is said by edges."""
    if isinstance(initial, Mapping):
        said = {key: _initial(value) for key, value in initial.items()}
        if any(isinstance(value, dict) for value in said.values()):
            raise refuse("an initial value within an initial value", "a state has one value")
        return {key: value for key, value in said.items() if value is not None} or None
    return "learned" if isinstance(initial, Learned) else initial if isinstance(initial, float | int) else None


def _edges(graph: Graph) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for node in graph.nodes:
        for order, (port, wire) in enumerate(node.inputs):
            fields = {"port": port, "order": order, **_wire_fields(wire), "role": "input", "state": ""}
            yield wire.source, node.path, fields
        starts = node.initial if isinstance(node.initial, Mapping) else {"": node.initial}
        for state, initial in starts.items():
            for order, wire in enumerate(initial if isinstance(initial, tuple) else ()):
                fields = {"port": "", "order": order, **_wire_fields(wire), "role": "initial", "state": state}
                yield wire.source, node.path, fields


def _wire_fields(wire: Wire) -> dict[str, Any]:
    time = wire.time
    return {"source_port": wire.port, "time": time.kind, "offset": time.offset, "scope": time.scope}


def _wire(wire: Wire) -> Any:
    return {"source": wire.source, **_said(_wire_fields(wire))} if wire.time.scope else str(wire)


def _output(output: Output) -> Any:
    leak, scoring = "allowed" if output.leak else "", _values(output.scoring)
    said = {"predicts": output.predicts, "loss": output.loss, **scoring, "leak": leak}
    more = {key: text for key, text in said.items() if text}
    return {"from": _wire(output.wire), **more} if more or output.wire.time.scope else _wire(output.wire)


def _composite(composite: Composite) -> dict[str, Any]:
    said = {
        "path": composite.path,
        "block": composite.block,
        "parameters": _values(composite.parameters),
        "ports": {port: [_wire(wire) for wire in wires] for port, wires in composite.ports.items()},
        "body": composite.body,
        "label": composite.label,
        "axis": composite.axis,
    }
    return _said(said)
