"""The shape and size of every box, and where a wire meets its border."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from leporello.graphs.drawing.column.placement import GRID, Spot
from leporello.graphs.drawing.letters.labels import in_lines, plain
from leporello.graphs.drawing.letters.lettering import Label, label, words
from leporello.graphs.drawing.scene.scene import Figure, Point, Rectangle, Shape
from leporello.graphs.drawing.views.view import Badge, Box, Edge
from leporello.graphs.frozen import frozen

_READ = r"[A-Za-z]\w*(?:\.\w+)?(?:\((?:t[-+]\d+|last|first|all)\))?"
_SIGN = re.compile(rf"({_READ}) ([+*]) (?!\1\Z){_READ}\Z")
"""Of these formulas a circle with the operator says everything: its wires are the operands, in whatever order."""
NAME, CAPTION, ROUND = 17.0, 10.5, 54.0
LETTERS, CAPTION_LINE = 32, 12.0
"""So many letters a line of a formula has at most, and how high it is."""
BADGE_HEIGHT = 15.0
"""The height of the small sign that says how a box runs."""
SIGN_WIDTH = 30.0
"""The width of an operator's circle in pixels."""
FEW = 6
"""So many wires find room at any box."""
PALE = 0.3
"""The opacity of what is there but not read."""


@frozen
class Form:
    """How a box is drawn: shape, size in grid units, the lines of its caption, and the operator of a sign."""

    shape: Shape
    width: int
    height: int
    caption: str = ""
    sign: str = ""


def form(box: Box, captions: bool, longest: str = "") -> Form:
    """The form of a box; `longest` is the longest text of a step that its label has to hold.

    Args:
        box: of the folded picture.
        captions: whether block or formula stands below the name.
        longest: for instance `100` where the picture goes up to that step.
    """
    name = 0.0 if box.nameless else named(box, longest).width(NAME)
    if box.kind in ("input", "output"):
        small = name <= ROUND - 12
        return Form("circle", 6, 6) if small else Form("pill", _even(name + 26), 4)
    if box.kind == "initial":
        return Form("bare", _even(name + 4), 2)
    sign = _SIGN.match(box.block) if box.kind == "function" else None
    badge, more = (badge_width(box.badge), 2) if box.badge else (0.0, 0)
    if sign:
        return Form("sign", _even(SIGN_WIDTH + 2 * max(name, badge) + 12), 4, sign=sign[2])
    lines = _caption(box) if captions or box.nameless else []
    caption = "\n".join(lines)
    wide = max([name, badge, *(words(line, 60).width(CAPTION) for line in lines)])
    more += _even(CAPTION_LINE * (len(lines) - 1)) if len(lines) > 1 else 0
    if box.kind in ("state", "composite", "attention", "feedback"):
        return Form("box", max(8, _even(wide + 20)), 6 + more, caption)
    shape: Shape = "pill" if box.kind == "function" else "box"
    return Form(shape, max(6, _even(wide + (24 + 8 * more if shape == "pill" else 14))), 4 + more, caption)


def named(box: Box, step: str = "") -> Label:
    """The name of a box with a step below it."""
    return label(box.label, step, upright=box.upright)


def _caption(box: Box) -> list[str]:
    """What stands below a name: all of a formula, the name of a block."""
    said = in_lines(box.block, LETTERS) if box.spelled else [plain(box.block, 24)] if box.block else []
    return [*said, *(line for more in box.more for line in in_lines(more, LETTERS))]


def wide_enough(forms: Mapping[str, Form], edges: Iterable[Edge]) -> dict[str, Form]:
    """The forms, those that many wires enter as wide as these need side by side."""
    into = Counter(edge.target for edge in edges)
    return {
        path: replace(form, width=max(form.width, 2 * into[path])) if into[path] > FEW else form
        for path, form in forms.items()
    }


def badge_width(badge: Badge) -> float:
    """The width of the small sign that says how a box runs, in pixels."""
    return words(badge.text, 60).width(CAPTION) + 12


def _even(pixels: float) -> int:
    return 2 * math.ceil(pixels / GRID / 2)


def figure(
    box: Box, shape: Form, spot: Spot, shift: Point, step: str = "", title: str = "", name: Label | None = None
) -> Figure:
    """The box at its spot, moved by `shift` pixels, with its step below the name (or with another `name`)."""
    wide, high = float(shape.width * GRID), float(shape.height * GRID)
    if shape.shape == "sign":
        wide = high = SIGN_WIDTH
    place = Rectangle(spot.x * GRID + shift[0], spot.y * GRID + shift[1], wide, high)
    identity = f"{box.path}@{step}" if step else box.path
    caption = shape.sign or shape.caption
    opacity = PALE if box.faint else 1.0
    said = title or box.title
    name = Label(()) if box.nameless else name or named(box, step)
    return Figure(identity, box.kind, shape.shape, place, name, caption, said, NAME, opacity=opacity, badge=box.badge)


def on_border(point: Point, shape: Form, spot: Spot) -> Point:
    """The end of a wire in pixels, moved from the border of a box's rectangle to that of its shape."""
    x, y = point[0] * GRID, point[1] * GRID
    middle, centre = spot.x * GRID, spot.y * GRID
    if shape.shape not in ("circle", "pill", "sign"):
        return x, y
    radius = SIGN_WIDTH / 2 if shape.shape == "sign" else spot.height * GRID / 2
    half = 0.0 if shape.shape != "pill" else spot.width * GRID / 2 - radius
    if point[1] in (spot.top, spot.bottom):
        beyond = max(abs(x - middle) - half, 0.0)
        rise = math.sqrt(max(radius**2 - beyond**2, 0.0))
        return x, centre + math.copysign(rise, y - centre)
    out = half + math.sqrt(max(radius**2 - (y - centre) ** 2, 0.0))
    return middle + math.copysign(out, x - middle), y


def facts_title(box: Box, facts: Mapping[str, str]) -> str:
    """The hover text with what else is known of a box: sizes and numbers of parameters."""
    first, _, rest = box.title.partition("\n")
    return "\n".join(part for part in (first, facts.get(box.path, ""), rest) if part)
