"""Colours and shapes of the pictures, light and dark, by role; never is colour the only sign."""

from __future__ import annotations

from collections.abc import Mapping

from leporello.graphs.drawing.view import Kind, Style

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
    "#f5f6f8": "#1b2027",
    INK: "#e8ebef",
    MUTED: "#b0b9c4",
    GROUND: "#14171c",
}
"""The dark colour in place of each light one."""
