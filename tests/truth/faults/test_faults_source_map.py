"""Faults planted in what lines know of their nodes: a node lost, or found where it is not, each caught by a test."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.builder.lowering import test_source_map as mapping
from tests.support.faults.planting import CAUGHT, Fault, planted


def example(name: str) -> tuple[Callable[..., None], tuple[str, ...]]:
    """Every node of an example is to be found."""
    return mapping.test_each_node_of_an_example_is_found_where_it_is_computed, (name,)


@cache
def holds(test: Callable[..., None], arguments: tuple[str, ...]) -> None:
    """The test passes where nothing is planted; tried once for all faults that it catches."""
    test(*arguments)


FAULTS = {
    "pieces of expressions are lost": Fault(
        "lowering.function", "*(term.nodes for term in terms.values())", "", *example("lstm_peephole")
    ),
    "what is a variable is computed again": Fault(
        "lowering.terms", "text=name, strength=ATOM, nodes=()", "text=name, strength=ATOM", *example("gru_before")
    ),
    "an assignment knows its pieces only": Fault(
        "lowering.function", "nodes=(path, *term.nodes))", "nodes=term.nodes[1:])", *example("tagger")
    ),
    "the parts of a product are lost": Fault(
        "lowering.function", "nodes=(node.path, *term.nodes))", "nodes=())", *example("luong")
    ),
    "origins are not followed": Fault(
        "lowering.function", "*(origins_of(self.model, path) for path in nodes)", "nodes", *example("luong")
    ),
    "what was merged goes to its readers": Fault(
        "plan.passes.origins",
        "targets.get(path) or _readers",
        "_readers",
        mapping.test_nodes_that_became_others_are_found_where_these_are,
    ),
    "what is new has no origin": Fault(
        "plan.passes.origins", "for origin in found[reader])", "for origin in ())", *example("luong")
    ),
    "a cell is found at its states only": Fault(
        "lowering.fusing",
        "sorted(inside | read)",
        "[self.cell.h]",
        *example("elman"),
    ),
    "the numbers of a cell are lost": Fault(
        "lowering.fusing", "sorted(inside | read)", "sorted(inside)", *example("attention")
    ),
    "broken lines lose their nodes": Fault(
        "lowering.source_text", "Line(piece, line.nodes)", "Line(piece)", *example("luong")
    ),
    "lines counted from 0": Fault(
        "lowering.source_map", "in enumerate(lines, 1)", "in enumerate(lines)", *example("elman")
    ),
    "spans that swallow what lies between": Fault(
        "lowering.source_map",
        "!= [(number + 1, method)]",
        "== []",
        *example("own_cell"),
    ),
    "parts made beside each other are mixed up": Fault(
        "lowering.parts",
        '_insert(tree, path.split("/"), Line(made, (path,)))',
        '_insert(tree, path.split("/"), Line(made, (next(iter(checked.weights)),)))',
        mapping.test_the_weights_of_each_node_are_made_in_its_line,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str) -> None:
    fault = FAULTS[name]
    holds(fault.caught_by, fault.arguments)
    with planted(fault.module, fault.old, fault.new), pytest.raises(CAUGHT):
        fault.caught_by(*fault.arguments)
