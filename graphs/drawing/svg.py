"""A scene as SVG, written with the standard library alone: light and dark in one file, text as text."""

from __future__ import annotations

from html import escape

from leporello.graphs.drawing.labels import plain
from leporello.graphs.drawing.lettering import SMALL, Label, words
from leporello.graphs.drawing.palette import DARK, FILLS, GROUND, INK, LINE, LINES, MUTED
from leporello.graphs.drawing.scene import Bar, Figure, Line, Note, Panel, Scene, TimeArrow
from leporello.graphs.drawing.strokes import branches, crossings, number, strokes

SERIF = "'STIX Two Text','Latin Modern Roman','Cambria Math','DejaVu Serif',serif"
SANS = "system-ui,-apple-system,'Segoe UI','Helvetica Neue','DejaVu Sans',sans-serif"
PANEL, FOCUS = "#f5f6f8", "#fff7e2"
SHADES = {**DARK, FOCUS: "#2a2412"}
"""The dark colour in place of each light one."""
_DASHES = {"fed_back": "5 4", "initial": "2 4", "predicts": "2 4", "ends": "8 3"}
_SIGNS = {"+": "M-6 0H6M0 -6V6", "-": "M-6 0H6", "*": "M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5", "/": "M-3.5 6L3.5 -6"}


def svg_text(scene: Scene) -> str:
    """The scene as the text of an SVG file. The same scene gives the same text.

    Colours are literal light ones as attributes; where a reader knows CSS variables and prefers dark, variables
    take their place. Every text of a spec is escaped, control characters are made visible.
    """
    size = f'viewBox="0 0 {number(scene.width)} {number(scene.height)}"'
    size += f' width="{number(scene.width)}" height="{number(scene.height)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{_safe(scene.name, 200)}</title>",
        f"<desc>{_safe(scene.description, 4000)}</desc>",
        f"<style>{_style()}</style>",
        f'<rect x="0" y="0" width="{number(scene.width)}" height="{number(scene.height)}" {_paint(GROUND)}/>',
        *map(_panel, scene.panels),
        *map(_arrow, scene.arrows),
        *_lines(scene.lines),
        *map(_bar, scene.bars),
        *_figures(scene.figures),
        *map(_note, scene.notes),
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def _colours() -> list[str]:
    used = [colour for pair in FILLS.values() for colour in pair if colour != "none"]
    return list(dict.fromkeys([GROUND, INK, MUTED, LINE, PANEL, FOCUS, *used, *LINES.values()]))


def _name(colour: str) -> str:
    return colour.strip("#")


def _style() -> str:
    """Variables for every colour, in a rule that readers without them pass over."""
    fills = "".join(
        f".f-{_name(c)}{{fill:var(--c-{_name(c)},{c})}}.s-{_name(c)}{{stroke:var(--c-{_name(c)},{c})}}"
        for c in _colours()
    )
    dark = "".join(f"--c-{_name(c)}:{SHADES[c]};" for c in _colours())
    return f"@supports (color:var(--c)){{{fills}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _paint(fill: str = "", stroke: str = "", width: float = 1.8) -> str:
    """Fill and stroke as attributes, with their classes."""
    classes = " ".join(([f"f-{_name(fill)}"] if fill else []) + ([f"s-{_name(stroke)}"] if stroke else []))
    lines = f' stroke="{stroke}" stroke-width="{number(width)}"' if stroke else ""
    return f'class="{classes}" fill="{fill or "none"}"{lines}'


def _safe(text: str, limit: int = 200) -> str:
    lines = (plain(line, limit) for line in text[: 4 * limit].split("\n"))
    return escape("\n".join(lines))


def _panel(panel: Panel) -> str:
    place = panel.place
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="14"'
    return f"<rect {corner} {size} {_paint(FOCUS if panel.focus else PANEL)}/>"


def _lines(lines: tuple[Line, ...]) -> list[str]:
    """Wires with their arrowheads, and dots where they branch."""
    crossed, parts = crossings(lines), []
    for index, line in enumerate(lines):
        colour = LINES[line.style]
        dash = f' stroke-dasharray="{_DASHES[line.style]}"' if line.style in _DASHES else ""
        ends = 'stroke-linecap="butt" stroke-linejoin="round"' + dash
        points = (*line.points[:-1], _before_tip(line)) if line.arrow else line.points
        drawn = strokes(Line(line.net, points, line.style), crossed.get(index, ()))
        body = "".join(f'<path d="{s.path}" {_paint("", colour, 1.8 * line.weight)} {ends}/>' for s in drawn)
        head = f'<path d="{_head(line)}" {_paint(colour)}/>' if line.arrow else ""
        title = f"<title>{_safe(line.title)}</title>" if line.title else ""
        parts.append(f'<g class="{line.style}">{title}{body}{head}</g>')
    for (x, y), line in branches(lines):
        parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="2.8" {_paint(LINES[line.style])}/>')
    return parts


def _before_tip(line: Line) -> tuple[float, float]:
    """Where the stroke of an arrow ends: within its head."""
    (x, y), (to_x, to_y) = line.points[-2:]
    length = max(abs(to_x - x) + abs(to_y - y), 0.1)
    short = min(8.0, length)
    return to_x - (to_x - x) / length * short, to_y - (to_y - y) / length * short


def _head(line: Line) -> str:
    """An arrowhead of 11 by 8 pixels at the end of a line."""
    (x, y), (to_x, to_y) = line.points[-2:]
    length = max(abs(to_x - x) + abs(to_y - y), 0.1)
    dx, dy = (to_x - x) / length, (to_y - y) / length
    corners = ((0.0, 0.0), (-11.0, 4.0), (-8.4, 0.0), (-11.0, -4.0))
    placed = [(to_x + a * dx - b * dy, to_y + a * dy + b * dx) for a, b in corners]
    return "M" + "L".join(f"{number(px)} {number(py)}" for px, py in placed) + "Z"


