"""Two cells that run over the same values, one each way: torch's kernel computes both in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.builder.plan.kernels import KernelMatch
from leporello.builder.plan.schedule import Stage
from leporello.graphs.analysis.checks import Checked


def pairs(stages: Sequence[Stage], model: Checked) -> Mapping[int, int]:
    """By the place of the later of two such stages the place of the earlier, which can wait for it.

    It can where no stage between them, nor the later one, reads what it computes.
    """
    found: dict[int, int] = {}
    fused = [place for place, stage in enumerate(stages) if stage.cell]
    for number, second in enumerate(fused):
        for first in fused[:number]:
            one, between, other = stages[first], stages[first + 1 : second + 1], stages[second]
            free = not {first, second} & {*found, *found.values()}
            if free and _alike(one, other, model) and not _read(one, between, model):
                found[second] = first
    return found


def _alike(one: Stage, other: Stage, model: Checked) -> bool:
    a, b = one.cell, other.cell
    assert a and b
    opposed = one.axis == other.axis and a.backward != b.backward
    return opposed and a.sources == b.sources and _form(a, model) == _form(b, model)


def _form(cell: KernelMatch, model: Checked) -> tuple[object, ...]:
    """What the call of a kernel has once for both directions."""
    sizes = [model.values[path, ""].size for path in (cell.h, cell.c) if path]
    biased = any(gate.biases for gate in cell.gates)
    return cell.kind, sizes, cell.relu, biased, cell.projection is None


def _read(stage: Stage, later: Sequence[Stage], model: Checked) -> bool:
    """Whether one of the later stages reads what a stage computes."""
    assert stage.cell
    inside = stage.cell.nodes
    readers = {path for one in later for path in (*one.nodes, *(one.cell.nodes if one.cell else ()))} - inside
    nodes = [model.graph[path] for path in readers]
    return any(wire.source in inside for node in nodes for wire in (*node.wires, *node.initial_wires))
