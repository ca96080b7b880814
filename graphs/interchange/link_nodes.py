"""Nodes of node-link data: what a node says and the edges into it, as a spec says a use of a block."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from leporello.graphs.blocktypes import BlockType
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.grammar import parse_size
from leporello.graphs.expressions.tree import evaluate_size
from leporello.graphs.fields import Field
from leporello.graphs.frozen import frozen
from leporello.graphs.interchange.links import Edge, check_path, wire_of
from leporello.graphs.nodes import Initial, Wire
from leporello.graphs.problems import Mark, an, refuse, suggest
from leporello.graphs.reading.ends import read_input
from leporello.graphs.reading.nodes import NodeReader
from leporello.graphs.reading.parameters import fields_of
from leporello.graphs.size import Size

NODE = (
    Field("id", "text", help="its path, such as decoder/1/forward/h"),
    Field("block", "text", help="the block that it uses"),
    Field("parameters", "table", None),
    Field("initial", "value", None),
    Field("axis", "text", None),
    Field("modifiers", "table", None),
    Field("label", "text", None),
    Field("body", "text", None, help="the path of the composite in which it was written"),
)
SUGGESTED = 200
"""From how few nodes the one that was meant is guessed: among many it takes long."""
_NUMBER = re.compile("[0-9]{1,9}")
Entry = tuple[Scalar, Tree]


@frozen
class LinkNodes(NodeReader):
    """Reads nodes whose names are paths and whose wires are edges, or texts such as `decoder/1/h.c(t-1)`."""

    complete: bool = True

    def check_name(self, key: Scalar) -> None:
        """A path will do."""
        check_path(key.text, key.mark)

    def check_block(self, kind: BlockType, mark: Mark) -> None:
        """All will do: operations are nodes like others here."""

    def lacks(self, name: str, port: str, kind: BlockType, table: Table, written: Scalar) -> None:
        """As in a spec, unless an edge that could not be read may have been the one."""
        if self.complete:
            super().lacks(name, port, kind, table, written)

    def link(self, path: Scalar, table: Table, edges: Iterable[Edge]) -> None:
        """One node with the edges into it."""
        said = fields_of(table, NODE, f"node {path.text!r}")
        kind = self.registry.find(said["block"], table.marks["block"])
        parameters = table.get("parameters")
        parts = [*(parameters.entries if isinstance(parameters, Table) else ()), *_entries(table, "modifiers")]
        names = ("axis", "label") if kind.name == "input" else ("block", "axis", "label")
        own = [pair for pair in table.entries if pair[0].text in names and said.get(pair[0].text) not in (None, "")]
        starts = _starts(path, edges, table)
        entries = (*own, *_ports(path, edges, kind), *starts, *parts)
        made = len(self.scope.nodes)
        if kind.name == "input":
            read_input(path, Table(entries, table.mark), self)
        else:
            self.read_all(Table(((path, Table(entries, table.mark)),), table.mark))
        if said.get("body"):
            check_path(said["body"], table.mark)
            self.scope.nodes[made:] = [replace(node, body=said["body"]) for node in self.scope.nodes[made:]]

    def wire(self, tree: Tree, path: str) -> Wire:
        """The wire of an edge, or of a text such as `h.c(t-1)`; what it reads must be there."""
        what = f"output {path.removesuffix('/output')}" if path.endswith("/output") else path
        wire = wire_of(tree, f"what {what} reads")
        if wire.source not in self.scope.sources:
            few = len(self.scope.sources) <= SUGGESTED
            hint = suggest(wire.source[:80], self.scope.sources, "nodes") if few else ""
            raise refuse(f"{what} reads {wire.source[:80]!r}, which is no node", hint, tree.mark)
        self.scope.reads.append((wire, tree.mark))
        return wire

    def value(self, field: Field, tree: Tree) -> Any:
        """The value of a field; {"size": expression} is a size that was worked out, and a number may be whole."""
        said = plain(tree)
        if isinstance(said, dict) and list(said) == ["size"] and isinstance(said["size"], str):
            try:
                return field.accept(evaluate_size(parse_size(said["size"], tree.mark), Size.named, tree.mark))
            except (ValueError, TypeError) as error:
                raise refuse(f"{field.name} is a size that cannot be worked out: {error}", "", tree.mark) from None
        found = super().value(field, tree)
        return said if field.name == "value" and type(said) is int else found

    def initial(self, tree: Tree, path: str) -> Initial:
        """As in a spec; a list of edges gives the places before the first step, the nearest first."""
        if isinstance(tree, Sequence) and tree.items:
            return tuple(self.wire(item, path) for item in tree.items)
        return super().initial(tree, path)


def _key(name: str, table: Table) -> Scalar:
    return Scalar(name, name, table.mark, False)


def _entries(table: Table, name: str) -> list[Entry]:
    inner = table.get(name)
    return [pair for pair in inner.entries if plain(pair[1]) is not None] if isinstance(inner, Table) else []


def _ports(path: Scalar, edges: Iterable[Edge], kind: BlockType) -> list[Entry]:
    """The edges into ports as the values of these; those of numbered ports as a list."""
    known = [port.name for port in kind.ports]
    found: dict[str, Edge] = {}
    for place, edge in enumerate((edge for edge in edges if edge.role == "input"), 1):
        port = edge.port or (str(place) if kind.many else known[0] if len(known) == 1 else "")
        if not (_NUMBER.fullmatch(port) if kind.many else port in known):
            said = f"has no port {port[:80]!r}" if port else f"is read by the edge from {edge.wire.source} at no port"
            hint = "ports are numbered from 1" if kind.many else suggest(port[:80], known, f"ports of {an(kind.name)}")
            raise refuse(f"{path.text}, {an(kind.name)}, {said}", hint, edge.table.mark)
        if port in found:
            raise refuse(f"two edges go into the port {port} of {path.text}", "a port has one wire", edge.table.mark)
        found[port] = edge
    if not kind.many:
        return [(_key(port, found[port].table), found[port].table) for port in known if port in found]
    ordered = sorted(found.items(), key=lambda item: int(item[0]) if item[1].order is None else item[1].order)
    tables = tuple(edge.table for _, edge in ordered)
    return [(_key("input", tables[0]), Sequence(tables, tables[0].mark))] if tables else []


def _starts(path: Scalar, edges: Iterable[Edge], table: Table) -> list[Entry]:
    """The initial value: as the node says it, as edges give it, or for a composite's states the one and the other."""
    by_state: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.role == "initial":
            by_state.setdefault(edge.state, []).append(edge)
    own = table.get("initial")
    said = [(table.key("initial"), own)] if own is not None and plain(own) is not None else []
    if not by_state:
        return said
    read: dict[str, Tree] = {}
    for state, found in by_state.items():
        found.sort(key=lambda edge: edge.order or 0)
        read[state] = Sequence(tuple(edge.table for edge in found), found[0].table.mark)
    states = _entries(table, "initial")
    if set(read) == {""} and not said:
        return [(_key("initial", table), read[""])]
    if "" in read or (said and not isinstance(own, Table)) or any(key.text in read for key, _ in states):
        raise refuse(f"initial of node {path.text!r} is said twice", "by the node, or by edges", table.mark)
    states += [(_key(state, table), tree) for state, tree in read.items()]
    return [(_key("initial", table), Table(tuple(states), table.mark))]
