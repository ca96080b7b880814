"""Specs in whatever form they come: YAML or node-link JSON, as text or as a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leporello.graphs.analysis.checks import examine
from leporello.graphs.blocktypes import Registry
from leporello.graphs.composing.json_text import read_json
from leporello.graphs.composing.texts import read_text
from leporello.graphs.graph import Graph
from leporello.graphs.interchange.node_link import from_json
from leporello.graphs.problems import SpecError, told
from leporello.graphs.reading.spec import SpecReader


def read_file(path: str | Path, registry: Registry) -> Graph:
    """The graph in a spec file (YAML) or a node-link file (`.json`).

    Raises:
        SpecError: with every problem found in it, each with its place.
    """
    path = Path(path)
    text = read_text(path)
    if path.suffix.lower() == ".json":
        return replace(from_json(read_json(text, str(path)), registry, str(path), text), text=text)
    return read_spec(text, registry, str(path))


def read_spec(text: str, registry: Registry, file: str = "<spec>") -> Graph:
    """The graph that a spec's text describes.

    Raises:
        SpecError: with every problem found in it, each with its place.
    """
    reader = SpecReader(registry, file)
    try:
        graph = reader.read(text)
    except SpecError as error:
        raise SpecError(told([*reader.problems, *error.problems])) from None
    if reader.problems:
        # What could be read is checked too, so that all problems are told at once.
        raise SpecError(told([*reader.problems, *examine(graph, registry)[1]]))
    return graph
