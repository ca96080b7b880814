"""Time has no preferred direction: a model written backwards gives, for reversed sequences, the reversed outputs.

Tokens are left out: what stands before the first step and after the last are different ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from hypothesis import assume, event, given
from torch import Tensor

from leporello.blocks.registry import registry
from leporello.builder.interpret import interpret
from leporello.builder.names import attribute
from leporello.graphs.analysis.checks import check
from leporello.graphs.blocktypes import BlockType, Registry
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node, Wire, freeze
from leporello.graphs.opening.stacking import is_recurrent
from leporello.graphs.problems import SpecError
from tests.support.comparing import Case, checked_spec, differences, make_case
from tests.support.strategies import Sample, samples

ENDS: Mapping[str, Any] = {"first": "last", "last": "first"}
WAYS = {None: "backward", "forward": "backward", "backward": "forward"}


def turned(wire: Wire) -> Wire:
    """The wire with time reversed."""
    time = wire.time
    return replace(wire, time=replace(time, kind=ENDS.get(time.kind, time.kind), offset=-time.offset))


def backwards(graph: Graph) -> Graph:
    """The graph as written with time reversed; cells run the other way, and what is inside of them stays."""
    known = registry().extended(graph.blocks)
    nodes = [_backwards(node, known) for node in graph.nodes]
    outputs = tuple(replace(output, wire=turned(output.wire)) for output in graph.outputs)
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def _backwards(node: Node, known: Registry) -> Node:
    kind = known[node.block]
    changed = replace(
        node, inputs=tuple((port, turned(wire)) for port, wire in node.inputs), initial=_start(node.initial)
    )
    parameters = {
        parameter.name: node.parameters.get(parameter.name, parameter.default) for parameter in kind.parameters
    }
    if not kind.is_composite or not is_recurrent(kind, parameters, known):
        assume(not _has_ends(kind, parameters, known))
        return changed
    assume(node.modifiers.direction != "both")
    return replace(changed, modifiers=replace(node.modifiers, direction=WAYS[node.modifiers.direction]))


def _start(initial: Any) -> Any:
    if isinstance(initial, Mapping):
        return freeze({key: _start(value) for key, value in initial.items()})
    return tuple(map(turned, initial)) if isinstance(initial, tuple) else initial


def _has_ends(kind: BlockType, parameters: Mapping[str, Any], known: Registry) -> bool:
    """Whether a block reads an end of an axis inside: no direction would turn that round."""
    if kind.body is None:
        return False
    nodes = kind.body(parameters).nodes
    reads = (wire for node in nodes for wire in (*node.wires, *node.initial_wires))
    inner = ((known[node.block], node.parameters) for node in nodes)
    return any(wire.time.kind in ENDS or wire.port in ("final", "state") for wire in reads) or any(
        _has_ends(kind, {p.name: said.get(p.name, p.default) for p in kind.parameters}, known) for kind, said in inner
    )


def flipped(value: Tensor, dimension: int, lengths: Tensor) -> Tensor:
    """Each sequence from its own end to its beginning."""
    rows = []
    for row, length in zip(value, lengths.tolist(), strict=True):
        index = torch.arange(row.shape[dimension - 1])
        rows.append(row.index_select(dimension - 1, torch.where(index < length, length - 1 - index, index)))
    return torch.stack(rows)


@given(samples(fed=False, tokens=False))
def test_a_model_written_backwards_gives_reversed_outputs(sample: Sample) -> None:
    try:
        checked = checked_spec(sample.text)
    except SpecError:
        event("refused")
        assume(False)
    case = make_case(checked, sample.lengths, sample.seed)
    other = check(backwards(checked.written), registry())
    weights = {_renamed(name, checked.written, other.written): value for name, value in case.weights.items()}
    found = interpret(other, _reversed_inputs(case), weights, case.lengths)
    truth = interpret(checked, case.inputs, case.weights, case.lengths)
    for output in checked.graph.outputs:
        axes = checked.axes[output.wire.source]
        for dimension, axis in enumerate([*([axes.own] if axes.own else []), *(axis for axis, _ in axes.carried)], 1):
            found[output.name] = flipped(found[output.name], dimension, case.lengths[axis])
    assert not differences(found, truth)


def _renamed(name: str, graph: Graph, other: Graph) -> str:
    """A weight's name in the other graph: cells that were turned are called after their direction."""
    parts = name.split(".")
    if graph[parts[0]].modifiers.direction != other[parts[0]].modifiers.direction:
        parts[2] = attribute(WAYS[parts[2].rstrip("_")], False)
    return ".".join(parts)


def _reversed_inputs(case: Case) -> dict[str, Tensor]:
    axes = {node.path: node.axis for node in case.checked.graph.inputs}
    return {
        name: value if axes[name] == "none" else flipped(value, 1, case.lengths[str(axes[name])])
        for name, value in case.inputs.items()
    }
