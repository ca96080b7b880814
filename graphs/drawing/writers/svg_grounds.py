"""How parts of a model run, in SVG: tinted grounds below what is one loop, and the small signs on boxes."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.drawing.column.figures import BADGE_HEIGHT, CAPTION, badge_width
from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.palette import Palette
from leporello.graphs.drawing.scene.scene import Figure, Ground, Rectangle
from leporello.graphs.drawing.scene.strokes import number, rounded
from leporello.graphs.drawing.views.view import Badge
from leporello.graphs.drawing.writers.svg_ink import paint, safe, written
from leporello.graphs.phases import How

REACH = 9.0
"""So far a ground reaches beyond boxes, and to both sides of wires."""
_DASHES: Mapping[How, str] = {"scanned": "4 2.5", "once": "1.5 2.5"}
"""A sign with an unbroken border runs at one go, one with a broken border step by step."""


def svg_ground(ground: Ground, palette: Palette) -> str:
    """A ground with a thin border, as one shape: all its parts in the border's colour, then smaller in its own."""
    tint, ink = palette.grounds[ground.how]
    parts = [_under(ground, ink, REACH + 1), _under(ground, tint, REACH)]
    return f'<g class="ground"><title>{safe(ground.title)}</title>{"".join(parts)}</g>'


def _under(ground: Ground, colour: str, reach: float) -> str:
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    ways = "".join(f'<path d="{rounded(way)}" {paint("", colour, 2 * reach)} {ends}/>' for way in ground.ways)
    return ways + "".join(_box(place, colour, reach) for place in ground.places)


def _box(place: Rectangle, colour: str, reach: float) -> str:
    left, top = place.x - place.width / 2 - reach, place.y - place.height / 2 - reach
    size = f'width="{number(place.width + 2 * reach)}" height="{number(place.height + 2 * reach)}" rx="16"'
    return f'<rect x="{number(left)}" y="{number(top)}" {size} {paint(colour)}/>'


def badge_place(figure: Figure) -> Rectangle:
    """Where the sign of a figure stands: at its foot, for an operator beside it."""
    assert figure.badge is not None
    wide, place = badge_width(figure.badge), figure.place
    if figure.shape == "sign":
        return Rectangle(place.x - place.width / 2 - 5 - wide / 2, place.y, wide, BADGE_HEIGHT)
    return Rectangle(
        place.x, place.y + place.height / 2 - BADGE_HEIGHT / 2 - (3 if place.height < 60 else 5), wide, BADGE_HEIGHT
    )


def svg_badge(badge: Badge, place: Rectangle, palette: Palette) -> str:
    """The sign that says how a box runs, and in which turn."""
    tint, ink = palette.grounds[badge.how]
    corner = f'x="{number(place.x - place.width / 2)}" y="{number(place.y - place.height / 2)}"'
    size = f'width="{number(place.width)}" height="{number(place.height)}" rx="{number(place.height / 2)}"'
    dash = f' stroke-dasharray="{_DASHES[badge.how]}"' if badge.how in _DASHES else ""
    text = written(words(badge.text, 60), place.x, place.y + 3.6, CAPTION, palette.ink)
    return f"<rect {corner} {size} {paint(tint, ink, palette.stroke * 2 / 3)}{dash}/>{text}"
