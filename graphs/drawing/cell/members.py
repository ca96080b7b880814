"""Which nodes of an opened graph are one cell: a composite that holds one loop, or a loop spelled out in equations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leporello.graphs.components import strong_components
from leporello.graphs.drawing.views.opened import containers
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node
from leporello.graphs.problems import SpecError, nearest, refuse

ABSORBED = frozenset({"linear", "weight", "number"})
"""What stands before a loop and is read by it alone belongs to its cell."""
_MOST_NAMED = 12


@frozen
class Members:
    """The nodes of a cell in the order written, the name under which it was asked for, and its block's."""

    name: str
    block: str
    nodes: tuple[Node, ...]


def members(graph: Graph, path: str) -> Members:
    """The cell at the `path` of a composite or of a node in a loop; SpecError for what is no cell."""
    inside = containers(graph)
    loops = _loops(graph.nodes)
    if path not in inside and path not in graph:
        raise _refuse(f"{graph.name} has no {path!r} to draw as a cell", graph, path)
    if path in inside:
        return _composite(graph, path)
    loop = next((loop for loop in loops if path in loop), None)
    if loop is None:
        raise _refuse(f"{path!r} is no cell: nothing that it reads comes from its own past", graph, path)
    return Members(path, "", _at_each_step(graph, _with_absorbed(graph, loop)))


def cell_paths(graph: Graph) -> list[str]:
    """The paths of all that can be drawn as a cell: composites around one loop, then nodes of loops at the top."""
    loops = _loops(graph.nodes)
    within: dict[str, list[Node]] = {path: [] for path in sorted(containers(graph))}
    for node in graph.nodes:
        parts = node.path.split("/")
        for count in range(1, len(parts)):
            if "/".join(parts[:count]) in within:
                within["/".join(parts[:count])].append(node)
    bodies = [path for path, nodes in within.items() if len(_loops(nodes)) == 1]
    outer = [path for path in bodies if path.rpartition("/")[0] not in bodies]
    named = [node.path for node in graph.nodes if "/" not in node.path and any(node.path in loop for loop in loops)]
    return [*outer, *named, *_inner_states(graph, loops, outer)]


def _inner_states(graph: Graph, loops: Sequence[frozenset[str]], drawn: Sequence[str]) -> list[str]:
    """A node for each loop inside that is no composite's own: the first that is read late."""
    found = []
    for loop in loops:
        inside = [node for node in graph.nodes if node.path in loop and "/" in node.path and written_path(node) in loop]
        late = {wire.source for node in graph.nodes if node.path in loop for wire in node.wires if wire.time.shift}
        state = next((node.path for node in inside if node.path in late), "")
        if state and len(inside) and not any(state.startswith(body + "/") for body in drawn):
            found.append(state)
    return found


def _composite(graph: Graph, path: str) -> Members:
    within = _loops([node for node in graph.nodes if node.path.startswith(path + "/")])
    if not within:
        raise _refuse(f"{path!r} is no cell: nothing in it reads its own past", graph, path)
    if len(within) > 1:
        few = sorted(p for p in cell_paths(graph) if p.startswith(path + "/"))[:_MOST_NAMED]
        raise refuse(f"{path!r} holds {len(within)} cells", "draw one of them: " + ", ".join(few) if few else "")
    blocks = {composite.path: composite.block for composite in graph.composites}
    around = ["/".join(path.split("/")[:count]) for count in range(path.count("/") + 1, 0, -1)]
    block = next((blocks[outer] for outer in around if outer in blocks), "")
    inner = (node for node in graph.nodes if node.path.startswith(path + "/"))
    chosen = tuple(node for node in inner if not any(wire.time.kind in ("first", "last") for wire in node.wires))
    return Members(path, block, _at_each_step(graph, chosen))


def _at_each_step(graph: Graph, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The nodes without those that do nothing but give a value before the first step."""
    shown = {output.wire.source for output in graph.outputs}
    kept = {node.path: node for node in nodes}
    while True:
        gone = [path for path in kept if path not in shown and _only_starts(graph, path, kept, nodes)]
        if not gone:
            return tuple(kept.values())
        for path in gone:
            del kept[path]


def _only_starts(graph: Graph, path: str, kept: Mapping[str, Node], nodes: Sequence[Node]) -> bool:
    """Whether a node is read, but by no port of what is kept or stands elsewhere."""
    among = {node.path for node in nodes}
    readers = [
        (reader, wire) for reader, wire in graph.readers[path] if reader.path in kept or reader.path not in among
    ]
    return bool(graph.readers[path]) and not any(wire in reader.wires for reader, wire in readers)


def _loops(nodes: Sequence[Node]) -> list[frozenset[str]]:
    """The strongly connected components with a wire inside, in the order written."""
    among = {node.path for node in nodes}
    sources = {node.path: [wire.source for wire in node.wires if wire.source in among] for node in nodes}
    found = [frozenset(one) for one in strong_components(sources)]
    looped = [one for one in found if len(one) > 1 or any(path in sources[path] for path in one)]
    place = {node.path: index for index, node in enumerate(nodes)}
    return sorted(looped, key=lambda one: min(place[path] for path in one))


def _with_absorbed(graph: Graph, loop: Iterable[str]) -> tuple[Node, ...]:
    """The loop with the layers, weights and numbers that it alone reads."""
    written = {written_path(graph[path]) for path in loop}
    chosen = {node.path for node in graph.nodes if node.path in loop or written_path(node) in written}
    shown = {output.wire.source for output in graph.outputs}
    while True:
        more = {
            node.path
            for node in graph.nodes
            if node.block in ABSORBED and node.path not in chosen and node.path not in shown
            if graph.readers[node.path]
            and all(reader.path in chosen and wire.time.kind == "t" for reader, wire in graph.readers[node.path])
        }
        if not more:
            return tuple(node for node in graph.nodes if node.path in chosen)
        chosen |= more


def written_path(node: Node) -> str:
    """The path of the node as it was written: an expression's parts and a port's list belong to it."""
    body = node.body + "/" if node.body else ""
    return body + node.path.removeprefix(body).partition("/")[0]


def _refuse(what: str, graph: Graph, path: str) -> SpecError:
    known = cell_paths(graph)
    if not known:
        return refuse(what, "there is no cell in it: no composite or node reads its own past")
    return refuse(what, "can be drawn: " + ", ".join(nearest(path, known)[:_MOST_NAMED]))
