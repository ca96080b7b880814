"""Which box an opened node belongs to, where some composites are drawn open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from leporello.graphs.components import reached
from leporello.graphs.expressions.wording import is_expression, is_piece, owner
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import refuse, suggest


@frozen
class Grouping:
    """Gives for the path of a node that of its box: the first part of it that is not `opened`.

    What stands `apart` is a box of its own, though its path begins with that of a layer: a residual, a dropout.
    `inline` are expressions written at a port: by the path of the node that gives the value of one its box, which no
    node is called (`W.input`).
    """

    opened: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    inline: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    known: dict[str, str] = field(default_factory=dict, compare=False)

    def __call__(self, path: str) -> str:
        """The path of the box.

        >>> Grouping()("decoder/1/forward/W_i"), Grouping(frozenset(["decoder"]))("decoder/1/forward/W_i")
        ('decoder', 'decoder/1')
        """
        found = self.known.get(path)
        if found is None:
            parts = path.split("/")
            count = 1
            while count < len(parts) and "/".join(parts[:count]) in self.opened:
                count += 1
            if self.apart and "/".join(parts[: count + 1]) in self.apart:
                count += 1
            found = "/".join(parts[:count])
            within = ("/".join(parts[:more]) for more in range(count + 1, len(parts) + 1)) if self.inline else ()
            found = self.known[path] = next((self.inline[one] for one in within if one in self.inline), found)
        return found


CLOSED = Grouping()


def inlined(graph: Graph, grouping: Grouping = CLOSED) -> Grouping:
    """The grouping with a box of its own for each expression that is written at a port, where that port is drawn.

    >>> inlined(Graph()).inline
    {}
    """
    found: dict[str, str] = {}
    for node in graph.nodes:
        own = owner(node)
        if is_piece(node) and is_expression(node) and grouping(node.path) == own:
            readers = [reader for reader, _ in graph.readers[node.path]]
            if any(owner(reader) != own or not _spells(graph, reader.block) for reader in readers):
                found[node.path] = f"{own}.{node.path.removeprefix(own + '/').replace('/', '.')}"
    return replace(grouping, inline=found, known={})


def _spells(graph: Graph, block: str) -> bool:
    """Whether a use of a block is told as a formula, with the expressions at its ports in it."""
    kind = graph.kinds.get(block)
    return kind is None or kind.equation == "formula"


def containers(graph: Graph) -> dict[str, set[str]]:
    """For the path of everything that can be opened, what stands right inside."""
    found: dict[str, set[str]] = {}
    for node in graph.nodes:
        parts = node.body.split("/") if node.body else []
        for count in range(1, len(parts) + 1):
            inside = node.path.split("/")[: count + 1]
            found.setdefault("/".join(parts[:count]), set()).add("/".join(inside))
    return found


def opened(graph: Graph, paths: Iterable[str] = (), depth: int = 0) -> Grouping:
    """A grouping with the composites at `paths` open, and all others down to a `depth`.

    What holds nothing but one other composite (the only layer of a cell, its only direction) opens with it.
    SpecError for a path that is no composite.
    """
    inside = containers(graph)
    chosen: set[str] = set()
    for path in paths:
        if path not in inside:
            raise refuse(f"there is no composite {path!r} to open", suggest(path, inside, "composites"))
        parts = path.split("/")
        chosen.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    level = {path for path in inside if "/" not in path}
    for _ in range(depth):
        chosen |= level
        _with_only_ones(chosen, inside)
        level = {child for path in chosen for child in inside[path] if child in inside} - chosen
    _with_only_ones(chosen, inside)
    return Grouping(frozenset(chosen), _between_layers(graph, chosen, inside))


def _between_layers(graph: Graph, chosen: set[str], inside: dict[str, set[str]]) -> frozenset[str]:
    """What an open composite has put between its layers: in its own body, at the path of a layer."""
    closed, found = Grouping(frozenset(chosen)), set[str]()
    for node in graph.nodes:
        layer = closed(node.path)
        if layer in inside and node.body in chosen and not f"{node.body}/".startswith(f"{layer}/"):
            found.add("/".join(node.path.split("/")[: layer.count("/") + 2]))
    return frozenset(found)


def _with_only_ones(chosen: set[str], inside: dict[str, set[str]]) -> None:
    chosen |= set(reached(chosen, lambda path: inside[path] & inside.keys() if len(inside[path]) == 1 else ()))
