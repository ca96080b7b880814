"""Whatever stands for a model, checked: a path, the text of a spec, a graph, or a model that was checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.specs import read_file, read_spec

Spec = str | Path | Graph | Checked


def check_spec(spec: Spec, sizes: Mapping[str, Any]) -> Checked:
    """The checked model of a spec, with `sizes` for its `$names`.

    Raises:
        SpecError: if the spec is not a model, or has no size of a name that is given.
    """
    if isinstance(spec, Checked) and not sizes:
        return spec
    graph = _graph(spec)
    checked = check(graph, registry())
    if not sizes:
        return checked
    known = sorted({*graph.parameters, *checked.unbound})
    for name in sizes:
        if name not in known:
            raise refuse(f"{graph.name} has no size ${name}", suggest(name, [*known, "feedback", "also"], "it takes"))
    return check(graph, registry(), sizes)


def _graph(spec: Spec) -> Graph:
    if isinstance(spec, Checked):
        return spec.written
    if isinstance(spec, Graph):
        return spec
    if isinstance(spec, Path) or ("\n" not in spec and not spec.lstrip().startswith("{")):
        return read_file(spec, registry())
    return read_spec(spec, registry())
