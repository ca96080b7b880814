"""Boxes and notes in SVG."""

from __future__ import annotations

from html import escape

from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.lettering import words
from leporello.graphs.drawing.palette import FILLS, GROUND, INK, LINES, MUTED
from leporello.graphs.drawing.scene import Figure, Note, Panel
from leporello.graphs.drawing.strokes import number
from leporello.graphs.drawing.svg_ink import FOCUS, PANEL, faded, paint, safe, written

_SIGNS = {"+": "M-6 0H6M0 -6V6", "-": "M-6 0H6", "*": "M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5", "/": "M-3.5 6L3.5 -6"}


def svg_panel(panel: Panel) -> str:
    """A pale ground."""
    place = panel.place
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="14"'
    return f"<rect {corner} {size} {paint(FOCUS if panel.focus else PANEL)}/>"


def svg_figures(figures: tuple[Figure, ...]) -> list[str]:
    """Every figure under a name of its own."""
    return [_figure(figure, name) for figure, name in zip(figures, identities(figures), strict=True)]


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


def _figure(figure: Figure, name: str) -> str:
    fill, stroke = FILLS[figure.kind]
    place, texts = figure.place, []
    colour = LINES["delay"] if figure.kind == "initial" else INK
    if figure.shape == "sign":
        beside = place.x + place.width / 2 + 5
        texts.append(written(figure.label, beside, place.y + 5.5, 15, MUTED, "start"))
    elif figure.caption:
        texts.append(written(figure.label, place.x, place.y - 1.5, figure.size - 1, colour))
        texts.append(written(words(figure.caption, 60), place.x, place.y + 14, 10.5, MUTED))
    else:
        texts.append(written(figure.label, place.x, place.y + 0.33 * figure.size, figure.size, colour))
    drawn = "" if figure.shape == "bare" else _shape(figure, paint(fill, stroke, 2.6 if figure.strong else 1.8))
    drawn += "".join(texts)
    title = safe(figure.title, 300)
    return f'<g id="{escape(name)}" class="{figure.kind}"{faded(figure.opacity)}><title>{title}</title>{drawn}</g>'


def _shape(figure: Figure, look: str) -> str:
    place = figure.place
    x, y, wide, high = place.x, place.y, place.width, place.height
    if figure.shape in ("circle", "sign"):
        drawn = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(wide / 2)}" {look}/>'
        if figure.shape == "sign":
            move = f'transform="translate({number(x)} {number(y)})"'
            drawn += f'<path d="{_SIGNS[figure.caption]}" {move} {paint("", INK)}/>'
        return drawn
    corner = high / 2 if figure.shape == "pill" else 4 if figure.kind == "layer" else 9
    dash = ' stroke-dasharray="5 4"' if figure.kind == "feedback" else ""
    place_text = f'x="{number(x - wide / 2)}" y="{number(y - high / 2)}" width="{number(wide)}" height="{number(high)}"'
    return f'<rect {place_text} rx="{number(corner)}" {look}{dash}/>'


def svg_note(note: Note) -> str:
    """Words, on a box of their own where they are the sign of a delay."""
    colour = {"muted": MUTED, "ink": INK}.get(note.style) or LINES[note.style]  # type: ignore[index]
    place, box = note.place, ""
    if note.boxed:
        corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
        size = f'width="{number(place.width)}" height="{number(place.height)}" rx="4"'
        box = f"<rect {corner} {size} {paint(GROUND, colour, 1.6)}/>"
    shift = {"start": -place.width / 2, "end": place.width / 2}.get(note.anchor, 0.0)
    text = written(note.label, place.x + shift, place.y + 0.33 * note.size, note.size, colour, note.anchor, note.bold)
    title = f"<title>{safe(note.title, 300)}</title>" if note.title else ""
    grouped = box or title or note.opacity < 1
    return f"<g{faded(note.opacity)}>{title}{box}{text}</g>" if grouped else text
