"""From node-link data to a graph: every field checked, since whoever wrote it was no program of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leporello.graphs.blocktypes import Registry
from leporello.graphs.composing.compose import Scalar, Tree, compose
from leporello.graphs.composing.named_files import inside
from leporello.graphs.composing.texts import read_text
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.expressions.spelling import initial_wires
from leporello.graphs.graph import Graph, Node, freeze
from leporello.graphs.interchange.link_ends import END_FIELDS, SUGGESTED, read_ends
from leporello.graphs.interchange.link_fields import Fields, check_plain, shown
from leporello.graphs.interchange.link_nodes import NODE_FIELDS, LinkNode, check_path, parameter_of, tree_of
from leporello.graphs.interchange.link_wires import EDGE_FIELDS, Edge
from leporello.graphs.names import check_name
from leporello.graphs.problems import Mark, Problem, SpecError, refuse, suggest
from leporello.graphs.reading.blocks import UserBlocks, check_ports

VERSION = 1
LARGEST = 10_000
LARGEST_EDGES = 200_000
MOST_PROBLEMS = 50
_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.)*")')
GRAPH_FIELDS = ("spec", "name", "label", "parameters", "blocks", "data", "training", *END_FIELDS)
TOP_FIELDS = ("directed", "multigraph", "graph", "nodes", "edges")


def read_links(data: Any, registry: Registry, file: str, text: str = "") -> Graph:
    """The graph that node-link data describes; `text` is where its nodes are looked for, to say where they stand.

    Raises:
        SpecError: with every problem found in it.
    """
    mark = Mark(file or "<graph>", 1, 1)
    top = Fields.of(data, "this graph", (*TOP_FIELDS, *GRAPH_FIELDS), mark)
    beside = {key: value for key, value in data.items() if key in GRAPH_FIELDS}
    if double := [key for key in top.table("graph") if key in beside]:
        raise refuse(f"{shown(double[0])} stands under graph and beside nodes", "keep one of them", mark)
    whole = Fields.of({**beside, **top.table("graph")}, "the graph", GRAPH_FIELDS, mark)
    _check_version(whole)
    if top.data.get("directed") is not None and not top.truth("directed"):
        raise refuse("this graph is not directed", "an edge goes from what is read to its reader", mark)
    return _LinkReader(registry, file, mark, _places(text, file)).read(top, whole)


def _places(text: str, file: str) -> dict[str, Mark]:
    """Where each node's id stands in a JSON text."""
    found: dict[str, Mark] = {}
    line, before = 1, 0
    for match in _ID.finditer(text):
        line += text.count("\n", before, match.start(1))
        before = match.start(1)
        column = before - text.rfind("\n", 0, before)
        found.setdefault(match[1], Mark(file, line, column, before, before))
    return found


def _check_version(whole: Fields) -> None:
    version = whole.data.get("spec")
    if version is None:
        raise refuse("the graph does not say its version", f'begin it with "spec": {VERSION}', whole.mark)
    if not isinstance(version, int) or isinstance(version, bool):
        raise whole.wrong("spec", "a version number")
    if version != VERSION:
        newer = version > VERSION
        hint = "a newer Leporello wrote it: update this one" if newer else f'begin it with "spec": {VERSION}'
        raise refuse(f"spec: {shown(version)} is not known; this program reads version {VERSION}", hint, whole.mark)


