"""The schedule: in which order the parts of a model run, and how each of them is lowered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal, NamedTuple

from leporello.builder.plan.kernels import KernelMatch
from leporello.builder.plan.passes.accumulate import accumulate
from leporello.builder.plan.passes.flatten import flatten
from leporello.builder.plan.passes.fold import fold
from leporello.builder.plan.passes.join import join
from leporello.builder.plan.passes.merge import merge
from leporello.builder.plan.passes.mix import mix
from leporello.builder.plan.passes.origins import origins_of
from leporello.builder.plan.passes.split import split
from leporello.builder.plan.passes.unify import unify
from leporello.builder.plan.passes.weigh import weigh
from leporello.builder.plan.unfit import Loops, Unfit
from leporello.graphs.analysis.checks import Checked, Part
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph

if TYPE_CHECKING:
    from leporello.builder.plan.diagnosis import Diagnosis


@frozen
class Stage:
    """A part of the model and how it runs.

    *once* per sequence, *all at once* over all steps of its axis, *scanned* step by step, or *fused* in one
    call of torch's kernel for a known `cell`; `unfit` is a loop that has none.
    """

    kind: Literal["once", "all at once", "scanned", "fused"]
    nodes: tuple[str, ...]
    axis: str | None = None
    direction: int = 1
    delay: int = 0
    cell: KernelMatch | None = None
    unfit: Unfit | None = field(default=None, compare=False, repr=False)

    @property
    def nearest(self) -> Diagnosis | None:
        """The cell that a scanned loop is nearest to, and what keeps it from being one; None where it is near none."""
        return self.unfit.nearest if self.unfit else None

    @property
    def reason(self) -> str:
        """Why it runs so."""
        if self.unfit is not None:
            return self.unfit.reason
        if self.cell is not None:
            return f"{self.cell.described} that torch has a kernel for"
        return "stepped by the caller" if self.kind == "scanned" else "outside every loop"


class Schedule(NamedTuple):
    """A model as it will run: feedback resolved, only what is needed, rewritten, and its stages in order.

    `checked` is the model before all of that.
    """

    model: Checked
    checked: Checked
    stages: tuple[Stage, ...]

    @property
    def written(self) -> Graph:
        """The opened graph before any rewriting."""
        return self.checked.graph

    @property
    def loops(self) -> tuple[Stage, ...]:
        """The stages that are loops."""
        return tuple(stage for stage in self.stages if stage.kind in ("scanned", "fused"))

    def written_in(self, stage: Stage) -> tuple[str, ...]:
        """The nodes of the model as written that a stage computes, in their order, whatever passes made of them."""
        found = {origin for path in stage.nodes for origin in origins_of(self.model, path)}
        return tuple(path for path in self.written.index if path in found)


def schedule(checked: Checked, feedback: Mode = "teacher", stepped: str | None = None) -> Schedule:
    """How a model runs in a mode of feedback.

    Args:
        checked: the model.
        feedback: which port of every `feedback` is read.
        stepped: an axis along which the caller goes step by step, so that no kernel can run over it.
    """
    model = needed(resolve(checked, feedback))
    if not checked.unbound:
        model = unify(fold(model))
    among = Loops(model)
    found = [(frozenset(loop.nodes), _cell(loop, among, stepped)) for loop in model.loops]
    cells = [cell for _, cell in found if isinstance(cell, KernelMatch)]
    keep = frozenset[str]().union(*(cell.nodes | {wire.source for wire in cell.sources} for cell in cells))
    if not checked.unbound:
        model = rewritten(model, keep, stepped)
    unfit = {path: lack for nodes, lack in found if isinstance(lack, Unfit) for path in nodes}
    inside = {path: cell for cell in cells for path in cell.nodes}
    stages = [_stage(part, model, inside, unfit) for part in model.parts]
    kept = [stage for stage in stages if stage.kind == "fused" or not inside.keys() >= set(stage.nodes)]
    return Schedule(model, checked, tuple(kept))


def rewritten(model: Checked, keep: frozenset[str], stepped: str | None = None) -> Checked:
    """The model after the passes that serve loops which are scanned; nodes in `keep` stay as they are."""
    model = weigh(mix(merge(flatten(unify(model, keep), keep), keep), keep), keep)
    return join(model if stepped else accumulate(merge(split(model, keep), keep), keep), keep)


def _cell(loop: Loop, among: Loops, stepped: str | None) -> KernelMatch | Unfit | None:
    axis = among.model.axes[loop.nodes[0]].own
    return None if axis is not None and axis == stepped else among.kernel(loop)


def _stage(part: Part, model: Checked, cells: Mapping[str, KernelMatch], unfit: Mapping[str, Unfit]) -> Stage:
    if not isinstance(part, Loop):
        axis = model.axes[part[0]].own
        return Stage("all at once" if axis else "once", part, axis)
    axis = model.axes[part.nodes[0]].own
    cell = cells.get(part.nodes[0])
    if cell is not None:
        return Stage("fused", part.nodes, axis, part.direction, part.delay, cell)
    lack = next((unfit[path] for path in part.nodes if path in unfit), None)
    return Stage("scanned", part.nodes, axis, part.direction, part.delay, unfit=lack)
