"""Shared weights that name no weight, and what a shared node's ports hold."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec

TEXT = """
spec: 1
name: shares
inputs:
  x: {{features: 4}}
  y: {{features: 2}}
nodes:
  a: {{block: linear, input: x, units: 2}}
  b: {{block: linear, input: [y, a], units: 2, share: {share}}}
outputs:
  z: b
"""


@pytest.mark.parametrize(
    "share", ["{weight: a}", "{weight: q.weight}", "{weight: a.weight.x}", "{weight: a.}", "a.weight"]
)
def test_what_is_no_weight_is_refused(share: str) -> None:
    with pytest.raises(SpecError, match=r"<spec>:9:\d+: error: b.* share"):
        check(read_spec(TEXT.format(share=share), registry()), registry())


@pytest.mark.parametrize(("share", "owned"), [("a", 4 * 2 + 2), ("{weight: a.weight}", 4 * 2 + 2 + 2)])
def test_a_list_at_a_port_is_no_part_of_the_node_that_shares(share: str, owned: int) -> None:
    graph = read_spec(TEXT.format(share=share), registry())
    assert check(graph, registry()).parameters == owned
    again = open_graph(open_graph(graph, registry()), registry())
    assert check(again, registry()).parameters == owned
