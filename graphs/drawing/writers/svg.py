"""A scene as SVG, written with the standard library alone: light and dark in one file, text as text."""

from __future__ import annotations

from leporello.graphs.drawing.scene.palette import COLOUR, Palette
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.scene.strokes import number
from leporello.graphs.drawing.writers.svg_figures import svg_figures, svg_note, svg_panel
from leporello.graphs.drawing.writers.svg_grounds import svg_ground
from leporello.graphs.drawing.writers.svg_heat_maps import svg_grid
from leporello.graphs.drawing.writers.svg_ink import darkened, paint, safe, style_sheet
from leporello.graphs.drawing.writers.svg_lines import svg_arrow, svg_bar, svg_lines
from leporello.graphs.drawing.writers.svg_motion import motion_rules, svg_dots, svg_glows


def svg_text(scene: Scene, palette: Palette = COLOUR, dark: bool = False) -> str:
    """The scene as the text of an SVG file. The same scene gives the same text.

    Colours are literal light ones as attributes; where a reader knows CSS variables and prefers dark, variables
    take their place. With `dark` the dark colours are the literal ones, for readers that know no such preference.
    Every text of a spec is escaped, control characters are made visible.
    """
    wide, high = number(scene.width), number(scene.height)
    drawn = [
        f'<rect x="0" y="0" width="{wide}" height="{high}" {paint(palette.ground)}/>',
        *(svg_panel(panel, palette) for panel in scene.panels),
        *(svg_ground(ground, palette) for ground in scene.grounds),
        *(svg_arrow(arrow, palette) for arrow in scene.arrows),
        *svg_lines(scene.lines, palette),
        *svg_dots(scene.lines, palette),
        *(svg_bar(bar, palette) for bar in scene.bars),
        *svg_figures(scene.figures, palette),
        *(svg_grid(grid, palette) for grid in scene.grids),
        *svg_glows(scene, palette),
        *(svg_note(note, palette) for note in scene.notes),
    ]
    body = "\n".join(part for part in drawn if part)
    body = darkened(body, palette) if dark else body
    style = ("" if dark else style_sheet(palette, body)) + motion_rules(scene)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
        ' role="img">',
        f"<title>{safe(scene.name, 200)}</title>",
        f"<desc>{safe(scene.description, 4000)}</desc>",
        *([f"<style>{style}</style>"] if style else []),
        body,
        "</svg>\n",
    ]
    return "\n".join(parts)
