"""The schedule: in which order the parts of a model run, and how each of them is lowered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from leporello.builder.cells import Cell, find_cell
from leporello.graphs.checks import Checked, Part
from leporello.graphs.feedback import Mode, resolve
from leporello.graphs.loops import Loop
from leporello.graphs.pruning import needed


@dataclass(frozen=True)
class Stage:
    """A part of the model and how it runs.

    *once* per sequence, *all at once* over all steps of its axis, *scanned* step by step, or *fused* in one
    call of torch's kernel for a known cell. `reason` says why.
    """

    kind: Literal["once", "all at once", "scanned", "fused"]
    nodes: tuple[str, ...]
    axis: str | None = None
    direction: int = 1
    delay: int = 0
    reason: str = ""
    cell: Cell | None = None


@dataclass(frozen=True)
class Schedule:
    """A model as it will run: feedback resolved, only what is needed, and its stages in order."""

    model: Checked
    stages: tuple[Stage, ...]

    @property
    def loops(self) -> tuple[Stage, ...]:
        """The stages that are loops."""
        return tuple(stage for stage in self.stages if stage.kind in ("scanned", "fused"))


def schedule(
    checked: Checked, feedback: Mode = "teacher", also: Sequence[str] = (), stepped: str | None = None
) -> Schedule:
    """How a model runs in a mode of feedback.

    Args:
        checked: the model.
        feedback: which port of every `feedback` is read.
        also: paths of inner nodes wanted as outputs.
        stepped: an axis along which the caller goes step by step, so that no kernel can run over it.
    """
    model = needed(resolve(checked, feedback), also)
    stages = [_stage(part, model, also, stepped) for part in model.parts]
    inside = {path for stage in stages if stage.cell for path in stage.cell.nodes}
    kept = [stage for stage in stages if stage.kind == "fused" or not inside.issuperset(stage.nodes)]
    return Schedule(model, tuple(kept))


def _stage(part: Part, model: Checked, also: Iterable[str], stepped: str | None) -> Stage:
    if not isinstance(part, Loop):
        axis = model.axes[part[0]].own
        return Stage("all at once" if axis else "once", part, axis, reason="outside every loop")
    axis = model.axes[part.nodes[0]].own
    if axis is not None and axis == stepped:
        return Stage("scanned", part.nodes, axis, part.direction, part.delay, "stepped by the caller")
    cell = find_cell(part, model, frozenset(also))
    if isinstance(cell, Cell):
        reason = f"a {cell.kind} that torch has a kernel for"
        return Stage("fused", part.nodes, axis, part.direction, part.delay, reason, cell)
    return Stage("scanned", part.nodes, axis, part.direction, part.delay, cell)
