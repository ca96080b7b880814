"""A scene as JSON: where everything in the picture lies, for programs that draw it another way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from leporello.graphs.drawing.letters.labels import plain, told
from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.scene.scene import Bar, Figure, Grid, Line, Note, Panel, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.writers.svg_figures import identities

VERSION = 1
"""Changes when a reader of the last one would go wrong; new fields may come without a new version."""


def positions_text(scene: Scene) -> str:
    """The scene as JSON in ASCII, in pixels from the upper left corner, one thing a line.

    Every text of the spec in it is clipped, with its control characters made visible, as it is in the picture.
    """
    parts: dict[str, Iterable[Any]] = {
        "panels": map(_panel, scene.panels),
        "axes": map(_arrow, scene.arrows),
        "wires": map(_wire, scene.lines),
        "bars": map(_bar, scene.bars),
        "figures": map(_figure, scene.figures, identities(scene.figures)),
        "notes": map(_note, scene.notes),
        "grids": map(_grid, scene.grids),
    }
    head = {
        "leporello_picture": VERSION,
        "name": told(scene.name, 200),
        "description": told(scene.description, 4000),
        "width": _number(scene.width),
        "height": _number(scene.height),
    }
    fields = [f'  "{key}": {json.dumps(value)}' for key, value in head.items()]
    fields += [f'  "{key}": [{_lines(things)}]' for key, things in parts.items()]
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _lines(things: Iterable[Any]) -> str:
    written = [f"    {json.dumps(thing)}" for thing in things]
    return "\n" + ",\n".join(written) + "\n  " if written else ""


def _figure(figure: Figure, identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "kind": figure.kind,
        "shape": figure.shape,
        **_place(figure.place),
        **_text(figure.label, figure.size),
        "caption": plain(figure.caption.replace("\n", " "), 400) if figure.caption else "",
        "title": told(figure.title),
        "value": plain(figure.value) if figure.value else "",
        "opacity": figure.opacity,
        "strong": figure.strong,
    }


def _wire(line: Line) -> dict[str, Any]:
    return {
        "source": plain(line.ends[0], 300) if line.ends[0] else "",
        "target": plain(line.ends[1], 300) if line.ends[1] else "",
        "style": line.style,
        "points": [[_number(x), _number(y)] for x, y in line.points],
        "curved": line.curved,
        "arrow": line.arrow,
        "title": told(line.title),
        "weight": line.weight,
        "opacity": line.opacity,
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "style": note.style,
        **_place(note.place),
        **_text(note.label, note.size),
        "anchor": note.anchor,
        "boxed": note.boxed,
        "bold": note.bold,
        "title": told(note.title),
        "opacity": note.opacity,
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {**_place(bar.place), **_text(bar.label, 13), "title": told(bar.title)}


def _panel(panel: Panel) -> dict[str, Any]:
    return {**_place(panel.place), "focus": panel.focus}


def _arrow(arrow: TimeArrow) -> dict[str, Any]:
    (x, y), ticks = arrow.start, [_number(tick) for tick in arrow.ticks]
    return {"from": [_number(x), _number(y)], "to": [_number(arrow.end), _number(y)], "ticks": ticks}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "left": _number(grid.left),
        "top": _number(grid.top),
        "size": _number(grid.size),
        "columns": [plain(name) for name in grid.columns],
        "rows": [list(row) for row in grid.rows],
        "looked": grid.looked,
        "signed": grid.signed,
        "title": told(grid.title),
    }


def _place(place: Rectangle) -> dict[str, float]:
    """The middle and the size of a rectangle."""
    return {
        "x": _number(place.x),
        "y": _number(place.y),
        "width": _number(place.width),
        "height": _number(place.height),
    }


def _text(label: Label, size: float) -> dict[str, Any]:
    """The letters, and how they are set: the level is -1 for what is lowered, 1 for what is raised."""
    runs = [{"text": run.text, "italic": run.italic, "level": run.level} for run in label.runs]
    return {"text": label.text, "runs": runs, "serif": label.serif, "size": size}


def _number(value: float) -> float:
    return round(value, 1)