def _figures(figures: tuple[Figure, ...]) -> list[str]:
    """Every figure under a name of its own: its path, clipped, with a number where another has that name."""
    names: dict[str, int] = {}
    drawn = []
    for figure in figures:
        path, _, step = figure.identity.rpartition("@") if "@" in figure.identity else (figure.identity, "", "")
        name = plain(path, 300) + (f"@{step}" if step else "")
        names[name] = names.get(name, 0) + 1
        drawn.append(_figure(figure, name if names[name] == 1 else f"{name}/{names[name]}"))
    return drawn


def _figure(figure: Figure, name: str) -> str:
    fill, stroke = FILLS[figure.kind]
    place, texts = figure.place, []
    colour = LINES["delay"] if figure.kind == "initial" else INK
    if figure.shape == "sign":
        beside = place.x + place.width / 2 + 5
        texts.append(_text(figure.label, beside, place.y + 5.5, 15, MUTED, "start"))
    elif figure.caption:
        texts.append(_text(figure.label, place.x, place.y - 1.5, figure.size - 1, colour))
        texts.append(_text(words(figure.caption, 60), place.x, place.y + 14, 10.5, MUTED))
    else:
        texts.append(_text(figure.label, place.x, place.y + 0.33 * figure.size, figure.size, colour))
    shape = "" if figure.shape == "bare" else _shape(figure, _paint(fill, stroke))
    title = _safe(figure.title, 300)
    return f'<g id="{escape(name)}" class="{figure.kind}"><title>{title}</title>{shape}{"".join(texts)}</g>'


def _shape(figure: Figure, paint: str) -> str:
    place = figure.place
    x, y, wide, high = place.x, place.y, place.width, place.height
    if figure.shape in ("circle", "sign"):
        drawn = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(wide / 2)}" {paint}/>'
        if figure.shape == "sign":
            move = f'transform="translate({number(x)} {number(y)})"'
            drawn += f'<path d="{_SIGNS[figure.caption]}" {move} {_paint("", INK)}/>'
        return drawn
    corner = high / 2 if figure.shape == "pill" else 4 if figure.kind == "layer" else 9
    dash = ' stroke-dasharray="5 4"' if figure.kind == "feedback" else ""
    place_text = f'x="{number(x - wide / 2)}" y="{number(y - high / 2)}" width="{number(wide)}" height="{number(high)}"'
    return f'<rect {place_text} rx="{number(corner)}" {paint}{dash}/>'


def _text(
    label: Label, x: float, y: float, size: float, colour: str, anchor: str = "middle", bold: bool = False
) -> str:
    """Text with its indices raised or lowered by lengths in pixels, which every renderer knows."""
    runs, level, space = [], 0, 0
    for run in label.runs:
        shift = (level - run.level) * 0.28 * size * (1 if min(level, run.level) < 0 else 1.35)
        level = run.level
        look = f' dy="{number(shift)}"' if shift else ""
        look += f' font-size="{number(size * SMALL)}"' if run.level else ""
        look += ' font-style="italic"' if run.italic else ""
        # A space at the end of a tspan is lost in some renderers: a length in pixels is not.
        space += len(run.text) - len(run.text.lstrip())
        look += f' dx="{number(0.26 * size * space)}"' if space and run.text.strip() else ""
        space = len(run.text) - len(run.text.rstrip())
        runs.append(f"<tspan{look}>{escape(run.text.strip() or ' ')}</tspan>")
    family = SERIF if label.serif else SANS
    look = f'font-family="{family}" font-size="{number(size)}" text-anchor="{anchor}"' + (
        ' font-weight="600"' if bold else ""
    )
    return (
        f'<text x="{number(x)}" y="{number(y)}" {look} class="f-{_name(colour)}" fill="{colour}">{"".join(runs)}</text>'
    )


def _note(note: Note) -> str:
    colour = {"muted": MUTED, "ink": INK}.get(note.style) or LINES[note.style]  # type: ignore[index]
    place, box = note.place, ""
    if note.boxed:
        corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
        size = f'width="{number(place.width)}" height="{number(place.height)}" rx="4"'
        box = f"<rect {corner} {size} {_paint(GROUND, colour, 1.6)}/>"
    shift = {"start": -place.width / 2, "end": place.width / 2}.get(note.anchor, 0.0)
    text = _text(note.label, place.x + shift, place.y + 0.33 * note.size, note.size, colour, note.anchor, note.bold)
    title = f"<title>{_safe(note.title, 300)}</title>" if note.title else ""
    return f"<g>{title}{box}{text}</g>" if box or title else text


def _bar(bar: Bar) -> str:
    place = bar.place
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="{number(place.height / 2)}"'
    text = _text(bar.label, place.x, place.y + 4.5, 13, INK)
    return f"<g><title>{_safe(bar.title)}</title><rect {corner} {size} {_paint(*FILLS['every'])}/>{text}</g>"


def _arrow(arrow: TimeArrow) -> str:
    x, y = arrow.start
    line = Line("time", ((x, y), (arrow.end, y)), "now")
    foot = arrow.end - (8 if arrow.end > x else -8)
    body = f'<path d="M{number(x)} {number(y)}H{number(foot)}" {_paint("", MUTED, 1.2)}/>'
    dots = "".join(f'<circle cx="{number(tick)}" cy="{number(y)}" r="3" {_paint(MUTED)}/>' for tick in arrow.ticks)
    return f'<g class="time">{body}<path d="{_head(line)}" {_paint(MUTED)}/>{dots}</g>'
