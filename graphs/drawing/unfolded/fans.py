"""Attention at one step as a fan: from the bar that gathers all steps to the sum that the step reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.drawing.column.figures import named
from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.letters.lettering import Label, Run
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Rectangle
from leporello.graphs.drawing.unfolded.focus import GHOST, Focus
from leporello.graphs.drawing.unfolded.strips import Strip
from leporello.graphs.drawing.views.shown_values import Matrix
from leporello.graphs.drawing.views.view import Box, View
from leporello.graphs.frozen import frozen

FAN, NUMBERS, ROUND = 92.0, 26.0, 26.0
"""The heights of a fan and of the numbers below its bar, and the width of a sum, in pixels."""
_SHOWN, _NOTED = 0.12, 0.2
"""From this weight on a ghost's curve is drawn, and a step of the memory stands out."""


@frozen
class Fan:
    """The attention of a box on its memory: what is asked, and the weights where they are known."""

    box: Box
    focus: Focus
    weights: Matrix = ()

    def weight(self, step: int, source: int) -> float | None:
        """How much a step attends to a step of its memory; None where that is not known."""
        if not self.weights or step > len(self.weights) or source > len(self.weights[0]):
            return None
        return self.weights[step - 1][source - 1]

    def figures(self, sums: Mapping[int, tuple[float, float]]) -> list[Figure]:
        """The circle in which the weighted steps are added up, for each step that is shown."""
        found = []
        for step, (x, y) in sums.items():
            name, looked = f"{self.box.path}/sum@{step}", step == self.focus.step
            place = Rectangle(x, y, ROUND, ROUND)
            title = f"{self.box.path}: sum over all steps, each times its weight\nstep {step}"
            opacity = 1.0 if looked else GHOST
            found.append(
                Figure(name, "attention", "sign", place, Label(()), "+", title, 15, opacity=opacity, strong=looked)
            )
        return found

    def curves(
        self, net: str, sums: Mapping[int, tuple[float, float]], top: float, columns: Mapping[int, float]
    ) -> list[Line]:
        """From the steps of the memory to each sum, as wide as their weights; unknown ones for the focus alone."""
        found = []
        for step, (x, y) in sorted(sums.items(), key=lambda item: item[0] == self.focus.step):
            looked = step == self.focus.step
            for source, start in columns.items():
                weight = self.weight(step, source)
                if weight is None and looked:
                    weight, width, opacity = 0.0, 0.9, 0.7
                elif weight is None or (not looked and weight < _SHOWN):
                    continue
                else:
                    width, opacity = 0.5 + 3.2 * weight, (0.3 + 0.7 * weight if looked else 0.1 + 0.15 * weight)
                foot = y + ROUND / 2
                points = ((start, top), (start, (top + foot) / 2 - 6), (x, (top + foot) / 2 + 14), (x, foot))
                said = f"step {source}" + (f", weight {weight:.2f}" if self.weights else "")
                found.append(Line(net, points, "all" if looked else "now", False, said, width, opacity, True))
        return found

    def attended(self, memory: str) -> frozenset[str]:
        """The copies of the memory that the step in focus attends to most."""
        row = self.weights[self.focus.step - 1] if self.focus.step <= len(self.weights) else ()
        return frozenset(f"{memory}@{index + 1}" for index, weight in enumerate(row) if weight >= _NOTED)

    def numbers(self, y: float, columns: Mapping[int, float]) -> list[Note]:
        """The weights of the step in focus beside the wires of the memory's steps."""
        found = []
        for source, x in columns.items():
            weight = self.weight(self.focus.step, source)
            if weight is not None:
                text = Label((Run(two_digits(weight)),))
                wide = text.width(11)
                found.append(Note(Rectangle(x + 8 + wide / 2, y, wide, 12), text, 11, "all", bold=True))
        return found

    def title(self, view: View) -> Label:
        """What the bar computes."""
        if self.box.kind != "attention":  # it is open: what it asks is seen
            return Label((Run("α", True), Run(f"{self.focus.step},", level=-1), Run("j", True, -1)), True)
        memory = next((e.source for e in view.edges if e.target == self.box.path and e.time.kind == "all"), "")
        query = next((e for e in view.edges if e.target == self.box.path and e.time.kind == "t"), None)
        boxes = {box.path: box for box in view.boxes}
        step = str(self.focus.step + (query.time.offset if query else 0))
        asked = named(boxes[query.source], step).runs if query else ()
        read = named(boxes[memory], "j").runs if memory in boxes else ()
        index = (Run(f"{self.focus.step},", level=-1), Run("j", True, -1))
        soft = (Run(" = softmax"), Run("j", True, -1), Run(" score( "))
        return Label((Run("α", True), *index, *soft, *asked, *((Run(", "),) if asked else ()), *read, Run(" )")), True)


def two_digits(weight: float) -> str:
    """A weight as it stands in a picture.

    >>> two_digits(0.444), two_digits(1.0)
    ('.44', '1')
    """
    return f"{weight:.2f}".removeprefix("0").replace("1.00", "1")


def roomy(fan: Fan, name: str, strip: Strip) -> bool:
    """Whether the sums of a fan leave the wires of other boxes that read the same bar their way up."""
    wide = strip.wired.column.width
    xs = {edge.target: way[0][0] for (bus, edge), way in strip.wired.into.items() if bus == name}
    own = xs.pop(fan.box.path, 0)
    return all(min((x - own) % wide, (own - x) % wide) * GRID > ROUND / 2 + 3 for x in xs.values())


def fan_of(view: View, readers: Sequence[str], focus: Focus | None, weights: Mapping[str, Matrix]) -> Fan | None:
    """The fan of the first attention among the readers of a bar, if a step of its axis is looked at.

    Of one that is drawn open, if its weights are known.
    """
    boxes = {box.path: box for box in view.boxes}
    known = {found[0].path: given for path, given in weights.items() if (found := attending(view, path))}
    for path in readers:
        box = boxes[path]
        if focus and (box.kind == "attention" or path in known) and box.axis == focus.axis:
            return Fan(box, focus, known.get(path, ()))
    return None


def attending(view: View, path: str) -> tuple[Box, Box] | None:
    """The box that reads all steps of an attention's memory, and the memory; of an open one the box is inside of it."""
    boxes, inside = {box.path: box for box in view.boxes}, f"{path}/"
    for edge in view.edges:
        reads = edge.target == path or edge.target.startswith(inside)
        if edge.time.kind == "all" and reads and not edge.source.startswith(inside):
            return boxes[edge.target], boxes[edge.source]
    return None