@dataclass
class _LinkReader:
    """Reads one graph, keeping its problems until the end."""

    registry: Registry
    file: str
    mark: Mark
    places: Mapping[str, Mark]
    problems: list[Problem] = field(default_factory=list)

    def read(self, top: Fields, whole: Fields) -> Graph:
        nodes, edges = top.items("nodes"), top.items("edges")
        if len(nodes) > LARGEST or len(edges) > LARGEST_EDGES:
            what = f"{len(nodes)} nodes and {len(edges)} edges"
            raise refuse(what, f"at most {LARGEST} and {LARGEST_EDGES} are allowed", self.mark)
        registry = self._blocks(whole)
        listed = self._nodes(nodes)
        self._edges(edges, listed)
        complete = not self.problems
        made: list[Node] = []
        for node in listed.values():
            node.complete = complete
            self._attempt(lambda node=node: made.append(node.finished(registry)))  # type: ignore[misc]
        self._check_reads(made, registry)
        ends: dict[str, Any] = {}
        self._attempt(lambda: ends.update(read_ends(whole, made, registry, not self.problems)))
        said: dict[str, Any] = {}
        self._attempt(lambda: said.update(self._said(whole)))
        if self.problems:
            raise SpecError(tuple(dict.fromkeys(self.problems)))
        blocks = {name: registry[name] for name in registry if name not in self.registry}
        return Graph(nodes=tuple(made), blocks=freeze(blocks), file=self.file, kinds=registry, **ends, **said)

    def _attempt(self, work: Callable[[], None]) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            return
        try:
            work()
        except SpecError as error:
            self.problems.extend(error.problems)

    def _blocks(self, whole: Fields) -> Registry:
        """The registry with the blocks of this graph, which are said as under `blocks:` of a spec."""
        if "blocks" not in whole:
            return self.registry
        check_plain(whole.table("blocks"), "blocks", self.mark)
        found: list[Problem] = []
        try:
            registry = UserBlocks(self.registry, found).read(tree_of(whole.table("blocks"), self.mark), self._load)
        except SpecError as error:
            found.extend(error.problems)
            registry = self.registry
        for problem in found:  # in a file of its own a block has places, here it has none
            placed = problem.mark is not None and problem.mark.file != self.mark.file
            place = problem.mark if placed else self.mark
            self.problems.append(Problem(f"in blocks: {problem.what}", problem.hint, place))
        return registry

    def _load(self, name: str, item: Scalar) -> Tree:
        if not self.file:
            raise refuse(f"the block {name} is in a file, but this graph is in none", "say the block itself", self.mark)
        path = inside(Path(self.file).parent, item.text, self.mark)
        return compose(read_text(path), str(path))

    def _nodes(self, items: Any) -> dict[str, LinkNode]:
        found: dict[str, LinkNode] = {}

        def keep(place: int, item: Any) -> None:
            fields = Fields.of(item, f"node {place}", NODE_FIELDS, self.mark)
            path = fields.text("id", None)
            check_path(path, self.mark)
            if path in found:
                raise refuse(f"two nodes have the id {path!r}", "ids are different", self.mark)
            mark = self.places.get(json.dumps(path), self.mark)
            found[path] = LinkNode(path, Fields(f"node {path!r}", fields.data, mark))

        for place, item in enumerate(items, 1):
            self._attempt(lambda place=place, item=item: keep(place, item))  # type: ignore[misc]
        return found

    def _edges(self, items: Any, nodes: Mapping[str, LinkNode]) -> None:
        def keep(place: int, item: Any) -> None:
            edge = Edge.of(Fields.of(item, f"edge {place}", EDGE_FIELDS, self.mark))
            for name, end in (("source", edge.wire.source), ("target", edge.target)):
                if end not in nodes:
                    hint = suggest(end[:80], nodes, "nodes") if len(nodes) <= SUGGESTED else ""
                    raise refuse(f"{name} of edge {place} is {end!r}, which is no node", hint, self.mark)
            nodes[edge.target].edges.append(edge)

        for place, item in enumerate(items, 1):
            self._attempt(lambda place=place, item=item: keep(place, item))  # type: ignore[misc]

    def _check_reads(self, nodes: list[Node], registry: Registry) -> None:
        scope = Scope({}, nodes=nodes)
        for node in nodes:
            scope.reads.extend((wire, node.mark or self.mark) for wire in (*node.wires, *initial_wires(node.initial)))
        check_ports(scope, registry)
        self.problems.extend(scope.problems)

    def _said(self, whole: Fields) -> dict[str, Any]:
        name = whole.text("name", "model")
        check_name(name, self.mark, "model")
        parameters = {}
        for key, value in whole.table("parameters").items():
            check_name(key, self.mark, "parameter")
            parameters[key] = parameter_of(None, key, value, "the graph", self.mark)
        for key in ("data", "training"):
            check_plain(whole.table(key), key, self.mark)
        said = {key: freeze(whole.table(key)) if key in whole else None for key in ("data", "training")}
        return {"name": name, "label": whole.text("label"), "parameters": freeze(parameters), **said}
