"""The folded picture in units of characters: the placement and the ways of the other pictures, a cell for a unit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leporello.graphs.drawing.column.canvas import width
from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.laying import Noting
from leporello.graphs.drawing.column.media import typed_form
from leporello.graphs.drawing.column.placement import GRID, SPACE, Spot
from leporello.graphs.drawing.column.typed_notes import noted
from leporello.graphs.drawing.column.wired import Draft, Wired, draft
from leporello.graphs.drawing.column.wishes import ColumnPlan, net_of
from leporello.graphs.drawing.folded.folded_scene import laid, lean, moved, ordered
from leporello.graphs.drawing.folded.frames import composites
from leporello.graphs.drawing.letters.labels import in_lines, plain
from leporello.graphs.drawing.letters.lettering import Label, Run
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Point, Rectangle, Scene
from leporello.graphs.drawing.terminal.typed_frames import with_frames
from leporello.graphs.drawing.views.stretches import stretches
from leporello.graphs.drawing.views.view import Box, View

FEW = 100
"""So many boxes are placed once more where words lack room."""
SMALL = 20
"""So many boxes are placed once more where frames lack room."""
ROOMY = ((2, 8, 0), (3, 8, 1), (4, 8, 1))
"""The gaps with which frames have more room."""
LETTERS = 44
"""So many letters a line of a formula has at most."""
GAPS = ((2, 4, 0), (2, 8, 0), (3, 8, 1), (4, 8, 1), (6, 12, 2))
"""Lines between rows, columns beside the boxes, lines above and below them: narrow first."""


def folded_typed(written: View, ascii_only: bool = False, effort: Effort = BEST) -> Scene:
    """The scene of a folded view, all of whose places are whole cells; `lost` are wires and words without room."""
    noting = partial(noted, ascii_only, True)
    view, plan, found = laid(written, partial(_plan, ascii_only), noting, effort)

    def framed(one: Wired) -> Scene:
        return with_frames(_scene(written, view, plan, one, ascii_only), ascii_only)

    found = _told(plan, found, noting)
    wanted = len(composites([box.path for box in view.boxes]))
    if not (effort.better and wanted and len(view.boxes) <= SMALL):
        return framed(found.polished())
    rough = framed(found.wired())
    for gaps in ROOMY:
        if rough.lost or len(rough.panels) == wanted:
            break
        wider = draft(replace(plan, gaps=(gaps,)), noting, effort)
        other = framed(wider.wired())
        if not other.lost and len(other.panels) > len(rough.panels):
            found, rough = wider, other
    made = framed(found.polished())
    return rough if made.lost or len(made.panels) < len(rough.panels) else made


def _told(plan: ColumnPlan, found: Draft, noting: Noting) -> Draft:
    """The column with wider gaps, where all wires have room but not all words."""
    lost, unsaid = found.lacking
    again = found.effort.better and unsaid and not lost and len(plan.forms) <= FEW
    for gaps in plan.gaps[1:] if again else ():
        wider = draft(replace(plan, gaps=(gaps,)), noting, found.effort)
        if not any(wider.lacking):
            return wider
    return found


def _scene(written: View, view: View, plan: ColumnPlan, found: Wired, ascii_only: bool) -> Scene:
    names = _names(written, found, ascii_only)
    shift = _shift(found, max((width(name.label.text) for name in names), default=-1))
    figures = tuple(_figure(box, plan, found.column.spots[box.path], shift, ascii_only) for box in view.boxes)
    lines = tuple(
        Line(net_of(edge), _moved(path, shift), edge.style, ends=(edge.source, edge.target))
        for edge, path in found.paths.items()
    )
    notes = [moved(note, shift) for together in found.notes.values() for note in together]
    notes += [replace(name, place=replace(name.place, y=name.place.y + shift[1])) for name in names]
    title, lost = f"{plain(view.name)}, folded", len(found.missing) + found.unnoted
    return Scene(*_size(figures, lines, notes), title, "", figures, lines, tuple(notes), lost=lost)


def widest_row(view: View, ascii_only: bool = False) -> int:
    """So many cells the boxes of one row take at least; 0 where there are none."""
    forms = _plan(ascii_only, view, view).forms
    return max((sum(forms[path].width + SPACE for path in row) for row in ordered(view, view)), default=0)


def _plan(ascii_only: bool, view: View, written: View) -> ColumnPlan:
    forms = {box.path: typed_form(*_lines(*_said(box, ascii_only))) for box in view.boxes}
    return ColumnPlan(ordered(view, written), forms, view.edges, lean(view), near=view.near, gaps=GAPS, loop=2)


def _said(box: Box, ascii_only: bool) -> tuple[str, str]:
    """What stands in a box: its name, and what it is, where its frame does not say so, in lines."""
    kind = box.block.removeprefix(box.kind).lstrip(", ") if box.kind in ("input", "output") else box.block
    lines = in_lines(kind, LETTERS, ascii_only) if box.spelled else [plain(kind, 30, ascii_only)] if kind else []
    lines += [line for more in box.more for line in in_lines(more, LETTERS, ascii_only)]
    badge = [plain(box.badge.text, 20, ascii_only)] if box.badge else []
    if box.nameless:
        return "", "\n".join([*lines[:-1], ", ".join([lines[-1], *badge])])
    return plain(box.label, 20, ascii_only), "\n".join([*lines[:-1], ", ".join([*lines[-1:], *badge])])


def _lines(name: str, detail: str) -> list[str]:
    """The lines of a box, the first of them with its name."""
    first, *rest = detail.split("\n")
    return ["  ".join(filter(None, (name, first))), *(" " * (width(name) + 2 * bool(name)) + line for line in rest)]


def _figure(box: Box, plan: ColumnPlan, spot: Spot, shift: Point, ascii_only: bool) -> Figure:
    name, detail = _said(box, ascii_only)
    form = plan.forms[box.path]
    place = Rectangle(spot.x * GRID + shift[0], spot.y * GRID + shift[1], form.width * GRID, form.height * GRID)
    return Figure(box.path, box.kind, form.shape, place, Label((Run(name),)), detail, badge=box.badge)


def _moved(path: tuple[tuple[int, int], ...], shift: Point) -> tuple[Point, ...]:
    return tuple((x * GRID + shift[0], y * GRID + shift[1]) for x, y in path)


def _names(view: View, found: Wired, ascii_only: bool) -> list[Note]:
    """The names of several axes, each at the top of its rows, to the left of all."""
    tops = {part.axis: min(found.column.spots[path].top for path in part.paths) for part in stretches(view)}
    made = []
    for axis, top in tops.items() if len(view.axes) > 1 else ():
        if axis is not None:
            text = plain(axis, 16, ascii_only)
            place = Rectangle((1 + (width(text) - 1) / 2) * GRID, top * GRID, width(text) * GRID, GRID)
            made.append(Note(place, Label((Run(text),)), 1, "ink"))
    return made


def _shift(found: Wired, names: int) -> Point:
    """From the column to the page, where names of axes, so many letters wide, stand before all else."""
    lefts = [spot.left for spot in found.column.spots.values()]
    lefts += [x for path in found.paths.values() for x, _ in path]
    notes = [note.place for together in found.notes.values() for note in together]
    lefts += [round((place.x - place.width / 2) / GRID + 0.5) for place in notes]
    return (names + 2 - min(lefts, default=0)) * GRID, 0.0


def _size(figures: tuple[Figure, ...], lines: tuple[Line, ...], notes: list[Note]) -> tuple[float, float]:
    """Width and height of what is there, in pixels."""
    places = [*(figure.place for figure in figures), *(note.place for note in notes)]
    xs = [place.x + place.width / 2 for place in places] + [x for line in lines for x, _ in line.points]
    ys = [place.y + place.height / 2 for place in places] + [y for line in lines for _, y in line.points]
    return max(xs, default=0.0) + GRID, max(ys, default=0.0) + GRID
