"""The unfolded picture for a terminal: the scene of the other pictures, in characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.media import characters
from leporello.graphs.drawing.letters.labels import at_step, plain
from leporello.graphs.drawing.terminal.folded_text import key, listed_text
from leporello.graphs.drawing.terminal.typed import typed
from leporello.graphs.drawing.unfolded.unfolded_scene import unfolded_scene
from leporello.graphs.drawing.views.view import Box, Kind, View

MOST_BOXES, MOST_WIRES = 60, 110
"""A column with more is hard to follow in characters."""


def unfolded_text(view: View, last: Mapping[str, int], ascii_only: bool = False, effort: Effort = BEST) -> str:
    """The `view` over `last[axis]` steps of each axis, with lanes between the axes for what others read.

    What gives the values before the first step is said at the end. Models that are too large are listed instead.
    """
    caption = f"{plain(view.name, 60, ascii_only)}, unfolded in time"
    large = len(view.boxes) > MOST_BOXES or len(view.edges) > MOST_WIRES
    made = None if large else unfolded_scene(view, last, {}, medium=characters(ascii_only), effort=effort)
    if made is None or made.lost:
        return f"{caption}: too large for characters, folded\n\n{listed_text(view, ascii_only)}\n"
    started = [box for box in view.boxes if box.initial and box.axis]
    notes = "\n".join(_note(box, started, ascii_only) for box in started)
    gathered: set[Kind] = {"every"} if made.bars else set()
    kinds = gathered.union(box.kind for box in view.boxes)
    drawn = typed(made).render(ascii_only).strip("\n")
    return "\n\n".join(filter(None, [caption, drawn, notes, key(kinds, ascii_only)])) + "\n"


def _note(box: Box, started: Sequence[Box], ascii_only: bool) -> str:
    """What a value is before the first step; of several with the same label the path tells which."""
    alone = sum(box.label == other.label for other in started) == 1
    name = at_step(box.label, 0, ascii_only) if alone else at_step(box.path, 0, ascii_only, 60)
    return f" {name}: {plain(box.initial, 60, ascii_only)}"
