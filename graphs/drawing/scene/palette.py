"""Colours, widths and dashes of the pictures as values: in colour for screens, light and dark, and for paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from leporello.graphs.frozen import frozen

if TYPE_CHECKING:  # who shows colours need not know what is drawn in them
    from leporello.graphs.drawing.views.view import Kind, Style
    from leporello.graphs.phases import How

INK, MUTED, LINE, GROUND = "#22272e", "#59626d", "#4a525c", "white"

FILLS: Mapping[Kind, tuple[str, str]] = {
    "input": ("#dcebf7", "#0067a3"),
    "output": ("#f8deec", "#a23c78"),
    "state": ("#fdeac8", "#9a5b00"),
    "layer": ("#fff3a8", "#7d6a00"),
    "function": ("#ffffff", "#4a525c"),
    "composite": ("#f5f6f8", "#4a525c"),
    "attention": ("#d7f0e6", "#00734f"),
    "feedback": ("#f5f6f8", "#59626d"),
    "initial": ("#fdeac8", "#9a5b00"),
    "every": ("#d7f0e6", "#00734f"),
    "gap": ("none", "none"),
}
"""Fill and stroke of each kind of box, in light colours."""

LINES: Mapping[Style, str] = {
    "now": LINE,
    "delay": "#b64a00",
    "backward": "#0067a3",
    "all": "#00734f",
    "ends": LINE,
    "fed_back": MUTED,
    "initial": "#b64a00",
    "predicts": "#a23c78",
    "state": "#9a5b00",
}
DASHES: Mapping[Style, str] = {"fed_back": "5 4", "initial": "2 4", "predicts": "2 4", "ends": "8 3"}

GROUNDS: Mapping[How, tuple[str, str]] = {
    "fused": ("#e4f4ec", "#00734f"),
    "scanned": ("#fdebdc", "#b64a00"),
    "all at once": ("#ffffff", LINE),
    "once": ("#ffffff", MUTED),
}
"""The tint and the ink of each way of running."""

CELL = ("#f0f5ea", "#54753a")
"""Ground and border of a cell."""

DARK: Mapping[str, str] = {
    "#dcebf7": "#16324a",
    "#0067a3": "#6db8ec",
    "#fdeac8": "#463209",
    "#9a5b00": "#f0b44c",
    "#f8deec": "#451c35",
    "#a23c78": "#ee9fce",
    "#fff3a8": "#4a4313",
    "#7d6a00": "#eadb6b",
    "#d7f0e6": "#0f3b2d",
    "#00734f": "#55d3a6",
    "#ffffff": "#262c35",
    "#4a525c": "#b4bdc8",
    "#b64a00": "#ff9a57",
    "#e4f4ec": "#10291f",
    "#fdebdc": "#35210f",
    "#f5f6f8": "#1b2027",
    "#fff7e2": "#2a2412",
    CELL[0]: "#182016",
    CELL[1]: "#8cb36e",
    INK: "#e8ebef",
    MUTED: "#b0b9c4",
    GROUND: "#14171c",
}
"""The dark colour in place of each light one."""


@frozen
class Palette:
    """How a picture is inked.

    Attributes:
        ink: words and signs.
        muted: words beside them.
        ground: the page.
        panel: ground and border of what belongs together; without a border where that is empty.
        focus: the same of what is looked at.
        cell: the same of a cell, and of what is drawn open.
        fills: fill and border of each kind of box.
        lines: the colour of each kind of wire.
        grounds: tint and ink of each way of running.
        dark: the colour for the dark in place of each; none of a palette that has no dark.
        dashes: of wires, in pixels.
        weights: of wires, as multiples of `stroke`.
        borders: of boxes, as multiples of `stroke`.
        doubled: kinds of boxes with a second border inside.
        corner: the radius of a learned layer's corners in pixels.
        stroke: the width of wires and borders in pixels.
        head: length and half the width of an arrowhead in pixels.
    """

    ink: str
    muted: str
    ground: str
    panel: tuple[str, str]
    focus: tuple[str, str]
    cell: tuple[str, str]
    fills: Mapping[Kind, tuple[str, str]]
    lines: Mapping[Style, str]
    grounds: Mapping[How, tuple[str, str]]
    dark: Mapping[str, str] = field(default_factory=dict)
    dashes: Mapping[Style, str] = field(default_factory=lambda: DASHES)
    weights: Mapping[Style, float] = field(default_factory=dict)
    borders: Mapping[Kind, float] = field(default_factory=dict)
    doubled: frozenset[Kind] = frozenset()
    corner: float = 4.0
    stroke: float = 1.8
    head: tuple[float, float] = (11.0, 4.0)


COLOUR = Palette(INK, MUTED, GROUND, ("#f5f6f8", ""), ("#fff7e2", ""), CELL, FILLS, LINES, GROUNDS, DARK)
"""Colours by role, light and dark; never is colour the only sign."""

_BLACK, _GREY, _WHITE, _PALE = "#000000", "#404040", "#ffffff", "#e9e9e9"
PAPER = Palette(
    ink=_BLACK,
    muted=_GREY,
    ground=_WHITE,
    panel=(_WHITE, "#767676"),
    focus=(_PALE, ""),
    cell=(_WHITE, "#767676"),
    fills={
        **dict.fromkeys(FILLS, (_WHITE, _BLACK)),
        "attention": (_PALE, _BLACK),
        "every": (_PALE, _BLACK),
        "gap": ("none", "none"),
    },
    lines=dict.fromkeys(LINES, _BLACK),
    grounds={**dict.fromkeys(GROUNDS, (_WHITE, _BLACK)), "fused": (_PALE, _BLACK)},
    dashes={**DASHES, "backward": "9 3 2 3"},
    weights={"delay": 1.5, "state": 1.3, "backward": 1.5, "all": 2.0},
    borders={"state": 1.9},
    doubled=frozenset({"output"}),
    corner=0.0,
    stroke=1.0,
    head=(8.0, 2.8),
)
"""Black on white for print: widths, dashes and double borders in place of colours."""

PALETTES: Mapping[str, Palette] = {"colour": COLOUR, "paper": PAPER, "textbook": COLOUR}
"""The inks of each style."""
