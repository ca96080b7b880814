"""A cell as a scene: its states as rails through a frame, gates between them, and equations and a key beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.drawing.cell.key import with_key
from leporello.graphs.drawing.cell.labels import notes
from leporello.graphs.drawing.cell.levels import Levels, levels
from leporello.graphs.drawing.cell.names import heading, value_label
from leporello.graphs.drawing.cell.parts import Cell, Operation
from leporello.graphs.drawing.cell.places import Places, Spread, places, text_of
from leporello.graphs.drawing.cell.rails import Rail, rails
from leporello.graphs.drawing.cell.routes import Way, Wiring
from leporello.graphs.drawing.column.figures import NAME, SIGN_WIDTH, on_border
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Panel, Rectangle, Scene
from leporello.graphs.problems import refuse

MOST = 80
"""So many operations are drawn as one cell at most."""
SPREADS = (Spread(6, 8, 4), Spread(7, 9, 4), Spread(8, 9, 4), Spread(11, 11, 4), Spread(16, 14, 5), Spread(24, 18, 6))
MARGIN, HEADING = 18.0, 44.0
_HEAVY, _FLAT = 1.8, 3


def cell_scene(cell: Cell, equations: Sequence[Label]) -> Scene:
    """The picture of a cell; SpecError where it is too large, or its wires have no room."""
    wiring = wired(cell)
    return with_key(_scene(cell, wiring), equations, cell, bool(wiring.carried))


def wired(cell: Cell) -> Wiring:
    """A cell with its places and wires; SpecError as of `cell_scene`."""
    if len(cell.operations) > MOST:
        raise refuse(
            f"{cell.name} does {len(cell.operations)} operations at a step, too many for one cell",
            f"up to {MOST} can be drawn; draw one of the blocks in it, or all of it with --open",
        )
    carried = rails(cell)
    at = levels(cell, carried)
    wiring = _wired(cell, carried, at)
    if wiring.missing:
        raise refuse(
            f"the wires of {cell.name} have no room in the picture of a cell: {wiring.missing[0]} finds no way",
            "--open draws what is in it",
        )
    return wiring


def _wired(cell: Cell, carried: tuple[Rail, ...], at: Levels) -> Wiring:
    """The cell as near together as its wires and the names of its gates have room, or nearly so."""
    best: tuple[tuple[int, int], Wiring] | None = None
    for spread, closed in [*((spread, True) for spread in SPREADS), *((spread, False) for spread in SPREADS)]:
        if best and not closed and not best[0][0]:
            break
        wider = replace(spread, rows=spread.rows + 1) if at.height <= _FLAT else spread
        wiring = Wiring(cell, carried, at, places(cell, carried, at, wider), closed)
        wiring.wire()
        lacking = (len(wiring.missing), wiring.name_gates())
        if best is None or lacking < best[0]:
            best = (lacking, wiring)
        if lacking == (0, 0):
            break
    assert best is not None
    return best[1]


def _scene(cell: Cell, wiring: Wiring) -> Scene:
    grid = wiring.places
    shift = (MARGIN, HEADING)
    figures = tuple(_figure(operation, grid) for operation in cell.operations.values())
    lines = tuple(_line(way, cell, grid) for way in wiring.ways)
    left, top, right, bottom = (float(side * GRID) for side in grid.frame)
    frame = Rectangle((left + right) / 2 + shift[0], (top + bottom) / 2 + shift[1], right - left, bottom - top)
    title = heading(cell)
    wide = (grid.column.width - 1) * GRID + 2 * MARGIN
    high = grid.column.height * GRID + HEADING + 8
    half = title.width(15) / 2
    caption = Note(Rectangle(max(frame.x, half + MARGIN), 22, 2 * half, 18), title, 15, "ink", bold=True)
    wide = max(wide, caption.place.x + half + MARGIN)
    said = ", ".join(f"{plain(one.name or path)} ({one.text or one.sign})" for path, one in cell.operations.items())
    return Scene(
        wide, high, title.text, said, figures, lines, (caption, *notes(cell, wiring, shift)), (Panel(frame, cell=True),)
    )


def _figure(operation: Operation, grid: Places) -> Figure:
    spot, form = grid.column.spots[operation.path], grid.forms[operation.path]
    wide, high = float(form.width * GRID), float(form.height * GRID)
    if form.shape in ("sign", "circle"):
        wide = high = SIGN_WIDTH if form.shape == "sign" else wide
    place = Rectangle(spot.x * GRID + MARGIN, spot.y * GRID + HEADING, wide, high)
    kind = "layer" if operation.role == "layer" else "function"
    text = Label(()) if operation.role == "sign" else text_of(operation)
    size = NAME if form.shape != "circle" else 14
    return Figure(operation.path, kind, form.shape, place, text, operation.sign, operation.title, size)  # type: ignore[arg-type]


def _line(way: Way, cell: Cell, grid: Places) -> Line:
    points = [(x * GRID, y * GRID) for x, y in way.corners]
    spots, forms = grid.column.spots, grid.forms
    starts = way.source and _at(way.corners[0], spots[way.source])
    if starts:
        points[0] = on_border(way.corners[0], forms[way.source], spots[way.source])  # type: ignore[assignment]
    if way.target:
        points[-1] = on_border(way.corners[-1], forms[way.target], spots[way.target])  # type: ignore[assignment]
    moved = tuple((x + MARGIN, y + HEADING) for x, y in points)
    end = way.target or "the border"
    title = f"{value_label(cell, way.value).text} to {plain(end)}"
    style, weight = ("state", _HEAVY) if way.carried else ("now", 1.0)
    return Line(way.net, moved, style, way.arrow, title, weight)  # type: ignore[arg-type]


def _at(corner: tuple[int, int], spot: object) -> bool:
    from leporello.graphs.drawing.column.placement import Spot

    assert isinstance(spot, Spot)
    return spot.left <= corner[0] <= spot.right and spot.top <= corner[1] <= spot.bottom
