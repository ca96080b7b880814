"""What a picture is drawn in, pixels or characters: its letters and boxes, and the room beside the grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from leporello.graphs.drawing.column import figures
from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.figures import Form
from leporello.graphs.drawing.column.laying import Noting
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.column.typed_notes import noted
from leporello.graphs.drawing.column.wire_notes import worded
from leporello.graphs.drawing.column.wishes import GAPS
from leporello.graphs.drawing.letters.labels import at_step, in_lines, plain
from leporello.graphs.drawing.letters.lettering import Label, Run, words
from leporello.graphs.drawing.views.view import Box
from leporello.graphs.frozen import frozen

Gaps = tuple[tuple[int, int, int], ...]
TYPED: Gaps = ((2, 2, 2), (2, 4, 2), (2, 8, 2), (3, 8, 2), (4, 8, 2), (6, 12, 3))
"""The gaps of a column in characters."""


@frozen
class Medium:
    """Letters, boxes and distances of an unfolded picture. Lengths are in pixels, `GRID` of them to a unit.

    Attributes:
        form: of a box, whether its block stands below its name, and the longest text of a step.
        named: a box's name with a step (nothing for none).
        words: plain words, of so many characters at most.
        wide: how wide a label is in letters of a size.
        noting: what stands on the wires of a column.
        gaps: between rows, beside and around the boxes of a column, narrow first.
        pad: around the picture; `head` is above it, with its name.
        lane: the height of a lane, `bar` of a bar, `end` how far it goes on beyond its wires, `room` what is beside it.
        margin: the width of a lane beside the strips.
        strip: between two strips without lanes.
        apart: between two names of initial values, `stub` from their strip, `before` around them.
        jog: from stub to stub.
        close: from a name to what it belongs to, `after` an arrow of time to its name.
        clock: below a strip, `arrow` down to the arrow there.
        reach: of a wire into the dots for steps that are left out.
        bare: without headings, numbers of steps, grounds and frames.
    """

    form: Callable[[Box, bool, str], Form]
    named: Callable[[Box, str], Label]
    words: Callable[[str, int], Label]
    wide: Callable[[Label, float], float]
    noting: Noting
    gaps: Gaps
    pad: float
    head: float
    lane: float
    bar: float
    end: float
    room: float
    margin: float
    strip: float
    apart: float
    stub: float
    before: float
    jog: float
    close: float
    after: float
    clock: float
    arrow: float
    reach: float
    bare: bool = False


PIXELS = Medium(
    form=figures.form,
    named=figures.named,
    words=words,
    wide=Label.width,
    noting=worded,
    gaps=GAPS,
    pad=24,
    head=40,
    lane=16,
    bar=30,
    end=24,
    room=12,
    margin=14,
    strip=18,
    apart=22,
    stub=14,
    before=30,
    jog=8,
    close=4,
    after=8,
    clock=40,
    arrow=10,
    reach=14,
)


def characters(ascii_only: bool) -> Medium:
    """A cell of a terminal for a unit of the grid; made of functions with names, so that a picture can be sent."""
    return Medium(
        form=partial(_form, ascii_only),
        named=partial(_named, ascii_only),
        words=partial(_words, ascii_only),
        wide=_wide,
        noting=partial(noted, ascii_only, False),
        gaps=TYPED,
        pad=GRID,
        head=GRID,
        lane=GRID,
        bar=2 * GRID,
        end=2 * GRID,
        room=GRID,
        margin=2 * GRID,
        strip=GRID,
        apart=GRID,
        stub=GRID,
        before=2 * GRID,
        jog=0,
        close=GRID / 2,
        after=1.5 * GRID,
        clock=2 * GRID,
        arrow=0,
        reach=GRID,
        bare=True,
    )


def _named(ascii_only: bool, box: Box, step: str) -> Label:
    return _typed(at_step(box.label, int(step), ascii_only) if step else plain(box.label, 24, ascii_only))


def _form(ascii_only: bool, box: Box, captions: bool, longest: str) -> Form:
    lines = in_lines(box.block, 28, ascii_only) if box.nameless else [_named(ascii_only, box, longest).text]
    return replace(typed_form(*lines), caption="\n".join(lines) if box.nameless else "")


def _words(ascii_only: bool, text: str, limit: int) -> Label:
    return _typed(plain(text, limit, ascii_only))


def _wide(label: Label, size: float) -> float:
    return width(label.text) * GRID


def typed_form(*lines: str) -> Form:
    """A box around lines of text: of three lines around one."""
    return Form("box", (max(map(width, lines)) + 4) // 2 * 2, 2 * ((len(lines) + 2) // 2))


def _typed(text: str) -> Label:
    return Label((Run(text),))
