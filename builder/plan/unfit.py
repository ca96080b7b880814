"""Loops that no kernel computes: what they are is worked out when somebody asks."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from leporello.builder.plan.kernels import KernelMatch, carries, find_cell, states_of
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.loops import Loop
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Wire

if TYPE_CHECKING:
    from leporello.builder.plan.diagnosis import Diagnosis
    from leporello.builder.plan.nearest import Diagnoses


@frozen
class Loops:
    """The loops of a model, each held against the kernels' cells."""

    model: Checked

    def kernel(self, loop: Loop) -> KernelMatch | Unfit:
        """The call of a kernel that computes `loop`, if there is one."""
        cell = None if _chosen(loop, self.model) or carries(loop, self.model) else find_cell(loop, self.model)
        return Unfit(loop, self) if cell is None or cell.differences else cell.call

    @cached_property
    def diagnoses(self) -> Diagnoses:
        """What tells what the others are nearest to; loops that are alike share its work."""
        from leporello.builder.plan.nearest import Diagnoses  # late: most models have no such loop

        return Diagnoses(self.model)


@frozen
class Unfit:
    """A loop of a model that no kernel computes."""

    loop: Loop
    among: Loops = field(repr=False)

    @property
    def nearest(self) -> Diagnosis | None:
        """The cell that it is nearest to, if it has more of one than it lacks."""
        return None if isinstance(self._told, str) else self._told

    @property
    def reason(self) -> str:
        """Why it has to be scanned."""
        return str(self._told)

    @cached_property
    def _told(self) -> Diagnosis | str:
        chosen = next(iter(_chosen(self.loop, self.among.model)), None)
        if chosen is not None:
            return f"each step reads what the model chose before it ({chosen})"
        return self.among.diagnoses.of(self.loop)


def _chosen(loop: Loop, model: Checked) -> list[str]:
    """The states that are tokens."""
    return [path for path in states_of(loop, model) if model.value(Wire(path)).kind == "tokens"]
