"""A picture as DOT with its own places, which `neato -n2` and `dot -Kneato -n2` keep."""

from __future__ import annotations

from typing import Any

from leporello.graphs.drawing.letters.labels import escape, plain
from leporello.graphs.drawing.letters.lettering import Label
from leporello.graphs.drawing.scene.palette import CELL, FILLS, GROUND, INK, LINES, MUTED
from leporello.graphs.drawing.scene.scene import Bar, Figure, Line, Note, Panel, Point, Rectangle, Scene, TimeArrow
from leporello.graphs.drawing.scene.strokes import RADIUS, span, toward
from leporello.graphs.drawing.writers.dot import digraph, names_of
from leporello.graphs.drawing.writers.dot_looks import box_look, style_look

POINT = 0.75
"""Points to a pixel."""
_HEAD = 9.0
"""The length of an arrowhead in pixels."""
_NAME = 15.0
"""The size of a name beside a sign."""
_FAINT = "50"


def placed_dot(scene: Scene) -> str:
    """DOT of a picture with its places; the words beside its wires are nodes of their own without a border.

    A wire that ends at another one, or at a step that is not shown, ends at a point without an extent.
    """
    title, _, what = scene.name.rpartition(", ")
    graph = digraph(title, what, layout="nop2", outputorder="edgesfirst")
    for index, panel in enumerate(scene.panels):
        graph.node(f"?panel{index}", **_panel(panel, scene))
    for index, bar in enumerate(scene.bars):
        graph.node(f"?bar{index}", **_bar(bar, scene))
    names = names_of([*(figure.identity for figure in scene.figures), *_joints(scene)])
    for figure in scene.figures:
        graph.node(names[figure.identity], **_figure(figure, names[figure.identity], scene))
    for index, figure in enumerate(scene.figures):
        if figure.shape == "sign" and figure.label.runs:
            graph.node(f"?name{index}", **_note(_beside(figure), scene))
    for name, point in _joints(scene).items():
        graph.node(names[name], **_nothing(point, scene))
    for line in scene.lines:
        source, target = (names[end] for end in _ends(line))
        graph.edge(source, target, pos=_spline(line, scene.height), **style_look(line.style, line.opacity < 1))
    for index, arrow in enumerate(scene.arrows):
        _time_arrow(graph, f"?time{index}", arrow, scene)
    for index, note in enumerate(scene.notes):
        if note.label.text != scene.name:
            graph.node(f"?note{index}", **_note(note, scene))
    return str(graph.source)


def _ends(line: Line) -> tuple[str, str]:
    """What a line joins: boxes, and where it is a piece of a value that others read, that value."""
    source, target = line.ends
    return source or line.net, target or line.net


def _joints(scene: Scene) -> dict[str, Point]:
    """The ends of lines that are no boxes, each where a line first comes to it."""
    boxes = {figure.identity for figure in scene.figures}
    found: dict[str, Point] = {}
    for line in scene.lines:
        for end, point in zip(_ends(line), (line.points[0], line.points[-1]), strict=True):
            if end not in boxes:
                found.setdefault(end, point)
    return found


def _nothing(point: Point, scene: Scene) -> dict[str, str]:
    none = {"shape": "point", "style": "invis", "label": "", "tooltip": " "}
    return none | _at(Rectangle(*point, 1, 1), scene.height)


def _bar(bar: Bar, scene: Scene) -> dict[str, str]:
    """What gathers all steps of a box."""
    from graphviz import escape as escaped

    fill, stroke = FILLS["every"]
    look = {"shape": "box", "style": "rounded,filled", "fillcolor": fill, "color": stroke}
    text = f'<<font point-size="{13 * POINT:.1f}">{_html(bar.label)}</font>>'
    return look | {"label": text, "tooltip": escaped(plain(bar.title, 200))} | _at(bar.place, scene.height)


def _time_arrow(graph: Any, name: str, arrow: TimeArrow, scene: Scene) -> None:
    """The arrow of an axis, from one end to the other, with a dot for every step."""
    (x, y), look = arrow.start, {"color": MUTED, "penwidth": "1", "tooltip": " "}
    for end, place in (("from", arrow.start), ("to", (arrow.end, y))):
        graph.node(f"{name} {end}", **_nothing(place, scene))
    line = Line("time", ((x, y), (arrow.end, y)), "now")
    graph.edge(f"{name} from", f"{name} to", pos=_spline(line, scene.height), **look)
    for index, tick in enumerate(arrow.ticks):
        dot = {"shape": "circle", "label": "", "style": "filled", "fillcolor": MUTED, "color": MUTED, "tooltip": " "}
        graph.node(f"{name} {index}", **dot, **_at(Rectangle(tick, y, 5, 5), scene.height))


