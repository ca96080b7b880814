"""The equations and the key to the right of a cell: only signs that stand in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.drawing.cell.parts import Cell
from leporello.graphs.drawing.letters.lettering import Label, Run, words
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Rectangle, Scene

SIZE, PITCH, GAP, ROW, TOP = 17.0, 31.0, 34.0, 28.0, 62.0
_SAMPLE = 46.0


def with_key(scene: Scene, equations: Sequence[Label], cell: Cell, carried: bool) -> Scene:
    """The scene with what it computes and what its signs mean."""
    left = scene.width + GAP
    notes, y = [_heading("One step", left, TOP)] if equations else [], TOP
    sides = [_sides(line) for line in equations]
    middle = left + 4 + max((before.width(SIZE) for before, _ in sides), default=0.0)
    for before, after in sides:
        y += PITCH
        if not before.serif:
            notes.append(Note(_place(left + 4, y, before, 13), before, 13, "muted", bold=True, anchor="start"))
            continue
        if before.runs:
            wide = before.width(SIZE)
            notes.append(Note(_place(middle - wide, y, before, SIZE), before, SIZE, "ink", anchor="end"))
        notes.append(Note(_place(middle + 5, y, after, SIZE), after, SIZE, "ink", anchor="start"))
    y += 44 if equations else 0
    notes.append(_heading("Key", left, y))
    figures, lines = list(scene.figures), list(scene.lines)
    for name, text in _meanings(cell, scene, carried):
        y += ROW
        sample = _sample(name, left + _SAMPLE / 2, y)
        (figures if isinstance(sample, Figure) else lines).append(sample)  # type: ignore[arg-type]
        if name == "copied":
            lines.append(Line("key copied", ((left + 20, y), (left + 20, y + 9)), "now", arrow=False))
        meaning = words(text, 60)
        notes.append(Note(_place(left + _SAMPLE + 14, y, meaning, 13), meaning, 13, "ink", anchor="start"))
    width = max(note.place.x + note.place.width / 2 for note in notes) + 24
    found = replace(scene, figures=tuple(figures), lines=tuple(lines), notes=(*scene.notes, *notes))
    return replace(found, width=max(width, scene.width), height=max(scene.height, y + 28))


def _sides(line: Label) -> tuple[Label, Label]:
    """What stands before the equals sign of an equation, and the rest: they meet under those of the other lines."""
    runs = list(line.runs)
    if not line.serif:
        return line, Label(())
    at = next((index for index, run in enumerate(runs) if run.text == " = "), 0)
    rest = [Run("= "), *runs[at + 1 :]] if at else runs
    return Label(tuple(runs[:at]), True), Label(tuple(rest), True)


def _heading(text: str, left: float, y: float) -> Note:
    return Note(_place(left, y, words(text), 14), words(text), 14, bold=True, anchor="start")


def _place(left: float, y: float, text: Label, size: float) -> Rectangle:
    wide = text.width(size)
    return Rectangle(left + wide / 2, y, wide, size * 1.2)


def _meanings(cell: Cell, scene: Scene, carried: bool) -> list[tuple[str, str]]:
    roles = {operation.role for operation in cell.operations.values()}
    shapes = {figure.shape for figure in scene.figures}
    joined = any(line.net == "side by side" for line in scene.lines)
    known = [
        ("layer" in roles, "layer", "learned layer"),
        (bool({"sign", "circle"} & shapes), "sign", "element-wise operation"),
        ("pill" in shapes, "pill", "function without weights"),
        (carried, "carried", "state that is carried on, element by element"),
        (joined, "joined", "vectors side by side"),
        (True, "copied", "vector, copied at the dot"),
    ]
    return [(name, text) for there, name, text in known if there]


def _sample(name: str, x: float, y: float) -> Figure | Line:
    half = _SAMPLE / 2
    if name == "layer":
        return Figure("key/layer", "layer", "box", Rectangle(x, y, 40, 22), Label(()), title="learned layer")
    if name == "sign":
        place = Rectangle(x, y, 24, 24)
        return Figure("key/sign", "function", "sign", place, Label(()), "*", title="element-wise operation")
    if name == "pill":
        return Figure("key/pill", "function", "pill", Rectangle(x, y, 40, 22), Label(()), title="function")
    if name == "carried":
        return Line("key carried", ((x - half, y), (x + half, y)), "state", weight=1.8)
    if name == "joined":
        points = ((x - half + 4, y + 9), (x - half + 4, y - 5), (x + half, y - 5))
        return Line("key joined", points, "now", arrow=False)
    return Line("key copied", ((x - half, y), (x + half, y)), "now")
