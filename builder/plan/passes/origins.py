"""Origins: which nodes of a model as written each node of a rewritten one computes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import field

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, Wire

Moves = Mapping[tuple[str, str], Wire]
"""By node and port, what is read in its place."""


@frozen
class Rewritten(Checked):
    """A model that passes have rewritten; `origins` are by path the nodes as written that each node computes."""

    origins: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)


def origins_of(model: Checked, path: str) -> tuple[str, ...]:
    """The nodes as written that the node at `path` computes: itself, in a model that no pass has rewritten."""
    return model.origins.get(path, (path,)) if isinstance(model, Rewritten) else (path,)


def with_origins(before: Checked, after: Checked, moved: Moves) -> Rewritten:
    """A rewritten model that knows where its nodes come from.

    A node that is gone is computed by what is read in its place, else by those that read it. A new one computes what
    its readers do.
    """
    found = {path: dict.fromkeys(origins_of(before, path)) for path in after.graph.index if path in before.graph}
    targets: dict[str, list[str]] = {}
    for (path, _), wire in moved.items():
        targets.setdefault(path, []).append(wire.source)
    gone = [node.path for node in reversed(before.graph.nodes) if node.path not in after.graph]
    heirs = _ways(gone, lambda path: targets.get(path) or _readers(path, before), after.graph)
    for path in reversed(gone):
        for heir in heirs[path]:
            found.setdefault(heir, {}).update(dict.fromkeys(origins_of(before, path)))
    new = [node.path for node in reversed(after.graph.nodes) if node.path not in found]
    for path, readers in _ways(new, lambda path: _readers(path, after), found).items():
        found[path] = dict.fromkeys(origin for reader in readers for origin in found[reader])
    origins = {path: tuple(paths) for path, paths in found.items()}
    return Rewritten(
        after.written,
        after.graph,
        after.registry,
        after.parts,
        after.axes,
        after.values,
        after.warnings,
        {path: kept for path, kept in origins.items() if kept != (path,)},
    )


def _readers(path: str, model: Checked) -> list[str]:
    return [node.path for node, _ in model.graph.readers[path]]


def _ways(starts: Iterable[str], follow: Callable[[str], Iterable[str]], ends: Container[str]) -> dict[str, list[str]]:
    """For each start the ends to which it leads."""
    found: dict[str, list[str]] = {}
    for start in starts:
        seen, waiting = {start: None}, [start]
        for path in waiting:
            for following in found.get(path) or follow(path):
                if following not in seen:
                    seen[following] = None
                    if following not in ends:
                        waiting.append(following)
        found[start] = [path for path in seen if path != start and path in ends]
    return found
