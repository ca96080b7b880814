"""Frames around composites drawn open where time is unfolded: one in every column of a strip, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.placement import GRID
from leporello.graphs.drawing.folded.folded_scene import drawn, moved
from leporello.graphs.drawing.folded.frames import frames
from leporello.graphs.drawing.folded.surroundings import Drawn, Others, around, between
from leporello.graphs.drawing.scene.scene import Line, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.unfolded.steps import Copies

_WITHIN, _CLOCK = 4.0, 10.0
"""So far inside of a column its frames stay, and so high is the arrow of an axis with its ticks."""


def with_frames(scene: Scene, bands: Sequence[Copies]) -> Scene:
    """The scene with frames in the columns of each band, outer ones first; their names stand in the first column."""
    panels, names = list(scene.panels), list(scene.notes)
    for copies in bands:
        found, said = frames(_drawn(scene, copies, bands))
        for panel in found:
            panels += [replace(panel, place=_by(panel.place, far)) for far in _shifts(copies)]
        names += said
    return replace(scene, panels=tuple(panels), notes=tuple(names))


def _drawn(scene: Scene, copies: Copies, bands: Sequence[Copies]) -> Drawn:
    """The first column of a band, and upon it whatever is near to any of its columns."""
    strip, (left, top) = copies.strip, copies.origin
    own = [edge for edge in strip.wired.paths if not edge.time.offset or strip.part.axis is None]
    wires = {edge: drawn(edge, strip.wired.paths[edge], strip.stack, strip.wired, copies.origin) for edge in own}
    notes = {edge: [moved(note, copies.origin) for note in strip.wired.notes.get(edge, ())] for edge in own}
    first = {copies.name(path, 0): path for path in strip.part.paths}
    figures = [replace(f, identity=first[f.identity]) for f in scene.figures if f.identity in first]
    right = left + strip.wired.column.width * GRID
    page = between(left + _WITHIN, top - 2, right - _WITHIN, top + strip.height + 2)
    paths = [path for band in bands if band is not copies for path in band.strip.part.paths]
    return Drawn(figures, wires, notes, page, others=_others(scene, copies, page, paths))


def _others(scene: Scene, copies: Copies, page: Rectangle, paths: Sequence[str]) -> Others:
    """What meets the page of any column, moved to the first."""
    boxes, words, lines = list[Rectangle](), list[Rectangle](), list[Line]()
    solid = [*(bar.place for bar in scene.bars), *map(_clock, scene.arrows)]
    for index, far in enumerate(_shifts(copies)):
        own = {copies.name(path, index) for path in copies.strip.part.paths}
        foreign = [*(f.place for f in scene.figures if f.identity not in own), *solid]
        boxes += [place for place in (_by(place, -far) for place in foreign) if place.meets(page)]
        words += [place for place in (_by(note.place, -far) for note in scene.notes) if place.meets(page)]
        for line in scene.lines:
            points = tuple((x - far, y) for x, y in line.points)
            if around(points).meets(page):
                lines.append(replace(line, points=points))
    return Others(boxes, words, lines, paths)


def _shifts(copies: Copies) -> list[float]:
    """How far each column stands from the first."""
    return [copies.strip.left(index) for index in range(len(copies.strip.steps))]


def _by(place: Rectangle, far: float) -> Rectangle:
    return replace(place, x=place.x + far)


def _clock(arrow: TimeArrow) -> Rectangle:
    x, y = arrow.start
    return Rectangle((x + arrow.end) / 2, y, arrow.end - x, _CLOCK)
