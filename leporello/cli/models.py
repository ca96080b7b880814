"""From a file's name to a checked model: what every command does with its argument SPEC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.composing.compose import Table, Tree, compose
from leporello.graphs.graph import EMPTY, Graph
from leporello.graphs.problems import Mark, SpecError, refuse, suggest
from leporello.graphs.specs import read_file, read_spec


@dataclass(frozen=True)
class Given:
    """What stands on the command line beside the spec: sizes by name, and files of data by input."""

    sizes: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    sources: Mapping[str, str] = field(default_factory=lambda: EMPTY)


def read_model(spec: str | Path, overrides: Sequence[str] = ()) -> Graph:
    """The graph in a file, YAML or node-link JSON, with what `--set` says in place.

    Raises SpecError with every problem in the file, or for a setting that does not exist.
    """
    graph = read_file(spec, registry())
    if overrides:
        from leporello.training.overrides import apply_overrides

        graph = apply_overrides(graph, overrides)
    return graph


def read_kept(text: str, file: str) -> Graph:
    """The graph in the copy of a spec that a run keeps: YAML, or the node-link JSON that was trained."""
    data = _node_link(text, file)
    if data is None:
        return read_spec(text, registry(), file)
    from leporello.graphs.interchange.node_link import from_json

    return from_json(data, registry(), file, text)


def _node_link(text: str, file: str) -> Any:
    """The data of node-link JSON; None for YAML, which in braces is no JSON, or says its nodes in a mapping."""
    if not text.lstrip().startswith("{"):
        return None
    from leporello.graphs.composing.json_text import read_json

    with suppress(SpecError):
        data = read_json(text, file)
        if isinstance(data, dict) and isinstance(data.get("nodes"), list):
            return data
    return None


def check_model(graph: Graph, given: Given | None = None, data: bool = True) -> Checked:
    """The checked model, its sizes bound by the command line, then by its data.

    Without `data` no text is opened: for pictures, which need no sizes. Raises SpecError with every problem.
    """
    given = given or Given()
    _known_sizes(graph, given.sizes)
    if not data or (graph.data is None and not given.sources):
        return check(graph, registry(), given.sizes)
    check(graph, registry(), given.sizes)
    from leporello.training.text import sizes_of

    return check(graph, registry(), {**sizes_of(graph, given.sources, places(graph)), **given.sizes})


def size_names(graph: Graph) -> list[str]:
    """The `$names` that a caller may bind: the spec's parameters, and what nothing in the spec binds."""
    return sorted({*graph.parameters, *check(graph, registry(), {}).unbound})


def _known_sizes(graph: Graph, sizes: Iterable[str]) -> None:
    if not sizes:
        return
    known = size_names(graph)
    for name in sizes:
        if name not in known:
            raise refuse(f"{graph.name} has no size ${name}", suggest(name, known, "sizes"))


def places(graph: Graph) -> Callable[[str], Mark | None]:
    """Where a value stands in the spec of a graph, by its keys: `places(graph)("data.text.file")`."""

    def place(path: str) -> Mark | None:
        if not graph.text or graph.file.lower().endswith(".json"):
            return None
        tree: Tree | None = compose(graph.text, graph.file)
        for key in path.split("."):
            tree = tree.get(key) if isinstance(tree, Table) else None
        return tree.mark if tree is not None else None

    return place
