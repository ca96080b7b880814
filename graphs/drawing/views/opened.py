"""Which box an opened node belongs to, where some composites are drawn open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from leporello.graphs.components import reached
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse, suggest


@dataclass(frozen=True)
class Grouping:
    """Gives for the path of a node that of its box: the first part of it that is not `opened`.

    What stands `apart` is a box of its own, though its path begins with that of a layer: a residual, a dropout.
    """

    opened: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
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
            found = self.known[path] = "/".join(parts[:count])
        return found


CLOSED = Grouping()


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
