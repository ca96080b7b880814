"""Boxes and notes in SVG."""

from __future__ import annotations

from html import escape

from leporello.graphs.drawing.column.figures import CAPTION, CAPTION_LINE
from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.palette import Palette
from leporello.graphs.drawing.scene.scene import Figure, Note, Panel, Rectangle, Shape
from leporello.graphs.drawing.scene.strokes import number
from leporello.graphs.drawing.writers.svg_grounds import badge_place, svg_badge
from leporello.graphs.drawing.writers.svg_ink import faded, paint, safe, written

_SIGNS = {"+": "M-6 0H6M0 -6V6", "-": "M-6 0H6", "*": "M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5", "/": "M-3.5 6L3.5 -6"}

_STRONG, _WITHIN = 13 / 9, 4.0


def svg_panel(panel: Panel, palette: Palette) -> str:
    """A pale ground."""
    place = panel.place
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="{26 if panel.cell else 14}"'
    look = palette.cell if panel.cell else palette.focus if panel.focus else palette.panel
    return f"<rect {corner} {size} {paint(*look, palette.stroke)}{faded(panel.opacity)}/>"


def svg_figures(figures: tuple[Figure, ...], palette: Palette) -> list[str]:
    """Every figure under a name of its own."""
    return [_figure(figure, name, palette) for figure, name in zip(figures, identities(figures), strict=True)]


def identities(figures: tuple[Figure, ...]) -> list[str]:
    """A name for each figure: its path, clipped, with a number where another has that name."""
    counts: dict[str, int] = {}
    taken: dict[str, None] = {}
    for figure in figures:
        path, _, step = figure.identity.rpartition("@") if "@" in figure.identity else (figure.identity, "", "")
        wanted = name = plain(path, 300) + (f"@{plain(step)}" if step else "")
        while name in taken:
            counts[wanted] = counts.get(wanted, 1) + 1
            name = f"{wanted}/{counts[wanted]}"
        taken[name] = None
    return list(taken)


def _figure(figure: Figure, name: str, palette: Palette) -> str:
    place, texts = figure.place, []
    colour = palette.lines["delay"] if figure.kind == "initial" else palette.ink
    lift = 8 if figure.badge and figure.shape != "sign" else 0
    if figure.shape == "sign":
        beside = place.x + place.width / 2 + 5
        texts.append(written(figure.label, beside, place.y + 5.5, 15, palette.muted, "start"))
    elif figure.caption:
        texts += _captioned(figure, place.y - lift, colour, palette)
    else:
        texts.append(written(figure.label, place.x, place.y + 0.33 * figure.size - lift, figure.size, colour))
    if figure.badge:
        texts.append(svg_badge(figure.badge, badge_place(figure), palette))
    drawn = "" if figure.shape == "bare" else _shape(figure, palette)
    drawn += "".join(texts)
    title = safe(figure.title, 300)
    return f'<g id="{escape(name)}" class="{figure.kind}"{faded(figure.opacity)}><title>{title}</title>{drawn}</g>'


def _captioned(figure: Figure, y: float, colour: str, palette: Palette) -> list[str]:
    """A name with what stands below it, or that alone, around a height."""
    lines, x = figure.caption.split("\n"), figure.place.x
    rise = CAPTION_LINE * (len(lines) - 1) / 2
    first = y + (14 if figure.label.runs else 3.5) - rise
    name = [written(figure.label, x, y - 1.5 - rise, figure.size - 1, colour)] if figure.label.runs else []
    said = palette.muted if figure.label.runs else colour
    return name + [
        written(words(line, 60), x, first + CAPTION_LINE * index, CAPTION, said) for index, line in enumerate(lines)
    ]


def _shape(figure: Figure, palette: Palette) -> str:
    """The border with its ground, a second one within where the palette says so, and the sign of an operation."""
    width = palette.stroke * palette.borders.get(figure.kind, 1.0) * (_STRONG if figure.strong else 1.0)
    fill, stroke = palette.fills[figure.kind]
    dash = ' stroke-dasharray="5 4"' if figure.kind == "feedback" else ""
    corner = palette.corner if figure.kind == "layer" else 9.0
    drawn = border(figure.shape, figure.place, corner, paint(fill, stroke, width) + dash)
    if figure.kind in palette.doubled:
        drawn += border(figure.shape, figure.place, corner, paint("", stroke, width), -_WITHIN)
    if figure.shape == "sign":
        move = f'transform="translate({number(figure.place.x)} {number(figure.place.y)})"'
        drawn += f'<path d="{_SIGNS[figure.caption]}" {move} {paint("", palette.ink, palette.stroke)}/>'
    return drawn


def border(shape: Shape, place: Rectangle, corner: float, look: str, apart: float = 0.0) -> str:
    """The outline of a shape, `apart` pixels further out; a box has round corners of so many pixels."""
    x, y, wide, high = place.x, place.y, place.width + 2 * apart, place.height + 2 * apart
    if shape in ("circle", "sign"):
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(wide / 2)}" {look}/>'
    radius = high / 2 if shape == "pill" else max(corner + apart, 0.0)
    at = f'x="{number(x - wide / 2)}" y="{number(y - high / 2)}" width="{number(wide)}" height="{number(high)}"'
    return f'<rect {at} rx="{number(radius)}" {look}/>'


def svg_note(note: Note, palette: Palette) -> str:
    """Words, on a box of their own where they are the sign of a delay."""
    colour = {"muted": palette.muted, "ink": palette.ink}.get(note.style) or palette.lines[note.style]  # type: ignore[index]
    place, box, below = note.place, "", ""
    if note.boxed:
        corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
        size = f'width="{number(place.width)}" height="{number(place.height)}" rx="4"'
        box = f"<rect {corner} {size} {paint(palette.ground, colour, 0.9 * palette.stroke)}/>"
        # A pale sign still covers the wire that it stands on.
        below = f"<rect {corner} {size} {paint(palette.ground)}/>" if note.opacity < 1 else ""
    shift = {"start": -place.width / 2, "end": place.width / 2}.get(note.anchor, 0.0)
    text = written(note.label, place.x + shift, place.y + 0.33 * note.size, note.size, colour, note.anchor, note.bold)
    title = f"<title>{safe(note.title, 300)}</title>" if note.title else ""
    grouped = box or title or note.opacity < 1
    return f"{below}<g{faded(note.opacity)}>{title}{box}{text}</g>" if grouped else text
