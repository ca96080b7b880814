"""What every picture must hold, measured on its scene: nothing lies on anything else, and everything is inside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Line, Point, Rectangle, Scene

Segment = tuple[Point, Point]


def faults(scene: Scene) -> list[str]:
    """Everything that is wrong with a scene."""
    return [*on_each_other(scene), *wires_through(scene), *slanted(scene), *outside(scene), *too_wide(scene)]


def on_each_other(scene: Scene) -> Iterator[str]:
    """Figures, bars and notes that overlap; the sign of a delay stands on its own wire."""
    placed = [(figure.identity, figure.place) for figure in scene.figures]
    placed += [(f"bar {bar.net}", bar.place) for bar in scene.bars]
    placed += [(f"note {note.label.text}", note.place) for note in scene.notes]
    for index, (name, place) in enumerate(placed):
        for other, there in placed[index + 1 :]:
            if shrunk(place).meets(there):
                yield f"{name} lies on {other}"


def wires_through(scene: Scene) -> Iterator[str]:
    """Wires that run through a box, a bar or words."""
    for line in scene.lines:
        pieces = segments(line)
        for number, (start, end) in enumerate(pieces):
            for figure in scene.figures:
                at_end = (number == 0 and touches(line.points[0], figure.place)) or (
                    number == len(pieces) - 1 and touches(line.points[-1], figure.place)
                )
                if not at_end and through((start, end), figure.place):
                    yield f"{line.title} runs through {figure.identity}"
            for bar in scene.bars:
                if through((start, end), bar.place):
                    yield f"{line.title} runs through {bar.net}"
            for note in scene.notes:
                if not note.boxed and through((start, end), note.place):
                    yield f"{line.title} runs through the words {note.label.text} at {note.place}"


def slanted(scene: Scene) -> Iterator[str]:
    """Wires that are neither level nor upright, nor arcs from a box to itself, nor the fan of an attention."""
    for line in scene.lines:
        if line.curved and (line.ends[0] == line.ends[1] != "" or line.net.startswith("fan ")):
            continue
        for (x, y), (to_x, to_y) in segments(line):
            if abs(x - to_x) > 1e-6 and abs(y - to_y) > 1e-6:
                yield f"{line.title} is slanted"


def outside(scene: Scene) -> Iterator[str]:
    """What is not on the page."""
    placed = [(figure.identity, figure.place) for figure in scene.figures]
    placed += [(note.label.text, note.place) for note in scene.notes]
    for name, place in placed:
        if not (place.x - place.width / 2 >= 0 and place.x + place.width / 2 <= scene.width):
            yield f"{name} is outside of the width"
        if not (place.y - place.height / 2 >= 0 and place.y + place.height / 2 <= scene.height):
            yield f"{name} is outside of the height"
    for line in scene.lines:
        if not all(0 <= x <= scene.width and 0 <= y <= scene.height for piece in segments(line) for x, y in piece):
            yield f"{line.title} leaves the page"


def too_wide(scene: Scene) -> Iterator[str]:
    """Texts that do not fit into their boxes."""
    for figure in scene.figures:
        if figure.shape == "sign":
            continue
        if (
            figure.label.width(figure.size) > figure.place.width
            or max(words(line, 60).width(10.5) for line in figure.caption.split("\n")) > figure.place.width
        ):
            yield f"the text of {figure.identity} is too wide"
    for bar in scene.bars:
        if bar.label.width(13) > bar.place.width:
            yield f"the text of {bar.net} is too wide"


def segments(line: Line) -> list[Segment]:
    """The straight pieces of a line, short ones of a curve."""
    points = curve(line.points) if line.curved else line.points
    return list(itertools.pairwise(points))


def curve(points: tuple[Point, ...], count: int = 40) -> tuple[Point, ...]:
    """Points on a curve that is given by its start, two controls and its end."""
    found = []
    for index in range(count + 1):
        t = index / count
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        x, y = (sum(w * point[axis] for w, point in zip(weights, points, strict=True)) for axis in (0, 1))
        found.append((x, y))
    return tuple(found)


def shrunk(place: Rectangle) -> Rectangle:
    """The place without its outermost pixel."""
    return Rectangle(place.x, place.y, place.width - 2, place.height - 2)


def touches(point: Point, place: Rectangle) -> bool:
    """Whether a point lies in a place or on its border."""
    return abs(point[0] - place.x) <= place.width / 2 + 1 and abs(point[1] - place.y) <= place.height / 2 + 1


def through(segment: Segment, place: Rectangle) -> bool:
    """Whether a level or upright piece has a point within a place, its outermost pixel aside."""
    (x, y), (to_x, to_y) = segment
    middle = Rectangle((x + to_x) / 2, (y + to_y) / 2, abs(to_x - x) + 0.1, abs(to_y - y) + 0.1)
    return middle.meets(shrunk(place))


def uneven(scene: Scene, axes: Mapping[str, str | None]) -> Iterator[str]:
    """What is not in every column as in the last one, shifted: boxes, the wires of a strip, and words on them.

    `axes` gives the axis of a box by its path.
    """
    columns: dict[str, dict[int, Rectangle]] = {}
    for figure in scene.figures:
        path, _, step = figure.identity.partition("@")
        if step.isdigit():
            columns.setdefault(path, {})[int(step)] = figure.place
    strips: dict[str, list[dict[int, Rectangle]]] = {}
    for path, places in columns.items():
        pairs = [(step, places[step + 1].x - places[step].x) for step in places if step + 1 in places]
        for step, shift in pairs:
            here, after = places[step], places[step + 1]
            if abs(shift - pairs[0][1]) > 0.01 or (here.y, here.width) != (after.y, after.width):
                yield f"{path}@{step + 1} is not {path}@{step} shifted"
        if pairs and axes.get(path):
            strips.setdefault(str(axes[path]), []).append(places)
    for strip in strips.values():
        for step in strip[0]:
            if {step - 1, step + 1, step + 2} <= set(strip[0]):
                yield from _not_repeated(scene, [places[step] for places in strip], strip[0][step + 1].x)


def _not_repeated(scene: Scene, places: list[Rectangle], after: float) -> Iterator[str]:
    """Wires and words in a column that are not there again in the next one, where the first box stands at `after`."""
    period = after - places[0].x
    left, last = min(p.x - p.width / 2 for p in places), max(p.x + p.width / 2 for p in places)
    right = left + period
    gutter = (right - last) / 2  # words stand in the column of their wire, wires lead to the next one
    top, foot = min(p.y - p.height / 2 for p in places), max(p.y + p.height / 2 for p in places)
    lines = {(line.title, line.style, _rounded(line, 0.0)) for line in scene.lines}
    for line in scene.lines:
        inside = all(left <= x <= right and top <= y <= foot for x, y in line.points)
        if inside and (line.title, line.style, _rounded(line, period)) not in lines:
            yield f"{line.title} is not there a column later"
    notes = {(note.label.text, round(note.place.x), round(note.place.y)) for note in scene.notes}
    for note in scene.notes:
        x, y = note.place.x, note.place.y
        inside = left - gutter <= x <= right - gutter and top <= y <= foot
        if inside and (note.label.text, round(x + period), round(y)) not in notes:
            yield f"{note.label.text} is not there a column later"


def _rounded(line: Line, shift: float) -> tuple[tuple[int, int], ...]:
    return tuple((round(x + shift), round(y)) for x, y in line.points)
