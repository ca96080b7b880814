"""From the tree of node-link data to a graph, by the readers of specs: nodes are listed, and wires are edges."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leporello.graphs.analysis.malformed import find_malformed
from leporello.graphs.blocktypes import Registry
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.fields import Field
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.composites import read_composite
from leporello.graphs.interchange.link_nodes import NODE, SUGGESTED, LinkNodes
from leporello.graphs.interchange.links import Edge, check_path
from leporello.graphs.nodes import LARGEST, UNKNOWN, Composite, Node
from leporello.graphs.problems import Mark, refuse, suggest
from leporello.graphs.reading.blocks import check_ports
from leporello.graphs.reading.ends import read_outputs
from leporello.graphs.reading.parameters import fields_of
from leporello.graphs.reading.spec import SpecReader

LARGEST_EDGES = 200_000
GRAPH = ("spec", "name", "label", "parameters", "blocks", "outputs", "composites", "data", "training")
TOP = (
    Field("directed", "boolean", None),
    Field("multigraph", "boolean", None),
    Field("graph", "table", None),
    Field("nodes", "list", None),
    Field("edges", "list", None),
    *(Field(name, "value", None) for name in GRAPH),
)


NO_ITEMS = Sequence((), Mark("", 1, 1))


@dataclass
class LinkReader(SpecReader):
    """Reads one graph from node-link data, keeping its problems until the end."""

    nodes: Sequence = NO_ITEMS
    edges: Sequence = NO_ITEMS

    def read(self) -> Graph:
        """The graph as far as it goes; what is wrong with it is in `problems`."""
        table = self._whole()
        registry = self._blocks(table)
        listed = self._listed()
        reader = self._reader(registry, Scope({path.text: path.text for path, _ in listed}, problems=self.problems))
        edges = self._edges(reader.scope)
        reader = replace(reader, complete=not self.problems)
        for path, node in listed:
            with reader.scope.attempt():
                reader.link(path, node, edges.get(path.text, ()))
            if not reader.scope.nodes or reader.scope.nodes[-1].path != path.text:
                reader.scope.add(Node(path.text, UNKNOWN, mark=path.mark))
        outputs = read_outputs(_with_from(table.get("outputs")), reader)
        check_ports(reader.scope, registry)
        composites = self._composites(table, reader)
        graph = self._graph(table, registry, reader.scope.nodes, outputs)
        graph = replace(graph, composites=composites, kinds=registry)
        self.problems.extend(find_malformed(graph, registry) if composites and not self.problems else ())
        return graph

    def _reader(self, registry: Registry, scope: Scope) -> LinkNodes:
        return LinkNodes(registry, scope)

    def _whole(self) -> Table:
        """The table of what describes the whole graph, which stands under `graph` or beside `nodes`."""
        tree = self.source.tree
        said = fields_of(tree, TOP, "this graph") if tree is not None else {}
        if not isinstance(tree, Table) or said.get("directed") is False:
            mark = tree.mark if tree is not None else None
            raise refuse("this graph is not directed", "an edge goes from what is read to its reader", mark)
        within = said["graph"].entries if "graph" in said else ()
        beside = [pair for pair in tree.entries if pair[0].text in GRAPH and plain(pair[1]) is not None]
        for key, _ in within:
            if any(key.text == other.text for other, _ in beside):
                raise refuse(f"{key.text!r} stands under graph and beside nodes", "keep one of them", key.mark)
        self.nodes, self.edges = said.get("nodes", NO_ITEMS), said.get("edges", NO_ITEMS)
        if len(self.nodes.items) > LARGEST or len(self.edges.items) > LARGEST_EDGES:
            what = f"{len(self.nodes.items)} nodes and {len(self.edges.items)} edges"
            raise refuse(what, f"at most {LARGEST} and {LARGEST_EDGES} are allowed", tree.mark)
        whole = Table((*beside, *(pair for pair in within if plain(pair[1]) is not None)), tree.mark)
        self._check_keys(whole, GRAPH, ("outputs",))
        return whole

    def _listed(self) -> list[tuple[Scalar, Table]]:
        """The nodes by their paths, each path once."""
        found: dict[str, tuple[Scalar, Table]] = {}
        scope = Scope({}, problems=self.problems)
        for place, item in enumerate(self.nodes.items, 1):
            with scope.attempt():
                said = fields_of(item, NODE[:1], f"node {place}", more=True)
                assert isinstance(item, Table)
                path = Scalar(said["id"], said["id"], item.marks["id"], False)
                check_path(path.text, path.mark)
                if path.text in found:
                    raise refuse(f"two nodes have the id {path.text!r}", "ids are different", path.mark)
                found[path.text] = path, Table(item.entries, path.mark)
        return list(found.values())

    def _edges(self, scope: Scope) -> dict[str, list[Edge]]:
        """The edges by the node that they go into."""
        found: dict[str, list[Edge]] = {}
        for place, item in enumerate(self.edges.items, 1):
            with scope.attempt():
                edge = Edge.of(item, f"edge {place}")
                for name, end in (("source", edge.wire.source), ("target", edge.target)):
                    if end not in scope.sources:
                        hint = suggest(end[:80], scope.sources, "nodes") if len(scope.sources) <= SUGGESTED else ""
                        mark = edge.table.marks[name]
                        raise refuse(f"{name} of edge {place} is {end[:80]!r}, which is no node", hint, mark)
                found.setdefault(edge.target, []).append(edge)
        return found

    def _composites(self, table: Table, reader: LinkNodes) -> tuple[Composite, ...]:
        tree = table.get("composites")
        items = tree.items if isinstance(tree, Sequence) else ()
        if len(items) > LARGEST:
            raise refuse(f"{len(items)} composites", f"at most {LARGEST} are allowed", table.mark)
        found: list[Composite] = []
        for place, item in enumerate(items, 1):
            with reader.scope.attempt():
                found.append(read_composite(item, f"composite {place}", reader))
        return tuple(found)


def _with_from(outputs: Tree | None) -> Tree | None:
    """Outputs whose wires stand as tables, written as a spec has them."""
    if not isinstance(outputs, Table):
        return outputs
    pairs = [
        (key, Table(((Scalar("from", "from", item.mark, False), item),), item.mark))
        if isinstance(item, Table) and "source" in item
        else (key, item)
        for key, item in outputs.entries
    ]
    return Table(tuple(pairs), outputs.mark)
