"""A key to the signs of a picture: the shapes and lines that occur in it, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leporello.graphs.drawing.column.wire_notes import SIZE
from leporello.graphs.drawing.letters.lettering import Label, label, power, words
from leporello.graphs.drawing.scene.scene import Bar, Figure, Line, Note, Rectangle, Scene, Shape
from leporello.graphs.drawing.scene.strokes import branches
from leporello.graphs.drawing.views.view import Kind, Style
from leporello.graphs.frozen import frozen

ROW, SAMPLE, BESIDE, TEXT, GAP, MARGIN = 31.0, 56.0, 14.0, 13.0, 30.0, 24.0
_TOP, _WIDE = 60.0, 1.7
"""A picture so many times as wide as it is high has its key below."""

_BOXES: tuple[tuple[Kind, Shape, str], ...] = (
    ("input", "circle", "input"),
    ("output", "circle", "output"),
    ("state", "box", "state: read at another step"),
    ("layer", "box", "learned layer"),
    ("composite", "box", "block with an inside"),
    ("attention", "box", "attention"),
    ("feedback", "box", "the truth, or an output fed back"),
    ("function", "sign", "operation on each feature"),
    ("function", "pill", "function without weights"),
    ("initial", "bare", "name of a value drawn elsewhere"),
)
_LINES: tuple[tuple[Style, str], ...] = (
    ("now", "value of the same step"),
    ("delay", "passed forward in time"),
    ("backward", "passed backward in time"),
    ("all", "all steps at once"),
    ("ends", "the first or the last step"),
    ("fed_back", "output fed back"),
    ("initial", "initial value"),
    ("predicts", "what is predicted"),
    ("state", "state that is carried on"),
)


@frozen
class Entry:
    """One sign and its meaning; the sign is drawn around the origin."""

    meaning: str
    sample: tuple[Figure | Line | Note | Bar, ...]


def with_key(scene: Scene) -> Scene:
    """The scene with a key to its right; below it, in columns, where the scene is wide."""
    found = list(entries(scene))
    if not found:
        return scene
    wide = SAMPLE + BESIDE + max(words(entry.meaning, 60).width(TEXT) for entry in found)
    if scene.width > _WIDE * scene.height:
        count = max(1, min(len(found), int((scene.width - 2 * MARGIN + GAP) // (wide + GAP))))
        return _drawn(scene, found, MARGIN, scene.height + 16, -(-len(found) // count), wide)
    return _drawn(scene, found, *_beside(scene, ROW * len(found) + 2 * MARGIN), len(found), wide)


def _beside(scene: Scene, high: float) -> tuple[float, float]:
    """Where a key of that height begins: above or below what is written beside the drawing, else to its right."""
    drawn = [box.place for box in scene.figures] + [panel.place for panel in scene.panels]
    edges = [place.x + place.width / 2 for place in (*drawn, *(bar.place for bar in scene.bars))]
    edge = max([*edges, *(x for line in scene.lines for x, _ in line.points)], default=scene.width)
    words_beside = [note.place for note in scene.notes if note.place.x - note.place.width / 2 > edge + MARGIN]
    if words_beside:
        left = min(place.x - place.width / 2 for place in words_beside)
        first = min(place.y - place.height / 2 for place in words_beside)
        below = max(place.y + place.height / 2 for place in words_beside) + 2 * MARGIN
        for top, room in ((_TOP, first), (below, scene.height)):
            if top + high <= room and not scene.grids:
                return left, top
    return scene.width + GAP, _TOP


def entries(scene: Scene) -> Iterator[Entry]:
    """The signs that occur in a scene, those aside that occur in pale alone."""
    drawn = {(figure.kind, _group(figure)) for figure in scene.figures if figure.opacity == 1}
    for kind, shape, meaning in _BOXES:
        if (kind, _group_of(kind, shape)) in drawn:
            yield Entry(meaning, (_figure(kind, shape),))
    if scene.bars:
        bar = Bar("key every", Rectangle(0, 0, SAMPLE, 20), Label(()), "all steps of a value, gathered")
        yield Entry("all steps, gathered", (bar,))
    styles = {line.style for line in scene.lines if line.opacity == 1}
    for style, meaning in _LINES:
        if style in styles:
            late = any(note.boxed and note.label.serif and note.style == style for note in scene.notes)
            yield Entry(meaning, (_line(style), *([_sign(style)] if late else [])))
    weight = next((note for note in scene.notes if _is_weight(note)), None)
    if weight:
        letter = replace(weight, place=Rectangle(-4, -9, weight.label.width(SIZE), SIZE), style="muted", opacity=1)
        yield Entry("learned weights of a wire", (_line("now", "weights"), letter))
    if branches(line for line in scene.lines if not line.curved):
        stem = Line("key copied", ((-6, 0), (-6, 10)), "now", arrow=False)
        yield Entry("value copied at the dot", (_line("now", "copied"), stem))


def _group(figure: Figure) -> Shape:
    return _group_of(figure.kind, figure.shape)


def _group_of(kind: Kind, shape: Shape) -> Shape:
    """Only functions have more than one shape that means something."""
    return shape if kind == "function" else "box"


def _is_weight(note: Note) -> bool:
    return note.size == SIZE and note.label.serif and not note.boxed and note.style != "ink"


def _figure(kind: Kind, shape: Shape) -> Figure:
    high = {"circle": 24.0, "sign": 24.0, "bare": 18.0}.get(shape, 22.0)
    place = Rectangle(0, 0, high if shape in ("circle", "sign") else 40.0, high)
    text = label("x", "2") if kind == "initial" else Label(())
    return Figure(f"key/{kind}", kind, shape, place, text, "+" if shape == "sign" else "", f"key: {kind}", size=15)


def _line(style: Style, name: str = "") -> Line:
    ends = ((-SAMPLE / 2, 0.0), (SAMPLE / 2, 0.0))
    if style == "backward":
        ends = ends[::-1]
    return Line(f"key {name or style}", ends, style, style != "predicts")


def _sign(style: Style) -> Note:
    text = power(1 if style == "backward" else -1)
    place = Rectangle(4.0 if style == "backward" else -4.0, 0, text.width(SIZE) + 4, 20)
    return Note(place, text, SIZE - 1, style, boxed=True)


def _drawn(scene: Scene, found: list[Entry], left: float, top: float, rows: int, wide: float) -> Scene:
    figures, lines, notes, bars = list(scene.figures), list(scene.lines), list(scene.notes), list(scene.bars)
    heading = words("Key")
    notes.append(Note(_begin(left, top, heading, 14), heading, 14, bold=True, anchor="start"))
    for index, entry in enumerate(found):
        x = left + (index // rows) * (wide + GAP)
        y = top + ROW * (1 + index % rows)
        for part in entry.sample:
            placed = _moved(part, x + SAMPLE / 2, y)
            if isinstance(placed, Figure):
                figures.append(placed)
            elif isinstance(placed, Line):
                lines.append(placed)
            elif isinstance(placed, Note):
                notes.append(placed)
            else:
                bars.append(placed)
        meaning = words(entry.meaning, 60)
        place = _begin(x + SAMPLE + BESIDE, y, meaning, TEXT)
        notes.append(Note(place, meaning, TEXT, "ink", anchor="start"))
    columns = -(-len(found) // rows)
    width = max(scene.width, left + columns * (wide + GAP) - GAP + MARGIN)
    height = max(scene.height, top + ROW * rows + MARGIN)
    return replace(
        scene,
        width=width,
        height=height,
        figures=tuple(figures),
        lines=tuple(lines),
        notes=tuple(notes),
        bars=tuple(bars),
    )


def _begin(left: float, y: float, text: Label, size: float) -> Rectangle:
    wide = text.width(size)
    return Rectangle(left + wide / 2, y, wide, size * 1.2)


def _moved(part: Figure | Line | Note | Bar, x: float, y: float) -> Figure | Line | Note | Bar:
    if isinstance(part, Line):
        return replace(part, points=tuple((px + x, py + y) for px, py in part.points))
    place = part.place
    return replace(part, place=Rectangle(place.x + x, place.y + y, place.width, place.height))
