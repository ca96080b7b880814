"""A scene as SVG, written with the standard library alone: light and dark in one file, text as text."""

from __future__ import annotations

from leporello.graphs.drawing.palette import GROUND
from leporello.graphs.drawing.scene import Scene
from leporello.graphs.drawing.strokes import number
from leporello.graphs.drawing.svg_figures import svg_figures, svg_note, svg_panel
from leporello.graphs.drawing.svg_ink import darkened, paint, safe, style_sheet
from leporello.graphs.drawing.svg_lines import svg_arrow, svg_bar, svg_lines


def svg_text(scene: Scene, dark: bool = False) -> str:
    """The scene as the text of an SVG file. The same scene gives the same text.

    Colours are literal light ones as attributes; where a reader knows CSS variables and prefers dark, variables
    take their place. With `dark` the dark colours are the literal ones, for readers that know no such preference.
    Every text of a spec is escaped, control characters are made visible.
    """
    size = f'viewBox="0 0 {number(scene.width)} {number(scene.height)}"'
    size += f' width="{number(scene.width)}" height="{number(scene.height)}"'
    drawn = [
        f'<rect x="0" y="0" width="{number(scene.width)}" height="{number(scene.height)}" {paint(GROUND)}/>',
        *map(svg_panel, scene.panels),
        *map(svg_arrow, scene.arrows),
        *svg_lines(scene.lines),
        *map(svg_bar, scene.bars),
        *svg_figures(scene.figures),
        *map(svg_note, scene.notes),
    ]
    body = "\n".join(part for part in drawn if part)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{safe(scene.name, 200)}</title>",
        f"<desc>{safe(scene.description, 4000)}</desc>",
        darkened(body) if dark else f"<style>{style_sheet()}</style>\n{body}",
        "</svg>\n",
    ]
    return "\n".join(parts)