def _figure(figure: Figure, name: str, scene: Scene) -> dict[str, str]:
    look = box_look(figure.kind, "", figure.title, name, figure.opacity < 1)
    look |= _at(figure.place, scene.height)
    if figure.shape in ("circle", "sign"):
        look["shape"] = "circle"
    elif figure.shape == "bare":
        look |= {"shape": "plaintext", "style": "", "fixedsize": "shape"}
    else:
        look |= {"shape": "box", "style": look.get("style", "filled" if figure.kind == "layer" else "rounded,filled")}
    said = "<br/>".join(escape(plain(line, 60)) for line in figure.caption.split("\n"))
    below = ("<br/>" if figure.label.runs else "") + f'<font point-size="8" color="{MUTED}">{said}</font>'
    size = figure.size * POINT - (1 if figure.caption else 0)
    text = _html(figure.label) + (below if figure.caption else "")
    text = said if figure.shape == "sign" else text
    return look | {"label": f'<<font point-size="{size:.1f}">{text}</font>>'}


def _beside(figure: Figure) -> Note:
    """The name of an operator, which stands to the right of its sign."""
    wide = figure.label.width(_NAME)
    left = figure.place.x + figure.place.width / 2 + 5
    place = Rectangle(left + wide / 2, figure.place.y, wide, _NAME)
    return Note(place, figure.label, _NAME, "muted", opacity=figure.opacity)


def _panel(panel: Panel, scene: Scene) -> dict[str, str]:
    """A frame, or the ground of an axis: without a filling, as wires lie below."""
    look = {"shape": "box", "label": "", "tooltip": " ", "style": "rounded" if panel.cell else "rounded,dashed"}
    return look | _at(panel.place, scene.height) | {"color": CELL[1] if panel.cell else MUTED, "penwidth": "0.8"}


def _note(note: Note, scene: Scene) -> dict[str, str]:
    colour = {"muted": MUTED, "ink": INK}.get(note.style) or LINES[note.style]  # type: ignore[index]
    colour += _FAINT if note.opacity < 1 else ""
    look = _at(note.place, scene.height) | {
        "fixedsize": "shape",
        "fontcolor": colour,
        "fontsize": f"{note.size * POINT:.1f}",
    }
    look |= {"label": f"<{_html(note.label)}>", "tooltip": " ", "margin": "0"}
    boxed = {"shape": "box", "style": "rounded,filled", "fillcolor": GROUND, "color": colour}
    return look | (boxed if note.boxed else {"shape": "plaintext", "style": ""})


def _at(place: Rectangle, height: float) -> dict[str, str]:
    """A place and a size that the layout keeps."""
    x, y = place.x * POINT, (height - place.y) * POINT
    size = {"width": f"{place.width * POINT / 72:.3f}", "height": f"{place.height * POINT / 72:.3f}"}
    return {"pos": f"{x:.1f},{y:.1f}", "fixedsize": "true"} | size


def _html(label: Label) -> str:
    """The runs of a label in Graphviz's HTML."""
    found = ""
    for run in label.runs:
        text = f"<i>{escape(run.text)}</i>" if run.italic else escape(run.text)
        found += {-1: f"<sub>{text}</sub>", 0: text, 1: f"<sup>{text}</sup>"}[run.level]
    return f'<font face="Times,serif">{found}</font>' if label.serif else found


def _spline(line: Line, height: float) -> str:
    """Corners as cubic curves with round bends, in Graphviz's notation: the tip of the arrow, then the rest."""
    points = list(line.points)
    if line.curved:
        return " ".join(_point(point, height) for point in points)
    tip = points[-1]
    if line.arrow:
        points[-1] = toward(tip, points[-2], _HEAD)
    curve: list[Point] = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(RADIUS, span(before, corner) / 2, span(corner, after) / 2)
        start, end = toward(corner, before, radius), toward(corner, after, radius)
        curve += [*_straight(curve[-1], start), toward(start, corner, radius * 2 / 3)]
        curve += [toward(end, corner, radius * 2 / 3), end]
    curve += _straight(curve[-1], points[-1])
    head = [f"e,{_point(tip, height)}"] if line.arrow else []
    return " ".join([*head, *(_point(point, height) for point in curve)])


def _straight(start: Point, end: Point) -> list[Point]:
    """The controls and the end of a straight piece."""
    return [toward(start, end, span(start, end) / 3), toward(end, start, span(start, end) / 3), end]


def _point(point: Point, height: float) -> str:
    return f"{point[0] * POINT:.1f},{(height - point[1]) * POINT:.1f}"
