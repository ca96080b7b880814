"""Pictures for those who cannot take SVG: PNG of any size, and PDF with its text as text."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.extras import installing
from leporello.graphs.problems import refuse

# Typst, of the renderers that Python's package index holds, brings fonts of its own: resvg and CairoSVG draw boxes
# without words where the machine has none. It finds the serifs of a list of fonts (CairoSVG takes the first name or a
# sans), keeps the text of a PDF as text, and gives the same bytes each time.
EXTRA = "pictures"
MOST_PIXELS = 50_000_000
"""A PNG of so many takes 600 MB while it is made."""
LEAST_SCALE, MOST_SCALE = 0.05, 100.0
_LONGEST_PAGE = 14_400.0
"""The longest side of a page that readers of PDF show, in points; what is longer is made smaller."""
_POINTS = 0.75
"""Points of a pixel, as in CSS."""

# The text of the picture comes as data: none of it is read as Typst's markup.
_TEXT = """
#let given = sys.inputs
#set document(title: given.title, date: none)
#set page(width: float(given.width) * 1pt, height: float(given.height) * 1pt, margin: 0pt)
#image(bytes(given.svg), format: "svg", width: 100%, height: 100%, alt: given.alt)
"""


def in_whole_pixels(scene: Scene) -> Scene:
    """The scene on a page that is not cut in the midst of a pixel: a drawing made to fit would be blurred."""
    return replace(scene, width=math.ceil(scene.width), height=math.ceil(scene.height))


def rendered(svg: str, scene: Scene, format: Literal["png", "pdf"], scale: float = 1.0) -> bytes:
    """The picture of a scene, from its SVG, as a PNG of `scale` times its pixels or as a PDF.

    A character that no font here has is drawn as an empty box. SpecError where the extra is not installed, and,
    before any memory is taken, for a PNG of more than 50 million pixels.
    """
    typst = _typst(format)
    wide, high = _pixels(scene, scale) if format == "png" else _page(scene)
    given = {
        "svg": svg,
        "title": plain(scene.name, 200),
        "alt": plain(scene.description, 4000),
        "width": f"{wide:.3f}",
        "height": f"{high:.3f}",
    }
    try:
        drawn: bytes = typst.compile(_TEXT.encode(), format=format, ppi=72, sys_inputs=given)
    except typst.TypstError as error:
        raise refuse(f"typst does not draw this as .{format}: {error}", "draw .svg, which needs nothing") from None
    return drawn


def _typst(format: str) -> Any:
    try:
        import typst
    except ModuleNotFoundError:
        hint = f"{installing(EXTRA)}; or draw .svg, which needs nothing"
        raise refuse(f"a .{format} needs typst, which is not installed", hint) from None
    return typst


def _pixels(scene: Scene, scale: float) -> tuple[int, int]:
    """Width and height of a PNG."""
    if not isinstance(scale, int | float) or not LEAST_SCALE <= scale <= MOST_SCALE:
        raise refuse(f"a PNG cannot be {scale!r} times its size", f"from {LEAST_SCALE:g} to {MOST_SCALE:g} is allowed")
    wide, high = max(1, round(scene.width * scale)), max(1, round(scene.height * scale))
    if wide * high > MOST_PIXELS:
        fits = math.floor(100 * (MOST_PIXELS / ((scene.width + 1) * (scene.height + 1))) ** 0.5) / 100
        what = f"a PNG of {wide:,} by {high:,} pixels is more than {MOST_PIXELS // 10**6} million"
        raise refuse(what, f"--scale {fits:g} would fit; .svg and .pdf have no such limit")
    return wide, high


def _page(scene: Scene) -> tuple[float, float]:
    """Width and height of a PDF, in points."""
    points = min(_POINTS, _LONGEST_PAGE / max(scene.width, scene.height))
    return scene.width * points, scene.height * points
