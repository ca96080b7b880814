"""Heat maps beside a picture: who attends to whom, and what gates let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import Label, Run, words
from leporello.graphs.drawing.scene.scene import Grid, Note, Point, Rectangle, Scene
from leporello.graphs.drawing.unfolded.fans import attending, two_digits
from leporello.graphs.drawing.unfolded.focus import Focus
from leporello.graphs.drawing.views.shown_values import Matrix, ShownValues
from leporello.graphs.drawing.views.view import Box, View

CELL, SMALL_CELL, MOST, WORD = 34.0, 14.0, 48, 13.0
_GAP, _TOP, _MARGIN = 40.0, 64.0, 24.0


def with_grids(scene: Scene, view: View, values: ShownValues, focus: Focus | None) -> Scene:
    """The scene with a heat map for every matrix of its values, under each other to the right."""
    y, left = _TOP, scene.width + _GAP
    for path, matrix in values.attention.items():
        found = attending(view, path)
        reader, memory = found or (_box(view, path), None)
        rows = _words(values, view, reader.axis, len(matrix))
        columns = _words(values, view, memory.axis if memory else None, len(matrix[0]))
        looked = focus.step - 1 if focus and focus.axis == reader.axis else None
        title = Label((Run(f"{plain(_box(view, path).label, 20)}: alignment "), Run("α", True)))
        scene, y = _with(scene, (left, y), title, matrix, rows, columns, looked, False)
    for path, matrix in values.gates.items():
        box = _box(view, path)
        columns = _words(values, view, box.axis, len(matrix[0]))
        scene, y = _with(
            scene, (left, y), words(f"{box.label}: values by feature", 60), matrix, [], columns, None, True
        )
    return scene


def _box(view: View, path: str) -> Box:
    """The box of a path; one that is not drawn has its path as name."""
    return next((box for box in view.boxes if box.path == path), Box(path, "function", path))


def _words(values: ShownValues, view: View, axis: str | None, count: int) -> list[str]:
    """What stands at the steps of an axis: the words of an output, else of an input, else numbers."""
    kinds = sorted(view.boxes, key=lambda box: box.kind != "output")
    for box in kinds:
        name = box.path.removeprefix("outputs/")
        if box.axis == axis and box.kind in ("input", "output") and name in values.words:
            given = values.words[name]
            return [given[i] if i < len(given) else str(i + 1) for i in range(count)]
    return [str(step + 1) for step in range(count)]


def _with(
    scene: Scene,
    at: Point,
    title: Label,
    matrix: Matrix,
    rows: Sequence[str],
    columns: Sequence[str],
    looked: int | None,
    signed: bool,
) -> tuple[Scene, float]:
    """The scene with one more grid, and where the next one begins."""
    left, top = at
    size = CELL if max(len(matrix), len(matrix[0])) <= 16 else SMALL_CELL
    shown = tuple(row[:MOST] for row in matrix[:MOST])
    notes = [_note(left, top, title, 14, True)]
    high = max((words(word, 16).width(WORD) for word in columns[:MOST]), default=0.0) * 0.72 + 14
    begin = left + max((words(word, 16).width(WORD) for word in rows[:MOST]), default=0.0) + (10 if rows else 0)
    y = top + 16 + high
    for index, word in enumerate(rows[:MOST]):
        text = words(word, 16)
        place = Rectangle(begin - 8 - text.width(WORD) / 2, y + size * (index + 0.5), text.width(WORD), WORD * 1.1)
        notes.append(Note(place, text, WORD, "ink", bold=index == looked, anchor="end"))
    grid = Grid(begin, y, size, shown, tuple(plain(word, 16) for word in columns[:MOST]), looked, signed, title.text)
    foot = y + size * len(shown) + 22
    left_out = len(matrix) > MOST or len(matrix[0]) > MOST
    if left_out:
        notes.append(_note(begin, foot, words(f"the first {MOST} of {len(matrix)} by {len(matrix[0])}", 60), 11, False))
        foot += 18
    right = begin + size * len(shown[0]) + high + _MARGIN
    right = max([right, *(note.place.x + note.place.width / 2 + _MARGIN for note in notes)])
    grown = replace(scene, width=max(scene.width, right), height=max(scene.height, foot + _MARGIN))
    return replace(grown, grids=(*scene.grids, grid), notes=(*scene.notes, *notes)), foot + 24


def _note(left: float, y: float, text: Label, size: float, bold: bool) -> Note:
    wide = text.width(size)
    return Note(Rectangle(left + wide / 2, y, wide, size * 1.2), text, size, bold=bold, anchor="start")


def number_in(value: float, size: float) -> str:
    """What stands in a cell: its weight, where there is room and anything to say.

    >>> number_in(0.44, 34), number_in(0.01, 34), number_in(0.44, 14)
    ('.44', '', '')
    """
    return two_digits(value) if size >= CELL and value >= 0.1 else ""
