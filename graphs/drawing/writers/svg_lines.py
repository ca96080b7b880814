"""Wires, bars and time arrows in SVG."""

from __future__ import annotations

import math

from leporello.graphs.drawing.scene.palette import Palette
from leporello.graphs.drawing.scene.scene import Bar, Line, Point, TimeArrow
from leporello.graphs.drawing.scene.strokes import arc, branches, crossings, number, strokes
from leporello.graphs.drawing.writers.svg_ink import faded, paint, safe, written

_STROKE, _NOTCH = 8 / 11, 8.4 / 11
"""How far the stroke reaches into an arrowhead, and its notch, as parts of its length."""


def svg_lines(lines: tuple[Line, ...], palette: Palette) -> list[str]:
    """Wires with their arrowheads, and dots where they branch."""
    straight = tuple(line for line in lines if not line.curved)
    crossed = crossings(straight)
    cuts = {id(line): points for index, line in enumerate(straight) if (points := crossed.get(index))}
    parts = [_line(line, cuts.get(id(line), []), palette) for line in lines]
    for (x, y), line in branches(straight):
        look = paint(palette.lines[line.style]) + faded(line.opacity)
        parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(palette.head[1] * 0.7)}" {look}/>')
    return parts


def _line(line: Line, crossed: list[Point], palette: Palette) -> str:
    """One wire, broken where others cross it."""
    colour, dashes = palette.lines[line.style], palette.dashes
    width = palette.stroke * palette.weights.get(line.style, 1.0) * line.weight
    dash = f' stroke-dasharray="{dashes[line.style]}"' if line.style in dashes else ""
    ends = 'stroke-linecap="butt" stroke-linejoin="round"' + dash
    points = (*line.points[:-1], _before_tip(line, palette.head[0])) if line.arrow else line.points
    drawn = [arc(points)] if line.curved else [s.path for s in strokes(Line(line.net, points, line.style), crossed)]
    body = "".join(f'<path d="{path}" {paint("", colour, width)} {ends}/>' for path in drawn)
    head = f'<path d="{_head(line, palette.head)}" {paint(colour)}/>' if line.arrow else ""
    title = f"<title>{safe(line.title)}</title>" if line.title else ""
    return f'<g class="{line.style}"{faded(line.opacity)}>{title}{body}{head}</g>'


def _before_tip(line: Line, head: float) -> tuple[float, float]:
    """Where the stroke of an arrow ends: within its head."""
    (x, y), (to_x, to_y) = line.points[-2:]
    length = max(math.hypot(to_x - x, to_y - y), 0.1)
    short = min(_STROKE * head, length)
    return to_x - (to_x - x) / length * short, to_y - (to_y - y) / length * short


def _head(line: Line, size: tuple[float, float]) -> str:
    """An arrowhead at the end of a line, its length and half its width given."""
    (x, y), (to_x, to_y) = line.points[-2:]
    length = max(math.hypot(to_x - x, to_y - y), 0.1)
    dx, dy = (to_x - x) / length, (to_y - y) / length
    back, half = size
    corners = ((0.0, 0.0), (-back, half), (-_NOTCH * back, 0.0), (-back, -half))
    placed = [(to_x + a * dx - b * dy, to_y + a * dy + b * dx) for a, b in corners]
    return "M" + "L".join(f"{number(px)} {number(py)}" for px, py in placed) + "Z"


def svg_bar(bar: Bar, palette: Palette) -> str:
    """What gathers all steps of a box."""
    place = bar.place
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="{number(place.height / 2)}"'
    look = paint(*palette.fills["every"], palette.stroke)
    text = written(bar.label, place.x, place.y + 4.5, 13, palette.ink)
    return f"<g><title>{safe(bar.title)}</title><rect {corner} {size} {look}/>{text}</g>"


def svg_arrow(arrow: TimeArrow, palette: Palette) -> str:
    """The arrow of an axis."""
    x, y = arrow.start
    line = Line("time", ((x, y), (arrow.end, y)), "now")
    short = _STROKE * palette.head[0]
    foot = arrow.end - (short if arrow.end > x else -short)
    body = f'<path d="M{number(x)} {number(y)}H{number(foot)}" {paint("", palette.muted, palette.stroke * 2 / 3)}/>'
    radius = number(palette.head[1] * 0.75)
    dots = "".join(
        f'<circle cx="{number(tick)}" cy="{number(y)}" r="{radius}" {paint(palette.muted)}/>' for tick in arrow.ticks
    )
    return f'<g class="time">{body}<path d="{_head(line, palette.head)}" {paint(palette.muted)}/>{dots}</g>'
