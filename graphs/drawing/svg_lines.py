"""Wires, bars and time arrows in SVG."""

from __future__ import annotations

import math

from leporello.graphs.drawing.palette import FILLS, INK, LINES, MUTED
from leporello.graphs.drawing.scene import Bar, Line, Point, TimeArrow
from leporello.graphs.drawing.strokes import arc, branches, crossings, number, strokes
from leporello.graphs.drawing.svg_ink import faded, paint, safe, written

_DASHES = {"fed_back": "5 4", "initial": "2 4", "predicts": "2 4", "ends": "8 3"}


def svg_lines(lines: tuple[Line, ...]) -> list[str]:
    """Wires with their arrowheads, and dots where they branch."""
    straight = tuple(line for line in lines if not line.curved)
    crossed = crossings(straight)
    cuts = {id(line): points for index, line in enumerate(straight) if (points := crossed.get(index))}
    parts = [_line(line, cuts.get(id(line), [])) for line in lines]
    for (x, y), line in branches(straight):
        look = paint(LINES[line.style]) + faded(line.opacity)
        parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="2.8" {look}/>')
    return parts


def _line(line: Line, crossed: list[Point]) -> str:
    """One wire, broken where others cross it."""
    colour = LINES[line.style]
    dash = f' stroke-dasharray="{_DASHES[line.style]}"' if line.style in _DASHES else ""
    ends = 'stroke-linecap="butt" stroke-linejoin="round"' + dash
    points = (*line.points[:-1], _before_tip(line)) if line.arrow else line.points
    drawn = [arc(points)] if line.curved else [s.path for s in strokes(Line(line.net, points, line.style), crossed)]
    body = "".join(f'<path d="{path}" {paint("", colour, 1.8 * line.weight)} {ends}/>' for path in drawn)
    head = f'<path d="{_head(line)}" {paint(colour)}/>' if line.arrow else ""
    title = f"<title>{safe(line.title)}</title>" if line.title else ""
    return f'<g class="{line.style}"{faded(line.opacity)}>{title}{body}{head}</g>'


def _before_tip(line: Line) -> tuple[float, float]:
    """Where the stroke of an arrow ends: within its head."""
    (x, y), (to_x, to_y) = line.points[-2:]
    length = max(math.hypot(to_x - x, to_y - y), 0.1)
    short = min(8.0, length)
    return to_x - (to_x - x) / length * short, to_y - (to_y - y) / length * short


def _head(line: Line) -> str:
    """An arrowhead of 11 by 8 pixels at the end of a line."""
    (x, y), (to_x, to_y) = line.points[-2:]
    length = max(math.hypot(to_x - x, to_y - y), 0.1)
    dx, dy = (to_x - x) / length, (to_y - y) / length
    corners = ((0.0, 0.0), (-11.0, 4.0), (-8.4, 0.0), (-11.0, -4.0))
    placed = [(to_x + a * dx - b * dy, to_y + a * dy + b * dx) for a, b in corners]
    return "M" + "L".join(f"{number(px)} {number(py)}" for px, py in placed) + "Z"


def svg_bar(bar: Bar) -> str:
    """What gathers all steps of a box."""
    place = bar.place
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="{number(place.height / 2)}"'
    text = written(bar.label, place.x, place.y + 4.5, 13, INK)
    return f"<g><title>{safe(bar.title)}</title><rect {corner} {size} {paint(*FILLS['every'])}/>{text}</g>"


def svg_arrow(arrow: TimeArrow) -> str:
    """The arrow of an axis."""
    x, y = arrow.start
    line = Line("time", ((x, y), (arrow.end, y)), "now")
    foot = arrow.end - (8 if arrow.end > x else -8)
    body = f'<path d="M{number(x)} {number(y)}H{number(foot)}" {paint("", MUTED, 1.2)}/>'
    dots = "".join(f'<circle cx="{number(tick)}" cy="{number(y)}" r="3" {paint(MUTED)}/>' for tick in arrow.ticks)
    return f'<g class="time">{body}<path d="{_head(line)}" {paint(MUTED)}/>{dots}</g>'
