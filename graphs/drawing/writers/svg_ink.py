"""How ink is written in SVG: colours with their dark counterparts, paint, and text."""

from __future__ import annotations

import re
from html import escape

from leporello.graphs.drawing.letters.labels import told
from leporello.graphs.drawing.letters.lettering import SMALL, Label
from leporello.graphs.drawing.scene.palette import Palette
from leporello.graphs.drawing.scene.strokes import number

SERIF = "'STIX Two Text','Latin Modern Roman','Cambria Math','DejaVu Serif',serif"
SANS = "system-ui,-apple-system,'Segoe UI','Helvetica Neue','DejaVu Sans',sans-serif"
_CLASS = re.compile(r"\b[fs]-(\w+)")
_COLOUR = re.compile(r'\b(fill|stroke)="([^"]+)"')


def colour_name(colour: str) -> str:
    return colour.strip("#")


def style_sheet(palette: Palette, drawn: str) -> str:
    """Variables for every colour that is `drawn`, in a rule that readers without them pass over."""
    used = set(_CLASS.findall(drawn))
    colours = [colour for colour in palette.dark if colour_name(colour) in used]
    if not colours:
        return ""
    fills = "".join(
        f".f-{colour_name(c)}{{fill:var(--c-{colour_name(c)},{c})}}.s-{colour_name(c)}{{stroke:var(--c-{colour_name(c)},{c})}}"
        for c in colours
    )
    dark = "".join(f"--c-{colour_name(c)}:{palette.dark[c]};" for c in colours)
    return f"@supports (color:var(--c)){{{fills}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def paint(fill: str = "", stroke: str = "", width: float = 1.0) -> str:
    """Fill and stroke as attributes, with their classes."""
    classes = " ".join(([f"f-{colour_name(fill)}"] if fill else []) + ([f"s-{colour_name(stroke)}"] if stroke else []))
    lines = f' stroke="{stroke}" stroke-width="{number(width)}"' if stroke else ""
    return f'class="{classes}" fill="{fill or "none"}"{lines}'


def faded(opacity: float) -> str:
    """The attribute of what is drawn pale; nothing for what is not."""
    return "" if opacity >= 1 else f' opacity="{opacity:.2f}"'


def safe(text: str, limit: int = 200) -> str:
    """Text of a spec as XML, on its lines, clipped, with control characters made visible."""
    return escape(told(text, limit))


def darkened(drawn: str, palette: Palette) -> str:
    """What is drawn with the dark colours in place of the light ones, for readers without style sheets.

    Quotes in a spec's text are escaped, so that only attributes are found.
    """
    return _COLOUR.sub(lambda found: f'{found[1]}="{palette.dark.get(found[2], found[2])}"', drawn)


_FIRM = "\N{NO-BREAK SPACE}"


def _raised(level: int) -> float:
    """How high letters stand, for a size of one: exponents further from the line than indices."""
    return 0.28 * level * (1.35 if level > 0 else 1)


def written(
    label: Label, x: float, y: float, size: float, colour: str, anchor: str = "middle", bold: bool = False
) -> str:
    """Text with its indices raised or lowered by lengths in pixels, which every renderer knows."""
    runs, level, space = [], 0, 0
    for run in label.runs:
        if not run.text.strip():
            space += len(run.text)
            continue
        shift = (_raised(level) - _raised(run.level)) * size
        level = run.level
        look = f' dy="{number(shift)}"' if shift else ""
        look += f' font-size="{number(size * SMALL)}"' if run.level else ""
        look += ' font-style="italic"' if run.italic else ""
        # A space at the end of a tspan is lost in some renderers: a length in pixels is not.
        space += len(run.text) - len(run.text.lstrip())
        ends = anchor == "end"  # where a text is measured from its end some renderers leave lengths out
        look += f' dx="{number(0.26 * size * space)}"' if space and not ends else ""
        before, space = _FIRM * space * ends, len(run.text) - len(run.text.rstrip())
        runs.append(f"<tspan{look}>{before}{escape(run.text.strip())}</tspan>")
    family = SERIF if label.serif else SANS
    look = f'font-family="{family}" font-size="{number(size)}" text-anchor="{anchor}"' + (
        ' font-weight="600"' if bold else ""
    )
    look += f' class="f-{colour_name(colour)}" fill="{colour}"'
    return f'<text x="{number(x)}" y="{number(y)}" {look}>{"".join(runs)}</text>'
