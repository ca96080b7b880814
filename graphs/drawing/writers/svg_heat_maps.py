"""Heat maps in SVG: one colour whose strength is the value, numbers on it that can be read in light and dark."""

from __future__ import annotations

from leporello.graphs.drawing.letters.lettering import Label, Run, words
from leporello.graphs.drawing.scene.palette import Palette
from leporello.graphs.drawing.scene.scene import Grid
from leporello.graphs.drawing.scene.strokes import number
from leporello.graphs.drawing.unfolded.heat_maps import number_in
from leporello.graphs.drawing.writers.svg_ink import paint, safe, written

STRONG = 0.45
"""From here on a cell is so strong that its number takes the colour of the ground."""


def shade(value: float) -> float:
    """The opacity of a cell: without the middle strengths, on which neither ink nor ground could be read.

    >>> shade(0.0), round(shade(0.44), 2), shade(1.0)
    (0.06, 0.47, 1.0)
    """
    return 0.06 + 0.93 * abs(value) if abs(value) < STRONG else 0.9 + 0.1 * abs(value)


def svg_grid(grid: Grid, palette: Palette) -> str:
    """A heat map with the words of its columns slanted above it."""
    parts = [f"<title>{safe(grid.title)}</title>"]
    for row, values in enumerate(grid.rows):
        for column, value in enumerate(values):
            parts.append(_cell(grid, row, column, value, palette))
    for column, word in enumerate(grid.columns):
        x, y = grid.left + grid.size * (column + 0.5) + 3, grid.top - 8
        text = written(words(word, 16), 0, 0, 13, palette.ink, "start")
        parts.append(f'<g transform="translate({number(x)} {number(y)}) rotate(-45)">{text}</g>')
    if grid.looked is not None and grid.looked < len(grid.rows):
        wide, y = grid.size * len(grid.rows[0]), grid.top + grid.size * grid.looked
        place = f'x="{number(grid.left - 2)}" y="{number(y - 2)}" width="{number(wide + 4)}"'
        look = paint("", palette.lines["delay"], 1.8)
        parts.append(f'<rect {place} height="{number(grid.size + 4)}" rx="5" {look}/>')
    return f'<g class="grid">{"".join(parts)}</g>'


def _cell(grid: Grid, row: int, column: int, value: float, palette: Palette) -> str:
    x, y, size = grid.left + grid.size * column, grid.top + grid.size * row, grid.size - 2
    colour = palette.lines["all"] if not grid.signed else palette.lines["backward" if value >= 0 else "delay"]
    place = f'x="{number(x + 1)}" y="{number(y + 1)}" width="{number(size)}" height="{number(size)}" rx="2"'
    strength = 0.06 + 0.94 * abs(value) if grid.signed else shade(value)
    drawn = f'<rect {place} {paint(colour)} opacity="{strength:.2f}"/>'
    said = "" if grid.signed else number_in(value, grid.size)
    if said:
        ink = palette.ground if value >= STRONG else palette.ink
        drawn += written(Label((Run(said),)), x + size / 2 + 1, y + size / 2 + 5, 11, ink, bold=True)
    return drawn
