"""What kind of picture is wanted, as one value: steps, views, styles, and what is known beside the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from leporello.graphs.drawing.unfolded.focus import Focus
from leporello.graphs.drawing.views.modes import Feedback
from leporello.graphs.drawing.views.opened import CLOSED, Grouping
from leporello.graphs.drawing.views.shown_values import NONE, ShownValues
from leporello.graphs.drawing.views.view import Near, View
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY
from leporello.graphs.phases import Phase
from leporello.graphs.problems import refuse, suggest

Weights = Literal["wires", "boxes"]
Look = Literal["colour", "paper", "textbook"]
STEPS = 4
"""So many steps of an axis are drawn where nothing else is said."""
_MOST_STEPS = 10**9


@frozen
class Options:
    """A picture of a graph, before it is drawn.

    Attributes:
        steps: none for the folded picture; a number of steps of every axis, or of each axis that is named.
        both: the folded picture beside the unfolded one.
        weights: short linear layers on wires, as textbooks draw them, or as boxes.
        grouping: which composites are drawn open.
        style: in colour; black on white for print; in colour with loops as arcs, as in textbooks.
        key: a key to the signs beside the picture.
        focus: a step of an unfolded picture that is looked at.
        values: what flows, as far as it is known, in an unfolded picture.
        motion: the values' way through time, in an unfolded picture.
        cell: the path of a composite or of a node in a loop to be drawn as a cell, at one step; none if it is empty.
        facts: a line for the hover text of a box, by its path.
        feedback: what feedback reads; none for the model as it is written, with both.
        plan: how the model runs in that mode, which is drawn in a folded picture; none where that is not wanted.
        near: where the boxes stood in the picture before, whose order is kept as far as it can be.
        positions: of the folded picture as DOT our own places, else Graphviz places it.
        dark: dark colours as they stand, where a format or its reader knows no preference of its own.
        scale: pixels of a PNG for each pixel of the picture.
    """

    steps: Mapping[str, int] | int | None = None
    both: bool = False
    weights: Weights = "wires"
    grouping: Grouping = CLOSED
    style: Look = "colour"
    key: bool = False
    focus: Focus | None = None
    values: ShownValues = NONE
    motion: bool = False
    cell: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    feedback: Feedback | None = None
    plan: tuple[Phase, ...] = ()
    near: Near = field(default_factory=lambda: EMPTY)
    dark: bool = False
    scale: float = 1.0
    positions: bool = False

    @property
    def unfolds(self) -> bool:
        """Whether time is drawn."""
        return self.both or self.steps is not None

    def last(self, view: View) -> dict[str, int]:
        """The number of steps of every axis of a view; SpecError for an axis or a number that does not exist."""
        steps = STEPS if self.steps is None else self.steps
        if not isinstance(steps, Mapping):
            return dict.fromkeys(view.axes, _number(steps))
        for axis in steps:
            if axis not in view.axes:
                raise refuse(f"{view.name} has no axis {axis!r} to unfold", suggest(axis, view.axes, "axes"))
        return {axis: _number(steps.get(axis, STEPS)) for axis in view.axes}


def _number(steps: object) -> int:
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= _MOST_STEPS:
        raise refuse(f"cannot unfold over {steps!r} steps", f"a whole number from 1 to {_MOST_STEPS} is allowed")
    return steps
