"""Specs in whatever form they come, YAML or node-link JSON, text or file: read, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.blocktypes import Registry
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.json_text import compose_json
from leporello.graphs.composing.recovery import compose_leniently
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import Sequence, Source, Table, Tree
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.reading_links import LinkReader
from leporello.graphs.problems import Problem, SpecError, refuse, suggest, told
from leporello.graphs.reading.spec import SpecReader

Spec = str | Path | Graph | Checked
"""Whatever stands for a model: the name of a file, the text of a spec, a graph, or a model that was checked."""


def read_file(path: str | Path, registry: Registry) -> Graph:
    """The graph in a file: a spec in YAML, or node-link data (`.json`).

    Raises:
        SpecError: with every problem found in it, each with its place.
    """
    path = Path(path)
    return read_spec(read_text(path), registry, str(path))


def read_spec(text: str, registry: Registry, file: str = "<spec>") -> Graph:
    """The graph that a spec's text describes.

    Raises:
        SpecError: with every problem found in it, each with its place.
    """
    graph, problems = _read(text, file, *_composed(text, file), registry)
    if problems:
        # What could be read is checked too, so that all problems are told at once.
        raise SpecError(told((*problems, *examine(graph, registry)[1])))
    return graph


def try_read(text: str, registry: Registry, file: str = "<spec>") -> tuple[Graph, tuple[Problem, ...]]:
    """The graph as far as it goes, and every problem found: what a spec is while it is being written.

    What could not be read stands as a node of block `?`, with what it is known to read.
    """
    problems: tuple[Problem, ...] = ()
    tree: Tree | None = None
    try:
        tree, linked = _composed(text, file)
    except SpecError as error:
        problems, linked = error.problems, False
        if not file.lower().endswith(".json"):
            tree, problems = compose_leniently(text, file)
    graph, more = _read(text, file, tree, linked, registry)
    return graph, told(problems + _others(more, problems) if problems else more)


def try_check(
    text: str, registry: Registry, file: str = "<spec>", sizes: Mapping[str, Any] | None = None
) -> tuple[Checked, tuple[Problem, ...]]:
    """What is known of a spec as far as it goes, and every problem in it; wires that lead nowhere are left out."""
    graph, problems = try_read(text, registry, file)
    checked, more = examine(graph, registry, sizes)
    checked = replace(checked, graph=_without_loose_ends(checked.graph)) if problems or more else checked
    return checked, told(problems + (_others(more, problems) if problems else more))


def _without_loose_ends(graph: Graph) -> Graph:
    nodes = []
    for node in graph.nodes:
        inputs = tuple((port, wire) for port, wire in node.inputs if wire.source in graph)
        starts = tuple(wire for wire in node.initial_wires if wire.source in graph)
        nodes.append(replace(node, inputs=inputs, initial=starts or None if node.initial_wires else node.initial))
    return replace(
        graph, nodes=tuple(nodes), outputs=tuple(output for output in graph.outputs if output.wire.source in graph)
    )


def check_spec(spec: Spec, registry: Registry, sizes: Mapping[str, Any]) -> Checked:
    """The checked model of a spec, with `sizes` for its `$names`.

    Raises:
        SpecError: if the spec is not a model, or has no size of a name that is given.
    """
    if isinstance(spec, Checked) and not sizes:
        return spec
    graph = graph_of(spec, registry)
    checked = check(graph, registry)
    if not sizes:
        return checked
    known = size_names(checked)
    for name in sizes:
        if name not in known:
            raise refuse(f"{graph.name} has no size ${name}", suggest(name, known, "sizes"))
    return check(graph, registry, sizes)


def size_names(checked: Checked) -> list[str]:
    """The `$names` that a caller may bind: the spec's parameters, and what nothing in the spec binds."""
    return sorted({*checked.written.parameters, *checked.unbound})


def graph_of(spec: Spec, registry: Registry) -> Graph:
    """The graph of whatever stands for a model, as written.

    Raises:
        SpecError: with every problem found in a file or a text.
    """
    if isinstance(spec, Checked):
        return spec.written
    if isinstance(spec, Graph):
        return spec
    if isinstance(spec, Path) or ("\n" not in spec and not spec.lstrip().startswith("{")):
        return read_file(spec, registry)
    return read_spec(spec, registry)


def _composed(text: str, file: str) -> tuple[Tree, bool]:
    """The tree of a text, and whether it is node-link data: JSON whose nodes are no mapping.

    What is JSON is read as such where the file is called so, or where it is node-link data as it stands.
    """
    if file.lower().endswith(".json"):
        tree = compose_json(text, file)
        return tree, not (isinstance(tree, Table) and isinstance(tree.get("nodes"), Table))
    if text.lstrip().startswith("{"):
        with suppress(SpecError):
            tree = compose_json(text, file)
            if isinstance(tree, Table) and isinstance(tree.get("nodes"), Sequence):
                return tree, True
    return compose(text, file), False


def _read(
    text: str, file: str, tree: Tree | None, linked: bool, registry: Registry
) -> tuple[Graph, tuple[Problem, ...]]:
    """The graph as far as it goes, and what is wrong with it."""
    source = Source(text, file, tree)
    reader = (LinkReader if linked else SpecReader)(registry, source)
    try:
        graph = reader.read()
    except SpecError as error:
        return Graph(source=source), told((*reader.problems, *error.problems))
    return graph, tuple(reader.problems)


def _others(more: tuple[Problem, ...], known: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Of further problems those on lines of which nothing is known yet: one fault is told once."""
    lines = {problem.mark.line for problem in known if problem.mark}
    return tuple(problem for problem in more if problem.mark is None or problem.mark.line not in lines)
