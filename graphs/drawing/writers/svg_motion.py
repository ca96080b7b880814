"""Values on their way through time, in style sheets alone: dots that run along wires, boxes that light up."""

from __future__ import annotations

from leporello.graphs.drawing.scene.palette import Palette
from leporello.graphs.drawing.scene.scene import Line, Rectangle, Scene, Shape
from leporello.graphs.drawing.scene.strokes import arc, number, rounded
from leporello.graphs.drawing.views.view import Kind
from leporello.graphs.drawing.writers.svg_figures import border
from leporello.graphs.drawing.writers.svg_ink import colour_name

MOMENT, LONGEST, PAUSE = 0.7, 24.0, 2.5
"""Seconds of a moment, at most those of all of them, and before it begins again."""
_DOT, _GLOW, _APART, _CORNER = 5.0, 2.4, 4.5, 9.0
_Lit = tuple[float | None, Kind, Shape, Rectangle]


def svg_dots(lines: tuple[Line, ...], palette: Palette) -> list[str]:
    """A dot for every wire in motion: a dash of no length with a round end, which is moved along the wire.

    What is not played is not displayed, so that a still picture is that without motion. Nothing runs on a pale wire.
    """
    drawn = []
    for line in lines:
        if line.moment is not None and line.opacity == 1:
            colour, path = palette.lines[line.style], arc(line.points) if line.curved else rounded(line.points)
            look = f'class="{_at(line.moment)} s-{colour_name(colour)}" stroke="{colour}" pathLength="100"'
            drawn.append(f'<path d="{path}" {look}/>')
    width = number(_DOT * palette.stroke)
    look = f'fill="none" stroke-width="{width}" stroke-linecap="round" stroke-dasharray="0 200"'
    return [f'<g class="dots" display="none" {look}>', *drawn, "</g>"] if drawn else []


def svg_glows(scene: Scene, palette: Palette) -> list[str]:
    """A light around every box in motion."""
    boxes = [(one.moment, one.kind, one.shape, one.place) for one in scene.figures if one.opacity == 1]
    bars: list[_Lit] = [(one.moment, "every", "pill", one.place) for one in scene.bars]
    drawn = []
    for moment, kind, shape, place in (*boxes, *bars):
        if moment is not None:
            colour = palette.fills[kind][1]
            look = f'class="{_at(moment)} s-{colour_name(colour)}" stroke="{colour}"'
            drawn.append(border(shape, place, _CORNER, look, _APART))
    width = number(_GLOW * palette.stroke)
    return [f'<g class="glows" display="none" fill="none" stroke-width="{width}">', *drawn, "</g>"] if drawn else []


def motion_rules(scene: Scene) -> str:
    """The rules of the style sheet: each moment is a class with its delay, all go round together.

    Who has asked for less motion, paper, and readers without animation see the still picture.
    """
    every = [line.moment for line in scene.lines] + [one.moment for one in scene.figures]
    moved = [moment for moment in (*every, *(bar.moment for bar in scene.bars)) if moment is not None]
    if not moved:
        return ""
    moment = min(MOMENT, LONGEST / (max(moved) + 1))
    period = (max(moved) + 1) * moment + PAUSE
    share = 100 * moment / period
    delays = "".join(f".{_at(at)}{{animation-delay:{at * moment:.2f}s}}" for at in sorted(set(moved)) if at)
    return (
        "@media screen and (prefers-reduced-motion:no-preference){.dots,.glows{display:inline}"
        f".dots *,.glows *{{opacity:0;animation-duration:{period:.2f}s;animation-iteration-count:infinite}}"
        ".dots *{animation-name:run;animation-timing-function:linear}"
        ".glows *{animation-name:glow;animation-timing-function:ease-out}"
        f"{delays}"
        f"@keyframes run{{0%{{opacity:1;stroke-dashoffset:0}}{share:.2f}%{{opacity:1;stroke-dashoffset:-100}}"
        f"{share + 0.01:.2f}%,100%{{opacity:0;stroke-dashoffset:-100}}}}"
        f"@keyframes glow{{0%{{opacity:0}}{share * 0.2:.2f}%{{opacity:1}}{share:.2f}%{{opacity:.8}}"
        f"{share * 2.5:.2f}%,100%{{opacity:0}}}}}}"
    )


def _at(moment: float) -> str:
    return f"m{number(moment)}"
