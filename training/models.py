"""A spec with its data: read, what is set beside it put in place, checked with the sizes that the data bind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.specs import Spec, check_spec, graph_of, read_spec


class Given(NamedTuple):
    """What stands beside a spec: sizes by name, and files of data by input."""

    sizes: Mapping[str, int] = EMPTY
    sources: Mapping[str, str] = EMPTY


def read_model(spec: Spec, overrides: Sequence[str] = ()) -> Graph:
    """The graph that stands for a model, with `overrides` (`training.updates=500`) in place.

    Raises SpecError with every problem in the spec, or for a setting that does not exist.
    """
    graph = graph_of(spec, registry())
    if not overrides:
        return graph
    from leporello.training.overrides import apply_overrides  # late, as below: most commands open no data

    return apply_overrides(graph, overrides)


def read_kept(text: str, file: str) -> Graph:
    """The graph in the copy of a spec that a run keeps."""
    return read_spec(text, registry(), file)


def check_model(spec: Spec, given: Given | None = None, data: bool = True) -> Checked:
    """The checked model, its sizes bound by what is given, then by its data.

    Without `data` no text is opened: for pictures, which need no sizes; nor is one where all sizes are given that data
    would bind. Raises SpecError with every problem, and for a size that the model does not have.
    """
    given = given or Given()
    checked = check_spec(spec, registry(), given.sizes)
    if not data or (checked.written.data is None and not given.sources):
        return checked
    from leporello.training.data.columns import size_name, sizes_of
    from leporello.training.data.entries import check_data

    bound = {size_name(entry) for entry in check_data(checked.written, given.sources).values()} - {""}
    if bound and bound <= set(given.sizes) and not given.sources:
        return checked
    return check_spec(checked.written, registry(), {**sizes_of(checked.written, given.sources), **given.sizes})


def check_bound(spec: Spec, sizes: Mapping[str, int]) -> Checked:
    """The checked model for those who have no data at hand: it is opened only where sizes are left to it."""
    checked = check_model(spec, Given(sizes), data=False)
    return check_model(checked, Given(sizes)) if checked.unbound else checked
