"""Curves over a number that grows, in SVG: panels below each other, light and dark in one file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.palette import COLOUR, Palette
from leporello.graphs.drawing.scene.scene import Point
from leporello.graphs.drawing.scene.strokes import number
from leporello.graphs.drawing.writers.svg_ink import faded, paint, safe, style_sheet, written
from leporello.graphs.frozen import frozen

WIDTH, HEIGHT = 820.0, 290.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 230.0, 44.0, 56.0
SMALL, LINE = 12.0, 15.0
INKS = ("#0067a3", "#b64a00", "#00734f", "#a23c78", "#9a5b00", "#7d6a00")
DASHES = ("", "7 3", "2 3", "9 3 2 3")
MOST = 400
"""A curve has so many points in a picture; more are averaged."""


@frozen
class Series:
    """A curve: what stands at its end, its points, and which ink it has; a pale one is drawn thin, without words."""

    name: str
    points: tuple[Point, ...]
    ink: int = 0
    pale: bool = False


@frozen
class Panel:
    """Curves with axes of their own; `name` says what goes up, `across` what goes to the right."""

    name: str
    across: str
    curves: tuple[Series, ...]


@frozen
class _Axes:
    """Where numbers lie in a picture: the least and the most of both, and the top of the panel."""

    x: tuple[float, float]
    y: tuple[float, float]
    top: float

    def at(self, point: Point) -> Point:
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (point[1] - self.y[0]) / (self.y[1] - self.y[0])
        return LEFT + wide * across, self.top + HEIGHT - BOTTOM - high * up


def svg_curves(name: str, panels: Sequence[Panel], palette: Palette = COLOUR) -> str:
    """The panels as the text of an SVG file; a panel without a point is left out."""
    shown = [panel for panel in panels if any(curve.points for curve in panel.curves)]
    high = number(HEIGHT * max(len(shown), 1))
    parts = [part for place, panel in enumerate(shown) for part in _panel(panel, HEIGHT * place, palette)]
    if not shown:
        parts = [written(words("no curves yet"), WIDTH / 2, HEIGHT / 2, 14, palette.muted)]
    body = "\n".join([f'<rect x="0" y="0" width="{number(WIDTH)}" height="{high}" {paint(palette.ground)}/>', *parts])
    told = "; ".join(f"{panel.name}: {', '.join(curve.name for curve in panel.curves)}" for panel in shown)
    size = f'viewBox="0 0 {number(WIDTH)} {high}" width="{number(WIDTH)}" height="{high}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<title>{safe(name)}</title>\n'
        f"<desc>{safe(told, 4000)}</desc>\n<style>{style_sheet(palette, body)}</style>\n{body}\n</svg>\n"
    )


def _panel(panel: Panel, top: float, palette: Palette) -> Iterator[str]:
    drawn = [Series(curve.name, thinned(curve.points), curve.ink, curve.pale) for curve in panel.curves if curve.points]
    points = [point for curve in drawn for point in curve.points]
    axes = _Axes(_range([x for x, _ in points]), _range([y for _, y in points]), top)
    yield written(words(panel.name, 60), LEFT, top + 26, 14, palette.ink, "start", bold=True)
    yield from _grid(panel, axes, palette)
    for curve in sorted(drawn, key=lambda curve: not curve.pale):
        yield _curve(curve, axes, palette)
    yield from _names([curve for curve in drawn if not curve.pale], axes, palette)


def _grid(panel: Panel, axes: _Axes, palette: Palette) -> Iterator[str]:
    """Thin lines at round numbers, and the numbers."""
    foot, right = axes.top + HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in ticks(*axes.y):
        y = axes.at((axes.x[0], value))[1]
        line = paint("", palette.muted, 0.6) + faded(0.4)
        yield f'<path d="M{number(LEFT)} {number(y)}H{number(right)}" {line}/>'
        yield written(words(f"{value:g}"), LEFT - 8, y + 4, SMALL, palette.muted, "end")
    for value in ticks(*axes.x):
        x = axes.at((value, axes.y[0]))[0]
        yield f'<path d="M{number(x)} {number(foot)}V{number(foot + 4)}" {paint("", palette.muted, 1.0)}/>'
        yield written(words(f"{value:,.0f}"), x, foot + 18, SMALL, palette.muted)
    yield f'<path d="M{number(LEFT)} {number(foot)}H{number(right)}" {paint("", palette.muted, 1.0)}/>'
    yield written(words(panel.across), right, foot + 38, SMALL, palette.muted, "end")


def _curve(curve: Series, axes: _Axes, palette: Palette) -> str:
    ink, dash = INKS[curve.ink % len(INKS)], DASHES[curve.ink % len(DASHES)]
    places = [axes.at(point) for point in curve.points]
    look = paint("", ink, palette.stroke * (0.6 if curve.pale else 1.1)) + faded(0.55 if curve.pale else 1.0)
    look += f' stroke-dasharray="{dash}"' if dash else ""
    line = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)
    dots = places if not curve.pale and len(places) <= 30 else ()
    marks = "".join(f'<circle cx="{number(x)}" cy="{number(y)}" r="2.6" {paint(ink)}/>' for x, y in dots)
    return f'<g><title>{safe(curve.name)}</title><path d="{line}" {look} stroke-linejoin="round"/>{marks}</g>'


def _names(curves: Sequence[Series], axes: _Axes, palette: Palette) -> Iterator[str]:
    """The name of each curve and its last value beside its end, apart from others, above the foot."""
    ends = sorted(((axes.at(curve.points[-1])[1], curve) for curve in curves), key=lambda end: end[0])
    places: list[float] = []
    for y, _ in ends:
        places.append(max(y, places[-1] + LINE) if places else y)
    lift = max(places[-1] - (axes.top + HEIGHT - BOTTOM), 0.0) if places else 0.0
    for y, (_, curve) in zip(places, ends, strict=True):
        text = words(f"{curve.points[-1][1]:.4g}  {curve.name}", 30)
        yield written(text, WIDTH - RIGHT + 10, y - lift + 4, SMALL, INKS[curve.ink % len(INKS)], "start", bold=True)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The least and the most, a little apart where they are the same."""
    low, high = min(values), max(values)
    room = (abs(high) or 1.0) * 0.05 if high - low <= abs(high) * 1e-9 else 0.0
    return low - room, high + room


def ticks(low: float, high: float, most: int = 8) -> list[float]:
    """Round numbers between two, so many at most.

    >>> ticks(0.13, 1.9), ticks(0, 2000)
    ([0.5, 1.0, 1.5], [0.0, 500.0, 1000.0, 1500.0, 2000.0])
    """
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(power * times for times in (1, 2, 5, 10, 20) if (high - low) / (power * times) <= most - 1)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def thinned(points: Sequence[Point], most: int = MOST) -> tuple[Point, ...]:
    """At most so many points, each the mean of neighbours, at the place of the last of them.

    >>> thinned([(1, 2.0), (2, 4.0), (3, 6.0), (4, 8.0)], 2)
    ((2, 3.0), (4, 7.0))
    """
    size = -(-len(points) // most)
    groups = [points[start : start + size] for start in range(0, len(points), max(size, 1))]
    return tuple((group[-1][0], sum(y for _, y in group) / len(group)) for group in groups)
