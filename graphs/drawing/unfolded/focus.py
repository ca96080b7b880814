"""One step of an unfolded picture in focus: a band behind its column, the rest as ghosts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Panel, Rectangle, Scene
from leporello.graphs.drawing.views.view import View
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse, suggest

GHOST = 0.5
_PAD = 16.0


@frozen
class Focus:
    """A step of an axis; without an axis that of the only one."""

    step: int
    axis: str = ""

    def on(self, view: View, last: Mapping[str, int]) -> Focus:
        """This focus with its axis named; SpecError where there is no such axis or step."""
        if not view.axes:
            raise refuse(f"{view.name} has no time axis, and so no step to look at")
        if self.axis and self.axis not in view.axes:
            raise refuse(f"{view.name} has no axis {self.axis!r} to look at", suggest(self.axis, view.axes, "axes"))
        if not self.axis and len(view.axes) > 1:
            raise refuse("a step of which axis is meant", f"such as --focus {view.axes[-1]}={self.step}")
        axis = self.axis or view.axes[0]
        if not 1 <= self.step <= last[axis]:
            raise refuse(f"{axis} has no step {self.step}", f"a step from 1 to {last[axis]} is allowed")
        return Focus(self.step, axis)


def focused(scene: Scene, view: View, focus: Focus) -> Scene:
    """The scene with the figures of one step strong, those of the axis's other steps and their wires pale."""
    axis = {box.path: box.axis for box in view.boxes}
    looked, others = set[str](), set[str]()
    for figure in scene.figures:
        path, _, step = figure.identity.rpartition("@")
        if axis.get(path) == focus.axis:
            (looked if step == str(focus.step) else others).add(figure.identity)
    column = [figure.place for figure in scene.figures if figure.identity in looked]
    if not column:
        return scene
    frames = [panel for panel in scene.panels if panel.cell and any(panel.place.meets(place) for place in column)]
    band = _band([*column, *(panel.place for panel in frames)])
    pale = [figure.place for figure in scene.figures if figure.identity in others]
    return replace(
        scene,
        figures=tuple(_figure(figure, looked, others) for figure in scene.figures),
        lines=tuple(_line(line, looked, axis, focus.axis) for line in scene.lines),
        notes=tuple(_note(note, band, others) for note in scene.notes),
        panels=(
            *(panel for panel in scene.panels if not panel.cell),
            Panel(band, focus=True),
            *(_frame(panel, pale) for panel in scene.panels if panel.cell),
        ),
    )


def _band(column: Collection[Rectangle]) -> Rectangle:
    left = min(place.x - place.width / 2 for place in column) - _PAD
    right = max(place.x + place.width / 2 for place in column) + _PAD
    top = min(place.y - place.height / 2 for place in column) - _PAD
    foot = max(place.y + place.height / 2 for place in column) + _PAD
    return Rectangle((left + right) / 2, (top + foot) / 2, right - left, foot - top)


def _frame(panel: Panel, pale: Collection[Rectangle]) -> Panel:
    """The frame of a composite as pale as the boxes in it."""
    ghost = any(panel.place.meets(place) for place in pale)
    return replace(panel, opacity=panel.opacity * GHOST) if ghost else panel


def _figure(figure: Figure, looked: set[str], others: set[str]) -> Figure:
    if figure.identity in looked:
        return replace(figure, strong=True)
    return replace(figure, opacity=figure.opacity * GHOST) if figure.identity in others else figure


def _line(line: Line, looked: set[str], axis: Mapping[str, str | None], own: str) -> Line:
    """A wire stays where it is read or made at the step, or runs on other axes alone."""
    touched = any(end in looked for end in line.ends)
    paths = [end.rpartition("@")[0] for end in line.ends if end]
    foreign = not any(axis.get(path) == own for path in paths)
    if touched or foreign:
        return line
    return replace(line, opacity=line.opacity * GHOST)


def _note(note: Note, band: Rectangle, others: set[str]) -> Note:
    """Words on pale wires are pale: those at the height of the column, but not within it."""
    beside = abs(note.place.y - band.y) < band.height / 2 and abs(note.place.x - band.x) > band.width / 2
    return replace(note, opacity=note.opacity * GHOST) if beside and others and note.style != "ink" else note
