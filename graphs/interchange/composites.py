"""What node-link data says of a graph that was opened: the composites it was opened from."""

from __future__ import annotations

from typing import Any

from leporello.graphs.composing.tree import Sequence, Table, Tree
from leporello.graphs.fields import Field
from leporello.graphs.interchange.link_nodes import LinkNodes
from leporello.graphs.interchange.links import check_path
from leporello.graphs.names import NAME, check_axis
from leporello.graphs.nodes import Composite, freeze
from leporello.graphs.problems import Mark, refuse, suggest
from leporello.graphs.reading.parameters import fields_of

COMPOSITE = (
    Field("path", "text", help="where it stood"),
    Field("block", "text", help="which block it was"),
    Field("parameters", "table", None),
    Field("ports", "table", None, help="what each of its ports reads"),
    Field("body", "text", None),
    Field("label", "text", None),
    Field("axis", "text", None),
)
NO_ENTRIES = Table((), Mark("", 1, 1))


def read_composite(tree: Tree, what: str, reader: LinkNodes) -> Composite:
    """The composite that a table describes."""
    said = fields_of(tree, COMPOSITE, what)
    assert isinstance(tree, Table)
    path, body, axis = said["path"], said.get("body", ""), said.get("axis")
    for name in (path, *([body] if body else [])):
        check_path(name, tree.mark)
    if axis is not None:
        check_axis(axis, tree.mark)
    kind = reader.registry.find(said["block"], tree.mark)
    parameters: dict[str, Any] = {}
    for key, item in said.get("parameters", NO_ENTRIES).entries:
        parameter = kind.parameter(key.text)
        if parameter is None:
            hint = suggest(key.text, [parameter.name for parameter in kind.parameters], "parameters")
            raise refuse(f"{path}, of block {kind.name}, has no parameter {key.text!r}", hint, item.mark)
        parameters[key.text] = reader.value(parameter, item)
    ports: dict[str, Any] = {}
    for key, item in said.get("ports", NO_ENTRIES).entries:
        if not NAME.match(key.text) or not isinstance(item, Sequence):
            raise refuse(f"ports of {path}: {key.text[:80]!r} must be a list of what it reads", "", item.mark)
        ports[key.text] = tuple(reader.wire(wire, f"{path}/{key.text}") for wire in item.items)
    return Composite(path, kind.name, freeze(parameters), freeze(ports), body, said.get("label", ""), axis, tree.mark)
